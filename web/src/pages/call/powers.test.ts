import { describe, expect, it } from 'vitest'
import { somebody } from '../../call/model.stage'
import { handAt, handsOf } from './hands'
import { mayEnd, powersOver } from './powers'

const busy = { microphone: true, camera: true, screen: true } as const
const [gustav, mira, hanna] = [
  somebody('Gustav', busy),
  somebody('Mira', { ...busy, role: 'cohost' }),
  somebody('Hanna', { ...busy, role: 'host' }),
]
const all = { mute: true, stopVideo: true, stopScreen: true, remove: true }
const none = { mute: false, stopVideo: false, stopScreen: false, cohost: undefined, remove: false }

describe('what is offered about somebody', () => {
  it('is everything to a host, and only a host makes co-hosts and unmakes them', () => {
    expect(powersOver(gustav, 'host')).toEqual({ ...all, cohost: 'make' })
    expect(powersOver(mira, 'host')).toEqual({ ...all, cohost: 'take' })
    expect(powersOver(hanna, 'host')).toEqual({ ...all, cohost: undefined })
  })

  it('is the rest to a co-host, and nothing against a host', () => {
    expect(powersOver(gustav, 'cohost')).toEqual({ ...all, cohost: undefined })
    expect(powersOver(mira, 'cohost')).toEqual({ ...all, cohost: undefined })
    expect(powersOver(hanna, 'cohost')).toEqual(none)
  })

  it('is nothing to a participant, and nothing about oneself', () => {
    expect(powersOver(gustav, 'participant')).toEqual(none)
    expect(powersOver({ ...hanna, me: true }, 'host')).toEqual(none)
  })

  it('is only what there is to stop: nobody can be unmuted by others', () => {
    expect(powersOver(somebody('Gustav'), 'host')).toEqual({ ...none, cohost: 'make', remove: true })
  })
})

it('the end for everyone is the host’s, and a co-host’s while no host is there', () => {
  expect(mayEnd({ role: 'host', hostPresent: true })).toBe(true)
  expect(mayEnd({ role: 'cohost', hostPresent: true })).toBe(false)
  expect(mayEnd({ role: 'cohost', hostPresent: false })).toBe(true)
  expect(mayEnd({ role: 'participant', hostPresent: false })).toBe(false)
})

it('hands count in the order in which they were raised', () => {
  const room = [somebody('Ada', { hand: 30 }), gustav, somebody('Vera', { hand: 10 })]
  expect(handsOf(room).map(({ name }) => name)).toEqual(['Vera', 'Ada'])
  expect(room.map(({ id }) => handAt(room, id))).toEqual([2, undefined, 1])
})
