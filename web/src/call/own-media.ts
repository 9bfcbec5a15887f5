import { DeviceFailure, type Devices, present, type SharedScreen } from './devices'
import type { MediaEngine, TrackSource } from './media-engine'
import type { ChosenDevices, DeviceKind, DeviceList, JoinWish, Source, Trouble } from './model'

export type OwnEvents = {
  changed(): void
  trouble(trouble: Trouble): void
  /** something that is on could not be published on this connection: another one is wanted */
  unsent(engine: MediaEngine): void
}

/**
 * One's own microphone, camera and screen: what is switched on, the live tracks behind it, and their publications on
 * whatever connection there is. The tracks outlive connections, so that a camera does not blink when one is replaced.
 *
 * A camera that is off is released. A microphone that is off stays open but silenced, so that the first word after
 * switching it on is not cut off; the browser shows it as in use for as long.
 */
export class OwnMedia {
  private readonly on = new Set<Source>()
  private readonly tracks = new Map<TrackSource, MediaStreamTrack>()
  private readonly published = new Map<TrackSource, MediaStreamTrack>()
  private engine: MediaEngine | undefined
  private queue: Promise<void> = Promise.resolve()
  private over = false
  /** what the last connection would not send */
  private readonly unsent = new Set<TrackSource>()
  private facing: 'user' | 'environment' = 'user'
  private list: DeviceList = { camera: [], microphone: [], speaker: [] }

  constructor(
    private readonly devices: Devices,
    readonly chosen: ChosenDevices,
    private readonly events: OwnEvents,
  ) {}

  isOn(source: Source): boolean {
    return this.on.has(source)
  }

  track(source: Source): MediaStreamTrack | undefined {
    return this.on.has(source) ? this.tracks.get(source) : undefined
  }

  /** Of a microphone that is off, but open. */
  get silenced(): MediaStreamTrack | undefined {
    return this.on.has('microphone') ? undefined : this.tracks.get('microphone')
  }

  get deviceList(): DeviceList {
    return this.list
  }

  /** Tracks of the page before joining. */
  adopt({ cameraTrack, microphoneTrack }: Pick<JoinWish, 'cameraTrack' | 'microphoneTrack'>): void {
    if (cameraTrack?.readyState === 'live') this.hold('camera', cameraTrack)
    if (microphoneTrack?.readyState === 'live') this.hold('microphone', microphoneTrack)
  }

  /** An encrypted connection, on which everything that is on is published; or none, and nothing is. */
  use(engine: MediaEngine | undefined): Promise<void> {
    // What still fails on the old one says nothing any more.
    this.engine = undefined
    return this.inOrder(async () => {
      this.engine = engine
      this.published.clear()
      await Promise.all(SOURCES.map((source) => this.settle(source)))
    })
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.inOrder(() => (on ? this.switchOn('microphone') : this.silence('microphone')))
  }

  setCamera(on: boolean): Promise<void> {
    return this.inOrder(() => (on ? this.switchOn('camera') : this.silence('camera')))
  }

  /** Asks first and queues then: browsers want the click's task. */
  async setScreen(on: boolean): Promise<void> {
    const shared = on && !this.over && !this.on.has('screen') ? await this.devices.openScreen() : undefined
    if (shared) this.holdScreen(shared)
    if (!on) this.release('screen')
    await this.inOrder(() => this.settleScreen())
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    this.chosen[kind] = id
    if (kind === 'speaker') await this.followSpeaker()
    else if (this.on.has(kind)) await this.inOrder(() => this.reopen(kind))
    this.events.changed()
  }

  /** Front and rear camera of a phone; the choice by name no longer counts then. */
  async switchCamera(): Promise<void> {
    this.facing = this.facing === 'user' ? 'environment' : 'user'
    delete this.chosen.camera
    if (this.on.has('camera')) await this.inOrder(() => this.reopen('camera'))
  }

  /** After something was plugged in or out: the chosen device when it is there, else the system's. */
  async refresh(): Promise<void> {
    this.list = await this.devices.list()
    this.events.changed()
    await this.followSpeaker()
    const wanted = present(this.list, this.chosen, 'microphone')
    const current = this.track('microphone')?.getSettings().deviceId
    if (wanted && current && wanted !== current) await this.inOrder(() => this.reopen('microphone'))
  }

  /** The server silenced it: what it says here must be what is true. */
  silencedByServer(source: TrackSource): void {
    if (source === 'screen') this.release('screen')
    else if (source === 'microphone') this.enable('microphone', false)
    else this.stopTrack(source)
    if (source !== 'screen-sound') this.on.delete(source)
    this.events.changed()
    if (source === 'screen' || source === 'screen-sound') void this.inOrder(() => this.settleScreen())
  }

  /** Everything off, every device free. */
  end(): void {
    this.over = true
    this.engine = undefined
    this.on.clear()
    for (const source of SOURCES) this.stopTrack(source)
  }

  private async followSpeaker(): Promise<void> {
    if (!this.devices.canChooseSpeaker) return
    await this.engine?.setSpeaker(present(this.list, this.chosen, 'speaker')).catch(() => undefined)
  }

