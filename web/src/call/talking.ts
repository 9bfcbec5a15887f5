/** Hears one track. */
export type Meter = { /** 0 to 1, of this moment */ level(): number; close(): void }

const LOOK_MS = 250
/** Speech near a microphone is well above it, a quiet room below. */
const SPEECH = 0.03
/** A door that slams is over sooner. */
const LOOKS = 3
const SHOWN_MS = 4000

/**
 * Notices that one talks with the microphone off. It listens to a copy of the silenced track, in this browser only;
 * nothing of it leaves, and the copy goes when the track does.
 */
export class TalkingMuted {
  private source: MediaStreamTrack | undefined
  private stop: () => void = () => undefined
  private loud = 0
  private until = 0

  constructor(
    private readonly listen: (track: MediaStreamTrack) => Meter | undefined,
    private readonly now: () => number,
    private readonly changed: () => void,
  ) {}

  get is(): boolean {
    return this.source !== undefined && this.now() < this.until
  }

  /** `track`: of a microphone that is off, but open. */
  follow(track: MediaStreamTrack | undefined): void {
    if (track === this.source) return
    this.stop()
    this.source = track
    this.until = 0
    this.loud = 0
    this.stop = track ? this.start(track.clone()) : () => undefined
  }

  private start(copy: MediaStreamTrack): () => void {
    copy.enabled = true
    const meter = this.listen(copy)
    const timer = setInterval(() => this.look(meter?.level() ?? 0), LOOK_MS)
    return () => {
      clearInterval(timer)
      meter?.close()
      copy.stop()
    }
  }

  private look(level: number): void {
    this.loud = level > SPEECH ? this.loud + 1 : 0
    if (this.loud < LOOKS) return
    this.until = this.now() + SHOWN_MS
    this.changed()
  }
}

/** `undefined` where the browser has no means to. */
export function meterOf(track: MediaStreamTrack): Meter | undefined {
  try {
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    return {
      level: () => {
        analyser.getFloatTimeDomainData(samples)
        return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
      },
      close: () => void context.close(),
    }
  } catch {
    return undefined
  }
}
