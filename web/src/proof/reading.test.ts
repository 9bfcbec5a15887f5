import { describe, expect, it } from 'vitest'
import { Problem } from '../api/problems'
import { readFact, readFacts, readReport, readSummary } from './reading'
import report from './report.stage.json'

const rowsIn = (chapters: ReturnType<typeof readReport>['chapters']) => chapters.flatMap(({ rows }) => rows)

describe('what the server says', () => {
  it('is read whole: each row with its verdict, its evidence and who vouches for it', () => {
    const read = readReport(report)
    expect(rowsIn(read.chapters).map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(
      report.chapters.flatMap(({ rows }) => rows.map(({ id, verdict }) => `${id} ${verdict}`)),
    )
    const met = rowsIn(read.chapters).find(({ verdict }) => verdict === 'met')
    expect(met?.objectives[0]?.bindings[0]?.observation).toMatchObject({ status: 'pass', entry: expect.any(Number) })
    const attested = rowsIn(read.chapters).find(({ verdict }) => verdict === 'attested')
    expect(attested?.objectives[0]?.bindings[0]?.attestation).toMatchObject({ answer: true, person: 'Mira Lenz' })
    expect(read.probes.size).toBe(Object.keys(report.probes).length)
    expect(read.counts).toEqual(report.counts)
  })

  it.each([['MET'], ['met '], ['Met'], [true], [1], [null], [undefined], [{ toString: () => 'met' }], [['met']]])(
    'is never met by a verdict that is not on the list: %s',
    (verdict) => {
      const chapters = [{ rows: [{ id: 'X', verdict, objectives: [{ verdict }], history: [{ verdict }] }] }]
      const [row] = rowsIn(readReport({ ...report, chapters }).chapters)
      expect(row?.verdict).toBe('not-verified')
      expect(row?.objectives[0]?.verdict).toBe('not-verified')
      expect(row?.history[0]?.verdict).toBe('not-verified')
      expect(row?.answer).toBe('no')
    },
  )

  it('takes only plain true for a yes', () => {
    const binding = { question: { de: 'a', en: 'a' }, attestation: { answer: 'true' } }
    const chapters = [{ rows: [{ objectives: [{ bindings: [binding] }] }] }]
    const [row] = rowsIn(readReport({ ...report, chapters }).chapters)
    expect(row?.objectives[0]?.bindings[0]?.attestation?.answer).toBe(false)
  })

  it.each([[null], ['<html>'], [[]], [{}], [{ state: 'great' }]])(
    'that is no summary at all is a problem: %s',
    (json) => {
      expect(() => readSummary(json)).toThrow(Problem)
      expect(() => readReport(json)).toThrow(Problem)
    },
  )

  it('counts nothing that is no number', () => {
    const counts = { met: '61', attested: -3, 'not-met': 1.5, 'not-verified': 7 }
    expect(readSummary({ ...report, counts }).counts).toMatchObject({
      met: 0,
      attested: 0,
      'not-met': 0,
      'not-verified': 7,
    })
  })

  it('of an older server lacks what is new, and claims nothing about it', () => {
    const chapters = [{ rows: [{ objectives: [{ bindings: [{}] }] }] }]
    const read = readReport({ ...report, labels: undefined, chapters, probes: { p: { built: true } } })
    const [row] = rowsIn(read.chapters)
    expect(read.labels).toEqual([])
    expect(row).toMatchObject({ gradeNote: null, waivers: [] })
    expect(row?.objectives[0]).toMatchObject({ waivers: [], bindings: [{ later: null }] })
    expect(read.probes.get('p')?.thirdParties).toBeNull()
  })

  it('may be that it is being judged anew', () => {
    expect(readSummary({ ...report, state: 'outdated' }).state).toBe('outdated')
  })

  it('with holes in it leaves no hole in the page', () => {
    const read = readReport({ state: 'ready', chapters: [{ rows: [null, 3, { objectives: [null] }] }], runs: [{}] })
    expect(rowsIn(read.chapters)).toHaveLength(3)
    expect(read.runs).toMatchObject([{ endedAt: null, counts: null, changes: [] }])
    expect(readSummary({ state: 'ready', at: 'yesterday' }).at).toBeNull()
  })
})

describe('facts', () => {
  it('have a value only where it is text, or yes or no', () => {
    expect(readFact({ key: 'minors', kind: 'bool', value: false }).value).toBe(false)
    expect(readFact({ key: 'minors', kind: 'bool', value: 0 }).value).toBeNull()
    expect(readFact({ key: 'x', kind: 'date', value: '2026-11-22' }).kind).toBe('text')
  })

  it('can be changed only where the server says so', () => {
    expect(readFact({ editable: 'yes' }).editable).toBe(false)
    expect(() => readFacts({})).toThrow(Problem)
  })
})
