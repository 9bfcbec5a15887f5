import type { ProblemCode } from '../api/problems'
import type { Ending } from '../call/model'

/** Which page tells somebody what happened. Its words have the same names. */
export type TroubleKind =
  | 'incomplete'
  | 'none'
  | 'notStarted'
  | 'locked'
  | 'declined'
  | 'full'
  | 'tooMany'
  | 'restarting'
  | 'lost'
  | 'cannotEncrypt'
  | 'storage'
  | 'failed'
  | 'notOpen'
  | 'signIn'
  | 'unknownPage'

export type Situation =
  | { page: 'after'; how: 'left' | 'ended' | 'removed' | 'replaced' }
  | { page: 'trouble'; kind: TroubleKind; retryAfter?: number }

export function situationOf(ending: Ending): Situation {
  switch (ending.why) {
    case 'left':
    case 'ended':
    case 'removed':
    case 'replaced':
      return { page: 'after', how: ending.why }
    case 'connection-lost':
      return { page: 'trouble', kind: 'lost' }
    case 'restarting':
      return { page: 'trouble', kind: 'restarting' }
    case 'declined':
      return { page: 'trouble', kind: 'declined' }
    case 'cannot-encrypt':
      return { page: 'trouble', kind: 'cannotEncrypt' }
    case 'problem':
      return situationAt(ending.code, ending.retryAfter)
  }
}

/** What somebody is told at the door. Who was removed is told the same as in the moment of it. */
export function situationAt(code: ProblemCode | 'cannot-encrypt', retryAfter?: number): Situation {
  return code === 'removed' ? { page: 'after', how: 'removed' } : troubleOf(code, retryAfter)
}

export function troubleOf(
  code: ProblemCode | 'cannot-encrypt',
  retryAfter?: number,
): Extract<Situation, { page: 'trouble' }> {
  const kind = KINDS[code] ?? 'failed'
  return { page: 'trouble', kind, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

/** Codes that are missing here mean that the server failed, or that the two lost each other's thread. */
const KINDS: Partial<Record<ProblemCode | 'cannot-encrypt', TroubleKind>> = {
  'cannot-encrypt': 'cannotEncrypt',
  no_meeting: 'none',
  meeting_ended: 'none',
  meeting_not_started: 'notStarted',
  meeting_locked: 'locked',
  declined: 'declined',
  not_admitted: 'declined',
  meeting_full: 'full',
  meetings_not_open: 'notOpen',
  signin_needed: 'signIn',
  too_many_attempts: 'tooMany',
  engine_unavailable: 'restarting',
  storage_unavailable: 'storage',
  unreachable: 'lost',
}
