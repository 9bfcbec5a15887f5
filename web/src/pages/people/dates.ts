import type { Language } from '../../i18n/speech.svelte'

/** `day`: `YYYY-MM-DD`, which is the same day everywhere. */
export function dayText(day: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day))
}

/** `time`: RFC 3339; said in the time zone of the person. */
export function timeText(time: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time))
}

/** Whole minutes, from an hour on with hours: `1:05 h`. */
export function durationText(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000))
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')} h`
}
