import { de } from '../../i18n/people.de'
import { en, type PeopleWords } from '../../i18n/people.en'
import { useSpeech } from '../../i18n/speech.svelte'

const WORDS = { en, de }

/** As `useCallWords`, for signing in and what comes with it. */
export function usePeopleWords(): () => PeopleWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}
