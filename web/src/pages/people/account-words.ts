import { de } from '../../i18n/account.de'
import { type AccountWords, en } from '../../i18n/account.en'
import { useSpeech } from '../../i18n/speech.svelte'

const WORDS = { en, de }

/** The words of one's own account, which only its page loads. */
export function useAccountWords(): () => AccountWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}
