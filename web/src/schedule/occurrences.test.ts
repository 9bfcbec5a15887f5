import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lifetimeOf, needsRenewal, renewed } from './lifetime'
import { isEndless, lastOccurrence, nextOccurrence, occurrences } from './occurrences'
import { isWallTime, readTimes, type Times, wallOf, wallText } from './plan'
import { movedTo, nthOf, type Repeat, recurOf, repeatOf, ruleOf, WEEKDAYS, weekdayOf } from './rule'
import { Zone } from './zone'

const DAY_MS = 86_400_000
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'America/St_Johns',
  'Africa/Cairo',
  'UTC',
]

const starts = fc
  .integer({ min: Date.UTC(2026, 0) / 60_000, max: Date.UTC(2030, 0) / 60_000 })
  .map((minute) => wallText(minute * 60_000))
const zones = fc.constantFrom(...ZONES)
const daysOf = fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }).map(inOrder)
const ends = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 1, max: 1000 }).map((count) => ({ count })),
  fc.integer({ min: 0, max: 900 }).map((days) => ({ days })),
)

function inOrder<T extends string>(days: T[]): T[] {
  return [...days].sort((a, b) => WEEKDAYS.indexOf(a as never) - WEEKDAYS.indexOf(b as never))
}

/** A series as the form makes it. */
const series = fc
  .record({
    every: fc.constantFrom<Repeat['every']>('day', 'week', 'fortnight', 'date', 'weekday'),
    days: daysOf,
    end: ends,
    from: starts,
    zone: zones,
    minutes: fc.integer({ min: 5, max: 600 }),
  })
  .map(({ every, days, end, from, zone, minutes }) => {
    const weekly = every === 'week' || every === 'fortnight'
    const start = weekly ? movedTo(days, from) : from
    const { count, days: span } = { count: undefined, days: undefined, ...end } as { count?: number; days?: number }
    const repeat: Repeat = {
      every,
      days: weekly ? days : [],
      ...(count === undefined ? {} : { count }),
      ...(span === undefined ? {} : { until: wallText(wallOf(start) + span * DAY_MS).slice(0, 10) }),
    }
    return { repeat, times: { start, zone, minutes, rule: ruleOf(repeat, start) } satisfies Times }
  })

/** Dates of a series by going through the calendar day by day: slow, and nobody else's code. */
function byHand({ every, days, until, count }: Repeat, start: string, limit: number): string[] {
  const found: string[] = []
  const first = wallOf(start)
  const monday = first - WEEKDAYS.indexOf(weekdayOf(start)) * DAY_MS
  for (let wall = first; found.length < Math.min(limit, count ?? limit); wall += DAY_MS) {
    const text = wallText(wall)
    if (until !== undefined && text.slice(0, 10) > until) break
    const week = Math.floor((wall - monday) / (7 * DAY_MS))
    const lastOfMonth = wallText(wall + 7 * DAY_MS).slice(0, 7) !== text.slice(0, 7)
    const fits = {
      day: true,
      week: days.includes(weekdayOf(text)),
      fortnight: days.includes(weekdayOf(text)) && week % 2 === 0,
      date: text.slice(8, 10) === start.slice(8, 10),
      weekday:
        weekdayOf(text) === weekdayOf(start) &&
        (nthOf(start) === -1 ? lastOfMonth : Math.ceil(Number(text.slice(8, 10)) / 7) === nthOf(start)),
    }[every]
    if (fits) found.push(text)
  }
  return found
}

function take<T>(dates: Iterable<T>, count: number): T[] {
  const taken: T[] = []
  for (const date of dates) {
    if (taken.push(date) === count) break
  }
  return taken
}

const walls = (times: Times, count = 40) => take(occurrences(times), count).map(({ wall }) => wall)

