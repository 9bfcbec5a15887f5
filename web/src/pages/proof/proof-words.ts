import { de } from '../../i18n/proof.de'
import { en, type ProofWords } from '../../i18n/proof.en'
import { useSpeech } from '../../i18n/speech.svelte'
import type { Text } from '../../proof/wire'

const WORDS = { en, de }

/** The words of the proof, which only its page loads. */
export function useProofWords(): () => ProofWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}

/** What the server says, in the language of the reader; what there is in one only, in that one. */
export function useSaid(): (text: Text) => string {
  const speech = useSpeech()
  return (text) => text[speech.language] || text.de || text.en
}
