import { isWallTime, isZone, type Times, wallOf, wallText } from './plan'
import type { Draft, PlannedMeeting } from './planner'
import { COUNT_AT_MOST, dayOf, movedTo, type Repeat, repeatOf, ruleOf, type Weekday, weekdayOf } from './rule'
import { Zone } from './zone'

const HALF_HOUR_MS = 1_800_000
const HOUR_MS = 3_600_000

/** What the form holds, as it is typed. */
export type Fields = {
  title: string
  /** `YYYY-MM-DD` */
  date: string
  /** `HH:mm` */
  time: string
  minutes: number
  zone: string
  every: Repeat['every'] | 'never'
  /** of a weekly one; empty: that of the date */
  days: Weekday[]
  ends: 'never' | 'until' | 'count'
  until: string
  count: number
  waitingRoom: boolean
  guests: boolean
}

/** That part of them which says when. */
type Timing = Omit<Fields, 'title' | 'waitingRoom' | 'guests'>

export const DURATIONS = [15, 30, 45, 60, 90, 120, 180, 240, 360, 480]

/** An hour from the next full half hour on, by the clocks of `zone`. `now`: epoch ms. */
export function blankFields(now: number, zone: string, guests: boolean): Fields {
  const start = wallText((Math.floor(new Zone(zone).wallAt(now) / HALF_HOUR_MS) + 1) * HALF_HOUR_MS)
  return {
    title: '',
    ...splitWall(start),
    minutes: 60,
    zone,
    every: 'never',
    days: [],
    ends: 'never',
    until: start.slice(0, 10),
    count: 10,
    waitingRoom: true,
    guests,
  }
}

export function fieldsOf({ title, plan }: PlannedMeeting, now: number): Fields {
  const { waitingRoom, guests } = plan
  return { title, ...timingOf(plan, blankFields(now, plan.zone, guests)), waitingRoom, guests }
}

/** `blank`: for what the times say nothing about. */
function timingOf({ start, zone, minutes, rule }: Times, blank: Pick<Timing, 'until' | 'count'>): Timing {
  const { every = 'never', days = [], until, count } = (rule === undefined ? undefined : repeatOf(rule)) ?? {}
  return {
    ...splitWall(start),
    minutes,
    zone,
    every,
    // That of the date alone goes with the date, when it is moved.
    days: days.length === 1 && days[0] === weekdayOf(start) ? [] : days,
    ends: until !== undefined ? 'until' : count !== undefined ? 'count' : 'never',
    until: until ?? blank.until,
    count: count ?? blank.count,
  }
}

/** What somebody has `typed` over `base`, and the `newest` where they have left it alone. */
export function merged<T extends object>(base: T, typed: T, newest: T): T {
  const touched = Object.entries(typed).filter(([name, value]) => !isSame(value, base[name as keyof T]))
  return { ...newest, ...Object.fromEntries(touched) }
}

/** The same for times, date, clock and repetition each for itself: the repetition on "that day" goes with the date. */
export function mergedTimes(base: Times, typed: Times, newest: Times): Times {
  if (isSame(typed, base)) return newest
  if (isSame(newest, base)) return typed
  const timing = (times: Times) => timingOf(times, { until: '', count: 0 })
  return timesIn(merged(timing(base), timing(typed), timing(newest))) ?? typed
}

/** `undefined` while something is missing. */
export function draftOf(fields: Fields): Draft | undefined {
  const times = timesIn(fields)
  const { title, waitingRoom, guests } = fields
  return times && { title, times, waitingRoom, guests }
}

export function timesIn(fields: Timing): Times | undefined {
  const { date, time, minutes, zone, every } = fields
  const typed = `${date}T${time}`
  if (!isWallTime(typed) || !isZone(zone)) return undefined
  if (every === 'never') return { start: typed, zone, minutes }
  const weekly = every === 'week' || every === 'fortnight'
  const days = weekly ? daysIn(fields) : []
  const start = weekly ? movedTo(days, typed) : typed
  const end = endIn(fields)
  return end && { start, zone, minutes, rule: ruleOf({ every, days, ...end }, start) }
}

/** The days that count: those chosen, else that of the date. */
export function daysIn({ days, date }: Pick<Fields, 'days' | 'date'>): Weekday[] {
  return days.length > 0 || !isWallTime(`${date}T00:00`) ? days : [weekdayOf(`${date}T00:00`)]
}

function endIn({ ends, until, count }: Timing): Pick<Repeat, 'until' | 'count'> | undefined {
  if (ends === 'until') return isWallTime(`${until}T00:00`) ? { until } : undefined
  if (ends === 'count') return Number.isInteger(count) && count >= 1 && count <= COUNT_AT_MOST ? { count } : undefined
  return {}
}

export type Hint = { kind: 'skipped' | 'moved'; wall: number } | { kind: 'doubled' | 'shortMonths' | 'renewed' }

/** What somebody might not expect of the times they chose. `needsRenewal` is told, because asking for it is dear. */
export function hintsOn(fields: Fields, needsRenewal: (times: Times) => boolean): Hint[] {
  const times = timesIn(fields)
  if (!times) return []
  const hints: Hint[] = []
  const wall = wallOf(times.start)
  const zone = new Zone(times.zone)
  const begins = zone.instantOf(wall)
  const shown = zone.wallAt(begins)
  if (times.start !== `${fields.date}T${fields.time}`) hints.push({ kind: 'moved', wall })
  if (shown !== wall) hints.push({ kind: 'skipped', wall: shown })
  if ([HALF_HOUR_MS, HOUR_MS].some((later) => zone.wallAt(begins + later) === wall)) hints.push({ kind: 'doubled' })
  if (fields.every === 'date' && dayOf(times.start) > 28) hints.push({ kind: 'shortMonths' })
  if (needsRenewal(times)) hints.push({ kind: 'renewed' })
  return hints
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function splitWall(wall: string): { date: string; time: string } {
  return { date: wall.slice(0, 10), time: wall.slice(11, 16) }
}
