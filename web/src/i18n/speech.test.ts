// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { firstLanguage, startSpeech } from './speech.svelte'

describe('the language', () => {
  it('is that of the browser, English when it speaks neither', () => {
    expect(firstLanguage('', ['de-AT', 'en'], null)).toBe('de')
    expect(firstLanguage('', ['fr-FR', 'de'], null)).toBe('de')
    expect(firstLanguage('', ['fr-FR'], null)).toBe('en')
  })

  it("is the operator's when the browser speaks neither", () => {
    expect(firstLanguage('', ['fr-FR'], null, 'de')).toBe('de')
    expect(firstLanguage('', ['en'], null, 'de')).toBe('en')
  })

  it('is the one chosen before, and the address wins over both', () => {
    expect(firstLanguage('', ['de'], 'en')).toBe('en')
    expect(firstLanguage('?lang=de', ['en'], 'en')).toBe('de')
  })

  it('ignores what is no language of ours', () => {
    expect(firstLanguage('?lang=<b>', ['de'], 'xx')).toBe('de')
  })
})

describe('Gustav, sent a link with ?lang=', () => {
  const FRAGMENT = `#${'S'.repeat(42)}-.${'K'.repeat(21)}_`

  beforeEach(() => {
    sessionStorage.clear()
    history.replaceState({ kept: true }, '', `/m/M?lang=de&x=1${FRAGMENT}`)
  })

  it('reads its language, after a reload too', async () => {
    expect((await startSpeech()).language).toBe('de')
    expect((await startSpeech()).words.switcher).toBe('Sprache')
  })

  it('chooses another one, which a reload keeps, and the link’s secret stays in the address', async () => {
    const speech = await startSpeech()
    await speech.choose('en')
    expect(speech.words.switcher).toBe('Language')
    expect((await startSpeech()).language).toBe('en')
    expect(location.pathname + location.search + location.hash).toBe(`/m/M?x=1${FRAGMENT}`)
    expect(history.state).toEqual({ kept: true })
  })

  it('has an address that stays as it is when it names no language', async () => {
    history.replaceState(null, '', `/m/M?x=a%20b${FRAGMENT}`)
    await (await startSpeech()).choose('en')
    expect(location.href).toContain(`/m/M?x=a%20b${FRAGMENT}`)
  })
})
