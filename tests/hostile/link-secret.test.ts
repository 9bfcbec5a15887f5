/** The link's secret and fingerprint decide, not the server: a wrong one opens nothing, whoever lets its bearer in. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { importSecret, linkProof } from '../../web/src/call/keys.ts'
import { parseLink } from '../../web/src/link.ts'
import type { Person } from '../live/harness/index.ts'
import { BROWSERS, House } from './stage/house.ts'
import { everything, isAlarmed, isBlocked, seesAndHearsNothing } from './stage/seeing.ts'
import { namingHostKey, presenting } from './stage/tampering.ts'

const NOTHING_HERE = 'There is no meeting here'
const UNKNOWN = 'Somebody is connected whom nobody has announced'

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

test('a damaged secret takes no seat', async () => {
  const hanna = await house.hosts('Hanna', 'Chromium', { camera: false, microphone: false })
  const otto = await house.person('Otto')

  await otto.open(damaged(hanna.link))

  await otto.see('heading', NOTHING_HERE)
  expect(seatsTaken(otto)).toBe(0)
})

describe.each(BROWSERS)('%s', (browser) => {
  test(`a damaged secret that the server lets in sees and hears nothing, and is an alarm, in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    const otto = await house.tries('Otto', damaged(hanna.link), browser, {
      init: [presenting(await proofOf(hanna.link))],
    })

    await isAlarmed(hanna.person, UNKNOWN)
    await isBlocked(hanna.person)
    await seesAndHearsNothing(hanna.person)
    await seesAndHearsNothing(otto)
    expect(await everything(hanna.person)).not.toContain('Otto')
    expect(await everything(otto)).not.toContain('Hanna')
  })
})

test("another host key than the link's is no meeting", async () => {
  const hanna = await house.hosts('Hanna', 'Chromium', { camera: false, microphone: false })
  const otto = await house.person('Otto', 'Chromium', { init: [namingHostKey('A'.repeat(43))] })

  await otto.open(hanna.link)

  await otto.see('heading', NOTHING_HERE)
  expect(seatsTaken(otto)).toBe(0)
})

/** Another secret of the same form. */
function damaged(link: string): string {
  return link.replace(/#(.)/, (_, first: string) => `#${first === 'A' ? 'B' : 'A'}`)
}

async function proofOf(link: string): Promise<string> {
  const secret = parseLink(link)?.secret ?? ''
  return linkProof(await importSecret(secret))
}

function seatsTaken({ requests }: Person): number {
  return requests.filter(({ method, url }) => method === 'POST' && url.endsWith('/seats')).length
}
