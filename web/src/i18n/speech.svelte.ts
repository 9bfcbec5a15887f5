import { createContext } from 'svelte'
import type { Words } from './en'

export type Language = 'en' | 'de'

/** Each in a piece of its own: nobody loads the words of a language that is not shown. */
const WORDS: Record<Language, () => Promise<Words>> = {
  en: () => import('./en').then(({ en }) => en),
  de: () => import('./de').then(({ de }) => de),
}
const KEPT = 'language'

/** The language of the pages: the browser's, then the person's choice, for as long as the tab lives. */
export class Speech {
  language = $state<Language>('en')
  words = $state.raw() as Words

  constructor(language: Language, words: Words) {
    this.language = language
    this.words = words
  }

  /** Where the words do not come, the language stays as it is. */
  async choose(language: Language): Promise<void> {
    keep(language)
    dropAsked()
    const words = await WORDS[language]().catch(() => undefined)
    if (!words) return
    this.words = words
    this.language = language
  }
}

export const [useSpeech, provideSpeech] = createContext<Speech>()

/**
 * `?lang=` wins, then what was chosen in this tab, then the first language of the browser that we speak, then the
 * operator's.
 */
export function firstLanguage(
  query: string,
  browser: readonly string[],
  kept: string | null,
  operator?: string,
): Language {
  const asked = new URLSearchParams(query).get('lang')
  const wishes = [asked, kept, ...browser.map((tag) => tag.slice(0, 2).toLowerCase()), operator]
  return wishes.find((wish): wish is Language => wish === 'en' || wish === 'de') ?? 'en'
}

/** Rejects when the words cannot be loaded. */
export async function startSpeech(): Promise<Speech> {
  const operator = document.documentElement.dataset.language
  const language = firstLanguage(location.search, navigator.languages, recall(), operator)
  if (new URLSearchParams(location.search).has('lang')) keep(language)
  return new Speech(language, await WORDS[language]())
}

/** What was chosen later must win over the address at the next reload. The fragment stays: it holds the secret. */
function dropAsked(): void {
  const url = new URL(location.href)
  if (!url.searchParams.has('lang')) return
  url.searchParams.delete('lang')
  history.replaceState(history.state, '', url)
}

/** Some browsers refuse storage altogether; then the choice lasts as long as the page. */
function keep(language: Language): void {
  try {
    sessionStorage.setItem(KEPT, language)
  } catch {}
}

function recall(): string | null {
  try {
    return sessionStorage.getItem(KEPT)
  } catch {
    return null
  }
}
