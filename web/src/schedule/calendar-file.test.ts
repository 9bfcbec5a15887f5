import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { NAME_LENGTH } from '../call/names'
import { calendarFile, type Entry } from './calendar-file'
import { mailDraft } from './mail-draft'
import { occurrences } from './occurrences'
import { ruleOf } from './rule'

const NOW = Date.UTC(2026, 10, 22, 12)
const LINK = `https://meet.example/m/${'M'.repeat(22)}#${'S'.repeat(43)}.${'K'.repeat(22)}`

const ENTRY: Entry = {
  uid: '7b0fa9d1-8d7c-4f6e-9a39-0d9d7c1f2c11',
  sequence: 0,
  title: 'Board meeting',
  link: LINK,
  description: `Join here:\n${LINK}\n\nPrivacy notice: https://meet.example/privacy`,
  times: { start: '2026-11-23T10:00', zone: 'Europe/Berlin', minutes: 60 },
  cancelled: false,
}

function weekly(zone: string, start: string): Entry {
  const rule = ruleOf({ every: 'week', days: ['MO'], count: 60 }, start)
  return { ...ENTRY, times: { start, zone, minutes: 45, rule } }
}

function planned(start: string, zone: string, ...repeat: Parameters<typeof ruleOf>[0][]): Entry {
  const [first] = repeat
  return { ...ENTRY, times: { start, zone, minutes: 90, ...(first ? { rule: ruleOf(first, start) } : {}) } }
}

/** Read by other people's libraries in tests/schedule: every date compared. */
const STORIES: Record<string, Entry> = {
  'once, in Berlin': ENTRY,
  'weekly in Berlin, across both changes': weekly('Europe/Berlin', '2026-03-02T10:00'),
  'weekly in New York, across both changes': weekly('America/New_York', '2026-03-02T10:00'),
  'weekly in Kolkata, where nothing changes': weekly('Asia/Calcutta', '2026-03-02T10:00'),
  'weekly on Lord Howe, where half an hour changes': weekly('Australia/Lord_Howe', '2026-03-02T10:00'),
  'weekly in Apia, on the other side of the date line': weekly('Pacific/Apia', '2026-03-02T07:30'),
  'on three days a week, until a day': planned('2026-09-07T18:00', 'Europe/Berlin', {
    every: 'week',
    days: ['MO', 'WE', 'FR'],
    until: '2026-11-30',
  }),
  'every two weeks, without end': planned('2026-09-09T09:15', 'America/New_York', { every: 'fortnight', days: ['WE'] }),
  'each 31st': planned('2026-01-31T16:00', 'Europe/Berlin', { every: 'date', days: [], count: 9 }),
  'each last Friday': planned('2026-01-30T23:30', 'America/New_York', { every: 'weekday', days: [], count: 14 }),
  'each second Tuesday': planned('2026-01-13T08:00', 'Australia/Lord_Howe', { every: 'weekday', days: [], count: 14 }),
  'daily in the hour that is skipped': planned('2026-03-26T02:30', 'Europe/Berlin', {
    every: 'day',
    days: [],
    count: 7,
  }),
  'daily in the hour that comes twice': planned('2026-10-22T02:30', 'Europe/Berlin', {
    every: 'day',
    days: [],
    count: 7,
  }),
  'until a day that is another one in Greenwich': planned('2026-11-02T00:30', 'Pacific/Apia', {
    every: 'day',
    days: [],
    until: '2026-11-09',
  }),
  'cancelled, with a title that would be more': {
    ...weekly('Europe/Berlin', '2026-03-02T10:00'),
    title: 'Budget, 2027; "draft"\r\nATTENDEE:mailto:otto@outside.example\r\nEND:VEVENT <b>\\n</b> Größe 会議 🗓️',
    description: 'One\r\nTwo\rATTENDEE:mailto:otto@outside.example\u2028Three, four; five\\n',
    sequence: 3,
    cancelled: true,
  },
}

const told = (entry: Entry) => {
  const dates = [...occurrences(entry.times)].slice(0, 60).map(({ start, end }) => [start, end].map(iso))
  return { uid: entry.uid, title: entry.title, minutes: entry.times.minutes, dates, file: calendarFile(entry, NOW) }
}

