import { Api } from '../api/client'
import type { RosterEntry, SealedCard } from '../api/types'
import { randomId } from './bytes'
import { Devices } from './devices'
import type { Socket } from './events-socket'
import type { GroupKeys } from './group-keys'
import { HostKeys } from './host-keys'
import {
  announcementContext,
  announcementKey,
  cardContext,
  cardKey,
  fingerprint,
  newHostKey,
  newSecret,
  open,
  publicKeyOf,
  seal,
} from './keys'
import type { MediaEngine, MediaEvents, Peer } from './media-engine'
import { Meetings, type Opened, openLink } from './meetings'
import type { CallState, InCall, JoinWish } from './model'
import { SeatStore } from './seat-store'
import { type Services, Session } from './session'

/** Server, engine and page in memory; what crosses them is what the protocol says. */
export class Stage {
  readonly requests: Array<{ method: string; path: string; body: Record<string, unknown> | undefined }> = []
  readonly sockets: FakeSocket[] = []
  readonly engines: FakeEngine[] = []
  readonly stored: { seat?: string } = {}
  refusal: { status: number; code: string } | undefined
  retryAfter: string | undefined
  /** answers to POST wait for it */
  answers: Promise<void> = Promise.resolve()
  workerRuns = true
  roster: RosterEntry[] = []
  session = randomId()
  hide: () => void = () => undefined
  wake: () => void = () => undefined

  constructor(
    readonly opened: Opened,
    private readonly publicKey: string,
  ) {}

  readonly fetch: typeof fetch = async (url, init) => {
    const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
    const path = String(url).split('/').slice(4).join('/')
    this.requests.push({ method: init?.method ?? 'GET', path, body })
    if (init?.method === 'POST') await this.answers
    if (init?.method === 'DELETE') return new Response(null, { status: 204 })
    if (init?.method === 'GET')
      return Response.json({ state: 'open', session: this.session, host_public_key: this.publicKey, card: null })
    if (this.refusal) {
      const headers: Record<string, string> = this.retryAfter ? { 'retry-after': this.retryAfter } : {}
      return Response.json({ code: this.refusal.code }, { status: this.refusal.status, headers })
    }
    if (body.session !== this.session) return Response.json({ code: 'session_changed' }, { status: 409 })
    const secret = path === 'seats' ? { secret: 'the seat secret' } : {}
    return Response.json({
      ...secret,
      ticket: `ticket ${this.requests.length}`,
      session: this.session,
      roster: this.roster,
      server_time: '',
    })
  }

  services(): Services {
    const api = new Api(this.fetch)
    const storage = {
      getItem: () => this.stored.seat ?? null,
      setItem: (_key: string, seat: string) => {
        this.stored.seat = seat
      },
      removeItem: () => void delete this.stored.seat,
    }
    return {
      api,
      meetings: new Meetings(api, new HostKeys(undefined)),
      devices: new Devices(undefined),
      seats: new SeatStore(storage, undefined),
      page: {
        onHide: (listener) => {
          this.hide = listener
          return () => undefined
        },
        onWake: (listener) => {
          this.wake = listener
          return () => undefined
        },
      },
      makeEngine: () => {
        const engine = new FakeEngine(this.workerRuns)
        this.engines.push(engine)
        return engine as unknown as MediaEngine
      },
      makeSocket: () => {
        const socket = new FakeSocket()
        this.sockets.push(socket)
        return socket as unknown as Socket
      },
      engineUrl: 'the engine',
      now: () => Date.now(),
      mark: () => undefined,
    }
  }

  call(more: Partial<JoinWish> = {}, session = this.session): Session {
    const wish = { name: 'Hanna', chosen: {}, incomingVideo: true, ...more }
    return new Session(this.services(), this.opened, { session, title: 'Works council' }, wish)
  }

  /** Requests wait for the returned function. */
  holdAnswers(): () => void {
    let release = (): void => undefined
    this.answers = new Promise((resolve) => {
      release = resolve
    })
    return release
  }

  asked(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path.replace(/[\w-]{22}/, 'ID')}`)
  }

  async person(name: string, seq = 1, id = randomId()): Promise<RosterEntry> {
    const key = await announcementKey(this.opened.secret, this.session)
    const value = { v: 1, seq, name, key: { index: seq, salt: randomId() } }
    const context = announcementContext(this.opened.link.meeting, this.session, id)
    return { pseudonym: id, announcement: await seal(key, context, value), away: false }
  }

  async card(version: number, title: string): Promise<SealedCard> {
    const { secret, link } = this.opened
    return { version, sealed: await seal(await cardKey(secret), cardContext(link.meeting), { v: 1, title }) }
  }

  /** What the requests announced, opened as everybody else would. */
  async announcements(): Promise<Array<{ seq: number; name: string; key: { index: number; salt: string } }>> {
    const key = await announcementKey(this.opened.secret, this.session)
    const seats = this.requests.filter(({ body }) => typeof body?.announcement === 'string')
    return Promise.all(
      seats.map(({ body, path }) => {
        const id = String(body?.pseudonym ?? path.split('/')[1])
        return open(key, announcementContext(this.opened.link.meeting, this.session, id), body?.announcement)
      }),
    ) as Promise<Array<{ seq: number; name: string; key: { index: number; salt: string } }>>
  }
}

export class FakeSocket {
  readyState = 1
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  send = () => undefined
  close = () => undefined
  say = (message: object) => this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent)
  drop = (code: number) => this.onclose?.({ code } as CloseEvent)
}

export class FakeEngine {
  ready: Promise<void>
  events: MediaEvents | undefined
  people: Peer[] = []
  connected: { ticket: string; index: number } | undefined
  closed = false
  published: string[] = []

  constructor(runs: boolean) {
    this.ready = runs ? Promise.resolve() : Promise.reject(new Error('no worker'))
    this.ready.catch(() => undefined)
  }
  on(events: MediaEvents): void {
    this.events = events
  }
  async connect(_url: string, ticket: string, keys: GroupKeys): Promise<void> {
    this.connected = { ticket, index: keys.sending().index }
    this.events?.encrypted()
  }
  async publish(source: string): Promise<void> {
    this.published.push(source)
  }
  close = async () => {
    this.closed = true
  }
  peers = () => this.people
  me = () => ({ speaking: false, quality: 'good' as const })
  prepared = () => true
  subscribe = () => undefined
  attach = () => true
  detach = () => undefined
  play = () => undefined
  setSpeaker = async () => undefined
}

export class FakeTrack extends EventTarget {
  readyState = 'live'
  enabled = true
  stop = () => {
    this.readyState = 'ended'
  }
  getSettings = () => ({})
}

export function captured() {
  const [camera, microphone] = [new FakeTrack(), new FakeTrack()]
  const wish = { cameraTrack: camera, microphoneTrack: microphone } as unknown as Partial<JoinWish>
  return { wish, tracks: [camera, microphone], states: () => [camera.readyState, microphone.readyState] }
}

export async function stage(): Promise<Stage> {
  const publicKey = await publicKeyOf(await newHostKey())
  const link = { meeting: randomId(), secret: newSecret(), host: await fingerprint(publicKey) }
  return new Stage(await openLink(link), publicKey)
}

export function inCall(state: CallState): InCall {
  if (state.kind !== 'in') throw new Error(`not in the call: ${JSON.stringify(state)}`)
  return state
}

/** Lets WebCrypto's threads and everything that waits for them run; timers are faked and stand still. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1))
    await new Promise((resolve) => setImmediate(resolve))
  }
}
