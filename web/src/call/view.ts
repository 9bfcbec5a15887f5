import type { Alarms } from './alarms'
import type { MediaEngine, Peer, TrackSource } from './media-engine'
import type { Person } from './model'
import type { OwnMedia } from './own-media'
import type { Presences } from './presence'
import type { Member } from './roster'

/** Somebody else, as the pages show them. */
export function personOf(member: Member, presences: Presences, alarms: Alarms): Person {
  const [peer, blocked] = [presences.peer(member.id), alarms.concern(member.id)]
  const has = (source: TrackSource): boolean => !blocked && sends(peer, source)
  return {
    id: member.id,
    name: member.name,
    me: false,
    microphone: has('microphone'),
    camera: has('camera'),
    screen: has('screen'),
    blocked,
    ...presences.of(member),
    ...(blocked ? { speaking: false } : {}),
  }
}

/** Oneself: what is switched on, whether or not there is a connection to send it over just now. */
export function ownPerson(id: string, name: string, own: OwnMedia, engine: MediaEngine | undefined): Person {
  const { speaking, quality } = engine?.me() ?? { speaking: false, quality: 'unknown' as const }
  return {
    id,
    name,
    me: true,
    microphone: own.isOn('microphone'),
    camera: own.isOn('camera'),
    screen: own.isOn('screen'),
    speaking: speaking && own.isOn('microphone'),
    quality,
    reconnecting: false,
    blocked: false,
  }
}

function sends(peer: Peer | undefined, source: TrackSource): boolean {
  return peer?.tracks.some((track) => track.source === source && track.encrypted && !track.muted) ?? false
}
