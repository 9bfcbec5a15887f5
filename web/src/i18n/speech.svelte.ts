import { createContext } from 'svelte'
import { de } from './de'
import { en, type Words } from './en'

export type Language = 'en' | 'de'

const WORDS: Record<Language, Words> = { en, de }
const KEPT = 'language'

/** The language of the pages: the browser's, then the person's choice, for as long as the tab lives. */
export class Speech {
  language = $state<Language>('en')
  words = $derived(WORDS[this.language])

  constructor(language: Language) {
    this.language = language
  }

  choose(language: Language): void {
    this.language = language
    keep(language)
    dropAsked()
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

export function startSpeech(): Speech {
  const operator = document.documentElement.dataset.language
  const language = firstLanguage(location.search, navigator.languages, recall(), operator)
  if (new URLSearchParams(location.search).has('lang')) keep(language)
  return new Speech(language)
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
