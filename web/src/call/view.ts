import type { Alarms } from './alarms'
import type { MediaEngine, Peer, TrackSource } from './media-engine'
import type { InCall, Person } from './model'
import type { OwnMedia } from './own-media'
import type { Presences } from './presence'
import type { Reception } from './reception'
import type { Room } from './room'
import type { Member } from './roster'

export type Parts = {
  room: Room
  name: string
  hand: number | undefined
  own: OwnMedia
  engine: MediaEngine | undefined
  presences: Presences
  alarms: Alarms
  reception: Reception
}

/** Who is there, oneself first, and what is theirs to decide. */
export function peopleIn(parts: Parts): Pick<InCall, 'people' | 'speakers' | 'knocks'> {
  const { room, presences } = parts
  const members = presences.shown(room.roster.members())
  return {
    people: [ownPerson(parts), ...members.map((member) => personOf(member, parts))],
    speakers: presences.speakers.filter((id) => members.some((member) => member.id === id)),
    knocks: room.isModerator ? room.knocks.list() : [],
  }
}

export function powersIn(
  room: Room,
): Pick<InCall, 'role' | 'hostPresent' | 'waitingRoom' | 'everyoneShares' | 'locked' | 'mayShare'> {
  const { role, hostPresent, locked, mayShare } = room
  const { waitingRoom, everyoneShares } = room.rules
  return { role, hostPresent, waitingRoom, everyoneShares, locked, mayShare }
}

/** Somebody else. */
function personOf(member: Member, { room, presences, alarms, reception }: Parts): Person {
  const { id, name, role, hand } = member
  const [peer, blocked, imitates] = [presences.peer(id), alarms.concern(id), room.imitates(id)]
  const has = (source: TrackSource): boolean => !blocked && sends(peer, source)
  return {
    id,
    name,
    me: false,
    microphone: has('microphone'),
    camera: has('camera'),
    screen: has('screen'),
    blocked,
    role,
    noPicture: has('camera') && reception.noPicture(id),
    ...presences.of(member),
    ...(hand === undefined ? {} : { hand }),
    ...(imitates === undefined ? {} : { imitates }),
    ...(blocked ? { speaking: false } : {}),
  }
}

/** Oneself: what is switched on, whether or not there is a connection to send it over just now. */
function ownPerson({ room, name, hand, own, engine }: Parts): Person {
  const { speaking, quality } = engine?.me() ?? { speaking: false, quality: 'unknown' as const }
  return {
    id: room.me,
    name,
    me: true,
    microphone: own.isOn('microphone'),
    camera: own.isOn('camera'),
    screen: own.isOn('screen'),
    speaking: speaking && own.isOn('microphone'),
    quality,
    reconnecting: false,
    blocked: false,
    role: room.role,
    noPicture: false,
    ...(hand === undefined ? {} : { hand }),
  }
}

function sends(peer: Peer | undefined, source: TrackSource): boolean {
  return peer?.tracks.some((track) => track.source === source && track.encrypted && !track.muted) ?? false
}
