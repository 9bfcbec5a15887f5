/**
 * The closed list of problem codes: those of `klausur/domain/errors.py`, which the server answers as RFC 9457, and two
 * of our own for answers that never came or that nobody can read.
 */
export type ProblemCode =
  | 'no_meeting'
  | 'meeting_ended'
  | 'meeting_full'
  | 'meetings_not_open'
  | 'session_changed'
  | 'pseudonym_taken'
  | 'card_outdated'
  | 'not_host'
  | 'not_your_seat'
  | 'ticket_refused'
  | 'ticket_in_use'
  | 'too_many_attempts'
  | 'engine_unavailable'
  | 'storage_unavailable'
  | 'internal'
  /** no answer: offline, server down, time-out */
  | 'unreachable'
  /** an answer that is not what the protocol says */
  | 'unintelligible'

const KNOWN: ReadonlySet<string> = new Set<ProblemCode>([
  'no_meeting',
  'meeting_ended',
  'meeting_full',
  'meetings_not_open',
  'session_changed',
  'pseudonym_taken',
  'card_outdated',
  'not_host',
  'not_your_seat',
  'ticket_refused',
  'ticket_in_use',
  'too_many_attempts',
  'engine_unavailable',
  'storage_unavailable',
  'internal',
])

export function isProblemCode(code: unknown): code is ProblemCode {
  return typeof code === 'string' && KNOWN.has(code)
}

/** What a request came to, when not to its answer. */
export class Problem extends Error {
  /** `retryAfter`: seconds, only with `too_many_attempts` */
  constructor(
    readonly code: ProblemCode,
    readonly retryAfter?: number,
  ) {
    super(code)
    this.name = 'Problem'
  }
}

/** Whether trying the same again later may help. */
export function isPassing(problem: Problem): boolean {
  return ['unreachable', 'engine_unavailable', 'storage_unavailable', 'internal', 'too_many_attempts'].includes(
    problem.code,
  )
}
