import {
  AudioPresets,
  BaseKeyProvider,
  ConnectionQuality,
  DisconnectReason,
  Encryption_Type,
  EngineEvent,
  getLogger,
  LocalAudioTrack,
  type LocalTrack,
  type LocalTrackPublication,
  LocalVideoTrack,
  LoggerNames,
  LogLevel,
  ParticipantEvent,
  type ReconnectContext,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  type RoomOptions,
  ScreenSharePresets,
  Track,
  type TrackPublishOptions,
  VideoPresets,
} from 'livekit-client'
import { delayBefore } from './backoff'
import { type GroupKeys, RING_SIZE, type SenderKey } from './group-keys'
import type { HardenedWorker } from './hardened-worker'
import type { MediaEngine, MediaEvents, Peer, PeerTrack, TrackSource } from './media-engine'
import type { Quality } from './model'

/** How long livekit-client may try to resume the signalling before a whole new connection is made. */
const RESUME_MS = 3000

/** Set by livekit-client on senders and receivers whose frames go through the worker. */
const TRANSFORMED = 'lk_e2ee'

const SOURCES: Record<TrackSource, Track.Source> = {
  camera: Track.Source.Camera,
  microphone: Track.Source.Microphone,
  screen: Track.Source.ScreenShare,
  'screen-sound': Track.Source.ScreenShareAudio,
}

const PUBLISHING: Record<TrackSource, TrackPublishOptions> = {
  camera: {
    videoCodec: 'vp8',
    simulcast: true,
    videoEncoding: VideoPresets.h720.encoding,
    videoSimulcastLayers: [VideoPresets.h180, VideoPresets.h360],
    backupCodec: false,
  },
  screen: {
    videoCodec: 'vp8',
    simulcast: true,
    screenShareEncoding: ScreenSharePresets.h1080fps15.encoding,
    degradationPreference: 'maintain-resolution',
    backupCodec: false,
  },
  // Pauses in speech would tell the server who speaks when; redundancy does not work under encryption.
  microphone: { dtx: false, red: false, audioPreset: { ...AudioPresets.speech, priority: 'high' } },
  'screen-sound': { dtx: false, red: false, audioPreset: { ...AudioPresets.music, priority: 'medium' } },
}

const QUALITIES: Record<ConnectionQuality, Quality> = {
  [ConnectionQuality.Excellent]: 'good',
  [ConnectionQuality.Good]: 'good',
  [ConnectionQuality.Poor]: 'poor',
  [ConnectionQuality.Lost]: 'lost',
  [ConnectionQuality.Unknown]: 'unknown',
}

const SOUND_AGAIN_MS = 500

/** Hands our keys to livekit-client: one per sender, never derived further, never given up on. */
class KeyProvider extends BaseKeyProvider {
  constructor() {
    super({ sharedKey: false, ratchetWindowSize: 0, failureTolerance: -1, keyringSize: RING_SIZE, keySize: 256 })
  }

  set({ key, sender, index }: SenderKey): void {
    this.onSetEncryptionKey(key, sender, index)
  }
}

/** Own track, and its own way to be unmuted: `RemoteMute` of the server would use the track's. */
type Published = {
  track: LocalTrack
  publication: LocalTrackPublication
  unmute: () => Promise<unknown>
}

/** livekit-client behind {@link MediaEngine}. Nothing else of ours knows it. */
export class LiveKitEngine implements MediaEngine {
  private readonly provider = new KeyProvider()
  private readonly room: Room
  private readonly published = new Map<TrackSource, Published>()
  private events: MediaEvents | undefined
  private identity = ''
  private over = false
  private ownAcknowledged = false
  private soundTriedAgain = false
  private stopKeys: () => void = () => undefined

  constructor(private readonly worker: HardenedWorker) {
    silence()
    this.room = new Room(options(this.provider, worker.worker as Worker))
  }

  get ready(): Promise<void> {
    return this.worker.ready
  }

  on(events: MediaEvents): void {
    this.events = events
    this.worker.on({
      flow: events.flow,
      plaintext: events.leaking,
      failed: () => this.stop(events.failed),
    })
    this.watchConnection(events)
    this.watchPeers(events)
    this.watchEncryption(events)
    this.watchData(events)
  }

  async connect(url: string, ticket: string, keys: GroupKeys): Promise<void> {
    this.identity = keys.me
    this.useKeys(keys)
    await Promise.all([this.nameOneself(keys.me), this.room.setE2EEEnabled(true)])
    if (this.over) throw new Error('closed meanwhile')
    await this.room.connect(url, ticket, { autoSubscribe: false, maxRetries: 0, rtcConfig: { iceServers: [] } })
  }

  async close(): Promise<void> {
    this.over = true
    this.stopKeys()
    await this.room.disconnect(false).catch(() => undefined)
    this.worker.close()
  }

  peers(): readonly Peer[] {
    return [...this.room.remoteParticipants.values()].map((participant) => ({
      id: participant.identity,
      speaking: participant.isSpeaking,
      quality: QUALITIES[participant.connectionQuality],
      tracks: [...participant.trackPublications.values()].map(peerTrack),
    }))
  }

