import ICAL from 'ical.js'
import { tzlib_get_ical_block } from 'timezones-ical-library'
import { cleanName } from '../call/names'
import type { Times } from './plan'
import { wallOf } from './plan'
import { recurOf } from './rule'
import { Zone } from './zone'

/** What stands in somebody's calendar. No addresses of people: whom it concerns, its owner knows. */
export type Entry = {
  uid: string
  sequence: number
  title: string
  /** the invitation */
  link: string
  /** several lines */
  description: string
  times: Times
  cancelled: boolean
}

const PRODUCT = '-//Klausur//Klausur//EN'

/**
 * An iCalendar file (RFC 5545, RFC 5546: PUBLISH or CANCEL). Everything is written by the library, which escapes texts
 * and folds lines. All zones together are 9 KB gzip, and smaller than one request for each: they come with this module,
 * which is loaded when somebody wants a file. `now`: epoch ms. Throws for a rule that is not ours.
 */
export function calendarFile(entry: Entry, now: number): string {
  const { times } = entry
  const zone = zoneOf(times.zone)
  const event = new ICAL.Component('vevent')
  event.addPropertyWithValue('uid', entry.uid)
  event.addPropertyWithValue('sequence', entry.sequence)
  event.addPropertyWithValue('dtstamp', utc(now))
  event.addPropertyWithValue('dtstart', ICAL.Time.fromDateTimeString(`${times.start}:00`)).setParameter('tzid', zone.id)
  // Not DTEND: across a change of the clock, readers disagree about what lies between two wall times.
  event.addPropertyWithValue('duration', ICAL.Duration.fromSeconds(times.minutes * 60))
  if (times.rule !== undefined) event.addPropertyWithValue('rrule', ruleInFile(times.rule, times.zone))
  event.addPropertyWithValue('status', entry.cancelled ? 'CANCELLED' : 'CONFIRMED')
  event.addPropertyWithValue('summary', cleanName(entry.title))
  event.addPropertyWithValue('description', lines(entry.description))
  event.addPropertyWithValue('location', entry.link)
  event.addPropertyWithValue('url', entry.link)

  const calendar = new ICAL.Component('vcalendar')
  calendar.addPropertyWithValue('prodid', PRODUCT)
  calendar.addPropertyWithValue('version', '2.0')
  calendar.addPropertyWithValue('method', entry.cancelled ? 'CANCEL' : 'PUBLISH')
  calendar.addSubcomponent(zone.component)
  calendar.addSubcomponent(event)
  return `${calendar.toString()}\r\n`
}

/** By the name that the zone has now: browsers still say some of the old ones. */
function zoneOf(name: string): { component: ICAL.Component; id: string } {
  const component = new ICAL.Component(ICAL.parse(String(tzlib_get_ical_block(name)[0])) as unknown as [])
  return { component, id: String(component.getFirstPropertyValue('tzid')) }
}

/** In a file, the end of a rule in a zone is an instant in UTC (RFC 5545, 3.3.10). */
function ruleInFile(rule: string, zone: string): ICAL.Recur {
  const recur = recurOf(rule)
  if (!recur) throw new TypeError('not a rule of ours')
  if (recur.until) recur.until = utc(new Zone(zone).instantOf(wallOf(recur.until.toString())))
  return recur
}

function utc(instant: number): ICAL.Time {
  return ICAL.Time.fromJSDate(new Date(Math.floor(instant / 1000) * 1000), true)
}

/** A carriage return is left alone by the library, and some readers would begin a line of the file there. */
function lines(text: string): string {
  return text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '')
}
