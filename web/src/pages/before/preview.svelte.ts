import { DeviceFailure, type Devices } from '../../call/devices'
import type { ChosenDevices, DeviceKind, DeviceList, DeviceTrouble } from '../../call/model'
import { named } from '../devices'

const PATIENCE_MS = 2000

type Captured = 'camera' | 'microphone'

/** Camera and microphone before joining: off until somebody switches them on, released with the page or handed over. */
export class Preview {
  camera = $state.raw<MediaStreamTrack>()
  microphone = $state.raw<MediaStreamTrack>()
  starting = $state<Captured>()
  devices = $state.raw<DeviceList>({ camera: [], microphone: [], speaker: [] })
  chosen = $state<ChosenDevices>({})
  troubles = $state<Partial<Record<DeviceKind, DeviceTrouble>>>({})
  private capturing: Promise<void> | undefined
  private wanted: Record<Captured, boolean> = { camera: false, microphone: false }

  constructor(private readonly source: Devices) {}

  /** Returns the way to stop. */
  open(): () => void {
    void this.refresh()
    const unwatch = this.source.watch(() => void this.refresh())
    return () => {
      unwatch()
      this.close()
    }
  }

  async turn(kind: Captured, on: boolean): Promise<void> {
    this.wanted[kind] = on
    delete this.troubles[kind]
    if (on) await this.captured(kind)
    else this.release(kind)
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    delete this.troubles[kind]
    this.chosen[kind] = id
    if (kind !== 'speaker' && this[kind]) await this.captured(kind)
  }

  /** Until what was switched on runs; a browser that is still asking for permission is not waited for long. */
  async settled(): Promise<void> {
    if (!this.capturing) return
    await Promise.race([this.capturing, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
  }

  /** What joining takes along; from here on the tracks belong to the call. */
  handOver(): { camera: MediaStreamTrack | undefined; microphone: MediaStreamTrack | undefined } {
    const tracks = { camera: this.camera, microphone: this.microphone }
    this.camera = undefined
    this.microphone = undefined
    return tracks
  }

  private async refresh(): Promise<void> {
    this.devices = named(await this.source.list())
  }

  private captured(kind: Captured): Promise<void> {
    const capturing = this.capture(kind).finally(() => {
      if (this.capturing === capturing) this.capturing = undefined
    })
    this.capturing = capturing
    return capturing
  }

  private async capture(kind: Captured): Promise<void> {
    this.starting = kind
    try {
      // Some phones open one camera at a time only: the old one goes first.
      this.release(kind)
      const id = this.chosen[kind]
      const track = kind === 'camera' ? await this.source.openCamera(id) : await this.source.openMicrophone(id)
      this.took(kind, track)
    } catch (error) {
      this.wanted[kind] = false
      this.troubles[kind] = error instanceof DeviceFailure ? error.trouble : { kind, why: 'missing' }
    } finally {
      if (this.starting === kind) this.starting = undefined
    }
  }

  private took(kind: Captured, track: MediaStreamTrack): void {
    // Switched off, or the page left, while the browser was still asking.
    if (!this.wanted[kind]) {
      track.stop()
      return
    }
    this.release(kind)
    track.addEventListener('ended', () => this.ended(kind, track), { once: true })
    this[kind] = track
    const { deviceId } = track.getSettings()
    if (deviceId) this.chosen[kind] = deviceId
    void this.refresh()
  }

  /** Unplugged, or the permission was taken back. */
  private ended(kind: Captured, track: MediaStreamTrack): void {
    if (this[kind] !== track) return
    this.release(kind)
    this.wanted[kind] = false
    this.troubles[kind] = { kind, why: 'missing' }
    void this.refresh()
  }

  private release(kind: Captured): void {
    this[kind]?.stop()
    this[kind] = undefined
  }

  private close(): void {
    for (const kind of ['camera', 'microphone'] as const) {
      this.wanted[kind] = false
      this.release(kind)
    }
  }
}
