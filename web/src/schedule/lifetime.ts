import { firstOccurrence, isEndless, lastOccurrence } from './occurrences'
import type { Times } from './plan'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The server takes 400 days; its clock and this one need not agree. */
export const AHEAD_AT_MOST_MS = 398 * DAY_MS
const BEFORE_START_MS = HOUR_MS
const AFTER_SINGLE_MS = DAY_MS
const AFTER_SERIES_MS = 30 * DAY_MS
/** A renewal has to be worth a request. */
const GAIN_AT_LEAST_MS = 30 * DAY_MS

/** How long the server keeps a planned meeting, RFC 3339. */
export type Lifetime = { opensAt: string; closesAt: string }

export type Unplannable = 'no-date' | 'over' | 'too-far'

/**
 * From an hour before the first date to a day after a single one, to 30 days after the last of a series, but never longer
 * than a server takes: a series that goes on is renewed when its owner looks again. `now`: epoch ms.
 */
export function lifetimeOf(times: Times, now: number): Lifetime | Unplannable {
  const first = firstOccurrence(times)
  if (!first) return 'no-date'
  const last = lastOccurrence(times)
  const until = now + AHEAD_AT_MOST_MS
  if (first.end > until) return 'too-far'
  if (last && last.end <= now) return 'over'
  const grace = times.rule === undefined ? AFTER_SINGLE_MS : AFTER_SERIES_MS
  const closes = isEndless(times) || !last ? until : Math.min(until, last.end + grace)
  return { opensAt: moment(first.start - BEFORE_START_MS), closesAt: moment(closes) }
}

/** The server forgets the meeting before its last date unless it is renewed later. */
export function needsRenewal(times: Times, now: number): boolean {
  const last = lastOccurrence(times)
  return times.rule !== undefined && (!last || last.end + AFTER_SERIES_MS > now + AHEAD_AT_MOST_MS)
}

/** Longer times for a series that would otherwise end before its last date. */
export function renewed(times: Times & Lifetime, now: number): Lifetime | undefined {
  if (times.rule === undefined) return undefined
  const lifetime = lifetimeOf(times, now)
  if (typeof lifetime === 'string') return undefined
  const gain = Date.parse(lifetime.closesAt) - Date.parse(times.closesAt)
  return gain >= GAIN_AT_LEAST_MS ? { opensAt: times.opensAt, closesAt: lifetime.closesAt } : undefined
}

function moment(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z')
}
