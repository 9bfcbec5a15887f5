import { de } from '../../i18n/panels.de'
import { en, type PanelWords } from '../../i18n/panels.en'
import { useSpeech } from '../../i18n/speech.svelte'

const WORDS = { en, de }

/** As `useCallWords`, for what opens by a click. */
export function usePanelWords(): () => PanelWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}
