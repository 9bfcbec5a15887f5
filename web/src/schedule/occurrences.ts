import ICAL from 'ical.js'
import { type Times, wallOf, wallText } from './plan'
import { recurOf } from './rule'
import { Zone } from './zone'

/** One date of a meeting. */
export type Occurrence = {
  /** wall time by the rule, `YYYY-MM-DDTHH:mm`; in a skipped hour there is no such time on that day */
  wall: string
  /** epoch ms */
  start: number
  end: number
}

/** A day's meeting for more than 27 years: whoever asks for more asks for nothing that is needed. */
const AT_MOST = 10_000
/** Further apart than wall time and instant can be. */
const SLACK_MS = 2 * 24 * 3_600_000

/**
 * The dates in their order, at most {@link AT_MOST}; `from` leaves out those that are over by then (epoch ms). The rule
 * counts in wall time, which is what people mean: ten o'clock stays ten o'clock across a daylight-saving change.
 */
export function* occurrences(times: Times, from = Number.NEGATIVE_INFINITY): Generator<Occurrence> {
  const zone = new Zone(times.zone)
  const length = times.minutes * 60_000
  for (const wall of walls(times)) {
    // Most of a long series is over, and asking for the zone costs more than all the rest.
    if (wall + length < from - SLACK_MS) continue
    const start = zone.instantOf(wall)
    if (start + length > from) yield { wall: wallText(wall), start, end: start + length }
  }
}

/** The one that is running, or the next. */
export function nextOccurrence(times: Times, now: number): Occurrence | undefined {
  return occurrences(times, now).next().value ?? undefined
}

export function firstOccurrence(times: Times): Occurrence | undefined {
  return occurrences(times).next().value ?? undefined
}

/** `undefined` where it goes on for ever, or there is no date at all. */
export function lastOccurrence(times: Times): Occurrence | undefined {
  if (isEndless(times)) return undefined
  let last: number | undefined
  for (const wall of walls(times)) last = wall
  return last === undefined
    ? undefined
    : firstOccurrence({ start: wallText(last), zone: times.zone, minutes: times.minutes })
}

export function isEndless({ rule }: Times): boolean {
  const recur = rule === undefined ? undefined : recurOf(rule)
  return recur !== undefined && !recur.isFinite()
}

function* walls({ start, rule }: Times): Generator<number> {
  if (rule === undefined) {
    yield wallOf(start)
    return
  }
  const recur = recurOf(rule)
  if (!recur) return
  const iterator = recur.iterator(ICAL.Time.fromDateTimeString(`${start}:00`))
  for (let made = 0; made < AT_MOST; made += 1) {
    const time = iterator.next()
    if (!time) return
    yield wallOf(time.toString().slice(0, 16))
  }
}
