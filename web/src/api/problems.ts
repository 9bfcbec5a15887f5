/**
 * The closed list of problem codes: those of `klausur/domain/errors.py`, which the server answers as RFC 9457, and two
 * of our own for answers that never came or that nobody can read.
 */
import type { components } from './schema.gen'

/** What the server tells. */
type Told = components['schemas']['Problem']['code']

export type ProblemCode =
  | Told
  /** no answer: offline, server down, time-out */
  | 'unreachable'
  /** an answer that is not what the protocol says */
  | 'unintelligible'

/** The compiler holds it against the server's list: none missing, none too many. */
const KNOWN = [
  'admission_changed',
  'card_outdated',
  'check_running',
  'code_needed',
  'code_refused',
  'declined',
  'engine_unavailable',
  'internal',
  'last_administrator',
  'last_means',
  'malformed',
  'meeting_ended',
  'meeting_full',
  'meeting_locked',
  'meeting_not_started',
  'meetings_not_open',
  'method_not_allowed',
  'name_taken',
  'no_invitation',
  'no_meeting',
  'not_admitted',
  'not_allowed',
  'not_found',
  'not_host',
  'not_your_seat',
  'proof_busy',
  'proof_failed',
  'proof_refused',
  'pseudonym_taken',
  'removed',
  'rules_outdated',
  'second_factor_required',
  'session_changed',
  'signin_needed',
  'signin_refused',
  'storage_unavailable',
  'ticket_in_use',
  'ticket_refused',
  'times_outdated',
  'too_large',
  'too_many_attempts',
  'vault_outdated',
  'wrong_host',
  'wrong_origin',
] as const satisfies readonly Told[]

export function isProblemCode(code: unknown): code is ProblemCode {
  // One that is missing above would be refused here.
  return KNOWN.includes(code as Told)
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
