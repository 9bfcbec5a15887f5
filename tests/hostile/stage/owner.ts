/** What the owner of the server can do to the engine, with the engine's key and by its own API. */
import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { EngineKey, RealEngine } from './engine.ts'

type Grant = Record<string, unknown>

export class Owner {
  constructor(private readonly engine: RealEngine) {}

  get signalling(): string {
    return this.engine.url.replace('http', 'ws')
  }

  /** A token for the room that no seat stands behind. */
  admits(identity: string, room: string, grant: Grant = {}): Promise<string> {
    return sign(this.engine.key, identity, { roomJoin: true, room, canSubscribe: true, canPublish: true, ...grant })
  }

  async makesRoom(room: string): Promise<void> {
    await this.call('CreateRoom', { name: room }, { roomCreate: true })
  }

  /** Plaintext to everybody in the room, as if a participant had sent it. */
  async sendsData(room: string, text: string, topic: string): Promise<void> {
    const data = Buffer.from(text).toString('base64')
    await this.call(
      'SendData',
      { room, data, kind: 'RELIABLE', topic, nonce: randomNonce() },
      { roomAdmin: true, room },
    )
  }

  async performsRpc(room: string, identity: string, method: string, payload: string): Promise<number> {
    return this.status(
      'PerformRpc',
      { room, destinationIdentity: identity, method, payload },
      { roomAdmin: true, room },
    )
  }

  async renames(room: string, identity: string, name: string, metadata: string): Promise<void> {
    const attributes = { name, title: metadata }
    await this.call('UpdateParticipant', { room, identity, name, metadata, attributes }, { roomAdmin: true, room })
  }

  async retitles(room: string, metadata: string): Promise<void> {
    await this.call('UpdateRoomMetadata', { room, metadata }, { roomAdmin: true, room })
  }

  private async call(method: string, body: unknown, grant: Grant): Promise<unknown> {
    const answer = await this.post(method, body, grant)
    if (!answer.ok) throw new Error(`${method}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  private async status(method: string, body: unknown, grant: Grant): Promise<number> {
    const answer = await this.post(method, body, grant)
    await answer.arrayBuffer()
    return answer.status
  }

  private async post(method: string, body: unknown, grant: Grant): Promise<Response> {
    const token = await sign(this.engine.key, 'owner', grant)
    return fetch(`${this.engine.url}/twirp/livekit.RoomService/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }
}

export function sign(key: EngineKey, identity: string, video: Grant): Promise<string> {
  return new SignJWT({ video })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(key.key)
    .setSubject(identity)
    .setJti(randomUUID())
    .setNotBefore('-10s')
    .setExpirationTime('10m')
    .sign(new TextEncoder().encode(key.secret))
}

function randomNonce(): string {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64')
}
