/** When a meeting is: wall time in a zone, and the rule by which it comes again. Without a library, for pages that only show it. */
export type Times = {
  /** local wall time of the first date, `YYYY-MM-DDTHH:mm` */
  start: string
  /** IANA name */
  zone: string
  minutes: number
  /** RFC 5545, RRULE, as `rule.ts` makes it; absent: once */
  rule?: string
}

/** What somebody plans; title and link stand beside it. */
export type Plan = Times & {
  /** of the calendar entry: stays through changes and new links */
  uid: string
  /** RFC 5545, SEQUENCE: how often the entry was changed */
  sequence: number
  waitingRoom: boolean
  /** false: only people who are signed in */
  guests: boolean
  /** RFC 3339, as the server has them */
  opensAt: string
  closesAt: string
}

export const MINUTES_AT_LEAST = 5
export const MINUTES_AT_MOST = 24 * 60

const RULE_LENGTH = 200
const ZONE_LENGTH = 64

/**
 * The times in something that came from outside (a card, a vault of another version); `undefined` unless all of it is
 * right. Whether the rule is one, says `recurOf`.
 */
export function readTimes(value: unknown): Times | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { start, zone, minutes, rule } = value as Record<string, unknown>
  if (!isWallTime(start) || !isZone(zone) || !isDuration(minutes)) return undefined
  if (rule === undefined) return { start, zone, minutes }
  return typeof rule === 'string' && rule.length <= RULE_LENGTH ? { start, zone, minutes, rule } : undefined
}

export function timesOf({ start, zone, minutes, rule }: Times): Times {
  return { start, zone, minutes, ...(rule === undefined ? {} : { rule }) }
}

/** Years in which nobody plans a meeting are damage. */
export function isWallTime(value: unknown): value is string {
  if (typeof value !== 'string' || !/^20\d\d-\d\d-\d\dT\d\d:\d\d$/.test(value)) return false
  const read = Date.parse(`${value}Z`)
  return Number.isFinite(read) && wallText(read) === value
}

export function isZone(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > ZONE_LENGTH) return false
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: value }))
  } catch {
    return false
  }
}

function isDuration(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= MINUTES_AT_LEAST && Number(value) <= MINUTES_AT_MOST
}

/** Wall times are reckoned with as if they were UTC: `wall` is such a number of ms. */
export function wallOf(text: string): number {
  return Date.parse(`${text}Z`)
}

export function wallText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16)
}
