import { describe, expect, it } from 'vitest'
import { NameOrder } from './name-order'

describe('of two names that look alike', () => {
  it('the later one is the imitation, whoever came first', () => {
    const names = new NameOrder()
    names.own('me', 'Hanna')
    names.take('otto', 'Otto')
    names.take('gustav', 'Gustav')
    expect(names.imitates('gustav')).toBeUndefined()
    names.take('otto', 'Gustаv')
    expect(names.imitates('otto')).toBe('Gustav')
    expect(names.imitates('gustav')).toBeUndefined()
  })

  it('one’s own is never one, and can be imitated', () => {
    const names = new NameOrder()
    names.take('gustav', 'Gustav')
    names.own('me', 'Gustav')
    names.take('otto', 'GUSTAV')
    expect(names.imitates('me')).toBeUndefined()
    expect(names.imitates('otto')).toBe('Gustav')
  })

  it('the imitation is none any more when the other one has left or has another name', () => {
    const names = new NameOrder()
    names.take('first', 'Ada')
    names.take('second', 'Ada')
    expect(names.imitates('second')).toBe('Ada')
    names.keep(new Set(['second']))
    expect(names.imitates('second')).toBeUndefined()
  })
})
