import { describe, expect, it } from 'vitest'
import { NameOrder } from './name-order'

/** One look after the other, each with those who are new in it. */
function seen(...looks: Record<string, string>[]): NameOrder {
  const names = new NameOrder()
  for (const look of looks) {
    names.next()
    names.take(Object.entries(look).map(([id, name]) => ({ id, name })))
  }
  return names
}

describe('of two names that look alike', () => {
  it('the later one is the imitation, whoever came first', () => {
    const names = seen({ otto: 'Otto' }, { gustav: 'Gustav' })
    names.own('me', 'Hanna')
    expect(names.imitates('gustav')).toBeUndefined()
    names.next()
    names.take([{ id: 'otto', name: 'Gustаv' }])
    expect(names.imitates('otto')).toBe('Gustav')
    expect(names.imitates('gustav')).toBeUndefined()
  })

  it('both are marked where nobody here has seen which came first, in whatever order the server names them', () => {
    for (const ids of [
      ['anna', 'mallory'],
      ['mallory', 'anna'],
    ]) {
      const names = seen({ hanna: 'Hanna', ...Object.fromEntries(ids.map((id) => [id, 'Anna'])) })
      expect(ids.map((id) => names.imitates(id))).toEqual(['Anna', 'Anna'])
      expect(names.imitates('hanna')).toBeUndefined()
    }
  })

  it('one’s own is never one, and can be imitated', () => {
    const names = seen({ gustav: 'Gustav' })
    names.own('me', 'Gustav')
    names.next()
    names.take([{ id: 'otto', name: 'GUSTAV' }])
    expect(names.imitates('me')).toBeUndefined()
    expect(names.imitates('otto')).toBe('Gustav')
  })

  it('the imitation is none any more when the other one has left or has another name', () => {
    const names = seen({ first: 'Ada' }, { second: 'Ada' }, { third: 'Ada' })
    expect(names.imitates('second')).toBe('Ada')
    names.keep(new Set(['second', 'third']))
    expect(names.imitates('second')).toBeUndefined()
    names.next()
    names.take([{ id: 'second', name: 'Otto' }])
    expect(names.imitates('third')).toBeUndefined()
  })
})
