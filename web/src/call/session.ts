import type { Api } from '../api/client'
import { isPassing, Problem } from '../api/problems'
import { Alarms } from './alarms'
import { delayBefore } from './backoff'
import { Title } from './card'
import { Connection } from './connection'
import type { Devices } from './devices'
import { endingOf } from './endings'
import { EventsSocket, type ServerMessage, type Socket, type SocketEnd } from './events-socket'
import type { MediaEngine } from './media-engine'
import type { Look, Meetings, Opened } from './meetings'
import { Mirror } from './mirror'
import type { Call, CallState, ChosenDevices, DeviceKind, Ending, InCall, JoinWish, PictureOf, Trouble } from './model'
import { cleanName } from './names'
import { OwnMedia } from './own-media'
import type { PageLife } from './page-life'
import { Presences } from './presence'
import { Reception } from './reception'
import { Roster } from './roster'
import { OwnSeat, type Taken } from './seat'
import type { SeatStore, StoredSeat } from './seat-store'
import { ownPerson, personOf } from './view'

/** What a call needs from outside. */
export type Services = {
  api: Api
  meetings: Meetings
  devices: Devices
  seats: SeatStore
  page: PageLife
  /** a connection not yet made, its media worker starting */
  makeEngine(): MediaEngine
  makeSocket(path: string): Socket
  /** where the signalling is */
  engineUrl: string
  now(): number
  mark(name: string): void
}

/** Trying to come back for this long, in vain, ends the call. */
const GIVE_UP_MS = 60_000
/** Longer than the server lets a seat stand empty, nobody waits for it, whatever the server asks. */
const LONGEST_WAIT_MS = 5 * 60_000
/** The seat is gone, or another page's. */
const FINAL: ReadonlyArray<Ending['why']> = ['left', 'ended', 'removed', 'replaced']
const TICK_MS = 1000
/** Before a connection whose encryption failed is tried anew. */
const AFTER_FAILURE_MS = 5000

/**
 * One person's call from the click to its end: the seat, the events socket and the connection to the media engine, and
 * the way back when any of them is lost. What is shown is computed from these parts, not stored.
 */
export class Session implements Call {
  state: CallState = { kind: 'joining' }
  private readonly listeners = new Set<(state: CallState) => void>()
  private readonly alarms: Alarms
  private readonly presences: Presences
  private readonly reception: Reception
  private readonly own: OwnMedia
  private readonly mirror: Mirror
  private readonly seat: OwnSeat
  private readonly connection: Connection
  private roster: Roster
  private socket: EventsSocket | undefined
  private readonly name: string
  private readonly title: Title
  private troubles: Trouble[] = []
  private soundBlocked = false
  private socketSteady = true
  private restarting = false
  private hidden = false
  private since: number | undefined
  private stops: Array<() => void> = []
  private telling = false
  private wakeUp: () => void = () => undefined

  constructor(
    private readonly services: Services,
    private readonly opened: Opened,
    at: Pick<Look, 'session' | 'title'>,
    wish: JoinWish,
    warmEngine?: MediaEngine,
  ) {
    const changed = (): void => this.tell()
    this.name = cleanName(wish.name)
    this.title = new Title(opened, at.title, changed)
    this.alarms = new Alarms(services.now, changed)
    this.presences = new Presences(services.now)
    this.roster = this.newRoster()
    this.reception = new Reception((person) => this.nameOf(person), this.alarms, services.now)
    this.reception.incomingVideo = wish.incomingVideo
    this.own = new OwnMedia(
      services.devices,
      { ...wish.chosen },
      { changed, trouble: (it) => this.troubled(it), unsent: (engine) => this.connection.giveUp(engine) },
    )
    this.mirror = new Mirror((source) => this.own.track(source))
    this.seat = new OwnSeat(services.api, services.meetings, opened, this.name, at.session)
    this.connection = new Connection(services.makeEngine, services.engineUrl, warmEngine, {
      changed: () => this.mediaChanged(),
      encrypted: (engine) => this.encrypted(engine),
      lost: () => void this.recover(),
      broken: (alarm) => this.broken(alarm),
      plaintextData: (sender) => this.plaintextData(sender),
      flow: (flows) => this.reception.flow(flows),
      muted: (source) => this.own.silencedByServer(source),
      soundBlocked: (blocked) => {
        this.soundBlocked = blocked
        this.tell()
      },
    })
    // Of now on every ending releases them, a refused join too.
    this.own.adopt(wish)
  }

