/** A member with the link and a client of their own: what klausur's door sees when no page of ours stands before it. */
import {
  AddTrackRequest,
  ClientInfo,
  ClientInfo_SDK,
  type Encryption_Type,
  JoinRequest,
  SignalRequest,
  SignalResponse,
  TrackSource,
  TrackType,
  WrappedJoinRequest,
} from '@livekit/protocol'
import { WebSocket } from 'ws'
import { importSecret, linkProof } from '../../../web/src/call/keys.ts'
import { parseLink } from '../../../web/src/link.ts'
import { Insider } from './insider.ts'

/** The engine took the track, or klausur closed the socket with this code, or never opened it and answered so. */
export type Answer = 'published' | { closed: number } | { refused: number }

/** Takes a seat in the meeting behind `link`, which has no waiting room; gives its ticket. */
export async function takesSeat(link: string): Promise<string> {
  const { meeting, secret: text } = parseLink(link) ?? { meeting: '', secret: '' }
  const base = `${new URL(link).origin}/api/meetings/${meeting}`
  const headers = {
    'klausur-link-proof': await linkProof(await importSecret(text)),
    'content-type': 'application/json',
    origin: new URL(link).origin,
  }
  const { session } = (await (await fetch(base, { headers })).json()) as { session: string }
  const otto = await Insider.with(link, session)
  const { pseudonym, key } = otto.place
  const [announcement, possession, mac] = [await otto.announcement('Otto'), await otto.possession(), await otto.mac()]
  const body = JSON.stringify({ pseudonym, session, announcement, key, possession, mac })
  const seat = await fetch(`${base}/seats`, { method: 'POST', headers, body })
  return ((await seat.json()) as { ticket: string }).ticket
}

/** Joins and says at once, or later on, that it will publish a track with that encryption. */
export function publishes(
  link: string,
  ticket: string,
  encryption: Encryption_Type,
  when: 'on joining' | 'later',
): Promise<Answer> {
  const { origin } = new URL(link)
  const track = new AddTrackRequest({
    cid: 'a-track',
    type: TrackType.AUDIO,
    source: TrackSource.MICROPHONE,
    encryption,
  })
  const query = new URLSearchParams({ access_token: ticket, join_request: joining(when === 'later' ? [] : [track]) })
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/rtc/v1?${query}`, { origin })
  socket.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_, answer) => resolve({ refused: answer.resume().statusCode ?? 0 }))
    socket.once('close', (closed) => resolve({ closed }))
    socket.once('error', reject)
    socket.on('message', (data) => {
      const { message } = SignalResponse.fromBinary(new Uint8Array(data as ArrayBuffer))
      if (message.case === 'join' && when === 'later')
        socket.send(new SignalRequest({ message: { case: 'addTrack', value: track } }).toBinary())
      if (message.case !== 'trackPublished') return
      resolve('published')
      socket.close()
    })
  })
}

function joining(tracks: AddTrackRequest[]): string {
  const request = new JoinRequest({
    clientInfo: new ClientInfo({ sdk: ClientInfo_SDK.JS, protocol: 17, version: '2.23.0' }),
    addTrackRequests: tracks,
  })
  const wrapped = new WrappedJoinRequest({ joinRequest: request.toBinary() })
  return Buffer.from(wrapped.toBinary()).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
