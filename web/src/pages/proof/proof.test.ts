// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { de } from '../../i18n/proof.de'
import { en } from '../../i18n/proof.en'
import { en as refusals } from '../../i18n/refusals.en'
import { DAY_MS } from '../../proof/filtering'
import { eventually, House, see, type } from '../pages.stage'
import { agree, click, named, press, reads, region, SIGNED_IN } from '../people/people.stage'
import {
  ATTESTED,
  AUDITOR,
  MET,
  NOBODY,
  NOT_MET,
  OPEN,
  ORGANISER,
  proven,
  rowIn,
  told,
  unfold,
  unfoldTasks,
  verdictOf,
  withRun,
} from './proof.stage'

let house: House

beforeEach(() => {
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  house = new House()
})
afterEach(() => house.close())

const rows = () => [...document.querySelectorAll('#checklist li[id]')].map(({ id }) => id)
const all = told().chapters.flatMap((chapter) => chapter.rows.map(({ id }) => id))
/** The lines of the list of that name. */
async function listed(name: string, within: HTMLElement): Promise<NodeListOf<HTMLElement>> {
  return (await named('ul', name, within)).querySelectorAll('li')
}
const LABELS = [
  { de: 'unsere technische Regel', en: 'our engineering rule' },
  { de: 'noch nicht mit dem Originaltext verglichen', en: 'not yet compared with the original text' },
]

describe('Gustav, who has no account,', () => {
  it.each(['en', 'de'] as const)(
    'reads how many rows came out how, and what that does not show (%s)',
    async (language) => {
      const words = { en, de }[language]
      proven(house, NOBODY)
      house.enter('/proof', language)
      await see('h1', words.heading)
      const part = await region(words.summary.heading)
      const lines = [...(await listed(words.summary.list, part))].map((line) =>
        line.textContent?.replace(/\s+/g, ' ').trim(),
      )
      expect(lines[0]).toMatch(new RegExp(`^1 ${words.verdicts.met} ${words.meanings.met}`))
      expect(lines).toHaveLength(8)
      expect(part.textContent).toContain(told().catalogue.digest)
      expect(part.textContent).not.toContain('%')
      for (const line of words.limits.list) await reads(line)
    },
  )

  it('sees no row, and nothing is asked for that he may not see', async () => {
    const registry = proven(house, NOBODY)
    house.enter('/proof')
    await reads(en.who.signIn)
    expect(rows()).toEqual([])
    expect(document.querySelector('button.main')).toBeNull()
    expect(registry.asked.map(({ what }) => what)).not.toContain('GET /api/proof/report')
  })

  it('is told when nobody has checked yet, and no number is shown', async () => {
    proven(house, NOBODY, () => ({ ...told(), state: 'none', at: null, catalogue: null }))
    house.enter('/proof')
    await reads(en.summary.none.heading)
    expect((await region(en.summary.heading)).querySelector('li')).toBeNull()
  })

  it('is told why a run judged nothing', async () => {
    const invalid = { de: 'Ein fremder Katalog.', en: 'A foreign catalogue.' }
    proven(house, NOBODY, () => ({ ...told(), state: 'invalid', invalid }))
    house.enter('/proof')
    await reads(invalid.en)
    expect((await region(en.summary.heading)).querySelector('li')).toBeNull()
  })

  it.each([
    ['older than two days', 2.1, true],
    ['of yesterday', 1, false],
  ])('is warned of a run only where it is old: %s', async (_, days, warned) => {
    proven(house, NOBODY, () => ({ ...told(), at: new Date(Date.now() - days * DAY_MS).toISOString() }))
    house.enter('/proof')
    const part = await region(en.summary.heading)
    expect(await listed(en.summary.list, part)).toHaveLength(8)
    expect(part.querySelector('[role=alert]') !== null).toBe(warned)
  })

  it('comes by the link below every page', async () => {
    proven(house, NOBODY)
    house.enter('/imprint')
    ;(await see('footer a', 'How this is proven')).click()
    await see('h1', en.heading)
  })

  it('reads that the server does not answer, and asks again', async () => {
    const registry = proven(house, NOBODY).refuse('GET /api/proof', 'storage_unavailable', { status: 503 })
    house.enter('/proof')
    await reads(refusals.refusals.unreachable.heading)
    registry.relent()
    await click(en.again)
    await reads(en.meanings.met)
  })
})

