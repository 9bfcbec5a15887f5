/** The machinery of encryption is not there, fails or falls silent: then nothing is sent, in clear least of all. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually, type Person, picturesMove } from '../live/harness/index.ts'
import { BROWSERS, House } from './stage/house.ts'
import {
  isAlarmed,
  isBlocked,
  receivesNothing,
  receivesNothingInClear,
  seesAndHearsNothing,
  seesAndHearsNothingMore,
} from './stage/seeing.ts'
import {
  COUNTING_CAPTURES,
  KEEP_WORKERS,
  LOSING_THE_SDKS_ENABLE,
  losingEnable,
  NO_FRAME_TRANSFORMS,
  NO_WEBCRYPTO,
  WORKER_CANNOT_START,
  WORKER_IS_DUMB,
} from './stage/tampering.ts'

const CANNOT = 'This browser cannot encrypt meetings'
const SILENT = { camera: false, microphone: false }

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

describe.each(BROWSERS)('%s', (browser) => {
  test(`a worker never told to encrypt sends nothing from ${browser}`, async () => {
    const { gustav, listener } = await gustavAndAKeylessListener()
    const hanna = await house.tries('Hanna', gustav.link, browser, { init: [losingEnable('own')] })

    await hasLost(hanna)
    await isAlarmed(hanna, 'Your own encryption could not be established')
    await isBlocked(hanna)
    await receivesNothing(listener)
  })

  test(`a worker never told to decrypt shows nothing in ${browser}`, async () => {
    const gustav = await house.hosts('Gustav', 'Chromium')
    const hanna = await house.joins('Hanna', gustav.link, browser, { init: [losingEnable('others')], ...SILENT })

    await hasLost(hanna.person)
    await seesAndHearsNothing(hanna.person)
  })

  test(`a worker told neither sends nothing and shows nothing in ${browser}`, async () => {
    const { gustav, listener } = await gustavAndAKeylessListener()
    const hanna = await house.tries('Hanna', gustav.link, browser, { init: [losingEnable('all')] })

    await hasLost(hanna)
    await receivesNothing(listener)
    await seesAndHearsNothing(hanna)
  })

  test(`the SDK's own word to encrypt lost sends nothing from ${browser}, and alarms`, async () => {
    const { gustav, listener } = await gustavAndAKeylessListener()
    const hanna = await house.tries('Hanna', gustav.link, browser, { init: [LOSING_THE_SDKS_ENABLE] })

    await hasLost(hanna)
    await isAlarmed(hanna, 'Your own encryption could not be established')
    await isBlocked(hanna)
    await receivesNothing(listener)
  })

  test(`a worker that ends during the call stops everything and alarms in ${browser}`, async () => {
    const gustav = await house.hosts('Gustav', 'Chromium')
    const listener = await (await house.outsiders).listener(gustav.room, 'keyless')
    const hanna = await house.joins('Hanna', gustav.link, browser, { init: [KEEP_WORKERS] })
    await picturesMove(hanna.person, 1)

    await hanna.person.evaluate(() => {
      for (const worker of (window as unknown as { workers: Worker[] }).workers) worker.terminate()
    }, null)

    await isAlarmed(hanna.person, 'Encryption has failed in this browser')
    await isBlocked(hanna.person)
    await seesAndHearsNothingMore(hanna.person)
    await receivesNothingInClear(listener)
  })

  test.each([
    ['cannot start', WORKER_CANNOT_START],
    ['never answers', WORKER_IS_DUMB],
  ])(`a worker that %s takes no seat in ${browser}`, async (_, init) => {
    const gustav = await house.hosts('Gustav', 'Chromium', SILENT)
    const hanna = await house.tries('Hanna', gustav.link, browser, { init: [init] })

    await hanna.see('heading', CANNOT)
    expect(seatsTaken(hanna)).toBe(0)
  })

  test.each([
    ['frame transforms', NO_FRAME_TRANSFORMS],
    ['WebCrypto', NO_WEBCRYPTO],
  ])(`a browser without %s is told so and takes no seat and no device in ${browser}`, async (_, init) => {
    const gustav = await house.hosts('Gustav', 'Chromium', SILENT)
    const hanna = await house.person('Hanna', browser, { init: [init, COUNTING_CAPTURES] })

    await hanna.open(gustav.link)

    await hanna.see('heading', CANNOT)
    expect(seatsTaken(hanna)).toBe(0)
    expect(await hanna.evaluate(() => (window as unknown as { captures: number }).captures, null)).toBe(0)
  })
})

/** Gustav shows and says nothing, so whatever the listener receives is another's. */
async function gustavAndAKeylessListener() {
  const gustav = await house.hosts('Gustav', 'Chromium', SILENT)
  const listener = await (await house.outsiders).listener(gustav.room, 'keyless')
  return { gustav, listener }
}

/** The attack has taken place: a test that lost nothing would prove nothing. */
async function hasLost(person: Person): Promise<void> {
  await eventually('a message to the worker was lost', () =>
    person.evaluate(() => (window as unknown as { lostMessages: number }).lostMessages > 0, null),
  )
}

function seatsTaken({ requests }: Person): number {
  return requests.filter(({ method, url }) => method === 'POST' && url.endsWith('/seats')).length
}
