/** Somebody is at the engine whom nobody announced: the owner of the engine lets in whom they like. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { stays } from '../live/harness/index.ts'
import { BROWSERS, House } from './stage/house.ts'
import { alerts, isAlarmed, isBlocked, receivesOnlySealed, seesAndHearsNothing } from './stage/seeing.ts'

const SILENT = { camera: false, microphone: false }
const UNKNOWN = 'Somebody is connected whom nobody has announced'

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

describe.each(BROWSERS)('%s', (browser) => {
  test(`a subscriber without key alarms, and receives only sealed frames from ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    const listener = await (await house.outsiders).listener(hanna.room, 'keyless')

    await isAlarmed(hanna.person, UNKNOWN)
    await isBlocked(hanna.person)
    await receivesOnlySealed(listener)
    await stays('no tile stands for a stranger', async () => !(await hanna.person.text()).includes('keyless'))
  })

  test(`a hidden subscriber without key receives only sealed frames from ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    const listener = await (await house.outsiders).listener(hanna.room, 'hidden', { hidden: true })

    await receivesOnlySealed(listener)
  })

  test(`a stranger who sends in clear is neither shown nor heard in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    await (await house.outsiders).publisher(hanna.room, 'stranger')

    await isAlarmed(hanna.person, UNKNOWN)
    await isBlocked(hanna.person)
    await seesAndHearsNothing(hanna.person)
  })

  test(`a stranger who encrypts with a key of their own is neither shown nor heard in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    await (await house.outsiders).publisher(hanna.room, 'stranger', { secret: 'of the stranger' })

    await isAlarmed(hanna.person, UNKNOWN)
    await seesAndHearsNothing(hanna.person)
  })
})

test('klausur removes a stranger from its own engine', async () => {
  const hanna = await house.hosts('Hanna', 'Chromium', SILENT)
  await (await house.outsiders).listener(hanna.room, 'keyless')
  // Not before: removed at once, the stranger would be gone before anybody could be told.
  await isAlarmed(hanna.person, UNKNOWN)

  house.liar.obedient = true
  await hanna.person.see('button', 'Encryption: on', { within: 40_000 })
  expect(await alerts(hanna.person)).not.toContain(UNKNOWN)
})
