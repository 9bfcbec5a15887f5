/** The table of guards stays true to the sources: cheap, so that CI notices when a guard has moved. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { REPOSITORY } from '../live/harness/places.ts'
import { sabotages } from './sabotage.ts'
import { removed } from './sabotage.workshop.ts'

test.each(sabotages)('the guard stands where the table says: $guard', ({ cuts }) => {
  for (const cut of cuts) {
    const text = readFileSync(join(REPOSITORY, cut.file), 'utf8')
    expect(removed(text, cut)).not.toBe(text)
  }
})

test.each(sabotages)('its test exists: $test.name', ({ test: { file, name } }) => {
  const story = readFileSync(join(import.meta.dirname, file), 'utf8')
  const titles = [...story.matchAll(/(?:test|test\.each\([^`'"]*(?:[^)]|\n)*?\))\(\s*([`'"])(.*?)\1,/gs)].map(
    ([, , title = '']) => title,
  )
  const known = titles.some((title) => new RegExp(`^${patternOf(title)}$`).test(name))
  expect(known, `${file} has no test "${name}"`).toBe(true)
})

/** A title as it may come out: placeholders stand for anything. */
function patternOf(title: string): string {
  return title
    .split(/\$\{\w+\}|%[sio]/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.+')
}
