import { expect, it } from 'vitest'
import { strengthOf } from './password-strength'

it('Hanna’s four words that do not belong together are good', () => {
  expect(strengthOf('Gabelstapler moos 7 Kontrabass', ['hanna'])).toMatchObject({ good: true, long: true })
})

it.for([
  ['Passwort1234', 'common'],
  ['qwertzuiopü+', 'keyboard'],
  ['aaaaaaaaaaaaaa', 'repeats'],
  ['abcdefghijklmn', 'sequence'],
  ['hanna.musterfrau', undefined],
] as const)('%s is not, however long', ([password]) => {
  const { good, long } = strengthOf(password, ['hanna.musterfrau'])
  expect({ good, long }).toEqual({ good: false, long: true })
})

it('what makes it weak is told', () => {
  expect(strengthOf('aaaaaaaaaaaaaa', []).weakness).toBe('repeats')
  expect(strengthOf('abcdefghijklmn', []).weakness).toBe('sequence')
})

it('German words are known as well as English ones', () => {
  expect(strengthOf('bundesregierung', []).score).toBeLessThan(3)
  expect(strengthOf('relationship', []).score).toBeLessThan(3)
})

it('eleven characters are too few, whatever they are', () => {
  expect(strengthOf('xK9#vQ2!mZp', []).good).toBe(false)
  expect(strengthOf('xK9#vQ2!mZpL', []).good).toBe(true)
  // Two code units each, one character as a person counts.
  expect(strengthOf('😀🦊🌵🚲🧊🪁', []).long).toBe(false)
})