  /** Takes the seat, or the one of before a reload, and connects. Never throws. */
  async start(held?: StoredSeat): Promise<void> {
    this.services.mark('click')
    try {
      await this.connection.ready()
    } catch {
      return this.end({ why: 'cannot-encrypt' })
    }
    try {
      const taken = await (held ? this.seat.comeBack(held) : this.seat.take())
      this.services.mark('ticket')
      await this.enter(taken)
      await this.connection.open(taken.ticket, this.seat.keys)
      this.services.mark('connected')
    } catch (problem) {
      // A server that restarts has not given up the seat of before a reload.
      const mayPass = !(problem instanceof Problem) || (held && isPassing(problem))
      if (mayPass) await this.recover()
      else this.end(endingOf(problem))
    }
  }

  subscribe(listener: (state: CallState) => void): () => void {
    this.listeners.add(listener)
    listener(this.state)
    return () => this.listeners.delete(listener)
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.switched(this.own.setMicrophone(on))
  }

  setCamera(on: boolean): Promise<void> {
    return this.switched(this.own.setCamera(on))
  }

  setScreen(on: boolean): Promise<void> {
    return this.switched(this.own.setScreen(on))
  }

  choose(kind: DeviceKind, id: string): Promise<void> {
    return this.switched(this.own.choose(kind, id))
  }

  switchCamera(): Promise<void> {
    return this.switched(this.own.switchCamera())
  }

  async setIncomingVideo(on: boolean): Promise<void> {
    this.reception.incomingVideo = on
    this.reception.judge()
    this.remember()
    this.tell()
  }

  async turnOnSound(): Promise<void> {
    await this.connection.engine?.startSound().catch(() => undefined)
  }

  dismissTrouble(trouble: Trouble): void {
    this.troubles = this.troubles.filter((it) => it.kind !== trouble.kind || it.why !== trouble.why)
    this.tell()
  }

  show(picture: PictureOf, element: HTMLVideoElement): () => void {
    const mine = picture.person === this.seat.current.pseudonym
    return mine ? this.mirror.show(picture.source, element) : this.reception.show(picture, element)
  }

  async leave(): Promise<void> {
    const left = this.seat.leave()
    this.end({ why: 'left' })
    await left
  }

  private newRoster(me = ''): Roster {
    return new Roster(
      me,
      (pseudonym, sealed) => this.seat.open(pseudonym, sealed),
      () => this.rosterChanged(),
    )
  }

  private begin(): void {
    if (this.stops.length > 0) return
    const { page, devices } = this.services
    const tick = setInterval(() => this.tick(), TICK_MS)
    this.stops.push(
      () => clearInterval(tick),
      // A reload comes back to the seat, so it is not given up; only the media must not seem to go on.
      page.onHide(() => this.hide()),
      page.onWake(() => this.awake()),
      devices.watch(() => void this.own.refresh()),
    )
    void this.own.refresh()
  }

  /** A seat is there: of now on its roster and its socket are ours. */
  private async enter({ roster, fresh }: Taken): Promise<void> {
    if (!this.isOn) throw new Error('the call is over')
    this.begin()
    const { pseudonym, secret } = this.seat.current
    if (fresh || !this.socket) {
      this.socket?.close()
      this.roster = this.newRoster(pseudonym)
      void this.services.seats.claim(pseudonym)
      this.socket = this.openSocket(pseudonym, secret)
    }
    this.remember()
    await this.roster.welcome(roster)
  }

