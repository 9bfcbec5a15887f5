/** How one looks at a call: layouts, pages, full screen, the small window, a phone's two cameras. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Browser,
  type ChromiumPerson,
  flow,
  joinByLink,
  launchChromium,
  meet,
  type Person,
  pictureIsShown,
  picturesMove,
  type Server,
  startServer,
} from './harness/index.ts'

/** Keeps what was asked of the camera: a fake one faces nowhere. */
const KEEP_WISHES = `(() => {
  window.wishes = []
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = (wanted) => {
    window.wishes.push(JSON.stringify(wanted.video ?? null))
    return real(wanted)
  }
})()`

let server: Server
let browser: Browser
let hanna: Person
let gustav: Person
let mira: Person

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launchChromium({ devices: 'three of each' })])
  hanna = await browser.person('Hanna')
  gustav = await browser.person('Gustav', { init: [KEEP_WISHES] })
  mira = await browser.person('Mira')
  const link = await meet(hanna, gustav, server.url)
  await joinByLink(mira, link)
  await Promise.all(['Gustav', 'Mira'].map((name) => pictureIsShown(hanna, name)))
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

test('full screen and back', async () => {
  const isFull = () => hanna.evaluate(() => document.fullscreenElement !== null, null)
  for (const full of [true, false]) {
    await hanna.click('button', 'More')
    await hanna.click('menuitemcheckbox', 'Full screen')
    await hanna.waitFor(`full screen: ${full}`, async () => (await isFull()) === full)
  }
})

test('the small window shows somebody, and closes again', async () => {
  const isOpen = () => hanna.evaluate(() => document.pictureInPictureElement !== null, null)
  for (const open of [true, false]) {
    await hanna.click('button', 'More')
    await hanna.click('menuitemcheckbox', 'Picture in picture')
    await hanna.waitFor(`picture in picture: ${open}`, async () => (await isOpen()) === open)
  }
  await picturesMove(hanna, 2)
})

test('who is pinned is big, until the grid is chosen', async () => {
  const width = (name: string) => hanna.inside('group', name, (element) => element.getBoundingClientRect().width, null)
  const bigger = async (ratio: number) => (await width('Mira')) > ratio * (await width('Gustav'))
  await hanna.click('button', 'Pin Mira')
  await hanna.waitFor('Mira is big', () => bigger(2))
  await pictureIsShown(hanna, 'Mira')
  await hanna.click('button', 'More')
  await hanna.click('menuitemradio', 'Grid')
  await hanna.waitFor('Mira is as big as Gustav', async () => !(await bigger(1.05)))
})

test('only who is on the page is received', async () => {
  await hanna.resize(400, 270)
  await hanna.seeText('Page 1 of 2')
  const others = ['Gustav', 'Mira']
  const shown = async () => {
    const seen = await Promise.all(others.map((name) => hanna.sees('group', name)))
    return others.filter((_, index) => seen[index])
  }
  const [first] = await hanna.waitFor('one of the two is left', async () => (await shown()).length === 1 && shown())
  await onlyOneMoves()
  await hanna.click('button', 'Next page')
  const second = others.find((name) => name !== first) ?? ''
  await pictureIsShown(hanna, second)
  expect(await shown()).toEqual([second])
  await onlyOneMoves()

  await hanna.resize(1280, 800)
  await Promise.all(others.map((name) => pictureIsShown(hanna, name)))
})

/** What is on no page costs nothing: its counters stand still. */
async function onlyOneMoves(): Promise<void> {
  await hanna.waitFor('one picture moves, and no other', async () => {
    const before = await flow(hanna)
    await picturesMove(hanna, 1)
    const after = await flow(hanna)
    const grown = after.inbound.filter(
      ({ kind, track, bytes }) =>
        kind === 'video' && bytes > (before.inbound.find((each) => each.track === track)?.bytes ?? 0),
    )
    return grown.length === 1
  })
}

test('a phone turns to its other camera', async () => {
  const wishes = () => gustav.evaluate(() => (window as unknown as { wishes: string[] }).wishes, null)
  expect((await wishes()).join()).not.toContain('environment')
  const { context, page } = gustav as ChromiumPerson
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 })
  await gustav.click('button', 'More')
  await gustav.click('menuitem', 'Switch camera')
  await gustav.waitFor('the rear camera is asked for', async () => (await wishes()).at(-1)?.includes('environment'))
  await pictureIsShown(hanna, 'Gustav')
  await gustav.waitForAttribute('button', 'Camera', 'aria-pressed', 'true')
})

test('what came and went on the way was never taken for an attack', async () => {
  await hanna.click('button', 'Encryption: on')
  await hanna.seeTextIn('region', 'Security', 'Alarms so far')
  expect(await hanna.textOf('region', 'Security')).toContain('None.')
})
