import { describe, expect, it } from 'vitest'
import type { InCall, Knock, Person } from '../../call/model'
import { QUIET, somebody } from '../../call/model.stage'
import { en } from '../../i18n/call.en'
import { changeOf, knockSentence, Reporter, sentenceOf } from './announcements'
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

describe('what happens in the call', () => {
  const hanna = somebody('Hanna')
  const muted = { id: '1', by: 'Hanna', what: 'muted' } as const
  const gone = { id: '2', by: 'Hanna', what: 'removed', name: 'Otto' } as const

  function looks(...states: Partial<InCall>[]): string[][] {
    const reporter = new Reporter()
    return states.map((state) => reporter.look({ ...QUIET, people: [me, hanna], ...state }, en).map(({ text }) => text))
  }

  it('is said once, in the words of who did it', () => {
    expect(looks({ happenings: [muted] }, { happenings: [muted, gone] }, { happenings: [gone] })).toEqual([
      ['Hanna has muted you.'],
      ['Hanna removed Otto.'],
      [],
    ])
  })

  it('is what could not be done, and why where that helps', () => {
    const failed = { by: '', what: 'failed' } as const
    expect(
      looks(
        { happenings: [{ ...failed, id: '4' }] },
        { happenings: [{ ...failed, id: '5', why: 'meeting_locked' }] },
        { happenings: [{ ...failed, id: '6', why: 'meeting_full' }] },
      ),
    ).toEqual([
      ['That did not work. Try again.'],
      ['The meeting is locked. Unlock it to let somebody in.'],
      ['The meeting is full.'],
    ])
  })

  it('is a reaction in words, said for those who cannot see it', () => {
    const reactions = [{ id: '3', person: hanna.id, emoji: '👍' } as const]
    const reporter = new Reporter()
    const said = () => reporter.look({ ...QUIET, people: [me, hanna], reactions }, en)
    expect(said()).toEqual([{ text: 'Hanna: Thumbs up', unseen: true }])
    expect(said()).toEqual([])
  })

  it('is nothing about the reaction of somebody who has left', () => {
    expect(looks({ people: [me], reactions: [{ id: '3', person: hanna.id, emoji: '👍' }] })).toEqual([[]])
  })
})

describe('who is at the door', () => {
  const otto: Knock = { id: 'o', name: 'Otto', code: 'K7M 2QX', returning: false, answered: false }

  it('is named with the code, and with what is to be noticed', () => {
    expect(knockSentence([otto], 1, en)).toBe('Otto is waiting to be let in. Code K7M 2QX')
    const suspect = { ...otto, imitates: 'Otto', returning: true }
    expect(knockSentence([suspect], 4, en)).toMatch(/Similar name to Otto. was removed before$/)
  })

  it('is counted when several come at once', () => {
    expect(knockSentence([otto, { ...otto, id: 'p' }], 7, en)).toBe('7 people are waiting to be let in')
  })
})

describe('the time since joining', () => {
  it('has hours only once there are some', () => {
    expect(elapsed(-5)).toBe('0:00')
    expect(elapsed(761_000)).toBe('12:41')
    expect(elapsed(3_723_000)).toBe('1:02:03')
  })
})