  private openSocket(pseudonym: string, secret: string): EventsSocket {
    const path = `/api/meetings/${this.opened.link.meeting}/events`
    const socket = new EventsSocket(
      () => this.services.makeSocket(path),
      { pseudonym, secret },
      {
        message: (message) => this.heard(message),
        interrupted: () => {
          this.socketSteady = false
          this.tell()
        },
        over: (end) => this.socketOver(end),
      },
    )
    socket.open()
    return socket
  }

  private heard(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.services.mark('socket')
        this.socketSteady = true
        this.restarting = false
        this.wakeUp()
        this.heardTime(message.began_at, message.server_time)
        void this.title.read(message.card)
        void this.roster.welcome(message.roster)
        break
      case 'card':
        void this.title.read(message)
        break
      case 'seat':
        void this.roster.seat(message)
        break
      case 'left':
        void this.roster.left(message.pseudonym)
        break
      case 'restarting':
        this.restarting = true
        break
      case 'ended':
        this.end({ why: 'ended' })
        break
      case 'pong':
        break
    }
    this.tell()
  }

  /** The server's clock and ours need not agree. */
  private heardTime(beganAt: string, serverTime: string): void {
    const age = Date.parse(serverTime) - Date.parse(beganAt)
    if (age >= 0) this.since = this.services.now() - age
  }

  private socketOver(end: SocketEnd): void {
    if (end !== 'not-your-seat') {
      this.end({ why: end })
      return
    }
    // Given up while this machine slept: the next ticket finds out and takes another seat.
    this.socket = undefined
    this.socketSteady = false
    void this.recover(TICK_MS)
  }

  private rosterChanged(): void {
    const { keys } = this.seat
    const members = this.roster.members()
    for (const { id, key } of members) void keys.admit(id, key).then(() => this.mediaChanged())
    for (const sender of keys.members()) if (!this.roster.get(sender)) keys.dismiss(sender)
    for (const { id } of members) this.connection.engine?.prepared(id)
    this.mediaChanged()
  }

  /** Only who announced themselves *and* whose key is there. */
  private nameOf(person: string): string | undefined {
    const member = this.roster.get(person)
    return member && this.seat.keys.members().includes(person) ? member.name : undefined
  }

  private mediaChanged(): void {
    this.presences.hear(this.connection.engine?.peers() ?? [])
    this.reception.use(this.connection.engine)
    this.reception.judge()
    this.tell()
  }

  private encrypted(engine: MediaEngine): void {
    this.services.mark('keys')
    this.alarms.resolve('self-not-encrypted')
    this.alarms.resolve('worker-failed')
    this.arrive()
    if (this.isOn) void this.own.use(engine)
  }

  private broken(kind: 'self-not-encrypted' | 'worker-failed'): void {
    this.alarms.raise({ kind })
    this.arrive()
    void this.own.use(undefined)
    void this.recover(AFTER_FAILURE_MS)
  }

  /** Before one's own encryption stands, or has failed, there is nothing true to show about it. */
  private arrive(): void {
    if (this.state.kind === 'joining') this.become(this.view())
  }

  private plaintextData(sender: string | undefined): void {
    const known = sender === undefined ? undefined : this.roster.get(sender)
    this.alarms.flash({ kind: 'plaintext-data', person: known?.id, name: known?.name })
  }

  /** Comes back with a new ticket, a new key and a new connection, for as long as that may take. */
  private async recover(after = 0): Promise<void> {
    if (this.state.kind === 'over' || !this.connection.claimRecovery()) return
    void this.own.use(undefined)
    this.tell()
    const began = this.services.now()
    let patience = GIVE_UP_MS + after
    await this.pause(after)
    for (let attempt = 0; this.isOn; attempt += 1) {
      const wait = await this.attempt()
      if (wait === 'done') break
      // Waiting as told is not in vain.
      patience += wait
      if (this.services.now() - began > patience) this.end(this.givingUp())
      await this.pause(Math.max(wait, delayBefore(attempt)))
    }
    this.connection.releaseRecovery()
    this.tell()
  }

  /** `done`, or how many milliseconds to wait at least before the next one. */
  private async attempt(): Promise<'done' | number> {
    try {
      const taken = await this.seat.again()
      await this.enter(taken)
      await this.connection.open(taken.ticket, this.seat.keys)
      return this.connection.engine ? 'done' : 0
    } catch (problem) {
      if (!(problem instanceof Problem)) return 0
      if (isPassing(problem)) return Math.min((problem.retryAfter ?? 0) * 1000, LONGEST_WAIT_MS)
      this.end(endingOf(problem))
      return 'done'
    }
  }

  private givingUp(): Ending {
    return this.restarting ? { why: 'restarting' } : { why: 'connection-lost' }
  }

  private pause(milliseconds: number): Promise<void> {
    if (!this.isOn) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private awake(): void {
    this.socket?.hurry()
    this.wakeUp()
    if (this.hidden) void this.recover()
    this.hidden = false
  }

  private hide(): void {
    this.hidden = true
    this.remember()
    void this.connection.rest()
  }

  private tick(): void {
    this.alarms.tick()
    this.mediaChanged()
  }

  private get isOn(): boolean {
    return this.state.kind !== 'over'
  }

  private troubled(trouble: Trouble): void {
    this.dismissTrouble(trouble)
    this.troubles = [...this.troubles, trouble]
    this.tell()
  }

  private async switched(change: Promise<void>): Promise<void> {
    await change.catch(() => undefined)
    this.remember()
    this.tell()
  }

  /** For a reload. */
  private remember(): void {
    if (!this.isOn || !this.seat.isTaken) return
    const chosen: ChosenDevices = this.own.chosen
    this.services.seats.write({
      meeting: this.opened.link.meeting,
      ...this.seat.current,
      name: this.name,
      microphone: this.own.isOn('microphone'),
      camera: this.own.isOn('camera'),
      incomingVideo: this.reception.incomingVideo,
      chosen,
    })
  }

  private end(ending: Ending): void {
    if (this.state.kind === 'over') return
    this.state = { kind: 'over', ending }
    for (const stop of this.stops) stop()
    this.socket?.close()
    this.own.end()
    this.seat.stop()
    void this.connection.close()
    // After anything else a reload may still come back to it.
    if (FINAL.includes(ending.why)) this.services.seats.forget()
    this.wakeUp()
    for (const listener of this.listeners) listener(this.state)
  }

  /** Once per task, however many parts have changed. */
  private tell(): void {
    if (this.state.kind !== 'in' || this.telling) return
    this.telling = true
    queueMicrotask(() => {
      this.telling = false
      if (this.state.kind !== 'in') return
      this.mirror.refresh()
      const view = this.view()
      // Most of what parts report changes nothing that is shown.
      if (JSON.stringify(view) === JSON.stringify(this.state)) return
      this.become(view)
    })
  }

  private become(state: CallState): void {
    this.state = state
    for (const listener of this.listeners) listener(state)
  }

  private view(): InCall {
    const members = this.presences.shown(this.roster.members())
    const me = this.seat.current.pseudonym
    const steady = this.socketSteady && this.connection.isSteady
    return {
      kind: 'in',
      people: [
        ownPerson(me, this.name || me.slice(0, 4), this.own, this.connection.engine),
        ...members.map((member) => personOf(member, this.presences, this.alarms)),
      ],
      speakers: this.presences.speakers.filter((id) => members.some((member) => member.id === id)),
      shield: this.alarms.any ? 'blocked' : 'on',
      alarms: this.alarms.all(),
      connection: steady ? 'steady' : 'reconnecting',
      soundBlocked: this.soundBlocked,
      incomingVideo: this.reception.incomingVideo,
      troubles: this.troubles,
      devices: this.own.deviceList,
      chosen: { ...this.own.chosen },
      title: this.title.text,
      since: this.since,
    }
  }
}