function iso(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}

it('The files that other libraries are given are those that this code writes', async () => {
  const stories = Object.entries(STORIES).map(
    ([name, entry]) => `${JSON.stringify(name)}: ${JSON.stringify(told(entry))}`,
  )
  // `vitest -u` writes it anew.
  await expect(`{\n${stories.join(',\n')}\n}\n`).toMatchFileSnapshot('../../../tests/schedule/calendars.json')
})

/** Its lines, unfolded, as any reader of RFC 5545 would. */
function unfolded(file: string): string[] {
  return file.replace(/\r\n[ \t]/g, '').split('\r\n')
}

describe('a calendar file', () => {
  it('names nobody', () => {
    const file = calendarFile(ENTRY, NOW)
    expect(file).not.toMatch(/ATTENDEE|ORGANIZER|mailto/i)
    expect(unfolded(file)).toContain(`URL:${LINK}`)
  })

  it('that cancels says so, with the same name and a higher number', () => {
    const file = unfolded(calendarFile({ ...ENTRY, sequence: 4, cancelled: true }, NOW))
    expect(file).toEqual(
      expect.arrayContaining(['METHOD:CANCEL', 'STATUS:CANCELLED', 'SEQUENCE:4', `UID:${ENTRY.uid}`]),
    )
  })

  it('has the lines it should have, whatever title and description are', () => {
    const names = unfolded(calendarFile(ENTRY, NOW)).map((line) => line.split(/[:;]/)[0])
    const wild = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('\r\nBEGIN:VALARM\r\n', '\\,;:"'),
    )
    fc.assert(
      fc.property(wild, wild, (title, description) => {
        const file = calendarFile({ ...ENTRY, title, description }, NOW)
        expect(unfolded(file).map((line) => line.split(/[:;]/)[0])).toEqual(names)
        // No half line break that a careless reader takes for a whole one.
        expect(file.replaceAll('\r\n', '')).not.toMatch(/[\r\n\u0085\u2028\u2029]/)
        const event = new ICAL.Component(ICAL.parse(file) as unknown as []).getFirstSubcomponent('vevent')
        const summary = String(event?.getFirstPropertyValue('summary') ?? '')
        expect([...summary].length).toBeLessThanOrEqual(NAME_LENGTH)
      }),
      { numRuns: 200 },
    )
  })

  it('is none for a rule that is not ours', () => {
    const times = { ...ENTRY.times, rule: 'FREQ=SECONDLY' }
    expect(() => calendarFile({ ...ENTRY, times }, NOW)).toThrow(TypeError)
  })

  it('can be made for every zone that a browser offers', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const file = calendarFile({ ...ENTRY, times: { ...ENTRY.times, zone } }, NOW)
      const [tzid] = unfolded(file).filter((line) => line.startsWith('TZID:'))
      expect(unfolded(file)).toContain(`DTSTART;TZID=${tzid?.slice(5)}:20261123T100000`)
    }
  })
})

describe('a mail draft', () => {
  it('has subject and text, and no recipient', () => {
    const draft = new URL(mailDraft('Board & co.', 'One\nTwo'))
    expect(draft.pathname).toBe('')
    expect(draft.searchParams.get('subject')).toBe('Board & co.')
    expect(draft.search).toContain('body=One%0D%0ATwo')
  })

  it('has no other header, whatever the title is', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.constantFrom('x\r\nBcc: otto@outside.example', 'x&bcc=otto@outside.example', '?to=otto', '%0d%0aBcc:x', '#'),
    )
    fc.assert(
      fc.property(wild, wild, (subject, body) => {
        const address = mailDraft(subject, body)
        expect(address).toMatch(/^mailto:\?subject=[^&?#\s]*&body=[^&?#\s]*$/)
        expect(/subject=(.*)&body/.exec(address)?.[1]).not.toMatch(/%0[ad]/i)
        expect(/body=(.*)$/.exec(address)?.[1]?.replaceAll('%0D%0A', '')).not.toMatch(/%0[ad]/i)
      }),
    )
  })
})
