import { describe, expect, it } from 'vitest'
import { firstLanguage } from './speech.svelte'

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
