import { de } from '../../i18n/call.de'
import { type CallWords, en } from '../../i18n/call.en'
import { useSpeech } from '../../i18n/speech.svelte'

const WORDS = { en, de }

/** The words of the call in the language of the page, to be asked for inside `$derived`. */
export function useCallWords(): () => CallWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}
