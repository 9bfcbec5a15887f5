// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { de } from '../../i18n/proof.de'
import { en } from '../../i18n/proof.en'
import { en as refusals } from '../../i18n/refusals.en'
import { DAY_MS } from '../../proof/filtering'
import { eventually, House, see } from '../pages.stage'
import { click, named, press, reads, region } from '../people/people.stage'
import { ATTESTED, AUDITOR, MET, NOBODY, NOT_MET, OPEN, proven, rowIn, told, unfold, unfoldTasks } from './proof.stage'
import { lastDay, onDay, whenText } from './times'

let house: House

beforeEach(() => {
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  house = new House()
})
afterEach(() => house.close())

const outdated = () => ({ ...told(), state: 'outdated', at: null, rows: 0 })
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()

type Seen = { entry: number; probe: string }

/** The first thing that shows that the row is met, as the page has it; changing it changes the page. */
function bindingIn(page: ReturnType<typeof told>, id: string): Record<string, unknown> & { probe: string } {
  const row = rowIn(page, id) as { objectives: { bindings: (Record<string, unknown> & { probe: string })[] }[] }
  const binding = row.objectives[0]?.bindings[0]
  if (!binding) throw new Error(`nothing shows ${id}`)
  return binding
}

describe('what was judged for other settings', () => {
  it.each(['en', 'de'] as const)('is not counted, and can be asked for anew (%s)', async (language) => {
    const words = { en, de }[language]
    let page: () => object = outdated
    proven(house, NOBODY, () => page())
    house.enter('/proof', language)
    await reads(words.summary.outdated.heading)
    const part = await region(words.summary.heading)
    expect(part.querySelector('li')).toBeNull()
    expect(part.textContent).not.toContain(words.verdicts.met)
    page = told
    await click(words.again, part)
    await reads(words.meanings.met, part)
    expect(part.textContent).not.toContain(words.summary.outdated.heading)
  })

  it('is judged anew for who reads the rows, and the counts are asked for again then', async () => {
    let isJudged = false
    proven(house, AUDITOR, () => (isJudged ? told() : outdated())).answer('GET /api/proof/report', () => {
      isJudged = true
      return told()
    })
    house.enter('/proof')
    await reads(en.meanings.met, await region(en.summary.heading))
    await region(en.checklist.heading)
    expect(document.body.textContent).not.toContain(en.summary.outdated.heading)
  })

  it('shows no row where that fails, and the rows once it works', async () => {
    const registry = proven(house, AUDITOR)
    house.enter('/proof')
    await click(en.waiver.withdrawFor(NOT_MET), (await region(en.checklist.heading)) && unfold(NOT_MET))
    registry.answer('GET /api/proof', outdated).refuse('GET /api/proof/report', 'proof_failed', { status: 503 })
    await click(en.waiver.asks.confirm)
    await reads(en.summary.outdated.heading)
    await reads(refusals.refusals.failed.heading)
    await eventually(() => expect(document.getElementById(MET)).toBeNull())
    registry.answer('GET /api/proof', told).relent()
    await click(en.again, await region(en.summary.heading))
    await eventually(() => expect(document.getElementById(MET)).not.toBeNull())
  })
})

it('who waits for the rows is told that they are being loaded', async () => {
  const { fetch } = proven(house, AUDITOR)
  const slow: typeof fetch = (url, init) =>
    String(url).endsWith('/report') ? new Promise(() => undefined) : fetch(url, init)
  Object.assign(house.people.api, { fetch: slow })
  house.enter('/proof')
  await reads(en.meanings.met)
  await see('.loading', en.loading)
})

