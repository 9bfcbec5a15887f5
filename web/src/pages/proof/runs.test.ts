// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { de } from '../../i18n/proof.de'
import { en } from '../../i18n/proof.en'
import { House } from '../pages.stage'
import { click, reads, region, SIGNED_IN } from '../people/people.stage'
import { AUDITOR, proven, told, withRun } from './proof.stage'

let house: House

beforeEach(() => {
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  house = new House()
})
afterEach(() => house.close())

const runsIn = async (words: typeof en) => [...(await region(words.runs.heading)).querySelectorAll('ol > li')]

describe('a run that was watched', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => vi.useRealTimers())

  it.each([
    ['done', () => withRun({})],
    ['broken', () => withRun({ ended_at: null, counts: null })],
    ['broken', () => withRun({ counts: null })],
    ['none', told],
  ] as const)('is said to be what it came to: %s', async (outcome, after) => {
    for (const [language, words] of Object.entries({ en, de }) as ['en' | 'de', typeof en][]) {
      let page: object = told()
      proven(house, SIGNED_IN, () => page).answer('POST /api/proof/run', () => {
        page = { ...told(), running: true }
        return { running: true }
      })
      house.enter('/proof', language)
      await region(words.runs.heading)
      await click(words.run.start)
      await reads(words.run.running)
      page = after()
      await reads(words.run.outcomes[outcome])
      for (const other of Object.values(words.run.outcomes))
        if (other !== words.run.outcomes[outcome]) expect(document.body.textContent).not.toContain(other)
      await house.close()
      house = new House()
    }
  })

  it.each([
    ['done', {}],
    ['broken', { ended_at: null, counts: null }],
  ] as const)('was under way already when the page was opened: %s', async (outcome, run) => {
    let page: object = { ...withRun({ ended_at: null, counts: null }), running: true }
    proven(house, AUDITOR, () => page)
    house.enter('/proof')
    await reads(en.run.running)
    await region(en.runs.heading)
    page = withRun(run)
    await reads(en.run.outcomes[outcome])
  })
})

describe('the list of runs', () => {
  it('says that nothing changed only where there was something that could', async () => {
    const page = told()
    const [newest] = page.runs
    const earlier = [
      { counts: null },
      { ended_at: null, counts: null },
      { only: ['DSK-T-4.4-02'] },
      { profile: 'berlin' },
    ].map((its, n) => ({ ...newest, id: `r-${n}`, changes: [], ...its }))
    Object.assign(page, { runs: [{ ...newest, changes: [] }, ...earlier] })
    proven(house, AUDITOR, () => page)
    house.enter('/proof')
    const [first] = await runsIn(en)
    expect(first?.textContent).toContain('met')
    expect(first?.textContent).not.toContain(en.runs.same)
  })

  it.each([
    ['en', '12 open tasks', '2 deviations accepted', '3 not met', '1 unclear'],
    ['de', '12 offene Aufgaben', '2 Abweichungen genehmigt', '3 nicht erfüllt', '1 unklar'],
  ] as const)('counts in words that fit the number (%s)', async (language, ...lines) => {
    const words = { en, de }[language]
    const counts = { 'outside-engine': 12, 'deviation-accepted': 2, 'not-met': 3, 'needs-attention': 1 }
    proven(house, AUDITOR, () => withRun({ counts }))
    house.enter('/proof', language)
    const [first, second] = await runsIn(words)
    for (const line of lines) expect(first?.textContent).toContain(line)
    expect(second?.textContent).toContain(words.runs.counted['deviation-accepted'](1))
  })

  it('has its changes on paper, unfolded or not', async () => {
    proven(house, AUDITOR)
    house.enter('/proof')
    const [first] = await runsIn(en)
    const details = first?.querySelector('details')
    expect(details?.open).toBe(false)
    dispatchEvent(new Event('beforeprint'))
    expect(details?.open).toBe(true)
    dispatchEvent(new Event('afterprint'))
    await reads(en.runs.changes(2), first as HTMLElement)
    expect(details?.open).toBe(false)
  })
})
