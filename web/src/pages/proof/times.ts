import type { Language } from '../../i18n/speech.svelte'
import { DAY_MS } from '../../proof/filtering'
import { timeText } from '../people/dates'

/** As `timeText`; what is no time stays as it came, so that one bad value spoils no page. */
export function whenText(time: string, language: Language): string {
  return Number.isNaN(Date.parse(time)) ? time : timeText(time, language)
}

/** The day only, in the time zone of the person. */
export function onDay(time: string | number, language: Language): string {
  const at = new Date(time)
  return Number.isNaN(at.getTime())
    ? String(time)
    : new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(at)
}

/** The last day that counts of what is over at that time: the server's days are those of UTC, each to its end. */
export function lastDay(until: string | number, language: Language): string {
  const at = new Date(until).getTime()
  return Number.isNaN(at)
    ? String(until)
    : new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(at - 1)
}

/** `YYYY-MM-DD` of a moment, as a field for days wants it and the server takes it: in UTC. */
export function dayOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10)
}

/** From which day to which something may be said to hold, as `dayOf` spells them. */
export type Days = { first: string; last: string }

/** From tomorrow on. `longest`: so many days from now. */
export function daysAhead(longest: number): Days {
  const now = Date.now()
  return { first: dayOf(now + DAY_MS), last: dayOf(now + longest * DAY_MS) }
}

/** Days in this spelling are in the order of their letters. */
export function isAmong({ first, last }: Days, day: string): boolean {
  return day >= first && day <= last
}
