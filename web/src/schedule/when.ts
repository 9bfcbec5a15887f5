import type { ScheduleWords } from '../i18n/schedule.en'
import type { Occurrence } from './occurrences'
import { wallOf } from './plan'
import { dayOf, nthOf, repeatOf, WEEKDAYS, type Weekday, weekdayOf } from './rule'

/** The browser's own kind of the page's language, where it has one: British and American dates differ. */
export function localeOf(language: string, browser: readonly string[] = globalThis.navigator?.languages ?? []): string {
  return browser.find((tag) => tag.slice(0, 2).toLowerCase() === language) ?? language
}

export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

/** Day and time from beginning to end, on the clocks of `zone`. */
export function dateText({ start, end }: Pick<Occurrence, 'start' | 'end'>, zone: string, locale: string): string {
  return format(locale, zone, { hour: 'numeric', minute: '2-digit' }).formatRange(start, end)
}

/** `wall`: a wall time or a day alone. */
export function dayText(wall: string, locale: string): string {
  return format(locale, 'UTC').format(wallOf(`${wall.slice(0, 10)}T00:00`))
}

export function timeText(wall: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' }).format(wall)
}

export function zoneText(zone: string): string {
  return zone.replaceAll('_', ' ')
}

export function weekdayText(day: Weekday, locale: string, length: 'long' | 'short' = 'long'): string {
  // The first of January 2024 was a Monday.
  const date = Date.UTC(2024, 0, 1 + WEEKDAYS.indexOf(day))
  return new Intl.DateTimeFormat(locale, { weekday: length, timeZone: 'UTC' }).format(date)
}

/** How a meeting comes again; empty where it does not, or by a rule that is not ours. */
export function repeatText(start: string, rule: string | undefined, words: ScheduleWords, locale: string): string {
  const repeat = rule === undefined ? undefined : repeatOf(rule)
  if (!repeat) return ''
  const t = words.repeats
  const base = {
    day: () => t.day,
    week: () => t.on(t.week, daysText(repeat.days, locale)),
    fortnight: () => t.on(t.fortnight, daysText(repeat.days, locale)),
    date: () => t.date(dayOf(start)),
    weekday: () => t.weekday(nthOf(start), weekdayText(weekdayOf(start), locale)),
  }[repeat.every]()
  if (repeat.until !== undefined) return t.until(base, dayText(repeat.until, locale))
  return repeat.count === undefined ? base : t.count(base, repeat.count)
}

function daysText(days: Weekday[], locale: string): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(days.map((day) => weekdayText(day, locale)))
}

function format(locale: string, timeZone: string, more: Intl.DateTimeFormatOptions = {}): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone,
    ...more,
  })
}
