import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Knock } from '../../call/model'
import { Doorbell } from './doorbell'

function knock(name: string, more: Partial<Knock> = {}): Knock {
  return { id: name, name, code: 'K7M 2QX', returning: false, answered: false, ...more }
}

let rings: number
let told: string[]
let bell: Doorbell

beforeEach(() => {
  vi.useFakeTimers()
  rings = 0
  told = []
  bell = new Doorbell({
    ring: () => {
      rings += 1
    },
    tell: (fresh, waiting) => told.push(`${fresh.map(({ name }) => name).join(' ')} of ${waiting}`),
    hush: () => told.push('nothing'),
    now: () => Date.now(),
  })
})
afterEach(() => {
  bell.stop()
  vi.useRealTimers()
})

describe('the bell', () => {
  it('rings for Otto once, however often one looks', () => {
    bell.look([])
    bell.look([knock('Otto')])
    bell.look([knock('Otto')])
    bell.look([knock('Otto', { answered: true })])
    expect([rings, told]).toEqual([1, ['Otto of 1', 'nothing']])
  })

  it('is taken back once those it told of have been answered, and not said again for the next one', () => {
    bell.look([knock('Gustav')])
    bell.look([])
    bell.look([knock('Gerda')])
    expect([rings, told]).toEqual([1, ['Gustav of 1', 'nothing']])
    vi.advanceTimersByTime(3000)
    expect([rings, told]).toEqual([2, ['Gustav of 1', 'nothing', 'Gerda of 1']])
  })

  it('stands for as long as one of those it told of waits', () => {
    bell.look([knock('Otto')])
    bell.look([knock('Otto'), knock('Vera'), knock('Mira')])
    vi.advanceTimersByTime(3000)
    bell.look([knock('Otto'), knock('Mira')])
    expect(told).toEqual(['Otto of 1', 'Vera Mira of 3'])
    bell.look([knock('Otto')])
    expect(told.at(-1)).toBe('nothing')
  })

  it('rings at most once in three seconds for a crowd, and leaves nobody out', () => {
    const crowd = Array.from({ length: 100 }, (_, n) => knock(`P${n}`))
    for (let n = 1; n <= 100; n++) bell.look(crowd.slice(0, n))
    expect([rings, told]).toEqual([1, ['P0 of 1']])
    vi.advanceTimersByTime(3000)
    expect(rings).toBe(2)
    expect(told[1]).toContain('P99 of 100')
    vi.advanceTimersByTime(60_000)
    expect(rings).toBe(2)
  })

  it('says nothing about somebody who has given up or was answered before it could', () => {
    bell.look([knock('Otto')])
    bell.look([knock('Otto'), knock('Vera'), knock('Mira')])
    bell.look([knock('Otto'), knock('Mira', { answered: true })])
    vi.advanceTimersByTime(3000)
    expect([rings, told]).toEqual([1, ['Otto of 1']])
  })

  it('rings again for somebody who comes back', () => {
    bell.look([knock('Otto')])
    bell.look([])
    vi.advanceTimersByTime(3000)
    bell.look([knock('Otto')])
    expect(told).toEqual(['Otto of 1', 'nothing', 'Otto of 1'])
  })

  it('is silent when the call is over', () => {
    bell.look([knock('Otto')])
    bell.look([knock('Otto'), knock('Vera')])
    bell.stop()
    vi.advanceTimersByTime(3000)
    expect(rings).toBe(1)
  })
})
