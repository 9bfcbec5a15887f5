/** A lying control plane passes on what people say of themselves wrongly: swapped, old, forged, or not at all. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Admission, certify } from '../../web/src/call/admission.ts'
import { randomId } from '../../web/src/call/bytes.ts'
import { newHostKey } from '../../web/src/call/keys.ts'
import { eventually, type Person, stays } from '../live/harness/index.ts'
import { House, type Participant } from './stage/house.ts'
import { Insider, type SeatMessage } from './stage/insider.ts'
import { isAlarmed, isBlocked, seesAndHearsNothing } from './stage/seeing.ts'
import { LYING_CONTROL_PLANE } from './stage/tampering.ts'

const SILENT = { camera: false, microphone: false }

type Said = { type: string; pseudonym?: string; session?: string; roster?: Partial<SeatMessage>[] }
type Plane = { said: Said[]; hiding: boolean; say(message: object): void }

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

test('announcements under a pseudonym or in an opening that is not theirs are refused', async () => {
  const { hanna, gustav, otto, mallory } = await threePeople()
  const gustavs = await seatOf(hanna.person, gustav.identity)
  const ottos = await seatOf(hanna.person, otto.identity)
  const hannas = await seatOf(gustav.person, hanna.identity)
  const elsewhere = await mallory.announcement('Mallory', 9, { session: randomId() })

  await say(hanna.person, { ...gustavs, announcement: ottos.announcement })
  await stays('Gustav is not called Otto', () => onlyTheThree(hanna.person))
  await say(hanna.person, { ...ottos, pseudonym: randomId() })
  await stays('nobody has Otto’s name beside him', () => onlyTheThree(hanna.person))
  await say(hanna.person, hannas)
  await stays('Hanna is there once', () => onlyTheThree(hanna.person))
  // A page that was to show two people of one pseudonym would stand still as it was, alarms and all.
  await hanna.person.click('button', 'People')
  await hanna.person.see('region', 'People')
  await stays('Hanna is there once in the list', async () => (await listed(hanna.person)) === 3)
  await say(hanna.person, await mallory.seat(elsewhere))
  await stays('Mallory is not here by what she said elsewhere', () => onlyTheThree(hanna.person))
})

test('what another member says in somebody’s name is refused', async () => {
  const { hanna, gustav, mallory } = await threePeople()
  const gustavs = await seatOf(hanna.person, gustav.identity)
  const forged = await mallory.announcement('Mallory', 999, { pseudonym: gustav.identity })

  await say(hanna.person, { ...gustavs, announcement: forged })
  await stays('Gustav is not called Mallory', () => onlyTheThree(hanna.person))
  await say(hanna.person, { ...(await mallory.seat(forged)), pseudonym: gustav.identity })
  await stays('Mallory does not sit on Gustav’s chair', () => onlyTheThree(hanna.person))
})

test('whoever cannot show who let them in is nobody', async () => {
  const { hanna, gustav, mallory } = await threePeople()
  const { admission: gustavs } = await seatOf(hanna.person, gustav.identity)
  const otherHost = (await newHostKey()).privateKey
  const { place } = mallory
  const forged: Admission[] = [
    gustavs,
    { mac: 'A'.repeat(43) },
    { certificate: await certify(otherHost, 'host', place, 'host', Date.now()) },
    { certificate: await certify(otherHost, place.key, place, 'participant', Date.now()) },
  ]
  const announcement = await mallory.announcement('Mallory')
  for (const admission of forged) {
    await say(hanna.person, await mallory.seat(announcement, admission))
    await stays('Mallory is not there', () => onlyTheThree(hanna.person))
  }

  await say(hanna.person, await mallory.seat(await mallory.announcement('Mallory', 2)))
  await hanna.person.see('group', 'Mallory')
})

test('acts that their actor has not signed, or has no power for, are not obeyed', async () => {
  const { hanna, gustav, otto, mallory } = await threePeople()

  await say(gustav.person, await mallory.act('remove', otto.identity, hanna.identity))
  await stays('Otto is there for all that Mallory says in Hanna’s name', () => isThere(gustav.person, 'Otto'))
  await say(gustav.person, await mallory.seat(await mallory.announcement('Mallory')))
  await gustav.person.see('group', 'Mallory')
  await say(gustav.person, await mallory.act('remove', otto.identity))
  await stays('Otto is there for all that Mallory says', () => isThere(gustav.person, 'Otto'))
})

test('an older announcement does not replace a newer one', async () => {
  const { hanna, gustav } = await threePeople()
  const old = await seatOf(hanna.person, gustav.identity)
  await renames(gustav, 'Gustav the Second')
  await hanna.person.see('group', 'Gustav the Second')

  await say(hanna.person, { type: 'left', pseudonym: gustav.identity })
  await say(hanna.person, old)

  await stays('the old name stays away', async () => !(await isThere(hanna.person, 'Gustav')))
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
  const session = (await said(hanna.person)).find((message) => message.type === 'welcome')?.session ?? ''
  return { hanna, gustav, otto, mallory: await Insider.with(hanna.link, session) }
}

async function onlyTheThree(person: Person): Promise<boolean> {
  return (await names(person)).join() === 'Gustav,Hanna (you),Otto'
}

async function isThere(person: Person, name: string): Promise<boolean> {
  return (await names(person)).includes(name)
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

function say(person: Person, message: object): Promise<void> {
  return person.evaluate((told) => (window as unknown as { controlPlane: Plane }).controlPlane.say(told), message)
}

async function said(person: Person): Promise<Said[]> {
  return person.evaluate(() => (window as unknown as { controlPlane: Plane }).controlPlane.said, null)
}

/** As the server passed it on, first of all. */
function seatOf(person: Person, pseudonym: string): Promise<SeatMessage> {
  return eventually('the announcement came by', async () => {
    const seats = (await said(person)).flatMap((message) => [message, ...(message.roster ?? [])])
    const seat = seats.find((each) => each.pseudonym === pseudonym && 'announcement' in each)
    return seat && ({ ...seat, type: 'seat' } as SeatMessage)
  })
}

async function renames({ person }: Participant, name: string): Promise<void> {
  await person.click('button', 'People')
  await person.click('button', 'Rename')
  await person.fill('Your name', name)
  await person.press('Enter')
}
