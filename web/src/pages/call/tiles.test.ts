import { describe, expect, it } from 'vitest'
import type { Person } from '../../call/model'
import { somebody as someone } from '../../call/model.stage'
import { FIRST_VIEW, inOrder, orderAfter, stageOf, tilesOf, viewAfter } from './tiles'

const somebody = (id: string, more: Partial<Person> = {}) =>
  someone(id, { id, microphone: true, camera: true, ...more })

const me = somebody('me', { me: true })
const [hanna, gustav, mira] = [somebody('hanna'), somebody('gustav'), somebody('mira')]
const keys = (people: Person[]) => tilesOf(people).map(({ key }) => key)

describe('what has a place', () => {
  it('is each person, oneself last, and the screens of others first', () => {
    expect(keys([me, hanna, { ...gustav, screen: true }])).toEqual(['gustav/screen', 'hanna', 'gustav', 'me'])
  })

  it('is not the own screen: it would show itself in itself', () => {
    expect(keys([{ ...me, screen: true }, hanna])).toEqual(['hanna', 'me'])
  })
})

describe('the layout', () => {
  const plain = tilesOf([me, hanna, gustav])
  const sharing = tilesOf([me, hanna, { ...gustav, screen: true }])

  it('is a grid until somebody shares a screen', () => {
    expect(stageOf(viewAfter(FIRST_VIEW, plain), plain, ['hanna'])).toBeUndefined()
    expect(stageOf(viewAfter(FIRST_VIEW, sharing), sharing, ['hanna'])).toBe('gustav/screen')
  })

  it('follows the hand, until a new screen appears', () => {
    const chosen = { ...viewAfter(FIRST_VIEW, sharing), choice: 'grid' as const }
    expect(stageOf(chosen, sharing, [])).toBeUndefined()
    expect(viewAfter(chosen, sharing).choice).toBe('grid')
    const more = tilesOf([me, { ...hanna, screen: true }, { ...gustav, screen: true }])
    expect(stageOf(viewAfter(chosen, more), more, [])).toBe('hanna/screen')
  })

  it('shows in the speaker view who speaks, or anybody while nobody does', () => {
    const view = { ...FIRST_VIEW, choice: 'speaker' as const }
    expect(stageOf(view, plain, ['gustav', 'hanna'])).toBe('gustav')
    expect(stageOf(view, plain, ['gone'])).toBe('hanna')
    expect(stageOf(view, tilesOf([me]), [])).toBe('me')
  })

  it('keeps what is pinned on the stage until it is gone', () => {
    const pinned = { ...FIRST_VIEW, pin: 'hanna' }
    expect(stageOf(viewAfter(pinned, sharing), sharing, ['gustav'])).toBe('hanna')
    expect(viewAfter(pinned, tilesOf([me, gustav])).pin).toBeUndefined()
  })
})

describe('the order', () => {
  const many = [hanna, gustav, mira, somebody('ada'), somebody('otto')]
  const tiles = tilesOf([me, ...many])
  const first = orderAfter([], tiles, [], 3)

  it('does not change while those who speak are in sight', () => {
    expect(first).toEqual(['hanna', 'gustav', 'mira', 'ada', 'otto'])
    expect(orderAfter(first, tiles, ['mira', 'hanna'], 3)).toEqual(first)
  })

  it('brings a hidden speaker forward, in exchange for who has been silent longest, and moves nobody else', () => {
    expect(orderAfter(first, tiles, ['otto', 'mira', 'hanna'], 3)).toEqual(['hanna', 'otto', 'mira', 'ada', 'gustav'])
  })

  it('closes up when somebody leaves and adds newcomers at the end', () => {
    const later = tilesOf([me, hanna, mira, somebody('ada'), somebody('new')])
    expect(orderAfter(first, later, [], 3)).toEqual(['hanna', 'mira', 'ada', 'new'])
  })

  it('never takes a screen away for a speaker', () => {
    const sharing = tilesOf([me, { ...hanna, screen: true }, gustav, mira])
    expect(orderAfter([], sharing, ['mira'], 1)[0]).toBe('hanna/screen')
  })

  it('has oneself last on the first page, however many there are', () => {
    const shown = (perPage: number, big?: string) => inOrder(tiles, first, big, perPage).map(({ key }) => key)
    expect(shown(3)).toEqual(['hanna', 'gustav', 'me', 'mira', 'ada', 'otto'])
    expect(shown(16).at(-1)).toBe('me')
    expect(shown(3, 'hanna')).toEqual(['gustav', 'mira', 'me', 'ada', 'otto'])
    expect(shown(3, 'me')).toEqual(first)
    expect(shown(1).at(-1)).toBe('me')
  })
})
