// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { de } from '../../i18n/facts.de'
import { en } from '../../i18n/facts.en'
import { facts } from '../../proof/facts.stage.json'
import { eventually, House, see, type } from '../pages.stage'
import { ADA, click, named, peopleAt, Registry, reads, region, SIGNED_IN } from '../people/people.stage'

let house: House
let registry: Registry

beforeEach(() => {
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  registry = new Registry()
    .answer('GET /api/session', SIGNED_IN)
    .answer('GET /api/admin/people', { people: [ADA], invitations: [] })
    .answer('GET /api/admin/meetings', { meetings: [] })
    .answer('GET /api/admin/settings', { settings: [] })
    .answer('GET /api/admin/engine', { kind: 'embedded', healthy: true, version: '1.9.0', nodes: 1, rooms: 2 })
    .answer('GET /api/proof/facts', { facts })
  house = new House()
  house.people = peopleAt(registry)
})
afterEach(() => house.close())

const fact = (key: string) => {
  const found = facts.find((one) => one.key === key)
  if (!found) throw new Error(`no fact ${key}`)
  return found
}
const TENANTS = fact('multi_tenant')
const ADDRESS = fact('controller_address')

async function formOf(question: string): Promise<HTMLElement> {
  return eventually(() => {
    const form = [...document.querySelectorAll<HTMLElement>('#facts form')].find((one) =>
      one.textContent?.includes(question),
    )
    if (!form) throw new Error(`no form for ${question}`)
    return form
  })
}

async function pick(name: string, form: HTMLElement): Promise<void> {
  const radio = await named<HTMLInputElement>('input', name, form)
  radio.checked = true
  radio.dispatchEvent(new Event('change', { bubbles: true }))
}

describe('Ada, who administers,', () => {
  it.each(['en', 'de'] as const)('is asked one group of questions at a time (%s)', async (language) => {
    const words = { en, de }[language]
    house.enter('/admin', language)
    const part = await region(words.heading)
    await reads(fact('operating_model').question[language], part)
    expect(part.textContent).not.toContain(TENANTS.question[language])
    await click(words.next, part)
    await click(words.next, part)
    await reads(TENANTS.question[language], part)
    expect(part.textContent).not.toContain(fact('operating_model').question[language])
    expect(document.activeElement?.tagName).toBe('H3')
  })

  it('saves one answer by itself, and sees it stand', async () => {
    registry.answer('PUT /api/proof/facts', { ...TENANTS, value: false, origin: 'declared', by: 'ada' })
    house.enter('/admin')
    ;(await see('button', TENANTS.group.en)).click()
    const form = await formOf(TENANTS.question.en)
    await click(en.saveFor(TENANTS.question.en), form)
    await reads(en.empty, form)
    await pick(en.no, form)
    await click(en.saveFor(TENANTS.question.en), form)
    await reads(en.saved, form)
    await named('button', en.clearFor(TENANTS.question.en), form)
    expect(registry.changes).toEqual([{ what: 'PUT /api/proof/facts', body: { key: 'multi_tenant', value: false } }])
  })

  it('withdraws what was said', async () => {
    const model = fact('operating_model')
    registry.answer('PUT /api/proof/facts', { ...model, value: null, origin: null })
    house.enter('/admin')
    const form = await formOf(model.question.en)
    await click(en.clearFor(model.question.en), form)
    await reads(en.cleared, form)
    expect(registry.changes).toEqual([{ what: 'PUT /api/proof/facts', body: { key: 'operating_model', value: null } }])
  })

  it('cannot change what follows from the settings, and sees where it is from', async () => {
    const guests = fact('guests_allowed')
    house.enter('/admin')
    ;(await see('button', guests.group.en)).click()
    const form = await formOf(guests.question.en)
    expect(form.textContent).toContain(en.origins.config)
    expect(form.querySelector('input, button')).toBeNull()
  })

  it('sees what contradicts what she said', async () => {
    const hosting = fact('hosting_by_others')
    house.enter('/admin')
    ;(await see('button', hosting.group.en)).click()
    await reads(hosting.contradiction?.en ?? '?', await formOf(hosting.question.en))
  })

  it.each([
    ['en', 'There is no text.'],
    ['de', 'Hier fehlt ein Text.'],
  ] as const)('reads in her language what the server says about the value (%s)', async (language, said) => {
    const words = { en, de }[language]
    const message = { de: 'Hier fehlt ein Text.', en: 'There is no text.' }
    const { fetch } = registry
    const refusing: typeof registry.fetch = async (url, init) =>
      init?.method === 'PUT' ? Response.json({ code: 'proof_refused', message }, { status: 422 }) : fetch(url, init)
    Object.assign(house.people.api, { fetch: refusing })
    house.enter('/admin', language)
    ;(await see('button', ADDRESS.group[language])).click()
    const form = await formOf(ADDRESS.question[language])
    type(await named<HTMLInputElement>('textarea', ADDRESS.question[language], form), '\u200b')
    await click(words.saveFor(ADDRESS.question[language]), form)
    await reads(said, form)
  })
})