  me(): Pick<Peer, 'speaking' | 'quality'> {
    const { isSpeaking, connectionQuality } = this.room.localParticipant
    return { speaking: isSpeaking, quality: QUALITIES[connectionQuality] }
  }

  prepared(peer: string): boolean {
    if (this.worker.isEnabled(peer)) return true
    void this.worker.enable(peer).then(
      () => this.events?.changed(),
      // Not acknowledged: nothing of this peer is subscribed, and the next look asks again.
      () => undefined,
    )
    return false
  }

  subscribe(sid: string, wanted: boolean): void {
    const publication = this.publication(sid)
    if (publication && publication.isDesired !== wanted) publication.setSubscribed(wanted)
  }

  attach(sid: string, element: HTMLVideoElement): boolean {
    const track = safeTrack(this.publication(sid))
    if (!track) return false
    if (!track.attachedElements.includes(element)) track.attach(element)
    return true
  }

  detach(element: HTMLVideoElement): void {
    for (const publication of this.publications()) publication.track?.detach(element)
  }

  play(sid: string, heard: boolean): void {
    const publication = this.publication(sid)
    const track = publication?.track
    if (!track) return
    const isHeard = track.attachedElements.length > 0
    if (heard && !isHeard) safeTrack(publication)?.attach()
    if (!heard && isHeard) track.detach()
  }

  async publish(source: TrackSource, media: MediaStreamTrack): Promise<void> {
    if (!this.ownAcknowledged || this.room.localParticipant.identity !== this.identity)
      throw new Error('not encrypted yet')
    const track = (media.kind === 'audio' ? new LocalAudioTrack(media) : new LocalVideoTrack(media)) as LocalTrack
    const unmute = track.unmute.bind(track)
    track.unmute = async () => track
    const publication = await this.room.localParticipant.publishTrack(track, {
      ...PUBLISHING[source],
      source: SOURCES[source],
    })
    this.published.set(source, { track, publication, unmute })
  }

  async unpublish(source: TrackSource): Promise<void> {
    const own = this.published.get(source)
    this.published.delete(source)
    if (own) await this.room.localParticipant.unpublishTrack(own.track, false)
  }

  async setMuted(source: TrackSource, muted: boolean): Promise<void> {
    const own = this.published.get(source)
    if (muted) await own?.track.mute()
    else await own?.unmute()
  }

  async replace(source: TrackSource, media: MediaStreamTrack): Promise<void> {
    await this.published.get(source)?.track.replaceTrack(media, true)
  }

  startSound(): Promise<void> {
    return this.room.startAudio()
  }

  async setSpeaker(id: string | undefined): Promise<void> {
    await this.room.switchActiveDevice('audiooutput', id ?? '')
  }

  private async nameOneself(identity: string): Promise<void> {
    try {
      await this.worker.own(identity)
    } catch (error) {
      this.stop(() => this.events?.leaking())
      throw error
    }
  }

  private useKeys(keys: GroupKeys): void {
    this.provider.set(keys.sending())
    for (const key of keys.receiving()) this.provider.set(key)
    this.stopKeys = keys.subscribe((change) => {
      // A new sending key belongs to the next connection, which is another object.
      if (change.kind === 'receiving') this.provider.set(change.key)
    })
  }

  private watchConnection(events: MediaEvents): void {
    // Without this "Reconnecting" stands two seconds longer, livekit-client's fixed wait, while nothing is missing.
    this.room.engine.on(EngineEvent.SignalResumed, () => {
      if (this.mediaStands()) events.resuming(false)
    })
    this.room
      .on(RoomEvent.SignalReconnecting, () => events.resuming(true))
      .on(RoomEvent.Reconnected, () => events.resuming(false))
      // livekit-client's own new start would publish by itself, under whatever identity the server names then.
      .on(RoomEvent.Reconnecting, () => this.stop(events.lost))
      .on(RoomEvent.Disconnected, (reason) => {
        if (reason !== DisconnectReason.CLIENT_INITIATED) this.stop(events.lost)
      })
      .on(RoomEvent.AudioPlaybackStatusChanged, () => void this.soundChanged(events))
      .on(RoomEvent.TrackMuted, (publication, participant) => {
        const own = [...this.published].find(([, { publication: ours }]) => ours === publication)
        if (own && participant === this.room.localParticipant) events.muted(own[0])
      })
  }

  private mediaStands(): boolean {
    const { publisher, subscriber } = this.room.engine.pcManager ?? {}
    return [publisher, subscriber].every((each) => !each || each.getConnectionState() === 'connected')
  }

  /**
   * livekit-client takes an audio context that does not run after 200 ms for a browser that blocks sound; a busy
   * machine needs longer. One more attempt tells them apart: without a gesture it succeeds only where nothing blocks.
   */
  private async soundChanged(events: MediaEvents): Promise<void> {
    if (!this.room.canPlaybackAudio && !this.soundTriedAgain) {
      this.soundTriedAgain = true
      await new Promise((resolve) => setTimeout(resolve, SOUND_AGAIN_MS))
      await this.room.startAudio().catch(() => undefined)
    }
    events.soundBlocked(!this.room.canPlaybackAudio)
  }