it('Hanna, who organises, sees what everybody sees', async () => {
  const registry = proven(house, ORGANISER)
  house.enter('/proof')
  await reads(en.who.signIn)
  expect(registry.asked.map(({ what }) => what)).not.toContain('GET /api/proof/report')
})

describe('Mira, who audits,', () => {
  it('finds all rows in the authority’s order, each with its verdict in words', async () => {
    proven(house, AUDITOR)
    house.enter('/proof')
    await region(en.checklist.heading)
    expect(rows()).toEqual(all)
    expect(verdictOf(MET).textContent).toBe(en.verdicts.met)
    expect(verdictOf(ATTESTED).textContent).toBe(en.verdicts.attested)
    expect(verdictOf(NOT_MET).textContent).toBe(en.verdicts['not-met'])
    expect(document.querySelector('#checklist .body')).toBeNull()
    expect(document.querySelector('button.main')).toBeNull()
  })

  it('unfolds a row down to what the probe shows and does not show', async () => {
    proven(house, AUDITOR)
    house.enter('/proof')
    await region(en.checklist.heading)
    const row = unfold(MET)
    const [given] = told()
      .chapters.flatMap((chapter) => chapter.rows as { id: string; statement: { en: string } }[])
      .filter(({ id }) => id === MET)
    await reads(given?.statement.en ?? '?', row)
    await reads(en.row.provesNot, row)
    await reads(en.row.answer, row)
    await reads('authz.', row)
  })

  it('reads the raw evidence as text, with that of the deliberately broken thing', async () => {
    const evidence = {
      at: '',
      probe: 'x',
      status: 'pass',
      says: {},
      evidence: { seen: '<b>400</b>' },
      twin: { seen: 1 },
    }
    const registry = proven(house, AUDITOR)
    const entry = told()
      .chapters.flatMap((chapter) => chapter.rows as { id: string; objectives: { bindings: object[] }[] }[])
      .find(({ id }) => id === MET)?.objectives[0]?.bindings[0] as { probe: string; observation: { entry: number } }
    registry.answer(`GET /api/proof/evidence/${entry.observation.entry}`, evidence)
    house.enter('/proof')
    await region(en.checklist.heading)
    const row = unfold(MET)
    await click(en.row.evidenceOf(`${MET}.a, ${entry.probe}`), row)
    await reads('"seen": "<b>400</b>"', row)
    await reads(en.row.twin, row)
    expect(row.querySelector('pre b')).toBeNull()
  })

  it.each([
    ['en', /no longer there, or not as it was written down\..* altered, klausur verify says/],
    ['de', /nicht mehr da, oder nicht mehr so, wie er aufgeschrieben wurde\..* verändert wurde, sagt klausur verify/],
  ] as const)('is told where the raw evidence is gone, and who knows why (%s)', async (language, gone) => {
    const words = { en, de }[language]
    const { objectives } = told()
      .chapters.flatMap((chapter) => chapter.rows as { id: string; objectives: { bindings: object[] }[] }[])
      .find(({ id }) => id === MET) as { objectives: { bindings: object[] }[] }
    const seen = objectives[0]?.bindings[0] as { probe: string; observation: { entry: number } }
    proven(house, AUDITOR).refuse(`GET /api/proof/evidence/${seen.observation.entry}`, 'not_found', { status: 404 })
    house.enter('/proof', language)
    await region(words.checklist.heading)
    const row = unfold(MET)
    await click(words.row.evidenceOf(`${MET}.a, ${seen.probe}`), row)
    await reads(words.row.gone, row)
    expect(row.textContent).toMatch(gone)
  })

  it('narrows the list, and is told how much of it is left', async () => {
    proven(house, AUDITOR)
    house.enter('/proof')
    const part = await region(en.checklist.heading)
    type(await named<HTMLInputElement>('input', en.checklist.search), MET)
    await eventually(() => expect(rows()).toEqual([MET]))
    await reads(en.checklist.shown(1, all.length), part)
    await click(en.checklist.reset)
    await eventually(() => expect(rows()).toEqual(all))
    const state = await named<HTMLSelectElement>('select', en.checklist.state)
    state.value = 'open'
    state.dispatchEvent(new Event('change', { bubbles: true }))
    await eventually(() => expect(rows()).not.toContain(MET))
    expect(rows()).toContain(NOT_MET)
  })

  it('has everything on paper, whatever she had chosen', async () => {
    proven(house, AUDITOR)
    house.enter('/proof')
    await region(en.checklist.heading)
    type(await named<HTMLInputElement>('input', en.checklist.search), 'nothing at all')
    await reads(en.checklist.nothing)
    dispatchEvent(new Event('beforeprint'))
    expect(rows()).toEqual(all)
    expect(document.querySelectorAll('#checklist .body')).toHaveLength(all.length)
    dispatchEvent(new Event('afterprint'))
    await eventually(() => expect(rows()).toEqual([]))
  })

  it('answers a question with her name, and the page shows what came of it', async () => {
    let page = told()
    const registry = proven(house, AUDITOR, () => page).answer('POST /api/proof/attestations', () => {
      page = JSON.parse(JSON.stringify(page).replaceAll('"outside-engine"', '"attested"'))
      return {}
    })
    house.enter('/proof')
    await region(en.checklist.heading)
    await click(en.tasks.answerFor(`${OPEN}.a`), unfold(OPEN))
    await click(en.attest.save)
    await reads(en.attest.answerMissing)
    const dialog = document.querySelector('dialog') as HTMLElement
    press(await named('input', en.row.yes, dialog))
    ;(await named('input', en.row.yes, dialog)).dispatchEvent(new Event('change', { bubbles: true }))
    await click(en.attest.save)
    await reads(en.say.missing)
    type(await named<HTMLInputElement>('textarea', en.attest.statement, dialog), 'Read on 12 October.')
    type(await named<HTMLInputElement>('input', en.say.person, dialog), 'Mira Lenz')
    await click(en.attest.save)
    await reads(en.attest.told)
    expect(registry.changes).toEqual([
      {
        what: 'POST /api/proof/attestations',
        body: {
          objective: `${OPEN}.a`,
          answer: true,
          statement: 'Read on 12 October.',
          person: 'Mira Lenz',
          role: 'data protection officer',
          until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
          files: [],
        },
      },
    ])
    await eventually(() => expect(verdictOf(OPEN).textContent).toBe(en.verdicts.attested))
    expect(document.querySelector('dialog')).toBeNull()
  })

  it('reads beside the form what the server says against it', async () => {
    const message = { de: 'Es braucht zwei Personen.', en: 'It takes two people.' }
    const registry = proven(house, AUDITOR)
    const { fetch } = registry
    const saying: typeof registry.fetch = async (url, init) =>
      String(url).endsWith('/second')
        ? Response.json({ code: 'proof_refused', message, field: 'person' }, { status: 422 })
        : fetch(url, init)
    house.people = { ...house.people, api: Object.assign(house.people.api, { fetch: saying }) } as typeof house.people
    house.enter('/proof')
    await region(en.checklist.heading)
    await click(en.waiver.approveFor(NOT_MET), unfold(NOT_MET))
    const dialog = document.querySelector('dialog') as HTMLElement
    type(await named<HTMLInputElement>('input', en.say.person, dialog), 'Mira Lenz')
    await click(en.waiver.approveSave, dialog)
    await reads(message.en, dialog)
  })

  it('proposes a deviation from what is not met, and from nothing else', async () => {
    const registry = proven(house, AUDITOR)
    house.enter('/proof')
    await region(en.checklist.heading)
    expect(unfold(MET).textContent).not.toContain(en.waiver.propose)
    await click(en.waiver.proposeFor(NOT_MET), unfold(NOT_MET))
    const dialog = document.querySelector('dialog') as HTMLElement
    for (const name of [en.waiver.reason, en.waiver.risk, en.waiver.compensation])
      type(await named<HTMLInputElement>('textarea', name, dialog), name)
    type(await named<HTMLInputElement>('input', en.say.person, dialog), 'Mira Lenz')
    await click(en.waiver.save, dialog)
    await reads(en.waiver.proposed)
    expect(registry.changes[0]?.body).toMatchObject({ reason: en.waiver.reason, person: 'Mira Lenz' })
  })

  it('withdraws an answer after one question', async () => {
    const registry = proven(house, AUDITOR)
    house.enter('/proof')
    await region(en.checklist.heading)
    await click(en.attest.withdrawFor(`${ATTESTED}.a`), unfold(ATTESTED))
    expect(registry.changes).toEqual([])
    await agree(en.attest.asks.confirm)
    await reads(en.attest.withdrawn)
    expect(registry.changes[0]?.what).toMatch(/^DELETE \/api\/proof\/attestations\/\w+$/)
  })

  it.each([
    ['en', /^An earlier answer to the same question .* holds again then\. Otherwise the question is open\./],
    ['de', /^Eine frühere Antwort auf dieselbe Frage, .* gilt dann wieder\. Sonst ist die Frage offen\./],
  ] as const)('learns before she withdraws a no that an older yes can come back (%s)', async (language, help) => {
    const words = { en, de }[language]
    const no = JSON.stringify(told()).replace('"answer":true', '"answer":false')
    let page = JSON.parse(no.replace('"verdict":"attested"', '"verdict":"not-met"'))
    proven(house, AUDITOR, () => page).answer('DELETE /api/proof/attestations/a1', () => {
      page = told()
      return {}
    })
    house.enter('/proof', language)
    await region(words.checklist.heading)
    expect(verdictOf(ATTESTED).textContent).toBe(words.verdicts['not-met'])
    await click(words.attest.withdrawFor(`${ATTESTED}.a`), unfold(ATTESTED))
    expect(document.querySelector('dialog p')?.textContent).toMatch(help)
    await agree(words.attest.asks.confirm)
    await eventually(() => expect(verdictOf(ATTESTED).textContent).toBe(words.verdicts.attested))
  })

  describe.each(LABELS)('is told of a row $en', (label) => {
    beforeEach(() => {
      const page = told()
      for (const id of [OPEN, NOT_MET]) Object.assign(rowIn(page, id), { label })
      proven(house, AUDITOR, () => page)
    })

    it.each(['en', 'de'] as const)('in the list of tasks and where she answers, %s', async (language) => {
      const words = { en, de }[language]
      house.enter('/proof', language)
      const part = await region(words.tasks.heading)
      unfoldTasks(part)
      const answer = await named('button', words.tasks.answerFor(`${OPEN}.a`), part)
      await reads(label[language], answer.closest('li') as HTMLElement)
      press(answer)
      const dialog = (await see('dialog h2', words.attest.heading)).closest('dialog')
      await reads(label[language], dialog as HTMLElement)
    })

    it('on paper, where the list of tasks stands whole', async () => {
      house.enter('/proof')
      const part = await region(en.tasks.heading)
      expect(part.textContent).not.toContain(label.en)
      dispatchEvent(new Event('beforeprint'))
      await reads(label.en, part)
      dispatchEvent(new Event('afterprint'))
    })

    it.each(['en', 'de'] as const)('where she answers from the row itself, %s', async (language) => {
      const words = { en, de }[language]
      house.enter('/proof', language)
      await region(words.checklist.heading)
      await click(words.tasks.answerFor(`${OPEN}.a`), unfold(OPEN))
      await reads(label[language], document.querySelector('dialog') as HTMLElement)
    })

    it.each(['en', 'de'] as const)('where she proposes a deviation from it, %s', async (language) => {
      const words = { en, de }[language]
      house.enter('/proof', language)
      await region(words.checklist.heading)
      await click(words.waiver.proposeFor(NOT_MET), unfold(NOT_MET))
      await reads(label[language], document.querySelector('dialog') as HTMLElement)
    })
  })

  it('reads no label of a row that an authority’s own text was compared for', async () => {
    proven(house, AUDITOR)
    house.enter('/proof')
    const part = await region(en.tasks.heading)
    unfoldTasks(part)
    const answer = await named('button', en.tasks.answerFor(`${OPEN}.a`), part)
    const task = answer.closest('li')
    press(answer)
    const dialog = (await see('dialog h2', en.attest.heading)).closest('dialog')
    for (const { en: label } of LABELS) {
      expect(task?.textContent).not.toContain(label)
      expect(dialog?.textContent).not.toContain(label)
    }
  })

  it('finds her way from a task to its row', async () => {
    Element.prototype.scrollIntoView ??= () => undefined
    proven(house, AUDITOR)
    house.enter('/proof')
    const part = await region(en.tasks.heading)
    unfoldTasks(part)
    await click(en.tasks.show(`${OPEN}.a`), part)
    await eventually(() => expect(document.getElementById(OPEN)?.querySelector('.body')).not.toBeNull())
    await eventually(() => expect(document.getElementById(OPEN)?.contains(document.activeElement)).toBe(true))
  })

  it('sees what each run changed, and takes the exports with her', async () => {
    proven(house, AUDITOR)
    house.enter('/proof')
    await reads(en.runs.changes(2), await region(en.runs.heading))
    await reads(`${en.verdicts['not-verified']} → ${en.verdicts.met}`)
    const links = [...(await region(en.exports.heading)).querySelectorAll('a')]
    expect(links.map((link) => link.getAttribute('href'))).toContain('/api/proof/exports/package.zip')
    expect(links.every((link) => link.target === '_blank' && link.hasAttribute('download'))).toBe(true)
  })

  it.each([
    ['en', 'bsi-mst', 'BSI minimum standard'],
    ['de', 'bsi-mst', 'Mindeststandard des BSI'],
    ['en', 'berlin', 'Berlin list'],
    ['de', 'berlin', 'Berliner Liste'],
    ['en', 'of-tomorrow', 'of-tomorrow'],
  ] as const)('sees which list a run went by, where it is another (%s): %s', async (language, profile, name) => {
    const words = { en, de }[language]
    const page = told()
    Object.assign(page.runs[0] ?? {}, { profile, changes: [] })
    proven(house, AUDITOR, () => page)
    house.enter('/proof', language)
    const [run, own] = [...(await region(words.runs.heading)).querySelectorAll('ol > li')]
    expect(run?.querySelector('.soft')?.textContent?.trim()).toBe(`0.6.0, ${name}`)
    expect(own?.querySelector('.soft')?.textContent?.trim()).toBe('0.6.0')
    // There was none by that list before it.
    expect(run?.textContent).not.toContain(words.runs.same)
    expect(own?.textContent).toContain(words.runs.same)
  })

  it.each(['en', 'de'] as const)('sees that a run which was not valid says nothing, %s', async (language) => {
    const words = { en, de }[language]
    const page = told()
    Object.assign(page.runs[0] ?? {}, { counts: null, changes: [] })
    proven(house, AUDITOR, () => page)
    house.enter('/proof', language)
    const run = (await region(words.runs.heading)).querySelector('ol > li')
    expect(run?.querySelector('.numbers.small')?.textContent).toBe(words.runs.judged)
    expect(run?.textContent).not.toContain(words.runs.same)
  })

  it('who is signed in without a second factor is told so when she writes', async () => {
    const registry = proven(house, { ...AUDITOR, strong: false })
    registry.refuse(`DELETE /api/proof/waivers/w2`, 'second_factor_required', { status: 403 })
    house.enter('/proof')
    await region(en.checklist.heading)
    await click(en.waiver.withdrawFor(NOT_MET), unfold(NOT_MET))
    await agree(en.waiver.asks.confirm)
    await reads(refusals.refusals.secondFactor.heading)
  })
})

