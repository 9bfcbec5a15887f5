import type { Alarms, Cause } from './alarms'
import type { MediaEngine, Peer, PeerTrack } from './media-engine'
import type { AlarmKind, PictureOf } from './model'
import type { Flow } from './worker-protocol'

/** Connected to the engine for this long without an announcement: nobody knows who that is. */
const UNKNOWN_MS = 2000
/** Frames arrive, none can be decrypted. */
const UNDECRYPTED_MS = 3000
/** What was muted stays subscribed until its place on the page had time to come back. */
const BACK_MS = 1500

/** Longer than a key frame and a change of quality take. */
const NO_PICTURE_MS = 4000

const KINDS: readonly AlarmKind[] = ['unknown-participant', 'track-not-encrypted', 'cannot-decrypt']

/** Who belongs to the meeting, by their own announcement; their name, or `undefined` for everybody else. */
export type NameOf = (person: string) => string | undefined

type Progress = { received: number; passed: number; failingSince: number | undefined; movedAt: number }

/**
 * What is received of whom: only encrypted tracks, of those who announced themselves, and only what is wanted. Judged
 * anew on every event, because each of these can change at any time. Nothing the server says can widen it.
 */
export class Reception {
  incomingVideo = true
  private engine: MediaEngine | undefined
  private readonly pictures = new Map<HTMLVideoElement, PictureOf>()
  private readonly strangers = new Map<string, number>()
  private progress = new Map<string, Progress>()
  /** by publication: until when a picture that was received when it was muted stays subscribed */
  private readonly kept = new Map<string, number>()
  /** by person: since when their camera should be seen here */
  private readonly awaited = new Map<string, number>()

  constructor(
    private readonly nameOf: NameOf,
    private readonly alarms: Alarms,
    private readonly now: () => number,
  ) {}

  /** Another connection knows nothing of the last one's tracks. */
  use(engine: MediaEngine | undefined): void {
    if (this.engine === engine) return
    this.engine = engine
    this.progress = new Map()
    this.kept.clear()
    this.awaited.clear()
    if (!engine) this.strangers.clear()
  }

  /** Wanted until taken back with the returned function. */
  show(picture: PictureOf, element: HTMLVideoElement): () => void {
    this.pictures.set(element, picture)
    this.judge()
    return () => {
      if (this.pictures.get(element) !== picture) return
      this.pictures.delete(element)
      this.engine?.detach(element)
      this.judge()
    }
  }

  judge(): void {
    const peers = this.engine?.peers() ?? []
    for (const [sid, until] of this.kept) if (until <= this.now()) this.kept.delete(sid)
    this.alarms.settle(KINDS, this.causes(peers))
    for (const id of this.awaited.keys()) if (!peers.some((peer) => peer.id === id)) this.awaited.delete(id)
    for (const peer of peers) for (const track of peer.tracks) this.settle(peer, track)
  }

  /** Their camera is on and shown here, but nothing of it has arrived for some seconds. */
  noPicture(person: string): boolean {
    const since = this.awaited.get(person)
    const camera = this.engine
      ?.peers()
      .find(({ id }) => id === person)
      ?.tracks.find(isCamera)
    if (since === undefined || !camera) return false
    const movedAt = this.progress.get(camera.track ?? '')?.movedAt ?? since
    return this.now() - Math.max(since, movedAt) > NO_PICTURE_MS
  }

  /** How many frames of each track arrived and could be decrypted. */
  flow(flows: readonly Flow[]): void {
    const now = this.now()
    const next = new Map<string, Progress>()
    for (const { track, received, passed } of flows) {
      const before = this.progress.get(track) ?? { received: 0, passed: 0, failingSince: undefined, movedAt: now }
      const failing = passed === before.passed && (received > before.received || before.failingSince !== undefined)
      const failingSince = failing ? (before.failingSince ?? now) : undefined
      next.set(track, { received, passed, failingSince, movedAt: passed > before.passed ? now : before.movedAt })
    }
    this.progress = next
    this.judge()
  }

  private settle(peer: Peer, track: PeerTrack): void {
    const allowed = track.encrypted && this.nameOf(peer.id) !== undefined && this.isWanted(peer.id, track)
    // Whether frames in clear could come through must be settled before anything is asked for.
    const wanted = allowed && (this.engine?.prepared(peer.id) ?? false)
    this.keep(track, wanted)
    this.engine?.subscribe(track.sid, wanted)
    const presented = wanted && !this.alarms.concern(peer.id)
    if (isCamera(track)) this.await(peer.id, presented && !track.muted)
    if (isSound(track)) this.engine?.play(track.sid, presented)
    else this.present(peer.id, track, presented)
  }

  private await(person: string, seen: boolean): void {
    if (!seen) this.awaited.delete(person)
    else if (!this.awaited.has(person)) this.awaited.set(person, this.now())
  }

  private present(person: string, track: PeerTrack, presented: boolean): void {
    for (const [element, picture] of this.pictures) {
      if (picture.person !== person || picture.source !== track.source) continue
      if (presented) this.engine?.attach(track.sid, element)
      else this.engine?.detach(element)
    }
  }

  private isWanted(person: string, track: PeerTrack): boolean {
    if (isSound(track)) return true
    if (!this.incomingVideo) return false
    if (this.kept.has(track.sid)) return true
    return [...this.pictures.values()].some((picture) => picture.person === person && picture.source === track.source)
  }

  /**
   * A muted picture leaves the page, and costs nothing. To give it up as well would make everybody wait for the engine to
   * bring it back, which can take seconds.
   */
  private keep({ sid, muted }: PeerTrack, wanted: boolean): void {
    if (!wanted) this.kept.delete(sid)
    else if (muted) this.kept.set(sid, this.now() + BACK_MS)
  }

  private causes(peers: readonly Peer[]): Cause[] {
    this.forgetStrangers(peers)
    return peers.flatMap((peer): Cause[] => {
      const name = this.nameOf(peer.id)
      if (name === undefined) return this.isStranger(peer.id) ? [{ kind: 'unknown-participant', person: peer.id }] : []
      const clear = peer.tracks.some((track) => !track.encrypted)
      const dark = peer.tracks.some((track) => this.isUndecrypted(track))
      return [
        ...(clear ? [{ kind: 'track-not-encrypted' as const, person: peer.id, name }] : []),
        ...(dark ? [{ kind: 'cannot-decrypt' as const, person: peer.id, name }] : []),
      ]
    })
  }

  private isStranger(person: string): boolean {
    const since = this.strangers.get(person) ?? this.now()
    this.strangers.set(person, since)
    return this.now() - since >= UNKNOWN_MS
  }

  private forgetStrangers(peers: readonly Peer[]): void {
    const connected = new Set(peers.map(({ id }) => id))
    for (const id of this.strangers.keys()) {
      if (!connected.has(id) || this.nameOf(id) !== undefined) this.strangers.delete(id)
    }
  }

  private isUndecrypted({ track, muted }: PeerTrack): boolean {
    const since = track === undefined || muted ? undefined : this.progress.get(track)?.failingSince
    return since !== undefined && this.now() - since >= UNDECRYPTED_MS
  }
}

function isCamera({ source }: PeerTrack): boolean {
  return source === 'camera'
}

function isSound({ source }: PeerTrack): boolean {
  return source === 'microphone' || source === 'screen-sound'
}
