import { Attendance } from './attendance'
import { CallMedia } from './call-media'
import { Title } from './card'
import type { ServerMessage, Welcome } from './events-socket'
import { Happenings } from './happenings'
import type { MediaEngine } from './media-engine'
import type { MeetingLaw } from './meeting-law'
import type { Look, Opened } from './meetings'
import type { Call, CallState, DeviceKind, Ending, InCall, JoinWish, PictureOf, Reaction, Trouble } from './model'
import { Moderation } from './moderation'
import { cleanName } from './names'
import { Outbox } from './outbox'
import { Room } from './room'
import { OwnSeat } from './seat'
import type { StoredSeat } from './seat-store'
import type { Services } from './services'
import { peopleIn, powersIn } from './view'

/** The seat is gone, or another page's. */
const FINAL: ReadonlyArray<Ending['why']> = ['left', 'ended', 'removed', 'replaced', 'declined']
const TICK_MS = 1000
/** Before a connection whose encryption failed is tried anew. */
const AFTER_FAILURE_MS = 5000

/** What an act does to oneself: what goes off, and how that is told. */
const ORDERS = {
  mute: { source: 'microphone', what: 'muted' },
  stop_video: { source: 'camera', what: 'video-stopped' },
  stop_screen: { source: 'screen', what: 'screen-stopped' },
} as const

/**
 * One person's call from the click to its end, as the pages see it. What is shown is computed from its parts, not
 * stored.
 */
export class Session implements Call {
  state: CallState = { kind: 'joining' }
  private readonly listeners = new Set<(state: CallState) => void>()
  private readonly law: MeetingLaw
  private readonly title: Title
  private readonly happenings: Happenings
  private readonly media: CallMedia
  private readonly seat: OwnSeat
  private readonly outbox: Outbox
  private readonly moderation: Moderation
  private readonly attendance: Attendance
  private seen: Record<string, number> = {}
  private since: number | undefined
  private stops: Array<() => void> = []
  private telling = false

  readonly setMicrophone = (on: boolean) => this.media.setMicrophone(on)
  readonly setCamera = (on: boolean) => this.media.setCamera(on)
  readonly choose = (kind: DeviceKind, id: string) => this.media.choose(kind, id)
  readonly switchCamera = () => this.media.switchCamera()
  readonly turnOnSound = () => this.media.turnOnSound()

  readonly knockAgain = () => this.attendance.knockAgain()
  readonly admit = (knock: string) => this.done(this.moderation.admit(knock))
  readonly admitAll = () => this.done(this.moderation.admitAll())
  readonly mute = (person: string) => this.done(this.moderation.act('mute', person))
  readonly muteEveryone = () => this.done(this.moderation.act('mute_all'))
  readonly stopVideo = (person: string) => this.done(this.moderation.act('stop_video', person))
  readonly stopScreen = (person: string) => this.done(this.moderation.act('stop_screen', person))
  readonly remove = (person: string) => this.done(this.moderation.remove(person))
  readonly endForEveryone = () => this.done(this.moderation.act('end'))
  readonly makeCohost = (person: string, on: boolean) => this.done(this.moderation.makeCohost(person, on))
  readonly setWaitingRoom = (on: boolean) => this.done(this.moderation.setWaitingRoom(on))
  readonly setEveryoneShares = (on: boolean) => this.done(this.moderation.setEveryoneShares(on))
  readonly hostLink = () => this.moderation.hostLink(this.services.origin)

  constructor(
    private readonly services: Services,
    private readonly opened: Opened,
    at: Pick<Look, 'session' | 'title'> & { law: MeetingLaw },
    wish: JoinWish,
    warmEngine?: MediaEngine,
  ) {
    const { api, meetings, seatKeys, now } = services
    const changed = (): void => this.tell()
    this.law = at.law
    this.title = new Title(opened, at.title, changed)
    this.happenings = new Happenings(now, changed)
    this.media = new CallMedia(services, wish, warmEngine, (person) => this.nameOf(person), {
      changed,
      chosen: () => this.changed(),
      encrypted: () => this.encrypted(),
      broken: () => this.broken(),
      lost: () => void this.attendance.recover(),
    })
    this.seat = new OwnSeat(api, meetings, seatKeys, opened, this.law, cleanName(wish.name), at.session)
    this.outbox = new Outbox(
      this.seat,
      (message) => this.attendance.send(message),
      () => this.remember(),
    )
    this.moderation = new Moderation({
      meetings,
      opened,
      law: this.law,
      seat: this.seat,
      outbox: this.outbox,
      room: () => (this.isOn ? this.room : undefined),
      failed: (why) => this.happenings.flash({ what: 'failed', by: '', ...(why && { why }) }),
    })
    this.attendance = this.newAttendance()
  }

