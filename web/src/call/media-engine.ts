import type { GroupKeys } from './group-keys'
import type { Quality } from './model'
import type { Flow } from './worker-protocol'

/** What can be sent and received; the sound of a shared screen is a track of its own. */
export type TrackSource = 'camera' | 'microphone' | 'screen' | 'screen-sound'

export type PeerTrack = {
  /** the engine's name of the publication */
  sid: string
  source: TrackSource | 'other'
  /** what the server says; only ever a reason to refuse */
  encrypted: boolean
  muted: boolean
  /** the media track's own id while it is received: names its {@link Flow} */
  track: string | undefined
}

/** Somebody connected to the media engine. Nothing but the identity is believed, and that only with an announcement. */
export type Peer = { id: string; speaking: boolean; quality: Quality; tracks: readonly PeerTrack[] }

export type MediaEvents = {
  /** peers, their tracks, speakers or qualities changed */
  changed(): void
  /** own encryption is acknowledged by worker and engine: from now on something may be published */
  encrypted(): void
  /** the signalling is being resumed, or is again */
  resuming(resuming: boolean): void
  /** this connection is over and needs another one */
  lost(): void
  /** the media worker is dead */
  failed(): void
  /** something of one's own was about to leave in clear, and was held back */
  leaking(): void
  plaintextData(sender: string | undefined): void
  flow(flows: Flow[]): void
  /** the server muted something of one's own */
  muted(source: TrackSource): void
  soundBlocked(blocked: boolean): void
}

/** One connection to the media engine, from its making to its loss; another connection is another object. */
export interface MediaEngine {
  /** Settles when the media worker runs; rejects when this browser cannot run it. */
  readonly ready: Promise<void>

  on(events: MediaEvents): void
  /** Throws when no connection comes about. */
  connect(url: string, ticket: string, keys: GroupKeys): Promise<void>
  close(): Promise<void>

  peers(): readonly Peer[]
  /** oneself, as the engine hears it */
  me(): Pick<Peer, 'speaking' | 'quality'>

  /** Whether frames of `peer` are sure to be decrypted or dropped; if not, sees to it and reports a change. */
  prepared(peer: string): boolean
  subscribe(sid: string, wanted: boolean): void
  /** Shows in `element`; false while there is nothing, or nothing safe, to show. */
  attach(sid: string, element: HTMLVideoElement): boolean
  detach(element: HTMLVideoElement): void
  /** Heard or not. */
  play(sid: string, heard: boolean): void

  publish(source: TrackSource, track: MediaStreamTrack): Promise<void>
  unpublish(source: TrackSource): Promise<void>
  /** Silences or frees what is published; the server alone cannot undo it. */
  setMuted(source: TrackSource, muted: boolean): Promise<void>
  /** Another device behind the same publication. */
  replace(source: TrackSource, track: MediaStreamTrack): Promise<void>

  startSound(): Promise<void>
  /** `undefined`: the system's choice */
  setSpeaker(id: string | undefined): Promise<void>
}