describe('the dates of a series', () => {
  it('are those that going through the calendar by hand finds', () => {
    fc.assert(
      fc.property(series, ({ repeat, times }) => {
        expect(walls(times, 60)).toEqual(byHand(repeat, times.start, 60))
      }),
      { numRuns: 150 },
    )
  })

  it('come one after the other, each as long as it should be, each at the same time on the wall', () => {
    fc.assert(
      fc.property(series, ({ times }) => {
        const dates = take(occurrences(times), 60)
        for (const [i, date] of dates.entries()) {
          expect(date.end - date.start).toBe(times.minutes * 60_000)
          expect(date.wall.slice(11)).toBe(times.start.slice(11))
          if (i > 0) expect(date.start).toBeGreaterThan(dates[i - 1]?.start ?? 0)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('are the same ones when asked for from somewhere in the middle', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 0, max: 500 * 1440 }), ({ times }, minutes) => {
        const from = wallOf(times.start) + minutes * 60_000
        const all = take(occurrences(times), 600).filter(({ end }) => end > from)
        expect(take(occurrences(times, from), 3)).toEqual(all.slice(0, 3))
        expect(nextOccurrence(times, from)).toEqual(all[0])
      }),
      { numRuns: 60 },
    )
  })

  it('end with the last one, unless there is no end', () => {
    fc.assert(
      fc.property(series, ({ repeat, times }) => {
        const endless = repeat.until === undefined && repeat.count === undefined
        expect(isEndless(times)).toBe(endless)
        if (endless) expect(lastOccurrence(times)).toBeUndefined()
        else expect(lastOccurrence(times)).toEqual([...occurrences(times)].at(-1))
      }),
      { numRuns: 60 },
    )
  })

  it('survive the way into a rule and back into the form', () => {
    fc.assert(
      fc.property(series, ({ repeat, times }) => {
        expect(repeatOf(times.rule)).toEqual(repeat)
      }),
    )
  })

  it('leave out months that do not have the day', () => {
    const start = '2026-10-31T10:00'
    const rule = ruleOf({ every: 'date', days: [] }, start)
    expect(walls({ start, zone: 'Europe/Berlin', minutes: 60, rule }, 4).map((wall) => wall.slice(0, 10))).toEqual([
      '2026-10-31',
      '2026-12-31',
      '2027-01-31',
      '2027-03-31',
    ])
  })

  it('keep to the last Friday where the first is a fifth one', () => {
    const start = '2026-10-30T10:00'
    const rule = ruleOf({ every: 'weekday', days: [] }, start)
    expect(rule).toContain('BYDAY=-1FR')
    expect(walls({ start, zone: 'UTC', minutes: 60, rule }, 3).map((wall) => wall.slice(0, 10))).toEqual([
      '2026-10-30',
      '2026-11-27',
      '2026-12-25',
    ])
  })
})

describe('a rule that is not ours', () => {
  const HOSTILE = [
    'FREQ=SECONDLY',
    'FREQ=HOURLY;COUNT=3',
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31',
    'FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31',
    'FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=5MO',
    'FREQ=MONTHLY;BYDAY=5MO',
    'FREQ=DAILY;BYSETPOS=400',
    'FREQ=WEEKLY;BYDAY=1MO',
    'FREQ=DAILY;COUNT=-3',
    'FREQ=DAILY;COUNT=100000',
    'FREQ=DAILY;INTERVAL=9999999',
    'FREQ=DAILY;COUNT=2;UNTIL=20270101',
    'FREQ=DAILY;UNTIL=20270101T000000Z',
    'FREQ=DAILY;UNTIL=99999999',
    'FREQ=NEVER',
    '',
    'DAILY',
  ]

  it.each(HOSTILE)('yields no date and does not hang: %s', (rule) => {
    const times = { start: '2026-11-22T10:00', zone: 'Europe/Berlin', minutes: 60, rule }
    expect([...occurrences(times)]).toEqual([])
    expect(nextOccurrence(times, 0)).toBeUndefined()
    expect(lifetimeOf(times, Date.UTC(2026, 10, 22))).toBe('no-date')
    expect(repeatOf(rule)).toBeUndefined()
  })

  it('is bounded whatever stands in it', () => {
    const parts = fc.array(
      fc.oneof(
        fc.constantFrom('FREQ=DAILY', 'FREQ=WEEKLY', 'FREQ=MONTHLY', 'FREQ=YEARLY', 'COUNT=5', 'INTERVAL=3'),
        fc.integer({ min: -40, max: 40 }).map((day) => `BYMONTHDAY=${day}`),
        fc.integer({ min: 1, max: 12 }).map((month) => `BYMONTH=${month}`),
        fc.constantFrom('BYDAY=MO', 'BYDAY=-5SU', 'BYDAY=1MO,TU', 'UNTIL=20280101', 'UNTIL=20000101', 'X=Y', 'WKST=SU'),
      ),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(parts, (rule) => {
        const times = { start: '2026-11-22T10:00', zone: 'UTC', minutes: 60, rule: rule.join(';') }
        expect(take(occurrences(times), 20).length).toBeLessThanOrEqual(20)
        expect([...occurrences(times, Date.UTC(2050, 0))].length).toBeLessThanOrEqual(10_000)
      }),
      { numRuns: 40 },
    )
  })

  it('that has no end ends all the same', () => {
    const times = { start: '2026-11-22T10:00', zone: 'UTC', minutes: 60, rule: 'FREQ=DAILY' }
    expect([...occurrences(times)].length).toBe(10_000)
    expect(nextOccurrence(times, Date.UTC(2099, 0))).toBeUndefined()
  })

  it('whose last day is before its first has none', () => {
    const times = { start: '2026-11-22T10:00', zone: 'UTC', minutes: 60, rule: 'FREQ=WEEKLY;BYDAY=SU;UNTIL=20200101' }
    expect([...occurrences(times)]).toEqual([])
    expect(lastOccurrence(times)).toBeUndefined()
    expect(recurOf(times.rule)).toBeDefined()
  })
})

describe('wall time in a zone', () => {
  const at = (zone: string, wall: string) => new Date(new Zone(zone).instantOf(wallOf(wall))).toISOString().slice(0, 16)

  it.each([
    // Skipped: by the offset from before, so as much later as the gap is long.
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30'],
    ['America/New_York', '2026-03-08T02:00', '2026-03-08T07:00'],
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:45'],
    // Doubled: the first of the two.
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30'],
    ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45'],
    // A day that never was: Samoa went to bed on Thursday and woke up on Saturday.
    ['Pacific/Apia', '2011-12-31T00:30', '2011-12-30T10:30'],
    ['Asia/Kolkata', '2026-11-22T10:00', '2026-11-22T04:30'],
  ])('%s %s', (zone, wall, instant) => {
    expect(at(zone, wall)).toBe(instant)
  })

  it('is what the zone’s clock shows, wherever there is such a time', () => {
    fc.assert(
      fc.property(zones, starts, (name, text) => {
        const zone = new Zone(name)
        const instant = zone.instantOf(wallOf(text))
        const shown = zone.wallAt(instant)
        // Only in a gap the clock shows something else, and then it is later by at most an hour.
        expect(shown - wallOf(text)).toBeGreaterThanOrEqual(0)
        expect(shown - wallOf(text)).toBeLessThanOrEqual(3_600_000)
        if (shown === wallOf(text)) expect(zone.wallAt(instant - 3_600_000)).toBeLessThanOrEqual(shown)
      }),
    )
  })
})

describe('times out of a card', () => {
  const RIGHT = { start: '2026-11-22T10:00', zone: 'Europe/Berlin', minutes: 60 }

  it('are taken when they are right, and nothing else with them', () => {
    expect(readTimes({ ...RIGHT, link: 'x' })).toEqual(RIGHT)
    expect(readTimes({ ...RIGHT, rule: 'FREQ=DAILY' })).toEqual({ ...RIGHT, rule: 'FREQ=DAILY' })
  })

  it.each([
    null,
    'text',
    { ...RIGHT, start: '2026-02-30T10:00' },
    { ...RIGHT, start: '2026-11-22T24:00' },
    { ...RIGHT, start: '1026-11-22T10:00' },
    { ...RIGHT, start: 5 },
    { ...RIGHT, zone: 'Mars/Olympus' },
    { ...RIGHT, zone: '' },
    { ...RIGHT, zone: 'x'.repeat(10_000) },
    { ...RIGHT, minutes: 0 },
    { ...RIGHT, minutes: 1e9 },
    { ...RIGHT, minutes: 30.5 },
    { ...RIGHT, rule: 7 },
    { ...RIGHT, rule: 'FREQ=DAILY;'.repeat(50) },
  ])('are none: %j', (value) => {
    expect(readTimes(value)).toBeUndefined()
  })

  it('are never anything but a wall time, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isWallTime(text) && wallText(wallOf(text)) !== text).toBe(false)
      }),
    )
  })
})