  private async switchOn(source: 'microphone' | 'camera'): Promise<void> {
    if (this.tracks.get(source)?.readyState !== 'live') {
      const opened = await this.openOrTell(source)
      if (!opened) return
      this.hold(source, opened)
      this.list = await this.devices.list()
      if (this.over) return
    }
    this.on.add(source)
    this.enable(source, true)
    this.events.changed()
    await this.settle(source)
  }

  private async silence(source: 'microphone' | 'camera'): Promise<void> {
    this.on.delete(source)
    this.enable(source, false)
    this.events.changed()
    await this.settle(source)
    if (source === 'camera') this.stopTrack('camera')
  }

  private async reopen(source: 'microphone' | 'camera'): Promise<void> {
    // Phones have one camera pipeline: the old one must go before the new one can come.
    this.stopTrack(source)
    this.on.delete(source)
    await this.switchOn(source)
    if (!this.on.has(source)) await this.settle(source)
  }

  private async openOrTell(source: 'microphone' | 'camera'): Promise<MediaStreamTrack | undefined> {
    try {
      return await (source === 'camera'
        ? this.devices.openCamera(this.chosen.camera, this.chosen.camera ? undefined : this.facing)
        : this.devices.openMicrophone(this.chosen.microphone))
    } catch (error) {
      this.events.trouble(error instanceof DeviceFailure ? error.trouble : { kind: source, why: 'missing' })
      this.events.changed()
      return undefined
    }
  }

  private holdScreen({ picture, sound }: SharedScreen): void {
    this.hold('screen', picture)
    if (!sound) return
    if (this.over) sound.stop()
    else this.tracks.set('screen-sound', sound)
  }

  private hold(source: Source, track: MediaStreamTrack): void {
    // The browser was still asking when the call ended.
    if (this.over) {
      track.stop()
      return
    }
    this.stopTrack(source)
    track.enabled = true
    this.tracks.set(source, track)
    this.on.add(source)
    track.addEventListener('ended', () => {
      if (this.tracks.get(source) === track) void this.ended(source)
    })
    this.events.changed()
  }

  /** Unplugged, or stopped in the browser's own bar. Another camera is not switched on unasked. */
  private async ended(source: Source): Promise<void> {
    if (source === 'screen') return this.setScreen(false)
    const wasOn = this.on.has(source)
    this.tracks.delete(source)
    this.on.delete(source)
    this.events.changed()
    if (wasOn && source === 'microphone') return this.inOrder(() => this.reopen('microphone'))
    if (wasOn) this.events.trouble({ kind: source, why: 'missing' })
    await this.inOrder(() => this.settle(source))
  }

  private release(source: 'screen'): void {
    this.on.delete(source)
    this.stopTrack('screen')
    this.stopTrack('screen-sound')
    this.events.changed()
  }

  private stopTrack(source: TrackSource): void {
    const track = this.tracks.get(source)
    this.tracks.delete(source)
    track?.stop()
  }

  private enable(source: TrackSource, enabled: boolean): void {
    const track = this.tracks.get(source)
    if (track) track.enabled = enabled
  }

  private async settleScreen(): Promise<void> {
    await Promise.all([this.settle('screen'), this.settle('screen-sound')])
  }

  /** Makes the publication of `source` what it should be. */
  private async settle(source: TrackSource): Promise<void> {
    const { engine } = this
    if (!engine) return
    try {
      await this.settleOn(engine, source)
      this.unsent.delete(source)
    } catch {
      if (this.engine === engine) this.failed(engine, source)
    }
  }

  /** What is shown as on must be sent. Another connection may help; when that one fails as well, it goes off. */
  private failed(engine: MediaEngine, source: TrackSource): void {
    if (!this.unsent.delete(source)) {
      this.unsent.add(source)
      this.engine = undefined
      this.events.unsent(engine)
    } else if (source === 'screen-sound') {
      this.stopTrack(source)
    } else {
      const wasOn = this.on.has(source)
      if (source === 'screen') this.release(source)
      else this.stopTrack(source)
      this.on.delete(source)
      if (wasOn) this.events.trouble({ kind: source, why: 'unsent' })
      this.events.changed()
    }
  }

  private async settleOn(engine: MediaEngine, source: TrackSource): Promise<void> {
    const on = source === 'screen-sound' ? this.on.has('screen') : this.on.has(source)
    const [track, published] = [on ? this.tracks.get(source) : undefined, this.published.get(source)]
    if (track && !published) {
      await engine.publish(source, track)
      this.published.set(source, track)
    } else if (track && published) {
      if (track !== published) await engine.replace(source, track)
      this.published.set(source, track)
      await engine.setMuted(source, false)
    } else if (published && (source === 'screen' || source === 'screen-sound')) {
      this.published.delete(source)
      await engine.unpublish(source)
    } else if (published) {
      await engine.setMuted(source, true)
    }
  }

  private inOrder(step: () => Promise<void>): Promise<void> {
    const unlessOver = async (): Promise<void> => {
      if (!this.over) await step()
    }
    this.queue = this.queue.then(unlessOver, unlessOver)
    return this.queue
  }
}

const SOURCES: readonly TrackSource[] = ['microphone', 'camera', 'screen', 'screen-sound']
