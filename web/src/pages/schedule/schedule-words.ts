import { de } from '../../i18n/schedule.de'
import { en, type ScheduleWords } from '../../i18n/schedule.en'
import { useSpeech } from '../../i18n/speech.svelte'

const WORDS = { en, de }

/** As `useCallWords`, for planning. */
export function useScheduleWords(): () => ScheduleWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}
