import { describe, expect, it } from 'vitest'
import type { Person } from '../../call/model'
import { somebody } from '../../call/model.stage'
import { en } from '../../i18n/call.en'
import { changeOf, sentenceOf } from './announcements'
import { elapsed } from './elapsed'

const me = somebody('Jonas', { me: true })
const said = (before: Person[] | undefined, now: Person[]) => sentenceOf(changeOf(before, now), en.announce)

describe('what is said about comings and goings', () => {
  it('is nothing on arriving, and nothing about oneself', () => {
    expect(said(undefined, [me, somebody('Hanna')])).toBe('')
    expect(said([], [me])).toBe('')
  })

  it('names those who come, go and share', () => {
    const hanna = somebody('Hanna')
    expect(said([me], [me, hanna])).toBe('Hanna has joined')
    expect(said([me, hanna], [me, somebody('Gustav')])).toBe('Gustav has joined. Hanna has left')
    expect(said([me, hanna], [me, { ...hanna, screen: true }])).toBe('Hanna is sharing a screen')
    expect(said([me, hanna], [me, { ...hanna, speaking: true }])).toBe('')
  })

  it('counts a crowd', () => {
    const crowd = ['Hanna', 'Gustav', 'Mira', 'Ada'].map((name) => somebody(name))
    expect(said([me], [me, ...crowd])).toBe('4 people have joined')
  })
})

describe('the time since joining', () => {
  it('has hours only once there are some', () => {
    expect(elapsed(-5)).toBe('0:00')
    expect(elapsed(761_000)).toBe('12:41')
    expect(elapsed(3_723_000)).toBe('1:02:03')
  })
})
