// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { de as factsDe } from '../../i18n/facts.de'
import { en as factsEn } from '../../i18n/facts.en'
import { de } from '../../i18n/proof.de'
import { en } from '../../i18n/proof.en'
import { en as refusals } from '../../i18n/refusals.en'
import { facts } from '../../proof/facts.stage.json'
import { eventually, House, see, type } from '../pages.stage'
import { ADA, agree, click, named, type Registry, reads, region, SIGNED_IN } from '../people/people.stage'
import { ATTESTED, AUDITOR, NOT_MET, OPEN, proven, rowIn, told, unfold, verdictOf } from './proof.stage'

let house: House

beforeEach(() => {
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  house = new House()
})
afterEach(() => house.close())

const open = () => document.querySelector<HTMLDialogElement>('dialog[open]')
const dialog = () => eventually(() => open() ?? expect.fail('no dialog'))
const isOff = (button: HTMLElement) => button.getAttribute('aria-disabled') === 'true'

/** What that path is written to is answered so; everything else as before. */
function answering(registry: Registry, path: string, answer: () => Promise<Response>): void {
  const { fetch } = registry
  const saying: typeof fetch = async (url, init) =>
    String(url).includes(path) && init?.method !== 'GET' ? answer() : fetch(url, init)
  Object.assign(house.people.api, { fetch: saying })
}

async function answers(words: typeof en): Promise<HTMLElement> {
  await click(words.tasks.answerFor(`${OPEN}.a`), unfold(OPEN))
  const form = await dialog()
  ;(await named('input', words.row.yes, form)).dispatchEvent(new Event('change', { bubbles: true }))
  type(await named<HTMLInputElement>('textarea', words.attest.statement, form), 'Read.')
  type(await named<HTMLInputElement>('input', words.say.person, form), 'Mira Lenz')
  return form
}

describe('while something is being withdrawn', () => {
  it.each([
    [en.waiver.withdrawFor(NOT_MET), NOT_MET, en.waiver.asks.confirm],
    [en.attest.withdrawFor(`${ATTESTED}.a`), ATTESTED, en.attest.asks.confirm],
  ])('nothing else is asked about: %s', async (name, id, confirm) => {
    const registry = proven(house, AUDITOR)
    house.enter('/proof')
    await region(en.checklist.heading)
    const withdraw = await named('button', name, unfold(id))
    const go = registry.hold()
    withdraw.click()
    await agree(confirm)
    await eventually(() => expect(open()).toBeNull())
    expect(isOff(withdraw)).toBe(true)
    withdraw.click()
    await Promise.resolve()
    expect(open()).toBeNull()
    go()
    await eventually(() => expect(isOff(withdraw)).toBe(false))
    expect(registry.changes).toHaveLength(1)
  })
})

describe('what may have been recorded although nobody said so', () => {
  it.each([
    ['en', 'proof_failed', 503],
    ['de', 'proof_failed', 503],
    ['en', 'internal', 500],
    ['en', 'no answer', 504],
  ] as const)('is said to be uncertain, and the page shows what there is (%s, %s)', async (language, code, status) => {
    const words = { en, de }[language]
    let page = told()
    proven(house, AUDITOR, () => page).refuse('DELETE /api/proof/attestations/a1', code, { status })
    house.enter('/proof', language)
    await region(words.checklist.heading)
    await click(words.attest.withdrawFor(`${ATTESTED}.a`), unfold(ATTESTED))
    page = told()
    Object.assign(rowIn(page, ATTESTED), { verdict: 'outside-engine' })
    await agree(words.attest.asks.confirm)
    await reads(words.refused.uncertain.heading)
    await reads(words.refused.uncertain.shown)
    expect(document.body.textContent).not.toContain(refusals.refusals.failed.help)
    expect(verdictOf(ATTESTED).textContent).toBe(words.verdicts['outside-engine'])
  })

  it('is not said to be shown where it could not be loaded either', async () => {
    const registry = proven(house, AUDITOR)
    answering(registry, '/attestations', () => Promise.reject(new TypeError('network')))
    house.enter('/proof')
    await region(en.checklist.heading)
    const form = await answers(en)
    registry.refuse('GET /api/proof/report', 'storage_unavailable', { status: 503 })
    await click(en.attest.save, form)
    await reads(en.refused.uncertain.hidden, form)
    expect(form.textContent).not.toContain(en.refused.uncertain.shown)
  })

  it.each(['en', 'de'] as const)('of the facts, too, which are asked for anew (%s)', async (language) => {
    const words = { en: factsEn, de: factsDe }[language]
    const registry = proven(house, SIGNED_IN)
      .answer('GET /api/admin/people', { people: [ADA], invitations: [] })
      .answer('GET /api/admin/meetings', { meetings: [] })
      .answer('GET /api/admin/settings', { settings: [] })
      .answer('GET /api/admin/engine', { kind: 'embedded', healthy: true, version: '1.9.0', nodes: 1, rooms: 2 })
      .answer('GET /api/proof/facts', { facts })
      .refuse('PUT /api/proof/facts', 'proof_failed', { status: 503 })
    house.enter('/admin', language)
    const declared = facts.find(({ origin }) => origin === 'declared')
    await click(words.clearFor(declared?.question[language] ?? '?'))
    await reads({ en, de }[language].refused.uncertain.shown)
    expect(registry.asked.filter(({ what }) => what === 'GET /api/proof/facts')).toHaveLength(2)
  })
})

