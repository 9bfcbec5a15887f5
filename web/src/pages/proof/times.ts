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

/** `YYYY-MM-DD` of a moment, as a field for days wants it. */
export function dayOf(moment: number): string {
  const at = new Date(moment)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
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
