import { describe, expect, it } from 'vitest'
import { imitatedBy, skeleton } from './imitation'

describe('a name that imitates', () => {
  it.each([
    ['Hanna', 'Hanna'],
    ['Hanna', 'hanna'],
    ['Hanna', 'Hаnnа'],
    ['Hanna', 'Ηanna'],
    ['Hanna', 'H a n n a'],
    ['Hanna', 'Hanna.'],
    ['Hanna', 'Hännà'],
    ['Hanna', 'Ｈａｎｎａ'],
    ['Hanna', '𝐇𝐚𝐧𝐧𝐚'],
    ['Otto', '0tt0'],
    ['Ilse', 'llse'],
    ['Ilse', '1lse'],
    ['Paul', 'Pau|'],
    ['Bernd', 'Bemd'],
    ['Søren', 'Soren'],
    ['Eva', 'Eνa'],
    ['Анна', 'АННА'],
    ['Νίκος', 'ΝΙΚΟΣ'],
    ['👍', '👍'],
  ])('%s is found out: %s', (name, imitation) => {
    expect(imitatedBy(imitation, ['Ada', name])).toBe(name)
    expect(imitatedBy(name, ['Ada', imitation])).toBe(imitation)
  })

  it.each([
    ['Hanna', 'Johanna'],
    ['Hanna', 'Hanne'],
    ['Gast 1', 'Gast 2'],
    ['Иван', 'Ирина'],
    ['👍', '🎉'],
    ['王伟', '王芳'],
  ])('is neither %s nor %s', (name, other) => {
    expect(imitatedBy(name, [other])).toBeUndefined()
  })

  it('has a skeleton that is its own', () => {
    for (const name of ['Hanna', 'Ηаnna', '0tt0', '王伟', '|', ''])
      expect(skeleton(skeleton(name))).toBe(skeleton(name))
  })
})
