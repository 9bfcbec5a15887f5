/** The lies about people and their tracks that the owner of a server may tell over signalling. */
import {
  Encryption_Type,
  type ParticipantInfo,
  ParticipantUpdate,
  SignalResponse,
  type TrackInfo,
} from '@livekit/protocol'
import type { Lie, Wire } from './liar.ts'

export type Change = (track: TrackInfo) => void

export const unencrypted: Change = (track) => {
  track.encryption = Encryption_Type.NONE
}

export const encrypted: Change = (track) => {
  track.encryption = Encryption_Type.GCM
}

/** livekit-client sets up no decryption for a track whose codec it is not told. */
export const encryptedWithoutCodec: Change = (track) => {
  track.encryption = Encryption_Type.GCM
  track.mimeType = ''
  for (const codec of track.codecs) codec.mimeType = ''
}

/** Everybody else's tracks, as the person of `identity` is told of them. */
export function saysOfOthersTracks(identity: string, change: Change): Lie {
  return {
    toBrowser(message, wire) {
      if (wire.identity !== identity) return
      for (const participant of told(message)) if (participant.identity !== identity) participant.tracks.forEach(change)
    },
  }
}

/** The engine hears, and everybody including the sender is told, that what people publish is in clear. */
export const saysMyTracksAreInClear: Lie = {
  toEngine({ message }) {
    if (message.case === 'addTrack') message.value.encryption = Encryption_Type.NONE
  },
  toBrowser({ message }, wire) {
    if (message.case === 'trackPublished' && message.value.track) unencrypted(message.value.track)
    if (message.case === 'join' && message.value.participant) message.value.participant.tracks.forEach(unencrypted)
    if (message.case === 'update')
      for (const participant of message.value.participants)
        if (participant.identity === wire.identity) participant.tracks.forEach(unencrypted)
  },
}

/** Everybody but `spared` is told to be somebody else: livekit-client encrypts under the name the server gives. */
export function callsMe(identity: string, spared: string): Lie {
  return {
    toBrowser({ message }, wire) {
      if (wire.identity === spared) return
      const self = message.case === 'join' ? message.value.participant : undefined
      if (self) self.identity = identity
      if (message.case === 'update')
        for (const each of message.value.participants) if (each.identity === wire.identity) each.identity = identity
    },
  }
}

/** `stranger` appears to `audience` as if they were `chair`, who is kept out of sight. */
export function seats(stranger: string, chair: string, audience: string, change: Change): Lie {
  const reseated = (participants: ParticipantInfo[]) => {
    const seen = participants.filter((each) => each.identity !== chair)
    for (const each of seen.filter((one) => one.identity === stranger)) {
      each.identity = chair
      each.tracks.forEach(change)
    }
    return seen
  }
  return {
    toBrowser({ message }, wire) {
      if (wire.identity !== audience) return
      if (message.case === 'join') message.value.otherParticipants = reseated(message.value.otherParticipants)
      if (message.case === 'update') message.value.participants = reseated(message.value.participants)
    },
  }
}

/** Remembers what `identity` was last told of everybody, so that a later lie can build on it. */
export class Memory implements Lie {
  private readonly people = new Map<string, ParticipantInfo>()

  constructor(private readonly identity: string) {}

  toBrowser(message: SignalResponse, wire: Wire): void {
    if (wire.identity === this.identity) for (const each of told(message)) this.people.set(each.identity, each.clone())
  }

  /** A new word about `identity`, newer than what the engine said last. */
  update(identity: string, change: Change): SignalResponse {
    const participant = this.people.get(identity)?.clone()
    if (!participant) throw new Error('nothing was ever said of that participant')
    participant.version += 1000
    participant.tracks.forEach(change)
    return new SignalResponse({
      message: { case: 'update', value: new ParticipantUpdate({ participants: [participant] }) },
    })
  }
}

/**
 * Every track that comes to `identity` bears, of its kind, the name given: the names in SDP are the server's to choose.
 * Chromium takes them over where it is the server that offers, so in the old signalling only; Firefox never does.
 */
export function namesTracksInSdp(identity: string, names: { audio: string; video: string }): Lie {
  const renamed = (sdp: string) =>
    sdp
      .split(/^(?=m=)/m)
      .map((section) => {
        const name = section.startsWith('m=audio')
          ? names.audio
          : section.startsWith('m=video')
            ? names.video
            : undefined
        return name ? section.replace(/^(a=(?:msid:|ssrc:\d+ msid:)\S+) \S+$/gm, `$1 ${name}`) : section
      })
      .join('')
  return {
    toBrowser({ message }, wire) {
      if (wire.identity !== identity) return
      if (message.case === 'answer' || message.case === 'offer') message.value.sdp = renamed(message.value.sdp)
    },
  }
}

/** Names, metadata and attributes that the server makes up for everybody and for the room. */
export function decorates(word: string): Lie {
  return {
    toBrowser(message) {
      for (const each of told(message)) {
        each.name = word
        each.metadata = JSON.stringify({ name: word, title: word })
        each.attributes = { name: word, title: word }
        for (const track of each.tracks) track.name = word
      }
      const room =
        message.message.case === 'join' || message.message.case === 'roomUpdate'
          ? message.message.value.room
          : undefined
      if (room) Object.assign(room, { name: word, metadata: word })
    },
  }
}

function told({ message }: SignalResponse): ParticipantInfo[] {
  if (message.case === 'update') return message.value.participants
  if (message.case !== 'join') return []
  const self = message.value.participant
  return self ? [self, ...message.value.otherParticipants] : message.value.otherParticipants
}
