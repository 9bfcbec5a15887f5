import { Api } from '../api/client'
import type { RosterEntry, SealedCard, SignedRules } from '../api/types'
import { type Certificate, certify, newSeatKey } from './admission'
import { randomId } from './bytes'
import { Devices, type MediaSource } from './devices'
import type { ClientMessage, ServerMessage, Socket } from './events-socket'
import type { GroupKeys } from './group-keys'
import { Guest } from './guest.stage'
import { HostKeys } from './host-keys'
import {
  announcementContext,
  announcementKey,
  cardContext,
  cardKey,
  fingerprint,
  lobbyKey,
  newHostKey,
  newSecret,
  open,
  proofHash,
  publicKeyOf,
  seal,
} from './keys'
import { openKnock } from './lobby'
import type { MediaEngine, MediaEvents, Peer } from './media-engine'
import { MeetingLaw } from './meeting-law'
import { Meetings, type Opened, openLink } from './meetings'
import type { CallState, InCall, JoinWish, Waiting } from './model'
import { DEFAULT_RULES, type Rules, signRules } from './rules'
import { SeatKeys } from './seat-keys'
import { SeatStore, type StoredSeat } from './seat-store'
import type { Services } from './services'
import { Session } from './session'
import type { Meter } from './talking'

type Told = { seq: number; name: string; key: { index: number; salt: string }; hand?: number }

/** Server, engine and page in memory; what crosses them is what the protocol says. */
export class Stage {
  readonly requests: Array<{ method: string; path: string; body: Record<string, unknown> | undefined }> = []
  readonly sockets: FakeSocket[] = []
  readonly engines: FakeEngine[] = []
  readonly stored: { seat?: string } = {}
  refusal: { status: number; code: string } | undefined
  retryAfter: string | undefined
  /** answers to POST and PUT wait for it */
  answers: Promise<void> = Promise.resolve()
  /** the server has ended the seat: there is no ticket for it any more */
  gone = false
  workerRuns = true
  roster: RosterEntry[] = []
  rules: SignedRules | null = null
  /** as the server enforces it; the host's rules say it to everybody */
  waitingRoom = true
  state = 'open'
  session = randomId()
  /** the server's clock is ahead of this machine's by so much */
  ahead = 0
  /** answers to PUT of the next rules, before they are taken */
  faster: SignedRules | undefined
  level = 0
  /** screens that were asked for */
  readonly screens: FakeTrack[] = []
  private readonly machine = {
    enumerateDevices: async () => [],
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    getDisplayMedia: async () => {
      const screen = new FakeTrack()
      this.screens.push(screen)
      return { getVideoTracks: () => [screen], getAudioTracks: () => [] }
    },
  }
  readonly heard: Array<{ copy: MediaStreamTrack; closed: boolean }> = []
  readonly seatKeys = new SeatKeys(undefined)
  readonly hostKeys = new HostKeys(undefined)
  hide: () => void = () => undefined
  wake: () => void = () => undefined

  constructor(
    readonly opened: Opened,
    readonly publicKey: string,
    readonly hostKey: CryptoKey,
    readonly law: MeetingLaw,
  ) {}

  serverNow(): number {
    return Date.now() + this.ahead
  }

  readonly fetch: typeof fetch = async (url, init) => {
    const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
    const path = String(url).split('/').slice(4).join('/')
    this.requests.push({ method: init?.method ?? 'GET', path, body })
    if (body) await this.answers
    if (init?.method === 'DELETE') return new Response(null, { status: 204 })
    if (init?.method === 'GET') return Response.json(this.look())
    if (this.refusal) {
      const headers: Record<string, string> = this.retryAfter ? { 'retry-after': this.retryAfter } : {}
      return Response.json({ code: this.refusal.code }, { status: this.refusal.status, headers })
    }
    if (init?.method === 'PUT') return this.rule(body)
    if (this.gone && path.endsWith('/tickets')) return Response.json({ code: 'not_your_seat' }, { status: 401 })
    if (path.endsWith('/knock')) return new Response(null, { status: 204 })
    if (body.session !== this.session) return Response.json({ code: 'session_changed' }, { status: 409 })
    return this.seat(path, body)
  }

