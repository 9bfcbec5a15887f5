/** A lying control plane passes announcements on wrongly: swapped, old, of another opening, or not at all. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { announcementContext, announcementKey, importSecret, seal } from '../../web/src/call/keys.ts'
import { parseLink } from '../../web/src/link.ts'
import { eventually, type Person, stays } from '../live/harness/index.ts'
import { House, type Participant } from './stage/house.ts'
import { isAlarmed, isBlocked, seesAndHearsNothing } from './stage/seeing.ts'
import { LYING_CONTROL_PLANE } from './stage/tampering.ts'

const SILENT = { camera: false, microphone: false }

type Said = { type: string; pseudonym?: string; announcement?: string; session?: string; roster?: Said[] }
type Plane = { said: Said[]; hiding: boolean; say(message: Said): void; send(message: Said): void }

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

test('announcements under a pseudonym or in an opening that is not theirs are refused', async () => {
  const { hanna, gustav, otto } = await threePeople()
  const ottos = await announcementOf(hanna.person, otto.identity)
  const hannas = await announcementOf(gustav.person, hanna.identity)
  const elsewhere = await sealed(hanna.link, 'C'.repeat(21).concat('A'), gustav.identity, 'Mallory', 9)

  await say(hanna.person, { type: 'seat', pseudonym: gustav.identity, announcement: ottos, away: false })
  await stays('Gustav is not called Otto', () => onlyTheThree(hanna.person))
  await say(hanna.person, { type: 'seat', pseudonym: 'B'.repeat(21).concat('A'), announcement: ottos, away: false })
  await stays('nobody has Otto’s name beside him', () => onlyTheThree(hanna.person))
  await say(hanna.person, { type: 'seat', pseudonym: hanna.identity, announcement: hannas, away: false })
  await stays('Hanna is there once', () => onlyTheThree(hanna.person))
  // A page that was to show two people of one pseudonym would stand still as it was, alarms and all.
  await hanna.person.click('button', 'People')
  await hanna.person.see('region', 'People')
  await stays('Hanna is there once in the list', async () => (await listed(hanna.person)) === 3)
  await say(hanna.person, { type: 'seat', pseudonym: gustav.identity, announcement: elsewhere, away: false })
  await stays('Gustav is not who he was elsewhere', () => onlyTheThree(hanna.person))
})

test('an older announcement does not replace a newer one', async () => {
  const { hanna, gustav } = await threePeople()
  const old = await announcementOf(hanna.person, gustav.identity)
  await renames(gustav, hanna, 'Gustav the Second', 7)
  await hanna.person.see('group', 'Gustav the Second')

  await say(hanna.person, { type: 'left', pseudonym: gustav.identity })
  await say(hanna.person, { type: 'seat', pseudonym: gustav.identity, announcement: old, away: false })

  await stays('the old name stays away', async () => !(await names(hanna.person)).includes('Gustav'))
})

test('somebody whom the server does not announce is an alarm, and not shown', async () => {
  const hanna = await house.hosts('Hanna', 'Chromium', { init: [LYING_CONTROL_PLANE] })
  await hanna.person.evaluate(() => {
    ;(window as unknown as { controlPlane: Plane }).controlPlane.hiding = true
  }, null)
  await house.joins('Gustav', hanna.link)

  await isAlarmed(hanna.person, 'Somebody is connected whom nobody has announced')
  await isBlocked(hanna.person)
  await seesAndHearsNothing(hanna.person)
  expect(await names(hanna.person)).toEqual(['Hanna (you)'])
})

async function threePeople() {
  const init = { init: [LYING_CONTROL_PLANE], ...SILENT }
  const hanna = await house.hosts('Hanna', 'Chromium', init)
  const gustav = await house.joins('Gustav', hanna.link, 'Chromium', init)
  const otto = await house.joins('Otto', hanna.link, 'Chromium', SILENT)
  await hanna.person.see('group', 'Otto')
  return { hanna, gustav, otto }
}

async function onlyTheThree(person: Person): Promise<boolean> {
  return (await names(person)).join() === 'Gustav,Hanna (you),Otto'
}

function names(person: Person): Promise<string[]> {
  return person.evaluate(
    () =>
      [...document.querySelectorAll('[role=group]')]
        .map((group) => group.getAttribute('aria-label') ?? '')
        .filter((label) => label !== '')
        .sort(),
    null,
  )
}

function listed(person: Person): Promise<number> {
  return person.evaluate(() => document.querySelectorAll('#people li').length, null)
}

function say(person: Person, message: Said & { away?: boolean }): Promise<void> {
  return person.evaluate((told) => (window as unknown as { controlPlane: Plane }).controlPlane.say(told), message)
}

async function said(person: Person): Promise<Said[]> {
  return person.evaluate(() => (window as unknown as { controlPlane: Plane }).controlPlane.said, null)
}

/** As the server passed it on, first of all. */
function announcementOf(person: Person, pseudonym: string): Promise<string> {
  return eventually('the announcement came by', async () => {
    const seats = (await said(person)).flatMap((message) => [message, ...(message.roster ?? [])])
    return seats.find((seat) => seat.pseudonym === pseudonym)?.announcement
  })
}

/** Gustav announces himself anew through his own socket, as a member may. */
async function renames(who: Participant, host: { link: string }, name: string, seq: number): Promise<void> {
  const session = (await said(who.person)).find((message) => message.type === 'welcome')?.session ?? ''
  const announcement = await sealed(host.link, session, who.identity, name, seq)
  await who.person.evaluate((message) => (window as unknown as { controlPlane: Plane }).controlPlane.send(message), {
    type: 'announce',
    announcement,
  } as Said)
}

async function sealed(link: string, session: string, pseudonym: string, name: string, seq: number): Promise<string> {
  const { meeting, secret } = parseLink(link) ?? { meeting: '', secret: '' }
  const key = await announcementKey(await importSecret(secret), session)
  const announcement = { v: 1, seq, name, key: { index: 0, salt: 'D'.repeat(21).concat('A') } }
  return seal(key, announcementContext(meeting, session, pseudonym), announcement)
}
