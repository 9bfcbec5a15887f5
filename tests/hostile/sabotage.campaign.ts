/** Removes each guard of the table in a copy of the product and shows that its test notices. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sabotages } from './sabotage.ts'
import { type Outcome, Workshop } from './sabotage.workshop.ts'

const started = performance.now()
const results: { guard: string; test: string; verdict: string; seconds: number }[] = []
let workshop: Workshop

beforeAll(() => {
  workshop = Workshop.open()
})

afterAll(() => {
  workshop.close()
  const seconds = Math.round((performance.now() - started) / 1000)
  console.table(results)
  console.log(`${results.length} runs in ${seconds} s`)
})

describe('with every guard in place', () => {
  for (const { file, name } of distinctTests())
    test(`${file}: ${name}`, async () => {
      await workshop.build()
      await report('(none)', name, () => workshop.run(file, name), 'passed')
    })
})

describe('with one guard removed', () => {
  for (const row of sabotages)
    test(row.guard, async () => {
      onTestFinished(() => workshop.mend())
      workshop.spoil(row.cuts)
      await workshop.build()
      const outcome = await report(row.guard, row.test.name, () => workshop.run(row.test.file, row.test.name), 'failed')
      expect(outcome.messages.join('\n'), 'the test failed for another reason than the guard').toMatch(row.notices)
    })
})

async function report(
  guard: string,
  name: string,
  run: () => Promise<Outcome>,
  wanted: Outcome['verdict'],
): Promise<Outcome> {
  const start = performance.now()
  const outcome = await run()
  const seconds = Math.round((performance.now() - start) / 1000)
  results.push({ guard, test: name, verdict: outcome.verdict, seconds })
  expect(outcome.verdict, outcome.messages.join('\n')).toBe(wanted)
  return outcome
}

function distinctTests(): { file: string; name: string }[] {
  const wanted = new Map(sabotages.map(({ test: { file, name } }) => [`${file} ${name}`, { file, name }]))
  return [...wanted.values()]
}
