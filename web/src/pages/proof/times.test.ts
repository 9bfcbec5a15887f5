import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dayOf, daysAhead, isAmong, lastDay } from './times'

describe('days, as somebody in Berlin has them', () => {
  beforeEach(() => {
    vi.stubEnv('TZ', 'Europe/Berlin')
    vi.useFakeTimers({ toFake: ['Date'] })
    // There it is half past midnight of the 24th.
    vi.setSystemTime('2026-11-23T23:30:00Z')
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
  })

  it.each([
    ['2026-10-09T00:00:00+00:00', 'en', 'Oct 8, 2026'],
    ['2026-10-09T00:00:00+00:00', 'de', '08.10.2026'],
    // As early as it must, within a day that may be named: it counts in part.
    ['2026-10-09T09:15:00+00:00', 'en', 'Oct 9, 2026'],
    ['whenever', 'en', 'whenever'],
  ] as const)('an end is shown as the last day that counts: %s (%s)', (until, language, day) => {
    expect(new Date('2026-10-09T00:00:00Z').getHours()).toBe(2)
    expect(lastDay(until, language)).toBe(day)
  })

  it('the last day that is offered is one that the server takes, also just after midnight', () => {
    expect(daysAhead(364)).toEqual({ first: '2026-11-24', last: '2027-11-22' })
    expect(dayOf(Date.now())).toBe('2026-11-23')
    expect(isAmong(daysAhead(364), '2027-11-23')).toBe(false)
  })
})
