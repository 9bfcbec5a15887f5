import type { InCall, Person } from '../../call/model'

export type Powers = {
  mute: boolean
  stopVideo: boolean
  stopScreen: boolean
  /** what can be done about somebody's being a co-host */
  cohost: 'make' | 'take' | undefined
  remove: boolean
}

const NONE: Powers = { mute: false, stopVideo: false, stopScreen: false, cohost: undefined, remove: false }

/** What one may do about somebody, and what there is to do. Nobody can be unmuted by others. */
export function powersOver(person: Person, role: InCall['role']): Powers {
  const over = role === 'host' || (role === 'cohost' && person.role !== 'host')
  if (!over || person.me) return NONE
  const { microphone: mute, camera: stopVideo, screen: stopScreen } = person
  const cohost = role === 'cohost' ? undefined : COHOST[person.role]
  return { mute, stopVideo, stopScreen, cohost, remove: true }
}

const COHOST = { host: undefined, cohost: 'take', participant: 'make' } as const

export function moderates(role: InCall['role']): boolean {
  return role !== 'participant'
}

/** Co-hosts only while no host is inside. */
export function mayEnd({ role, hostPresent }: Pick<InCall, 'role' | 'hostPresent'>): boolean {
  return role === 'host' || (role === 'cohost' && !hostPresent)
}