describe('rows that are not, or not wholly, the authorities’ own words', () => {
  it.each([
    ['en', '2 “our engineering rule” (2 mandatory)', '1 “of ours”'],
    ['de', '2 „unsere technische Regel“ (2 Pflicht)', '1 „von uns“'],
  ] as const)('are counted for everybody (%s)', async (language, ...lines) => {
    const words = { en, de }[language]
    const page = told()
    page.labels.splice(1, 9, { label: { de: 'von uns', en: 'of ours' }, rows: 1, must: 0 })
    proven(house, NOBODY, () => page)
    house.enter('/proof', language)
    const list = await eventually(() => {
      const found = document.querySelector('#summary .labels')
      if (!found) throw new Error('no such list')
      return found
    })
    expect([...list.children].map(({ textContent }) => textContent)).toEqual(lines)
    expect(document.getElementById(list.getAttribute('aria-labelledby') ?? '')?.textContent).toBe(words.summary.labels)
  })

  const gradeNote = { de: 'Der zweite Satz ist von uns.', en: 'The second sentence is ours.' }

  it.each(['en', 'de'] as const)(
    'say in short that they are so in part, and in full which part (%s)',
    async (language) => {
      const words = { en, de }[language]
      const page = told()
      Object.assign(rowIn(page, OPEN), { label: null, grade_note: gradeNote })
      Object.assign(page.runs[0] ?? {}, { changes: [{ row: OPEN, from: 'not-met', to: 'outside-engine' }] })
      proven(house, AUDITOR, () => page)
      house.enter('/proof', language)
      await region(words.checklist.heading)
      const row = unfold(OPEN)
      await reads(words.row.partly, row.querySelector('summary') as HTMLElement)
      await reads(gradeNote[language], row)
      await reads(words.row.partly, await region(words.runs.heading))
      const tasks = await region(words.tasks.heading)
      unfoldTasks(tasks)
      await reads(words.row.partly, tasks)
    },
  )

  it('say both where they have a label and a note', async () => {
    const page = told()
    Object.assign(rowIn(page, NOT_MET), { grade_note: gradeNote })
    Object.assign(page.runs[0] ?? {}, { changes: [{ row: NOT_MET, from: 'met', to: 'not-met' }] })
    proven(house, AUDITOR, () => page)
    house.enter('/proof')
    await region(en.checklist.heading)
    const row = unfold(NOT_MET)
    await reads(gradeNote.en, row)
    expect([...row.querySelectorAll('.label')].map(({ textContent }) => textContent)).toEqual([
      'our engineering rule',
      gradeNote.en,
    ])
    expect(row.textContent).not.toContain(en.row.partly)
    await reads('our engineering rule', await region(en.runs.heading))
  })
})

describe('deviations', () => {
  const holding = { id: 'w8', first: 'Ada Brandt', second: 'Mira Lenz', at: '2026-11-17T12:00:00Z', until: inDays(20) }
  const waiting = { id: 'w9', first: 'ada', second: null, at: '2026-11-20T12:00:00Z', until: inDays(200) }
  const over = {
    id: 'w7',
    first: 'Olga',
    second: 'Mira Lenz',
    at: '2025-11-17T12:00:00Z',
    until: '2026-01-02T00:00:00Z',
  }

  function deviating(language: 'en' | 'de', ...waivers: object[]): void {
    const page = told()
    const about = { target: NOT_MET, reason: 'r', risk: 'r', compensation: 'c' }
    Object.assign(rowIn(page, NOT_MET), { waivers: waivers.map((one) => ({ ...about, ...one })) })
    proven(house, AUDITOR, () => page)
    house.enter('/proof', language)
  }

  it.each(['en', 'de'] as const)(
    'are all listed, the one in effect first, and say when what was done (%s)',
    async (language) => {
      const words = { en, de }[language]
      deviating(language, over, waiting, holding)
      await region(words.checklist.heading)
      const row = unfold(NOT_MET)
      await reads(words.waiver.reason, row)
      const [first, second, third] = [...row.querySelectorAll('.waiver')].map(({ textContent }) =>
        textContent?.replace(/\s+/g, ' '),
      )
      const day = (time: string) => onDay(time, language)
      expect(first).toContain(words.waiver.approvedBy('Ada Brandt', 'Mira Lenz', day(holding.at)))
      expect(first).not.toContain(words.waiver.waits)
      expect(second).toContain(`${words.waiver.proposedBy('ada', day(waiting.at))} ${words.waiver.waits}`)
      expect(third).toContain(words.waiver.over(lastDay(over.until, language)))
      expect(third).not.toContain(words.waiver.approve)
    },
  )

  it('can be approved while another one is in effect, and each be told from the other', async () => {
    deviating('en', holding, waiting)
    await region(en.checklist.heading)
    const row = unfold(NOT_MET)
    press(await named('button', en.waiver.approveFor(NOT_MET), row))
    await see('dialog p', en.waiver.approveHelp)
    for (const { until } of [holding, waiting])
      await named('button', en.waiver.withdrawOf(NOT_MET, lastDay(until, 'en')), row)
  })
})

