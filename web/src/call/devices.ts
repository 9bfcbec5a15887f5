import type { ChosenDevices, Device, DeviceKind, DeviceList, DeviceTrouble } from './model'

/** A device could not be opened; `trouble` says which and why in the words of the pages. */
export class DeviceFailure extends Error {
  constructor(readonly trouble: DeviceTrouble) {
    super(`${trouble.kind} ${trouble.why}`)
    this.name = 'DeviceFailure'
  }
}

/** What the names of DOMExceptions of getUserMedia mean (Media Capture and Streams, section 10.2). */
const REASONS: Record<string, DeviceTrouble['why']> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  PermissionDeniedError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  DevicesNotFoundError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
  TrackStartError: 'busy',
}

export function troubleOf(kind: DeviceKind, error: unknown): DeviceTrouble {
  return { kind, why: (error instanceof Error && REASONS[error.name]) || 'missing' }
}

const KINDS: Record<string, keyof DeviceList> = {
  audioinput: 'microphone',
  audiooutput: 'speaker',
  videoinput: 'camera',
}

const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
}

const MICROPHONE: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
}

const SCREEN: DisplayMediaStreamOptions = {
  video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 15 } },
  // A shared film or talk must sound as it does: voice processing would treat it as noise.
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
}

export type SharedScreen = { picture: MediaStreamTrack; sound?: MediaStreamTrack }

/** The part of `navigator.mediaDevices` that is used. */
export type MediaSource = Pick<
  MediaDevices,
  'enumerateDevices' | 'getUserMedia' | 'addEventListener' | 'removeEventListener'
> &
  Partial<Pick<MediaDevices, 'getDisplayMedia'>>

export class Devices {
  constructor(private readonly source: MediaSource | undefined = globalThis.navigator?.mediaDevices) {}

  /** Firefox and Safari before a while play everything through the system's choice. */
  get canChooseSpeaker(): boolean {
    return typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype
  }

  get canShareScreen(): boolean {
    return typeof this.source?.getDisplayMedia === 'function'
  }

  /** Ids and labels are empty, and those devices left out, until the person has given permission. */
  async list(): Promise<DeviceList> {
    const list: DeviceList = { camera: [], microphone: [], speaker: [] }
    for (const device of (await this.source?.enumerateDevices().catch(() => [])) ?? []) {
      const kind = KINDS[device.kind]
      if (kind && device.deviceId) list[kind].push({ id: device.deviceId, label: device.label } satisfies Device)
    }
    return list
  }

  /** Throws {@link DeviceFailure}. A chosen device that is gone gives way to the system's. */
  openCamera(id?: string, facing?: 'user' | 'environment'): Promise<MediaStreamTrack> {
    return this.open('camera', { ...CAMERA, ...(facing ? { facingMode: { ideal: facing } } : {}) }, id)
  }

  /** Throws {@link DeviceFailure}. A chosen device that is gone gives way to the system's. */
  openMicrophone(id?: string): Promise<MediaStreamTrack> {
    return this.open('microphone', MICROPHONE, id)
  }

  /** `undefined` when the person changed their mind. Must run inside the click's task. */
  async openScreen(): Promise<SharedScreen | undefined> {
    try {
      const stream = await this.source?.getDisplayMedia?.(SCREEN)
      const [picture] = stream?.getVideoTracks() ?? []
      if (!picture) return undefined
      picture.contentHint = 'detail'
      const [sound] = stream?.getAudioTracks() ?? []
      return sound ? { picture, sound } : { picture }
    } catch {
      return undefined
    }
  }

  /** `listener` hears of headsets plugged in or out; returns the way to stop. */
  watch(listener: () => void): () => void {
    this.source?.addEventListener('devicechange', listener)
    return () => this.source?.removeEventListener('devicechange', listener)
  }

  private async open(
    kind: 'camera' | 'microphone',
    constraints: MediaTrackConstraints,
    id?: string,
  ): Promise<MediaStreamTrack> {
    if (!this.source) throw new DeviceFailure({ kind, why: 'missing' })
    try {
      return await this.request(kind, id ? { ...constraints, deviceId: { exact: id } } : constraints)
    } catch (error) {
      const trouble = troubleOf(kind, error)
      if (id && trouble.why === 'missing') return this.open(kind, constraints)
      throw new DeviceFailure(trouble)
    }
  }

  private async request(kind: 'camera' | 'microphone', constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
    const stream = await this.source?.getUserMedia(kind === 'camera' ? { video: constraints } : { audio: constraints })
    const [track] = stream?.getTracks() ?? []
    if (!track) throw new DOMException('no track', 'NotFoundError')
    return track
  }
}

/** The chosen device while it is there, else nothing, which means the system's. The choice itself is remembered. */
export function present(list: DeviceList, chosen: ChosenDevices, kind: DeviceKind): string | undefined {
  const id = chosen[kind]
  return list[kind].some((device) => device.id === id) ? id : undefined
}