it('what somebody else has withdrawn meanwhile is not in the list any more', async () => {
  let page = told()
  proven(house, AUDITOR, () => page).refuse('DELETE /api/proof/waivers/w2', 'not_found', { status: 404 })
  house.enter('/proof')
  await region(en.checklist.heading)
  const row = unfold(NOT_MET)
  await click(en.waiver.withdrawFor(NOT_MET), row)
  page = told()
  Object.assign(rowIn(page, NOT_MET), { waivers: [] })
  await agree(en.waiver.asks.confirm)
  await reads(refusals.refusals.gone.help)
  expect(row.querySelector('.waiver')).toBeNull()
})

describe('a dialog', () => {
  it('stays open while it is being saved, so that what is refused can be read', async () => {
    const registry = proven(house, AUDITOR)
    let refuse: () => void = () => undefined
    const refused = { code: 'proof_refused', message: { de: 'So nicht.', en: 'Not so.' }, field: 'role' }
    answering(registry, '/attestations', () =>
      new Promise<void>((resolve) => {
        refuse = resolve
      }).then(() => Response.json(refused, { status: 422 })),
    )
    house.enter('/proof')
    await region(en.checklist.heading)
    const form = await answers(en)
    await click(en.attest.save, form)
    await named('button', en.say.saving, form)
    const cancel = await named('button', en.cancel, form)
    expect(isOff(cancel)).toBe(true)
    cancel.click()
    const wish = new Event('cancel', { cancelable: true })
    form.dispatchEvent(wish)
    expect(wish.defaultPrevented).toBe(true)
    expect(open()).not.toBeNull()
    refuse()
    await reads('Not so.', form)
    cancel.click()
    await eventually(() => expect(open()).toBeNull())
  })

  it.each([
    ['en', 'role', en.attest.role],
    ['de', 'role', de.attest.role],
    ['en', 'person', en.say.person],
    ['en', 'until', en.attest.until],
    ['en', 'files', en.attest.files],
    ['en', 'statement', en.attest.statement],
  ] as const)('says which field the server is about (%s, %s)', async (language, field, label) => {
    const words = { en, de }[language]
    const message = { de: 'So nicht.', en: 'Not so.' }
    const refused = { code: 'proof_refused', message, field }
    answering(proven(house, AUDITOR), '/attestations', async () => Response.json(refused, { status: 422 }))
    house.enter('/proof', language)
    await region(words.checklist.heading)
    const form = await answers(words)
    await click(words.attest.save, form)
    await reads(`${label}: ${message[language]}`, form)
  })

  it.each([
    ['target', en.waiver.target],
    ['reason', en.waiver.reason],
    ['risk', en.waiver.risk],
    ['compensation', en.waiver.compensation],
    ['until', en.waiver.until],
    ['toString', undefined],
  ])('says so of deviations: %s', async (field, label) => {
    const refused = { code: 'proof_refused', message: { de: 'So nicht.', en: 'Not so.' }, field }
    answering(proven(house, AUDITOR), '/waivers', async () => Response.json(refused, { status: 422 }))
    house.enter('/proof')
    await region(en.checklist.heading)
    await click(en.waiver.proposeFor(NOT_MET), unfold(NOT_MET))
    const form = await dialog()
    for (const name of [en.waiver.reason, en.waiver.risk, en.waiver.compensation])
      type(await named<HTMLInputElement>('textarea', name, form), name)
    type(await named<HTMLInputElement>('input', en.say.person, form), 'Mira Lenz')
    await click(en.waiver.save, form)
    await reads('Not so.', form)
    expect(form.querySelector('[role=alert] p')?.textContent).toBe(label ? `${label}: Not so.` : 'Not so.')
  })

  it('takes names as long as the server does', async () => {
    proven(house, AUDITOR)
    house.enter('/proof')
    await region(en.checklist.heading)
    const form = await answers(en)
    for (const name of [en.say.person, en.attest.role])
      expect((await named<HTMLInputElement>('input', name, form)).maxLength).toBe(120)
  })

  it.each(['en', 'de'] as const)('refuses documents with names that are too long, in words (%s)', async (language) => {
    const words = { en, de }[language]
    const registry = proven(house, AUDITOR)
    house.enter('/proof', language)
    await region(words.checklist.heading)
    const form = await answers(words)
    const field = await named<HTMLInputElement>('input', words.attest.files, form)
    Object.defineProperty(field, 'files', { value: [new File(['x'], `${'ä'.repeat(117)}.pdf`)] })
    field.dispatchEvent(new Event('change', { bubbles: true }))
    await click(words.attest.save, form)
    await reads(words.attest.filesNamed, form)
    expect(registry.changes).toEqual([])
    await see('dialog h2', words.attest.heading)
  })
})
