import { describe, expect, it } from 'vitest'
import { en } from '../i18n/en'
import { situationOf, troubleOf } from './situations'

describe('what happened', () => {
  it('leads to the page that says so', () => {
    expect(situationOf({ why: 'left' })).toEqual({ page: 'after', how: 'left' })
    expect(situationOf({ why: 'removed' })).toEqual({ page: 'after', how: 'removed' })
    expect(situationOf({ why: 'connection-lost' })).toEqual({ page: 'trouble', kind: 'lost' })
    expect(situationOf({ why: 'cannot-encrypt' })).toEqual({ page: 'trouble', kind: 'cannotEncrypt' })
    expect(troubleOf('cannot-encrypt')).toEqual({ page: 'trouble', kind: 'cannotEncrypt' })
  })

  it('tells an outsider the same about a meeting that never was and one that is over', () => {
    expect(troubleOf('no_meeting')).toEqual(troubleOf('meeting_ended'))
    expect(en.trouble[troubleOf('no_meeting').kind].heading).toBe('There is no meeting here')
  })

  it('leads to the way in where an account is needed', () => {
    expect(en.trouble[troubleOf('signin_needed').kind].heading).toBe('This meeting is for people with an account')
  })

  it('says how long to wait after too many attempts', () => {
    const { kind, retryAfter } = troubleOf('too_many_attempts', 40)
    expect(en.trouble[kind].heading).toBe('Too many attempts')
    expect(en.trouble.tooMany.wait(retryAfter ?? 0)).toContain('40 seconds')
  })

  it('never ends without words, and sends nobody to check a network that is in order', () => {
    expect(troubleOf('internal').kind).toBe('failed')
    expect(troubleOf('unintelligible').kind).toBe('failed')
    expect(troubleOf('unreachable').kind).toBe('lost')
  })
})
