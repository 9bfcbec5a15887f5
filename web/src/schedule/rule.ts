import ICAL from 'ical.js'
import { wallOf, wallText } from './plan'

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** How a meeting comes again, as the form asks for it. */
export type Repeat = {
  every: 'day' | 'week' | 'fortnight' | 'date' | 'weekday'
  /** of `week` and `fortnight`, in the order of the week */
  days: Weekday[]
  /** at most one of them; without both it goes on */
  until?: string
  count?: number
}

export const COUNT_AT_MOST = 1000
const INTERVAL_AT_MOST = 4
const DAY_MS = 24 * 3_600_000

/** The parts a rule may have. With them every rule yields a date within a year, or none and ends: nothing searches for ever. */
const PARTS: Record<string, RegExp> = {
  BYDAY: /^(?:MO|TU|WE|TH|FR|SA|SU)$/,
  BYMONTHDAY: /^(?:[1-9]|[12]\d|3[01])$/,
}
const NTH = /^(?:[1-4]|-1)(?:MO|TU|WE|TH|FR|SA|SU)$/

/** `undefined` for everything but what {@link ruleOf} makes: rules also come out of cards. */
export function recurOf(rule: string): ICAL.Recur | undefined {
  try {
    const recur = ICAL.Recur.fromString(rule)
    if (!isOurs(recur)) return undefined
    // The last day is meant whole, in the wall time of the zone.
    if (recur.until) recur.until = ICAL.Time.fromDateTimeString(`${recur.until.toString()}T23:59:59`)
    return recur
  } catch {
    return undefined
  }
}

function isOurs({ freq, interval, count, until, parts }: ICAL.Recur): boolean {
  if (!['DAILY', 'WEEKLY', 'MONTHLY'].includes(freq)) return false
  if (!(interval >= 1 && interval <= INTERVAL_AT_MOST) || (until && (count || !until.isDate))) return false
  if (count && !(count >= 1 && count <= COUNT_AT_MOST)) return false
  const entries = Object.entries(parts as Record<string, (string | number)[]>)
  if (freq === 'DAILY') return entries.length === 0
  return entries.every(([name, values]) => {
    const form = freq === 'MONTHLY' && name === 'BYDAY' ? NTH : PARTS[name]
    const single =
      freq === 'WEEKLY' ? name === 'BYDAY' && values.length > 0 : values.length === 1 && entries.length === 1
    return form && single && values.every((value) => form.test(String(value)))
  })
}

/** `start`: wall time of the first date, which is one of the rule's. */
export function ruleOf(repeat: Repeat, start: string): string {
  const { every, days, until, count } = repeat
  return new ICAL.Recur({
    ...SHAPES[every](start, days),
    ...(until === undefined ? {} : { until: ICAL.Time.fromDateString(until) }),
    ...(count === undefined ? {} : { count }),
  }).toString()
}

type Shape = { freq: 'DAILY' | 'WEEKLY' | 'MONTHLY'; interval?: number; byday?: string[]; bymonthday?: number[] }

const SHAPES: Record<Repeat['every'], (start: string, days: Weekday[]) => Shape> = {
  day: () => ({ freq: 'DAILY' }),
  week: (_, byday) => ({ freq: 'WEEKLY', byday }),
  fortnight: (_, byday) => ({ freq: 'WEEKLY', interval: 2, byday }),
  date: (start) => ({ freq: 'MONTHLY', bymonthday: [dayOf(start)] }),
  weekday: (start) => ({ freq: 'MONTHLY', byday: [`${nthOf(start)}${weekdayOf(start)}`] }),
}

/** For the form; `undefined` for a rule that is not ours. */
export function repeatOf(rule: string): Repeat | undefined {
  const recur = recurOf(rule)
  if (!recur) return undefined
  const { freq, interval, count, until } = recur
  const days = freq === 'WEEKLY' ? (recur.getComponent('BYDAY') as Weekday[]) : []
  const monthly = recur.getComponent('BYMONTHDAY').length > 0 ? 'date' : 'weekday'
  const weekly = interval === 2 ? 'fortnight' : 'week'
  return {
    every: freq === 'DAILY' ? 'day' : freq === 'WEEKLY' ? weekly : monthly,
    days,
    ...(until ? { until: until.toString().slice(0, 10) } : {}),
    ...(count ? { count } : {}),
  }
}

export function weekdayOf(start: string): Weekday {
  return WEEKDAYS[(new Date(wallOf(start)).getUTCDay() + 6) % 7] as Weekday
}

export function dayOf(start: string): number {
  return Number(start.slice(8, 10))
}

/** Which of its weekday in the month: 1 to 4, or -1 for the last where there is a fifth. */
export function nthOf(start: string): number {
  const nth = Math.ceil(dayOf(start) / 7)
  return nth > 4 ? -1 : nth
}

/** The first wall time from `start` on that falls on one of the days. */
export function movedTo(days: readonly Weekday[], start: string): string {
  let next = start
  for (let day = 0; day < 7 && !days.includes(weekdayOf(next)); day += 1) next = wallText(wallOf(next) + DAY_MS)
  return next
}
