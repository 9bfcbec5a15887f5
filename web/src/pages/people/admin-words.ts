import { de } from '../../i18n/admin.de'
import { type AdminWords, en } from '../../i18n/admin.en'
import { useSpeech } from '../../i18n/speech.svelte'

const WORDS = { en, de }

/** The words of the administration, which only its page loads. */
export function useAdminWords(): () => AdminWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}