describe('how long the server keeps a meeting', () => {
  const NOW = Date.UTC(2026, 10, 22, 12)
  const single = { start: '2026-11-23T10:00', zone: 'UTC', minutes: 60 }

  it('a single one until a day after its end', () => {
    expect(lifetimeOf(single, NOW)).toEqual({ opensAt: '2026-11-23T09:00:00Z', closesAt: '2026-11-24T11:00:00Z' })
  })

  it('a series until thirty days after its last date', () => {
    const weekly = { ...single, rule: 'FREQ=WEEKLY;COUNT=3;BYDAY=MO' }
    expect(lifetimeOf(weekly, NOW)).toMatchObject({ closesAt: '2027-01-06T11:00:00Z' })
    expect(needsRenewal(weekly, NOW)).toBe(false)
  })

  it('one without end for as long as it may, and its owner renews it later', () => {
    const weekly = { ...single, rule: 'FREQ=WEEKLY;BYDAY=MO' }
    const lifetime = lifetimeOf(weekly, NOW)
    if (typeof lifetime === 'string') throw new Error(lifetime)
    expect(Date.parse(lifetime.closesAt) - NOW).toBe(398 * DAY_MS)
    expect(needsRenewal(weekly, NOW)).toBe(true)
    expect(renewed({ ...weekly, ...lifetime }, NOW + 29 * DAY_MS)).toBeUndefined()
    expect(renewed({ ...weekly, ...lifetime }, NOW + 31 * DAY_MS)).toEqual({
      opensAt: lifetime.opensAt,
      closesAt: '2028-01-25T12:00:00Z',
    })
    expect(renewed({ ...single, ...lifetime }, NOW + 31 * DAY_MS)).toBeUndefined()
  })

  it.each([
    ['over', { ...single, start: '2026-11-22T10:30' }],
    ['over', { ...single, start: '2026-11-01T10:00', rule: 'FREQ=DAILY;COUNT=3' }],
    ['too-far', { ...single, start: '2028-01-23T10:00' }],
  ] as const)('and refuses what is %s', (why, times) => {
    expect(lifetimeOf(times, NOW)).toBe(why)
  })

  it('always ahead, in order and within what the server takes', () => {
    fc.assert(
      fc.property(series, ({ times }) => {
        const lifetime = lifetimeOf(times, NOW)
        if (typeof lifetime === 'string') return
        const [opens, closes] = [Date.parse(lifetime.opensAt), Date.parse(lifetime.closesAt)]
        expect(opens).toBeLessThan(closes)
        expect(closes).toBeGreaterThan(NOW)
        expect(closes).toBeLessThanOrEqual(NOW + 399 * DAY_MS)
      }),
      { numRuns: 100 },
    )
  })
})