  /** Takes the seat, or the one of before a reload, and connects. Never throws. */
  async start(held?: StoredSeat): Promise<void> {
    this.services.mark('click')
    this.law.changed = () => this.lawChanged()
    this.seen = held?.seen ?? {}
    try {
      await this.media.connection.ready()
    } catch {
      return this.end({ why: 'cannot-encrypt' })
    }
    await this.attendance.start(held)
  }

  subscribe(listener: (state: CallState) => void): () => void {
    this.listeners.add(listener)
    listener(this.state)
    return () => this.listeners.delete(listener)
  }

  async setScreen(on: boolean): Promise<void> {
    if (!on || this.room?.mayShare) await this.media.setScreen(on)
  }

  async setIncomingVideo(on: boolean): Promise<void> {
    this.media.setIncomingVideo(on)
  }

  dismissTrouble(trouble: Trouble): void {
    this.media.dismissTrouble(trouble)
  }

  show(picture: PictureOf, element: HTMLVideoElement): () => void {
    return this.media.show(picture, element, this.seat.current.pseudonym)
  }

  async leave(): Promise<void> {
    const left = this.seat.leave()
    this.end({ why: 'left' })
    await left
  }

  async rename(name: string): Promise<void> {
    const cleaned = cleanName(name)
    if (!this.room || !cleaned || cleaned === this.seat.name) return
    await this.outbox.announce({ name: cleaned })
    // The seat may have been lost meanwhile.
    this.room?.renamed()
    this.changed()
  }

  async raiseHand(up: boolean): Promise<void> {
    if (!this.room || up === (this.seat.current.hand !== undefined)) return
    await this.outbox.announce({ hand: up ? this.law.clock.now() : undefined })
    this.changed()
  }

  async react(emoji: Reaction['emoji']): Promise<void> {
    if (await this.moderation.act('react', null, emoji)) this.happenings.react(this.seat.current.pseudonym, emoji)
  }

  async decline(knock: string): Promise<void> {
    this.moderation.decline(knock)
    this.tell()
  }

  async lock(on: boolean): Promise<void> {
    if (await this.moderation.lock(on)) this.happenings.flash({ what: on ? 'locked' : 'unlocked', by: '' })
  }

  private async done(deed: Promise<unknown>): Promise<void> {
    await deed.catch(() => undefined)
    this.changed()
  }

  private get isOn(): boolean {
    return this.state.kind !== 'over'
  }

  private get room(): Room | undefined {
    return this.attendance.room
  }

  private newAttendance(): Attendance {
    return new Attendance(this.services, this.opened.link.meeting, this.seat, this.media.connection, {
      isOn: () => this.isOn,
      seated: () => this.begin(),
      makeRoom: () => this.newRoom(),
      outside: () => this.keepSeen(),
      heard: (message) => this.heard(message),
      become: (state) => this.become(state),
      changed: () => this.tell(),
      remember: () => this.remember(),
      settle: () => {
        // Not waited for: it waits for what is heard after this.
        void this.moderation.settle()
        return this.outbox.settle()
      },
      lost: () => {
        void this.media.own.use(undefined)
        this.tell()
      },
      end: (ending) => this.end(ending),
    })
  }

  private begin(): void {
    if (this.stops.length > 0) return
    const { page, devices } = this.services
    const tick = setInterval(() => this.tick(), TICK_MS)
    this.stops.push(
      () => clearInterval(tick),
      // A reload comes back to the seat, so it is not given up; only the media must not seem to go on.
      page.onHide(() => this.attendance.hide()),
      page.onWake(() => this.attendance.awake()),
      devices.watch(() => void this.media.own.refresh()),
    )
    void this.media.own.refresh()
  }

  private newRoom(): Room {
    const { happenings } = this
    this.keepSeen()
    return new Room(
      this.seat,
      this.law,
      {
        changed: () => this.changed(),
        members: () => this.membersChanged(),
        happened: (news) => happenings.flash(news),
        reacted: (person, detail) => happenings.react(person, detail),
        ordered: (what, by) => this.obey(what, by),
        removed: () => this.end({ why: 'removed' }),
        dismissed: (member) => void this.moderation.follow(member),
        ended: () => this.end({ why: 'ended' }),
      },
      this.seen,
    )
  }

  /** What was done once is not done again, also after another admission. */
  private keepSeen(): void {
    this.seen = this.room?.seen ?? this.seen
  }

