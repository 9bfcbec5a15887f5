// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { de } from '../../i18n/proof.de'
import { en } from '../../i18n/proof.en'
import { House } from '../pages.stage'
import { click, reads } from '../people/people.stage'
import { AUDITOR, proven } from './proof.stage'

vi.mock('./inside', () => {
  throw new Error('the server has another release by now')
})

let house: House

beforeEach(() => {
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  house = new House()
})
afterEach(() => house.close())

it.each(['en', 'de'] as const)(
  'rows that cannot be shown for want of their page are said to be so (%s)',
  async (language) => {
    const words = { en, de }[language]
    const reload = vi.spyOn(location, 'reload').mockReturnValue()
    proven(house, AUDITOR)
    house.enter('/proof', language)
    await reads(words.unloaded.heading)
    await reads(words.meanings.met)
    await click(words.again)
    expect(reload).toHaveBeenCalledOnce()
  },
)
