/** The server speaks into the room by itself: data in clear, names, metadata. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually, type Person, stays } from '../live/harness/index.ts'
import { BROWSERS, House } from './stage/house.ts'
import { decorates } from './stage/lies.ts'
import { alerts, everything, isAlarmed, isBlocked } from './stage/seeing.ts'

const SILENT = { camera: false, microphone: false }
const WORD = 'Mallory-was-here'

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

describe.each(BROWSERS)('%s', (browser) => {
  test(`data in clear from the server are discarded and alarm in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser, SILENT)

    await insisting(hanna.person, () => house.owner.sendsData(hanna.room, WORD, 'chat'))

    await isAlarmed(hanna.person, 'Data that were not encrypted')
    await isBlocked(hanna.person)
    expect(await everything(hanna.person)).not.toContain(WORD)
  })

  test(`data in clear in Gustav's name are discarded and alarm in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser, SILENT)
    const gustav = await house.joins('Gustav', hanna.link, 'Chromium', SILENT)
    await gustav.person.click('button', 'Leave')

    // His place at the engine is free now, and the owner can mint whom they like.
    const impostor = await (await house.outsiders).listener(hanna.room, gustav.identity, { speaksData: true })
    await insisting(hanna.person, () => impostor.sendData(WORD, 'chat'))

    await isAlarmed(hanna.person, 'Data that were not encrypted')
    expect(await everything(hanna.person)).not.toContain(WORD)
  })
})

test('a remote procedure call of the server finds nobody to serve it', async () => {
  const hanna = await house.hosts('Hanna', 'Chromium', SILENT)

  const status = await house.owner.performsRpc(hanna.room, hanna.identity, 'anything', WORD)

  expect(status).not.toBe(200)
  expect(await everything(hanna.person)).not.toContain(WORD)
})

test('names and metadata of the server stand nowhere', async () => {
  house.liar.lies.add(decorates(WORD))
  const hanna = await house.hosts('Hanna', 'Chromium', SILENT)
  const gustav = await house.joins('Gustav', hanna.link, 'Chromium', SILENT)
  await house.owner.renames(hanna.room, gustav.identity, WORD, WORD)
  await house.owner.retitles(hanna.room, WORD)

  await hanna.person.see('group', 'Gustav')
  await stays(
    'what the server calls people stands nowhere',
    async () => !(await everything(hanna.person)).includes(WORD),
  )
})

/** Again and again until anything comes of it: the engine drops data for whose channel is not open yet. */
async function insisting(person: Person, attack: () => Promise<void>): Promise<void> {
  await eventually(
    'the data came to something',
    async () => {
      await attack()
      return (await alerts(person)) !== '' || (await everything(person)).includes(WORD)
    },
    { every: 300 },
  )
}