describe('Ada, who administers,', () => {
  it('begins a run, is told that it is under way, and sees its result by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      let page: object = told()
      const registry = proven(house, SIGNED_IN, () => page).answer('POST /api/proof/run', () => {
        page = { ...told(), running: true }
        return { running: true }
      })
      house.enter('/proof')
      await click(en.run.start)
      await reads(en.run.running)
      await click(en.run.start)
      expect(registry.changes).toEqual([{ what: 'POST /api/proof/run', body: {} }])
      page = JSON.parse(JSON.stringify(withRun({})).replaceAll('"not-met"', '"met"'))
      await reads(en.run.outcomes.done)
      await eventually(() => expect(verdictOf(NOT_MET).textContent).toBe(en.verdicts.met))
    } finally {
      vi.useRealTimers()
    }
  })

  it('waits for the run that somebody else has begun', async () => {
    proven(house, SIGNED_IN).refuse('POST /api/proof/run', 'check_running')
    house.enter('/proof')
    await click(en.run.start)
    await reads(en.run.running)
    expect(document.querySelector('.run [role=alert]')).toBeNull()
  })

  it('is led to the facts that are missing or contradict each other', async () => {
    proven(house, SIGNED_IN)
    house.enter('/proof')
    await reads(en.facts.open(told().facts_open))
    await reads(told().contradictions[0]?.text.en ?? '?')
    expect((await see('a', en.facts.link)).getAttribute('href')).toBe('/admin')
  })
})

