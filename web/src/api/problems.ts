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
const KNOWN: Record<Told, true> = {
  admission_changed: true,
  card_outdated: true,
  check_running: true,
  code_needed: true,
  code_refused: true,
  declined: true,
  engine_unavailable: true,
  internal: true,
  last_administrator: true,
  last_means: true,
  malformed: true,
  meeting_ended: true,
  meeting_full: true,
  meeting_locked: true,
  meeting_not_started: true,
  meetings_not_open: true,
  method_not_allowed: true,
  name_taken: true,
  no_invitation: true,
  no_meeting: true,
  not_admitted: true,
  not_allowed: true,
  not_found: true,
  not_host: true,
  not_your_seat: true,
  proof_busy: true,
  proof_failed: true,
  proof_refused: true,
  pseudonym_taken: true,
  removed: true,
  rules_outdated: true,
  second_factor_required: true,
  session_changed: true,
  signin_needed: true,
  signin_refused: true,
  storage_unavailable: true,
  ticket_in_use: true,
  ticket_refused: true,
  times_outdated: true,
  too_large: true,
  too_many_attempts: true,
  vault_outdated: true,
  wrong_host: true,
  wrong_origin: true,
}

export function isProblemCode(code: unknown): code is ProblemCode {
  return typeof code === 'string' && Object.hasOwn(KNOWN, code)
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