  private look(): object {
    const times = { server_time: new Date(this.serverNow()).toISOString(), opens_at: null }
    const { state, session, publicKey, rules } = this
    const must_knock = this.waitingRoom
    return { state, session, host_public_key: publicKey, card: null, rules, must_knock, ...times }
  }

  private rule(signed: SignedRules): Response {
    if (this.faster) this.rules = this.faster
    this.faster = undefined
    if (signed.version !== (this.rules?.version ?? 0) + 1)
      return Response.json({ code: 'rules_outdated' }, { status: 409 })
    this.rules = signed
    this.waitingRoom = JSON.parse(signed.document).waiting_room
    return new Response(null, { status: 204 })
  }

  private seat(path: string, body: Record<string, unknown>): Response {
    const server_time = new Date(this.serverNow()).toISOString()
    const known = { session: this.session, server_time }
    const taking = path === 'seats'
    if (taking && !body.certificate && Boolean(body.knock) !== this.waitingRoom)
      return Response.json({ code: 'admission_changed' }, { status: 409 })
    const secret = taking ? { secret: 'the seat secret' } : {}
    if (body.knock) return Response.json({ ...secret, ...known }, { status: 202 })
    return Response.json({ ...secret, ticket: `ticket ${this.requests.length}`, roster: this.roster, ...known })
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
      meetings: new Meetings(api, this.hostKeys),
      devices: new Devices(this.machine as unknown as MediaSource),
      seats: new SeatStore(storage, undefined),
      seatKeys: this.seatKeys,
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
      origin: 'http://localhost',
      listen: (copy) => this.listen(copy),
      now: () => Date.now(),
      mark: () => undefined,
    }
  }

  call(more: Partial<JoinWish> = {}, session = this.session): Session {
    const wish = { name: 'Hanna', chosen: {}, incomingVideo: true, ...more }
    return new Session(this.services(), this.opened, { session, title: 'Works council', law: this.law }, wish)
  }

  /** The same tab after a reload: what it knows is what it has stored. */
  async reloaded(): Promise<Session> {
    const held = JSON.parse(this.stored.seat ?? '') as StoredSeat
    const law = new MeetingLaw(this.opened, Date.now)
    await law.restore(held.law)
    const wish = { name: held.name, chosen: {}, incomingVideo: true }
    const call = new Session(this.services(), this.opened, { session: '', title: '', law }, wish)
    void call.start(held)
    await settled()
    return call
  }

  /** This browser does not hold the host key. */
  async asGuest(): Promise<void> {
    const { link, proof } = this.opened
    await this.hostKeys.forget(link.meeting, await proofHash(proof))
  }

  /** The host has signed them, and the server passes them on. */
  async decree(change: Partial<Rules>): Promise<SignedRules> {
    const rules = { ...DEFAULT_RULES, session: this.session, version: (this.rules?.version ?? 0) + 1, ...change }
    this.rules = await signRules(this.hostKey, this.opened.link.meeting, rules)
    this.waitingRoom = rules.waitingRoom
    return this.rules
  }

  async guest(name: string, session = this.session): Promise<Guest> {
    const pair = await newSeatKey()
    const key = await publicKeyOf(pair)
    const place = { meeting: this.opened.link.meeting, session, pseudonym: randomId(), key }
    return new Guest(this, name, pair, place)
  }

  certificate({ place }: Guest, role: Certificate['role'] = 'participant'): Promise<Certificate> {
    return certify(this.hostKey, 'host', place, role, this.serverNow())
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('no socket yet')
    return socket
  }

  async welcome(more: Partial<Extract<ServerMessage, { type: 'welcome' }>> = {}): Promise<void> {
    const now = new Date(this.serverNow()).toISOString()
    const { session, rules, roster } = this
    const told = { session, server_time: now, began_at: now, card: null, roster, rules, locked: false, knocks: [] }
    this.socket.say({ type: 'welcome', ...told, ...more })
    await settled()
  }

  async say(...messages: ServerMessage[]): Promise<void> {
    for (const message of messages) this.socket.say(message)
    await settled()
  }

  /** What the last request for a seat knocked with. */
  async knocked(): Promise<unknown> {
    const { body, path } = this.requests.findLast((request) => request.body?.knock) ?? {}
    const key = await lobbyKey(this.opened.secret, this.session)
    const pseudonym = String(body?.pseudonym ?? path?.split('/')[1])
    return openKnock(key, { meeting: this.opened.link.meeting, session: this.session, pseudonym }, body?.knock)
  }

  private listen(copy: MediaStreamTrack): Meter {
    const ear = { copy, closed: false }
    this.heard.push(ear)
    const close = (): void => {
      ear.closed = true
    }
    return { level: () => this.level, close }
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

  async person(name: string): Promise<RosterEntry> {
    return (await this.guest(name)).entry()
  }

  async card(version: number, title: string): Promise<SealedCard> {
    const { secret, link } = this.opened
    return { version, sealed: await seal(await cardKey(secret), cardContext(link.meeting), { v: 1, title }) }
  }

  /** What a seat has said last over its socket, opened as everybody else would. */
  async announced(id: string): Promise<Told | undefined> {
    const said = this.sockets.flatMap(({ sent }) => sent).findLast((it) => it.type === 'announce')
    const key = await announcementKey(this.opened.secret, this.session)
    const context = announcementContext(this.opened.link.meeting, this.session, id)
    return said && 'announcement' in said ? ((await open(key, context, said.announcement)) as Told) : undefined
  }

  /** What the requests announced, opened as everybody else would. */
  async announcements(): Promise<Told[]> {
    const key = await announcementKey(this.opened.secret, this.session)
    const seats = this.requests.filter(({ body }) => typeof body?.announcement === 'string')
    return Promise.all(
      seats.map(({ body, path }) => {
        const id = String(body?.pseudonym ?? path.split('/')[1])
        return open(key, announcementContext(this.opened.link.meeting, this.session, id), body?.announcement)
      }),
    ) as Promise<Told[]>
  }
}

