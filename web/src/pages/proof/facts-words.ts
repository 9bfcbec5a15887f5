import { de } from '../../i18n/facts.de'
import { en, type FactsWords } from '../../i18n/facts.en'
import { useSpeech } from '../../i18n/speech.svelte'

const WORDS = { en, de }

/** The words of the facts, which only the administration loads. */
export function useFactsWords(): () => FactsWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}
