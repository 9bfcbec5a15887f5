/** What people in one call see and hear of each other. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Browser,
  join,
  joinByLink,
  launchChromium,
  leave,
  type Person,
  pictureIsShown,
  picturesMove,
  type Server,
  soundsArrive,
  startMeeting,
  startServer,
} from './harness/index.ts'

let server: Server
let browser: Browser
let hanna: Person
let gustav: Person
let mira: Person
let link: string

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launchChromium()])
  hanna = await browser.person('Hanna')
  gustav = await browser.person('Gustav')
  mira = await browser.person('Mira')
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

describe.sequential('three people', () => {
  test('the guest reads the title that the host gave before he joins', async () => {
    link = await startMeeting(hanna, server.url)
    await join(hanna, { title: 'Works council <b>' })
    await gustav.open(link)
    await gustav.see('heading', 'Works council <b>')
    expect(await hanna.text()).toContain('Works council <b>')
  })

  test('both see, hear and know each other', async () => {
    await join(gustav)
    await Promise.all([pictureIsShown(hanna, 'Gustav'), pictureIsShown(gustav, 'Hanna')])
    await Promise.all([soundsArrive(hanna, 1), soundsArrive(gustav, 1)])
    await hanna.see('group', 'Hanna (you)')
  })

  test('who goes silent or dark is shown so in words, and comes back', async () => {
    await gustav.click('button', 'Microphone')
    await gustav.waitForAttribute('button', 'Microphone', 'aria-pressed', 'false')
    await hanna.seeTextIn('group', 'Gustav', 'Microphone off')
    await gustav.click('button', 'Camera')
    await gustav.waitForAttribute('button', 'Camera', 'aria-pressed', 'false')
    await hanna.seeTextIn('group', 'Gustav', 'Camera off')

    await gustav.click('button', 'Microphone')
    await gustav.click('button', 'Camera')
    await hanna.seeNoTextIn('group', 'Gustav', 'Microphone off')
    await hanna.seeNoTextIn('group', 'Gustav', 'Camera off')
    await pictureIsShown(hanna, 'Gustav')
    await soundsArrive(hanna, 1)
  })

  test('a third person is seen by both, and sees both', async () => {
    await joinByLink(mira, link)
    await Promise.all([
      pictureIsShown(hanna, 'Mira'),
      pictureIsShown(gustav, 'Mira'),
      pictureIsShown(mira, 'Hanna'),
      pictureIsShown(mira, 'Gustav'),
    ])
    await Promise.all([picturesMove(mira, 2), soundsArrive(mira, 2), soundsArrive(hanna, 2)])
  })

  test('the list of people names all three', async () => {
    await hanna.click('button', 'People')
    await hanna.see('region', 'People')
    for (const name of ['Hanna', 'Gustav', 'Mira']) await hanna.seeTextIn('region', 'People', name)
    await hanna.press('Escape')
    await hanna.gone('region', 'People')
  })

  test('a shared screen arrives with its sound, and its end disturbs nothing else', async () => {
    await gustav.click('button', 'Share screen')
    await gustav.waitForAttribute('button', 'Share screen', 'aria-pressed', 'true')
    await pictureIsShown(hanna, "Gustav's screen")
    await pictureIsShown(mira, "Gustav's screen")
    await soundsArrive(hanna, 3)

    await gustav.click('button', 'Share screen')
    await hanna.gone('group', "Gustav's screen")
    await pictureIsShown(hanna, 'Gustav')
    await pictureIsShown(mira, 'Gustav')
    await soundsArrive(hanna, 2)
  })

  test('who leaves is gone for the others, and can come back', async () => {
    await leave(mira)
    await hanna.gone('group', 'Mira')
    await mira.click('button', 'Rejoin')
    await hanna.see('group', 'Mira')
    await pictureIsShown(mira, 'Hanna')
  })
})
