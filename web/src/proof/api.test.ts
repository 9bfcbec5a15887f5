import { describe, expect, it, vi } from 'vitest'
import { Problem, type ProblemCode } from '../api/problems'
import { ProofApi, Uncertain, Unchanged } from './api'
import report from './report.stage.json'

const told = (body: unknown, status = 200) => new ProofApi(async () => Response.json(body, { status }))
const thrownBy = (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => expect.fail('it was done'),
    (error: unknown) => error,
  )
const ANSWER = { objective: 'X.a', answer: true, statement: 's', person: 'p', role: 'r', until: '2027-01-01' }
const file = (characters: number) => ({ name: 'f', media_type: 'text/plain', body: 'A'.repeat(characters) })

describe('how long an answer is waited for', () => {
  const patience = () => vi.spyOn(AbortSignal, 'timeout')

  it('is longer for the report, which may have to be judged anew first', async () => {
    const waited = patience()
    await told(report).report()
    expect(waited).toHaveBeenLastCalledWith(30_000)
  })

  it('grows with the documents, up to ten minutes', async () => {
    const waited = patience()
    const api = told({})
    await api.attest({ ...ANSWER, files: [] })
    expect(waited).toHaveBeenLastCalledWith(60_000)
    await api.attest({ ...ANSWER, files: [file(1_000_000), file(500_000)] })
    expect(waited).toHaveBeenLastCalledWith(90_000)
    await api.attest({ ...ANSWER, files: [file(30_000_000)] })
    expect(waited).toHaveBeenLastCalledWith(600_000)
  })
})

describe('what was not answered with a yes', () => {
  it('is uncertain where the server, or the way to it, failed', async () => {
    const silent = new ProofApi(() => Promise.reject(new TypeError('network')))
    expect(await thrownBy(silent.withdrawWaiver('w'))).toBeInstanceOf(Uncertain)
    for (const [code, status] of [
      ['proof_failed', 503],
      ['internal', 500],
      ['of no list', 500],
      ['x', 504],
    ] as const)
      expect(await thrownBy(told({ code }, status).approve('w', 'p'))).toBeInstanceOf(Uncertain)
    const garbled = new ProofApi(async () => new Response('<html>'))
    expect(await thrownBy(garbled.putFact('minors', true))).toBeInstanceOf(Uncertain)
  })

  it.each(['proof_busy', 'malformed', 'not_found', 'second_factor_required', 'too_large'] satisfies ProblemCode[])(
    'is certain not to have been done where the server says so: %s',
    async (code) => {
      const error = await thrownBy(told({ code }, 400).attest({ ...ANSWER, files: [] }))
      expect(error).toBeInstanceOf(Problem)
      expect(error).not.toBeInstanceOf(Uncertain)
    },
  )

  it('records nothing, where it is a run', async () => {
    expect(await thrownBy(told({ code: 'internal' }, 500).run())).not.toBeInstanceOf(Uncertain)
  })

  it.each([
    ['person', 'person'],
    [7, ''],
    [undefined, ''],
  ])('says which field it is about: %s', async (field, kept) => {
    const message = { de: 'So nicht.', en: 'Not so.' }
    const error = await thrownBy(told({ code: 'proof_refused', message, field }, 422).approve('w', 'p'))
    expect(error).toBeInstanceOf(Unchanged)
    expect(error).toMatchObject({ said: message, field: kept })
  })
})