export class FakeSocket {
  readyState = 1
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  readonly sent: Array<ClientMessage | { type: 'hello' | 'ping' }> = []
  closed = false
  send = (text: string) => void this.sent.push(JSON.parse(text))
  close = () => {
    this.closed = true
  }
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
  unpublish = async (source: string) => {
    this.published = this.published.filter((it) => it !== source)
  }
  setMuted = async () => undefined
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
  clone = () => new FakeTrack()
}

export function captured() {
  const [camera, microphone] = [new FakeTrack(), new FakeTrack()]
  const wish = { cameraTrack: camera, microphoneTrack: microphone } as unknown as Partial<JoinWish>
  return { wish, tracks: [camera, microphone], states: () => [camera.readyState, microphone.readyState] }
}

/** The browser holds the host key, until {@link Stage.asGuest}. */
export async function stage(): Promise<Stage> {
  const pair = await newHostKey()
  const publicKey = await publicKeyOf(pair)
  const link = { meeting: randomId(), secret: newSecret(), host: await fingerprint(publicKey) }
  const opened = await openLink(link)
  const law = new MeetingLaw(opened, Date.now)
  await law.learn({ hostKey: publicKey, rules: null, serverTime: new Date().toISOString() })
  const at = new Stage(opened, publicKey, pair.privateKey, law)
  await at.hostKeys.keep(link.meeting, pair.privateKey, await proofHash(opened.proof))
  return at
}

export function inCall(state: CallState): InCall {
  if (state.kind !== 'in') throw new Error(`not in the call: ${JSON.stringify(state)}`)
  return state
}

export function waiting(state: CallState): Waiting {
  if (state.kind !== 'waiting') throw new Error(`not in front of the door: ${JSON.stringify(state)}`)
  return state
}

/** How many calls WebCrypto's threads have not answered yet. */
let asked = 0

for (const name of [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'verify',
] as const) {
  const real = crypto.subtle[name].bind(crypto.subtle) as (...given: unknown[]) => Promise<unknown>
  Object.defineProperty(crypto.subtle, name, {
    configurable: true,
    value: (...given: unknown[]) => {
      asked += 1
      return real(...given).finally(() => {
        asked -= 1
      })
    },
  })
}

/** Lets WebCrypto's threads and everything that waits for them run; timers are faked and stand still. */
export async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 40; quiet = asked > 0 ? 0 : quiet + 1)
    await new Promise((resolve) => setImmediate(resolve))
}
