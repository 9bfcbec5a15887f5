import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Api } from '../api/client'
import type { RosterEntry } from '../api/types'
import { randomId } from './bytes'
import { Devices } from './devices'
import type { Socket } from './events-socket'
import type { GroupKeys } from './group-keys'
import { HostKeys } from './host-keys'
import {
  announcementContext,
  announcementKey,
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
import { SeatStore, type StoredSeat } from './seat-store'
import { type Services, Session } from './session'

/** Server, engine and page in memory; what crosses them is what the protocol says. */
class Stage {
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
      engineUrl: 'wss://meet.example',
      now: () => Date.now(),
      mark: () => undefined,
    }
  }

  call(more: Partial<JoinWish> = {}): Session {
    const wish = { name: 'Hanna', chosen: {}, incomingVideo: true, ...more }
    return new Session(this.services(), this.opened, this.session, wish)
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

class FakeSocket {
  readyState = 1
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  send = () => undefined
  close = () => undefined
  say = (message: object) => this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent)
  drop = (code: number) => this.onclose?.({ code } as CloseEvent)
}

class FakeEngine {
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

class FakeTrack extends EventTarget {
  readyState = 'live'
  enabled = true
  stop = () => {
    this.readyState = 'ended'
  }
  getSettings = () => ({})
}

function captured() {
  const [camera, microphone] = [new FakeTrack(), new FakeTrack()]
  const wish = { cameraTrack: camera, microphoneTrack: microphone } as unknown as Partial<JoinWish>
  return { wish, tracks: [camera, microphone], states: () => [camera.readyState, microphone.readyState] }
}

async function stage(): Promise<Stage> {
  const publicKey = await publicKeyOf(await newHostKey())
  const link = { meeting: randomId(), secret: newSecret(), host: await fingerprint(publicKey) }
  return new Stage(await openLink(link), publicKey)
}

function inCall(state: CallState): InCall {
  if (state.kind !== 'in') throw new Error(`not in the call: ${JSON.stringify(state)}`)
  return state
}

/** Lets WebCrypto's threads and everything that waits for them run; timers are faked and stand still. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
)
afterEach(() => void vi.useRealTimers())

describe('Hanna joins', () => {
  it('with a sealed name, and sees who announced themselves', async () => {
    const at = await stage()
    at.roster = [await at.person('Gustav')]
    const call = at.call()
    await call.start()
    await settled()
    expect(inCall(call.state).people.map(({ name, me }) => [name, me])).toEqual([
      ['Hanna', true],
      ['Gustav', false],
    ])
    expect(JSON.stringify(at.requests)).not.toContain('Hanna')
    expect(at.engines[0]?.connected).toEqual({ ticket: 'ticket 1', index: 0 })
    expect(await at.announcements()).toMatchObject([{ seq: 1, name: 'Hanna', key: { index: 0 } }])
  })

  it('not, and takes no seat, when the media worker does not run', async () => {
    const at = await stage()
    at.workerRuns = false
    const call = at.call()
    await call.start()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'cannot-encrypt' } })
    expect(at.requests).toEqual([])
  })

  it('into the opening that began while she typed her name', async () => {
    const at = await stage()
    const call = at.call()
    at.session = randomId()
    await call.start()
    expect(call.state.kind).toBe('in')
    expect(at.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST'])
  })

  it('not, when the meeting is full, and is told so', async () => {
    const at = await stage()
    at.refusal = { status: 409, code: 'meeting_full' }
    const call = at.call()
    await call.start()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'problem', code: 'meeting_full' } })
  })

  it('not, and camera and microphone are off again', async () => {
    for (const worker of [true, false]) {
      const at = await stage()
      at.workerRuns = worker
      at.refusal = { status: 409, code: 'meeting_full' }
      const { wish, states } = captured()
      const call = at.call(wish)
      await call.start()
      expect(call.state.kind).toBe('over')
      expect(states()).toEqual(['ended', 'ended'])
    }
  })

  it('not, when she leaves before the seat is there: it is given back, and nothing is opened or published', async () => {
    const at = await stage()
    const answer = at.holdAnswers()
    const { wish, states } = captured()
    const call = at.call(wish)
    const started = call.start()
    await settled()
    await call.leave()
    answer()
    await started
    await settled()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'left' } })
    expect(at.asked()).toEqual(['POST seats', 'DELETE seats/ID'])
    expect(at.sockets).toEqual([])
    expect(states()).toEqual(['ended', 'ended'])
    expect(at.engines.every(({ closed, connected }) => closed && !connected)).toBe(true)
    expect(at.stored.seat).toBeUndefined()
  })

  it('not, when she leaves while the engine connects: the connection that comes about is closed', async () => {
    const at = await stage()
    let connect = (): void => undefined
    vi.spyOn(FakeEngine.prototype, 'connect').mockImplementationOnce(function (this: FakeEngine) {
      return new Promise((resolve) => {
        connect = () => {
          this.closed = false
          this.events?.encrypted()
          resolve()
        }
      })
    })
    const { wish } = captured()
    const call = at.call(wish)
    const started = call.start()
    await settled()
    await call.leave()
    connect()
    await started
    await settled()
    expect(at.engines.map(({ closed, published }) => [closed, published])).toEqual([[true, []]])
    expect(at.asked()).toEqual(['POST seats', 'DELETE seats/ID'])
  })

  it('and sees somebody come and go', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    const gustav = await at.person('Gustav')
    at.sockets[0]?.say({ type: 'seat', ...gustav })
    await settled()
    expect(inCall(call.state).people).toHaveLength(2)
    at.sockets[0]?.say({ type: 'left', pseudonym: gustav.pseudonym })
    await settled()
    expect(inCall(call.state).people).toHaveLength(1)
  })
})

describe('Hanna comes back', () => {
  it('with a new ticket, a new key and everything that was on, when the connection is lost', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.engines[0]?.events?.lost()
    expect(inCall(call.state).connection).toBe('steady')
    await settled()
    expect(inCall(call.state).connection).toBe('reconnecting')
    await vi.advanceTimersByTimeAsync(100)
    await settled()
    await vi.advanceTimersByTimeAsync(100)
    await settled()
    expect(inCall(call.state).connection).toBe('steady')
    expect(at.engines[0]?.closed).toBe(true)
    expect(at.engines[1]?.connected?.index).toBe(1)
    const [first, second] = await at.announcements()
    expect(second?.seq).toBe(2)
    expect(second?.key.salt).not.toBe(first?.key.salt)
    expect(at.requests.at(-1)?.path).toMatch(/^seats\/.{22}\/tickets$/)
  })

  it('to a seat of another name when hers was given up', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    const before = inCall(call.state).people[0]?.id
    at.refusal = { status: 401, code: 'not_your_seat' }
    const fetch = at.fetch
    Object.assign(at, {
      fetch: ((url, init) => {
        if (!String(url).endsWith('/tickets')) at.refusal = undefined
        return fetch(url, init)
      }) as typeof globalThis.fetch,
    })
    const services = (call as unknown as { services: Services }).services
    Object.assign(services.api, { fetch: at.fetch })
    at.sockets[0]?.drop(4401)
    for (let turn = 0; turn < 4; turn += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(inCall(call.state).people[0]?.id).not.toBe(before)
    expect(at.sockets.length).toBeGreaterThan(1)
  })

  it('after a reload to the same seat, with the next number and key', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    const held = JSON.parse(at.stored.seat ?? '') as StoredSeat
    at.hide()
    const again = at.call()
    await again.start(held)
    await settled()
    expect(inCall(again.state).people[0]?.id).toBe(inCall(call.state).people[0]?.id)
    expect(await at.announcements()).toMatchObject([
      { seq: 1, key: { index: 0 } },
      { seq: 2, key: { index: 1 } },
    ])
  })

  it('after a reload with the clock going on', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    const { since } = inCall(call.state)
    await vi.advanceTimersByTimeAsync(90_000)
    const again = at.call()
    await again.start(JSON.parse(at.stored.seat ?? '') as StoredSeat)
    await settled()
    expect(inCall(again.state).since).toBe(since)
  })

  it('after a reload while the server restarts', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    const stored = at.stored.seat ?? ''
    at.refusal = { status: 503, code: 'engine_unavailable' }
    const again = at.call()
    void again.start(JSON.parse(stored) as StoredSeat)
    await settled()
    expect(again.state.kind).toBe('joining')
    at.refusal = undefined
    for (let turn = 0; turn < 3; turn += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(inCall(again.state).people[0]?.id).toBe(inCall(call.state).people[0]?.id)
    expect(at.asked().filter((it) => it === 'POST seats')).toHaveLength(1)
  })

  it('not any more when she leaves meanwhile: no other seat is taken', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    const answer = at.holdAnswers()
    at.refusal = { status: 401, code: 'not_your_seat' }
    at.engines[0]?.events?.lost()
    await vi.advanceTimersByTimeAsync(100)
    await settled()
    await call.leave()
    answer()
    await settled()
    expect(at.asked().filter((it) => it === 'POST seats')).toHaveLength(1)
    expect(at.asked()).toContain('POST seats/ID/tickets')
  })

  it('after having waited for as long as the server asked, which may be more than a minute', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.refusal = { status: 429, code: 'too_many_attempts' }
    at.retryAfter = '90'
    at.engines[0]?.events?.lost()
    for (let second = 0; second < 190; second += 1) {
      if (second === 100) at.refusal = undefined
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(inCall(call.state).connection).toBe('steady')
  })

  it('with what could not be published on the first connection', async () => {
    const at = await stage()
    vi.spyOn(FakeEngine.prototype, 'publish').mockRejectedValueOnce(new Error('timed out'))
    const { wish } = captured()
    const call = at.call({ ...(wish.microphoneTrack ? { microphoneTrack: wish.microphoneTrack } : {}) })
    await call.start()
    for (let turn = 0; turn < 3; turn += 1) {
      await settled()
      await vi.advanceTimersByTimeAsync(100)
    }
    await settled()
    expect(at.engines.map(({ closed, published }) => [closed, published])).toEqual([
      [true, []],
      [false, ['microphone']],
    ])
  })

  it('no more after a minute in vain', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.refusal = { status: 503, code: 'engine_unavailable' }
    at.engines[0]?.events?.lost()
    for (let second = 0; second < 70; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
      if (second === 50) expect(call.state.kind).toBe('in')
    }
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'connection-lost' } })
    // A reload may still come back to it.
    expect(at.stored.seat).toBeDefined()
  })
})

describe('Hanna’s call ends', () => {
  it('when she leaves: the seat is given up and nothing is remembered', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    await call.leave()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'left' } })
    expect(at.requests.at(-1)).toMatchObject({ method: 'DELETE' })
    expect(at.stored.seat).toBeUndefined()
    expect(at.engines.every(({ closed }) => closed)).toBe(true)
  })

  it('when another socket of her seat takes over, and when the meeting does', async () => {
    for (const [code, why] of [
      [4409, 'replaced'],
      [4410, 'ended'],
    ] as const) {
      const at = await stage()
      const call = at.call()
      await call.start()
      at.sockets[0]?.drop(code)
      expect(call.state).toEqual({ kind: 'over', ending: { why } })
      expect(at.engines.every(({ closed }) => closed)).toBe(true)
    }
  })
})

describe('encryption that fails', () => {
  it('blocks the call, closes its connection at once, and is resolved by a sound one', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.engines[0]?.events?.failed()
    expect(at.engines[0]?.closed).toBe(true)
    await settled()
    expect(inCall(call.state)).toMatchObject({
      shield: 'blocked',
      alarms: [{ kind: 'worker-failed', resolved: false }],
    })
    for (let turn = 0; turn < 8; turn += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(inCall(call.state)).toMatchObject({ shield: 'on', alarms: [{ kind: 'worker-failed', resolved: true }] })
  })

  it('is an alarm when it is not acknowledged in time, and nothing has been published', async () => {
    const at = await stage()
    const call = at.call()
    vi.spyOn(FakeEngine.prototype, 'connect').mockResolvedValue()
    void call.start()
    await settled()
    await vi.advanceTimersByTimeAsync(5000)
    await settled()
    expect(inCall(call.state)).toMatchObject({ shield: 'blocked', alarms: [{ kind: 'self-not-encrypted' }] })
    expect(at.engines.flatMap(({ published }) => published)).toEqual([])
  })

  it('of data in clear is an alarm that passes', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.engines[0]?.events?.plaintextData(undefined)
    await settled()
    expect(inCall(call.state)).toMatchObject({
      shield: 'blocked',
      alarms: [{ kind: 'plaintext-data', resolved: false }],
    })
    await vi.advanceTimersByTimeAsync(11_000)
    await settled()
    expect(inCall(call.state)).toMatchObject({ shield: 'on', alarms: [{ kind: 'plaintext-data', resolved: true }] })
  })
})
