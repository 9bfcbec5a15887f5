import type { Language } from '../../i18n/speech.svelte'
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