describe('a hostile server', () => {
  it('gets no verdict that is not on the list called met, nor shown in green', async () => {
    const page = JSON.parse(JSON.stringify(told()).replaceAll('"verdict":"not-met"', '"verdict":"met <b>met</b>"'))
    proven(house, AUDITOR, () => page)
    house.enter('/proof')
    await region(en.checklist.heading)
    expect(verdictOf(NOT_MET).textContent).toBe(en.verdicts['not-verified'])
    expect(verdictOf(NOT_MET).classList).toContain('not-verified')
    expect(verdictOf(NOT_MET).classList).not.toContain('met')
  })

  it('cannot rename verdicts', async () => {
    const verdicts = { ...told().verdicts, 'not-met': { de: 'erfüllt', en: 'met' } }
    proven(house, AUDITOR, () => ({ ...told(), verdicts }))
    house.enter('/proof')
    await region(en.checklist.heading)
    expect(verdictOf(NOT_MET).textContent).toBe(en.verdicts['not-met'])
  })

  it('has its markup shown as text', async () => {
    const markup = '<img src=x onerror=alert(1)>'
    const page = told()
    for (const chapter of page.chapters)
      for (const row of chapter.rows as { title: { en: string }; statement: { en: string } }[]) {
        row.title.en = markup
        row.statement.en = markup
      }
    proven(house, AUDITOR, () => page)
    house.enter('/proof')
    await region(en.checklist.heading)
    await reads(markup, unfold(MET))
    expect(document.querySelector('img')).toBeNull()
  })

  it('with a report of another shape leaves everything else readable', async () => {
    proven(house, AUDITOR).answer('GET /api/proof/report', { chapters: 'no' })
    house.enter('/proof')
    await reads(refusals.refusals.failed.heading)
    await reads(en.meanings.met)
  })
})