  private watchPeers(events: MediaEvents): void {
    const { changed } = events
    for (const event of CHANGES) this.room.on(event, changed)
    // The one place where a flipped `TrackInfo.encryption` shows: no event of the room tells of it.
    this.room.engine.on(EngineEvent.ParticipantUpdate, changed)
    this.room.on(RoomEvent.SignalConnected, () => {
      if (this.room.localParticipant.identity !== this.identity) return this.stop(events.lost)
      changed()
    })
  }

  private watchEncryption(events: MediaEvents): void {
    const own = this.room.localParticipant
    this.room.on(RoomEvent.ParticipantEncryptionStatusChanged, (enabled, participant) => {
      if (!enabled || participant !== own || own.identity !== this.identity) return
      this.ownAcknowledged = true
      events.encrypted()
    })
    // After livekit-client's own listener, which puts the transform in place: browsers with script transforms send in
    // clear without one.
    own.on(ParticipantEvent.LocalSenderCreated, (sender) => {
      if (TRANSFORMED in sender && hasScriptTransform(sender)) return
      void sender.replaceTrack(null)
      this.stop(events.leaking)
    })
  }

  /** Nothing here sends data, so nothing is expected; what is not even encrypted is worth an alarm. */
  private watchData(events: MediaEvents): void {
    this.room
      .on(RoomEvent.DataReceived, (_payload, _participant, _kind, _topic, encryption, identity) => {
        if (encryption !== Encryption_Type.GCM) events.plaintextData(identity)
      })
      .on(RoomEvent.ChatMessage, (_message, participant) => events.plaintextData(participant?.identity))
      .on(RoomEvent.TranscriptionReceived, () => events.plaintextData(undefined))
  }

  /** Ends this connection at once and tells so, one time. */
  private stop(tell: () => void): void {
    if (this.over) return
    void this.close()
    tell()
  }

  private publications(): RemoteTrackPublication[] {
    return [...this.room.remoteParticipants.values()].flatMap((participant) => [
      ...participant.trackPublications.values(),
    ])
  }

  private publication(sid: string): RemoteTrackPublication | undefined {
    return this.publications().find((publication) => publication.trackSid === sid)
  }
}

const CHANGES = [
  RoomEvent.Connected,
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.ActiveSpeakersChanged,
  RoomEvent.ConnectionQualityChanged,
] as const

function options(keyProvider: KeyProvider, worker: Worker): RoomOptions {
  return {
    encryption: { keyProvider, worker },
    adaptiveStream: true,
    dynacast: true,
    disconnectOnPageLeave: false,
    stopLocalTrackOnUnpublish: false,
    reconnectPolicy: {
      nextRetryDelayInMs: ({ retryCount, elapsedMs }: ReconnectContext) =>
        elapsedMs > RESUME_MS ? null : delayBefore(retryCount, { first: 60, cap: 1000 }),
    },
  }
}

function peerTrack(publication: RemoteTrackPublication): PeerTrack {
  return {
    sid: publication.trackSid,
    source: sourceOf(publication.source),
    encrypted: isDecryptable(publication) && !circumventsWorker(publication),
    muted: publication.isMuted,
    track: publication.track?.mediaStreamID,
  }
}

function sourceOf(source: Track.Source): PeerTrack['source'] {
  const found = (Object.keys(SOURCES) as TrackSource[]).find((ours) => SOURCES[ours] === source)
  return found ?? 'other'
}

/** What arrives without going through the worker is never attached, whatever the server said it was. */
function safeTrack(publication: RemoteTrackPublication | undefined): RemoteTrack | undefined {
  const track = publication?.track
  const receiver = track?.receiver
  return receiver && TRANSFORMED in receiver && hasScriptTransform(receiver) ? track : undefined
}

/** Of a track whose codec the server does not name, livekit-client sets up no decryption. */
function isDecryptable({ trackInfo }: RemoteTrackPublication): boolean {
  return trackInfo?.encryption === Encryption_Type.GCM && /^(audio|video)\/\w+$/.test(trackInfo.mimeType)
}

/**
 * Something else has kept livekit-client from setting up decryption. Of a track that has ended it lets the receiver go
 * before it says so: nothing arrives by that any more, and nothing would be attached.
 */
function circumventsWorker(publication: RemoteTrackPublication): boolean {
  return publication.track?.receiver !== undefined && safeTrack(publication) === undefined
}

/** True as well where streams are used instead: without them Chromium lets nothing through. */
function hasScriptTransform(end: RTCRtpSender | RTCRtpReceiver): boolean {
  const usesStreams = 'createEncodedStreams' in RTCRtpSender.prototype
  return usesStreams || Boolean((end as { transform?: unknown }).transform)
}

/** livekit-client says nothing on the console. Its own `setLogLevel` would write so into the browser's storage, where
 * nothing of ours lies that outlives a tab; what an earlier version wrote there is taken away. */
export function silence(): void {
  for (const name of Object.values(LoggerNames)) {
    const logger = getLogger(name)
    logger.resetLevel()
    logger.setDefaultLevel(LogLevel.silent)
  }
}