  private heard(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.heardWelcome(message)
      case 'card':
        return void this.title.read(message)
      case 'refused':
        return this.refused(message)
      case 'pong':
        return this.law.clock.heard(message.server_time)
    }
  }

  private refused(message: Extract<ServerMessage, { type: 'refused' }>): void {
    if (message.what === 'announce' && message.code === 'too_many_attempts') this.outbox.announceLater()
    else this.moderation.refused(message)
  }

  private heardWelcome({ began_at, server_time, card }: Welcome): void {
    this.services.mark('socket')
    this.law.clock.heard(server_time)
    const age = Date.parse(server_time) - Date.parse(began_at)
    if (age >= 0) this.since = this.services.now() - age
    void this.title.read(card)
  }

  private lawChanged(): void {
    this.room?.lawChanged()
    this.changed()
  }

  private membersChanged(): void {
    const [{ keys }, roster] = [this.seat, this.room?.roster]
    if (!roster) return
    const members = roster.members()
    for (const { id, media } of members) void keys.admit(id, media).then(() => this.media.judge())
    for (const sender of keys.members()) if (!roster.get(sender)) keys.dismiss(sender)
    for (const { id } of members) this.media.engine?.prepared(id)
    this.media.judge()
  }

  /** Only who counts *and* whose key is there. */
  private nameOf(person: string): string | undefined {
    const member = this.room?.roster.get(person)
    return member && this.seat.keys.members().includes(person) ? member.name : undefined
  }

  /** Off it goes; told only where there was something to go off. */
  private obey(order: keyof typeof ORDERS, by: string): void {
    const { source, what } = ORDERS[order]
    if (this.media.wasOn(source)) this.happenings.flash({ what, by })
    void this.media.switchOff(source)
  }

  private encrypted(): void {
    this.services.mark('keys')
    this.arrive()
  }

  private broken(): void {
    this.arrive()
    void this.attendance.recover(AFTER_FAILURE_MS)
  }

  /** Before one's own encryption stands, or has failed, there is nothing true to show about it. */
  private arrive(): void {
    if (this.state.kind === 'joining' && this.room) this.become(this.view(this.room))
  }

  private tick(): void {
    this.happenings.tick()
    this.media.tick()
  }

  /** Something that a reload must find again. */
  private changed(): void {
    // Sharing that is not allowed any more ends, whatever the server makes of it.
    if (this.room && !this.room.mayShare && this.media.own.isOn('screen')) void this.media.setScreen(false)
    this.remember()
    this.tell()
  }

  private remember(): void {
    if (!this.isOn || !this.seat.isTaken) return
    const { own, reception } = this.media
    this.services.seats.write({
      meeting: this.opened.link.meeting,
      ...this.seat.current,
      law: this.law.stored(),
      seen: this.room?.seen ?? this.seen,
      name: this.seat.name,
      microphone: own.isOn('microphone'),
      camera: own.isOn('camera'),
      incomingVideo: reception.incomingVideo,
      chosen: own.chosen,
    })
  }

  private end(ending: Ending): void {
    if (!this.isOn) return
    this.state = { kind: 'over', ending }
    for (const stop of this.stops) stop()
    this.attendance.end()
    this.media.end()
    this.seat.stop()
    // After anything else a reload may still come back to it.
    if (FINAL.includes(ending.why)) {
      this.services.seats.forget()
      this.seat.forget(ending.why === 'removed')
    }
    for (const listener of this.listeners) listener(this.state)
  }

  /** Once per task, however many parts have changed. */
  private tell(): void {
    if (this.state.kind !== 'in' || this.telling) return
    this.telling = true
    queueMicrotask(() => {
      this.telling = false
      if (this.state.kind !== 'in' || !this.room) return
      this.media.refresh()
      const view = this.view(this.room)
      // Most of what parts report changes nothing that is shown.
      if (JSON.stringify(view) === JSON.stringify(this.state)) return
      this.become(view)
    })
  }

  private become(state: CallState): void {
    if (!this.isOn) return
    this.state = state
    for (const listener of this.listeners) listener(state)
  }

  private view(room: Room): InCall {
    const { media, seat, title, since, happenings } = this
    return {
      kind: 'in',
      ...peopleIn({ ...media.parts(), room, name: seat.name || room.me.slice(0, 4), hand: seat.current.hand }),
      ...powersIn(room),
      ...media.view(),
      connection: this.attendance.isSteady ? 'steady' : 'reconnecting',
      title: title.text,
      since,
      reactions: happenings.reactions,
      happenings: happenings.list,
    }
  }
}