it.each(['en', 'de'] as const)('an answer holds to the last day that counts (%s)', async (language) => {
  const words = { en, de }[language]
  const page = told()
  const at = inDays(-10)
  const until = `${inDays(100).slice(0, 10)}T00:00:00+00:00`
  Object.assign(bindingIn(page, ATTESTED).attestation as object, { at, until })
  proven(house, AUDITOR, () => page)
  house.enter('/proof', language)
  await region(words.checklist.heading)
  const last = onDay(Date.parse(until) - DAY_MS / 2, language)
  await reads(words.row.holds(onDay(at, language), last), unfold(ATTESTED))
})

describe('what was tried again and decides nothing', () => {
  const page = told()
  const seen = bindingIn(page, MET).observation as Seen
  const later = {
    at: '2026-11-23T03:04:00+00:00',
    status: 'timeout',
    status_name: { de: 'Zeit abgelaufen', en: 'timed out' },
    grade: 0,
    says: { de: 'Niemand hat geantwortet.', en: 'Nobody answered.' },
    entry: 99,
  }
  Object.assign(bindingIn(page, MET), { later })

  it.each(['en', 'de'] as const)(
    'stands below what the verdict rests on, with its own evidence (%s)',
    async (language) => {
      const words = { en, de }[language]
      const evidence = { evidence: { seen: 'the later one' } }
      proven(house, AUDITOR, () => page).answer('GET /api/proof/evidence/99', evidence)
      house.enter('/proof', language)
      await region(words.checklist.heading)
      const row = unfold(MET)
      await reads(words.row.later(whenText(later.at, language), later.status_name[language]), row)
      await reads(later.says[language], row)
      const { probe } = bindingIn(page, MET)
      await named('button', words.row.evidenceOf(`${MET}.a, ${probe}`), row)
      await click(words.row.evidenceOf(words.row.laterOf(`${MET}.a`, probe)), row)
      await reads('the later one', row)
      expect(seen.entry).not.toBe(99)
    },
  )
})

it('the raw evidence of an older run does not stay under what was seen since', async () => {
  const page = told()
  const binding = bindingIn(page, MET)
  const seen = binding.observation as Seen
  const registry = proven(house, AUDITOR, () => page)
    .answer(`GET /api/proof/evidence/${seen.entry}`, { evidence: 'of the older run' })
    .answer('GET /api/proof/evidence/99', { evidence: 'of the newer run' })
  house.enter('/proof')
  await region(en.checklist.heading)
  const row = unfold(MET)
  const raw = en.row.evidenceOf(`${MET}.a, ${binding.probe}`)
  await click(raw, row)
  await reads('of the older run', row)
  binding.observation = { ...seen, entry: 99 }
  await click(en.waiver.withdrawFor(NOT_MET), unfold(NOT_MET))
  await click(en.waiver.asks.confirm)
  await reads(en.waiver.withdrawn)
  await eventually(() => expect(row.textContent).not.toContain('of the older run'))
  await click(raw, row)
  await reads('of the newer run', row)
  expect(registry.asked.map(({ what }) => what)).toContain('GET /api/proof/evidence/99')
})

describe('a probe', () => {
  it.each([
    [false, 'en', en.row.othersNot],
    [true, 'en', en.row.othersToo],
    [false, 'de', de.row.othersNot],
    [true, 'de', de.row.othersToo],
    [undefined, 'en', undefined],
  ] as const)('that may look at what others run: %s (%s)', async (third_parties, language, line) => {
    const words = { en, de }[language]
    const page = told()
    const probes = page.probes as Record<string, object>
    Object.assign(probes[bindingIn(page, MET).probe] ?? {}, { third_parties })
    proven(house, AUDITOR, () => page)
    house.enter('/proof', language)
    await region(words.checklist.heading)
    const row = unfold(MET)
    await reads(words.row.vantage, row)
    const list = row.querySelector('.binding dl')
    if (line) await reads(`${words.row.others}${line}`, list as HTMLElement)
    else expect(list?.textContent).not.toContain(words.row.others)
  })
})
