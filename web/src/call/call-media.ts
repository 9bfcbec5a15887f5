import { Alarms } from './alarms'
import { Connection } from './connection'
import type { MediaEngine } from './media-engine'
import { Mirror } from './mirror'
import type { DeviceKind, InCall, JoinWish, PictureOf, Source, Trouble } from './model'
import { OwnMedia } from './own-media'
import { Presences } from './presence'
import { type NameOf, Reception } from './reception'
import type { Services } from './services'
import { TalkingMuted } from './talking'

/** A track that the server silences may go silent before the act that asked for it has been read. */
const EXPLAINED_MS = 5000

type Shown = 'shield' | 'alarms' | 'soundBlocked' | 'incomingVideo' | 'troubles' | 'devices' | 'chosen' | 'talkingMuted'

export type CallMediaEvents = {
  /** something that is shown */
  changed(): void
  /** a choice that a reload should find again */
  chosen(): void
  encrypted(): void
  /** encryption could not be had, or not kept: nothing is sent until another connection stands */
  broken(): void
  lost(): void
}

/** Pictures and sound of a call, one's own and the others', on whatever connection to the engine there is. */
export class CallMedia {
  readonly alarms: Alarms
  readonly presences: Presences
  readonly reception: Reception
  readonly own: OwnMedia
  readonly connection: Connection
  private readonly mirror: Mirror
  private readonly talking: TalkingMuted
  private troubles: Trouble[] = []
  private soundBlocked = false
  private over = false
  /** when the server switched something of one's own off */
  private readonly silencedAt = new Map<Source, number>()

  constructor(
    private readonly services: Services,
    wish: JoinWish,
    warmEngine: MediaEngine | undefined,
    private readonly nameOf: NameOf,
    private readonly events: CallMediaEvents,
  ) {
    const { now, devices, listen } = services
    const { changed } = events
    this.alarms = new Alarms(now, changed)
    this.presences = new Presences(now)
    this.reception = new Reception(nameOf, this.alarms, now)
    this.reception.incomingVideo = wish.incomingVideo
    this.own = new OwnMedia(
      devices,
      { ...wish.chosen },
      { changed, trouble: (it) => this.troubled(it), unsent: (engine) => this.connection.giveUp(engine) },
    )
    this.mirror = new Mirror((source) => this.own.track(source))
    this.talking = new TalkingMuted(listen, now, changed)
    this.connection = this.newConnection(warmEngine)
    // Of now on every ending releases them, a refused join too.
    this.own.adopt(wish)
  }

  get engine(): MediaEngine | undefined {
    return this.connection.engine
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

  setIncomingVideo(on: boolean): void {
    this.reception.incomingVideo = on
    this.reception.judge()
    this.events.chosen()
  }

  async turnOnSound(): Promise<void> {
    await this.engine?.startSound().catch(() => undefined)
  }

  dismissTrouble(trouble: Trouble): void {
    this.troubles = this.troubles.filter((it) => it.kind !== trouble.kind || it.why !== trouble.why)
    this.events.changed()
  }

  show(picture: PictureOf, element: HTMLVideoElement, me: string): () => void {
    return picture.person === me ? this.mirror.show(picture.source, element) : this.reception.show(picture, element)
  }

  /** Whether it is on, or the server has just switched it off: then somebody's act may explain it. */
  wasOn(source: Source): boolean {
    return this.own.isOn(source) || this.services.now() - (this.silencedAt.get(source) ?? 0) < EXPLAINED_MS
  }

  switchOff(source: Source): Promise<void> {
    if (source === 'microphone') return this.setMicrophone(false)
    return source === 'camera' ? this.setCamera(false) : this.setScreen(false)
  }

  /** Who is there, or what they send, may have changed. */
  judge(): void {
    this.presences.hear(this.engine?.peers() ?? [])
    this.reception.use(this.engine)
    this.reception.judge()
    this.events.changed()
  }

  /** To be called about once a second. */
  tick(): void {
    this.alarms.tick()
    this.judge()
  }

  /** After a change, before it is shown. */
  refresh(): void {
    this.mirror.refresh()
    // Also where nothing is shown any more, a copy of the microphone must not stay behind.
    this.talking.follow(this.over ? undefined : this.own.silenced)
  }

  parts() {
    const { own, engine, presences, alarms, reception } = this
    return { own, engine, presences, alarms, reception }
  }

  view(): Pick<InCall, Shown> {
    return {
      shield: this.alarms.any ? 'blocked' : 'on',
      alarms: this.alarms.all(),
      soundBlocked: this.soundBlocked,
      incomingVideo: this.reception.incomingVideo,
      troubles: this.troubles,
      devices: this.own.deviceList,
      chosen: { ...this.own.chosen },
      talkingMuted: this.talking.is,
    }
  }

  end(): void {
    this.over = true
    this.own.end()
    this.refresh()
    void this.connection.close()
  }

  private newConnection(warmEngine: MediaEngine | undefined): Connection {
    const { events } = this
    return new Connection(this.services.makeEngine, this.services.engineUrl, warmEngine, {
      changed: () => this.judge(),
      encrypted: (engine) => this.encrypted(engine),
      lost: () => events.lost(),
      broken: (kind) => {
        this.alarms.raise({ kind })
        void this.own.use(undefined)
        events.broken()
      },
      plaintextData: (sender) => this.plaintextData(sender),
      flow: (flows) => this.reception.flow(flows),
      muted: (source) => {
        if (source !== 'screen-sound' && this.own.isOn(source)) this.silencedAt.set(source, this.services.now())
        this.own.silencedByServer(source)
      },
      soundBlocked: (blocked) => {
        this.soundBlocked = blocked
        events.changed()
      },
    })
  }

  private encrypted(engine: MediaEngine): void {
    this.alarms.resolve('self-not-encrypted')
    this.alarms.resolve('worker-failed')
    this.events.encrypted()
    if (!this.over) void this.own.use(engine)
  }

  private plaintextData(sender: string | undefined): void {
    const name = sender === undefined ? undefined : this.nameOf(sender)
    this.alarms.flash({ kind: 'plaintext-data', person: name === undefined ? undefined : sender, name })
  }

  private troubled(trouble: Trouble): void {
    this.dismissTrouble(trouble)
    this.troubles = [...this.troubles, trouble]
    this.events.changed()
  }

  private async switched(change: Promise<void>): Promise<void> {
    await change.catch(() => undefined)
    this.events.chosen()
  }
}
