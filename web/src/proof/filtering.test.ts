import { describe, expect, it } from 'vitest'
import {
  answeredUntil,
  DAY_MS,
  duties,
  EVERYTHING,
  type Filter,
  filtered,
  isOpen,
  isStale,
  latest,
  rolesOf,
  rowsOf,
} from './filtering'
import { readReport } from './reading'
import report from './report.stage.json'
import { VERDICTS } from './wire'

const { chapters } = readReport(report)
const NOW = Date.parse('2026-11-22T09:00:00Z')
const ids = (filter: Partial<Filter>, language: 'de' | 'en' = 'en') =>
  rowsOf(filtered(chapters, { ...EVERYTHING, ...filter }, language)).map(({ id }) => id)
const all = rowsOf(chapters)

describe('the checklist', () => {
  it('shows everything in the authority’s order, until somebody wants less', () => {
    expect(ids({})).toEqual(all.map(({ id }) => id))
  })

  it.each(VERDICTS.map((verdict) => [verdict]))('shows what is %s', (state) => {
    expect(ids({ state })).toEqual(all.filter(({ verdict }) => verdict === state).map(({ id }) => id))
  })

  it('calls open what is neither met, nor attested, nor without concern here', () => {
    expect(VERDICTS.filter(isOpen)).toEqual([
      'not-met',
      'deviation-accepted',
      'not-verified',
      'outside-engine',
      'needs-attention',
    ])
    expect(ids({ state: 'open' })).toHaveLength(5)
  })

  it('narrows by chapter, by obligation and by who is responsible', () => {
    const [first] = chapters
    expect(ids({ chapter: first?.id ?? '' })).toEqual(first?.rows.map(({ id }) => id))
    const [role] = rolesOf(chapters)
    const theirs = ids({ role: role?.id ?? '' })
    expect(theirs.length).toBeGreaterThan(0)
    expect(theirs.length).toBeLessThan(all.length)
    expect(ids({ verb: 'MUST' })).toEqual(all.filter(({ verb }) => verb === 'MUST').map(({ id }) => id))
  })

  it('is searched by number, by words in the reader’s language and by probe', () => {
    expect(ids({ search: 'dsk-t-4.4-02' })).toEqual(['DSK-T-4.4-02'])
    const [row] = all
    const german = row?.title.de ?? ''
    expect(ids({ search: german.toUpperCase() }, 'de')).toContain(row?.id)
    expect(ids({ search: german }, 'en')).not.toContain(row?.id)
    const probe = all.flatMap(({ objectives }) => objectives).flatMap(({ bindings }) => bindings)[0]?.probe
    if (probe) expect(ids({ search: probe }).length).toBeGreaterThan(0)
    expect(ids({ search: 'no such words' })).toEqual([])
  })

  it('leaves out chapters of which nothing is left', () => {
    const left = filtered(chapters, { ...EVERYTHING, search: 'DSK-T-4.4-02' }, 'en')
    expect(left.map(({ id }) => id)).toEqual(['dsk-4.4'])
  })
})

describe('tasks for people', () => {
  it('are the questions that nobody has answered, by who should', () => {
    const open = duties(chapters, NOW).flatMap(({ tasks }) => tasks)
    expect(open.map(({ row }) => row.id)).toContain('DSK-L-3.5.1-03')
    expect(open.map(({ row }) => row.id)).not.toContain('DSK-L-1-04')
    expect(open.every(({ again }) => !again)).toBe(true)
    expect(open.some(({ row }) => row.verdict === 'not-applicable')).toBe(false)
  })

  it('come back when an answer has run out', () => {
    const later = duties(chapters, NOW + 400 * DAY_MS).flatMap(({ tasks }) => tasks)
    expect(later.filter(({ again }) => again).map(({ row }) => row.id)).toContain('DSK-L-1-04')
  })

  it('come back no later than the question allows, whatever the answer says', () => {
    const attestation = {
      id: 'a',
      answer: true,
      statement: '',
      person: '',
      role: '',
      at: '2026-11-01T00:00:00Z',
      until: '2029-01-01T00:00:00Z',
      files: [],
    }
    const binding = {
      how: 'INTERVIEW',
      probe: null,
      question: null,
      minGrade: 3,
      maxAgeDays: 10,
      observation: null,
      later: null,
    }
    expect(answeredUntil({ ...binding, attestation })).toBe(Date.parse('2026-11-11T00:00:00Z'))
  })
})

it('a run is old once two days have gone by', () => {
  expect(isStale('2026-11-20T09:00:01Z', NOW)).toBe(false)
  expect(isStale('2026-11-20T08:59:59Z', NOW)).toBe(true)
  expect(isStale(null, NOW)).toBe(false)
})

it('a row is as new as the newest that was seen or said', () => {
  const met = all.find(({ verdict }) => verdict === 'met')
  expect(met && latest(met)).toMatch(/^2026-11-22T/)
  const unseen = all.find(({ verdict }) => verdict === 'not-verified')
  expect(unseen && latest(unseen)).toBeNull()
})
