/** Every page and every state of the call: nothing for axe to find, and no sideways scrolling on a narrow screen. */
import axe from 'axe-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Browser,
  brokenDevice,
  HEAR,
  join,
  type Language,
  launchChromium,
  type Person,
  pictureIsShown,
  type Role,
  type Scheme,
  type Server,
  startMeeting,
  startServer,
  WORDS,
} from './harness/index.ts'

let server: Server
let browser: Browser
let gustav: Person
let link: string

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launchChromium()])
  gustav = await browser.person('Gustav', { init: [HEAR] })
  link = await startMeeting(gustav, server.url)
  await join(gustav, { title: 'Budget' })
  await gustav.click('button', 'Share screen')
  await gustav.waitForAttribute('button', 'Share screen', 'aria-pressed', 'true')
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

type Look = { language: Language; scheme: Scheme }
/** Words do not depend on colours, nor colours on words: two looks hold both languages and both schemes. */
const LOOKS: Look[] = [
  { language: 'en', scheme: 'light' },
  { language: 'de', scheme: 'dark' },
]

const HEADINGS = {
  en: {
    home: 'Meet behind closed doors',
    notice: 'Privacy notice',
    imprint: 'Imprint',
    unknown: 'There is no page here',
    incomplete: 'This link is incomplete',
    none: 'There is no meeting here',
  },
  de: {
    home: 'Hinter geschlossenen Türen tagen',
    notice: 'Datenschutzhinweise',
    imprint: 'Impressum',
    unknown: 'Hier gibt es keine Seite',
    incomplete: 'Dieser Link ist unvollständig',
    none: 'Hier gibt es kein Meeting',
  },
} as const

const PANELS: Record<
  Language,
  {
    people: string
    more: string
    shield: string
    devices: string
    shortcuts: string
    security: string
    close: string
    screen: string
    busy: string
  }
> = {
  en: {
    people: 'People',
    more: 'More',
    shield: 'Encryption: on',
    devices: 'Devices',
    shortcuts: 'Shortcuts',
    security: 'Security',
    close: 'Close',
    screen: "Gustav's screen",
    busy: 'Another program is using the camera',
  },
  de: {
    people: 'Teilnehmende',
    more: 'Mehr',
    shield: 'Verschlüsselung: an',
    devices: 'Geräte',
    shortcuts: 'Tastenkürzel',
    security: 'Sicherheit',
    close: 'Schließen',
    screen: 'Bildschirm von Gustav',
    busy: 'Ein anderes Programm verwendet die Kamera',
  },
}

describe.each(LOOKS)('in $language, $scheme', ({ language, scheme }) => {
  const words = WORDS[language]
  const panels = PANELS[language]
  const come = (init: string[] = []) =>
    browser.person('Hanna', { language, scheme, init: [axe.source, ...init], width: 1280, height: 800 })

  test('the pages outside a call', async () => {
    const hanna = await come()
    const M = 'A'.repeat(22)
    const pages: [string, string][] = [
      ['/', HEADINGS[language].home],
      ['/privacy', HEADINGS[language].notice],
      ['/imprint', HEADINGS[language].imprint],
      ['/nowhere', HEADINGS[language].unknown],
      [`/m/${M}`, HEADINGS[language].incomplete],
      [`/m/${M}#${'B'.repeat(42)}A.${'C'.repeat(21)}A`, HEADINGS[language].none],
    ]
    for (const [page, heading] of pages) {
      await hanna.open('about:blank')
      await hanna.open(server.url + page)
      await hanna.see('heading', heading)
      expect(await hanna.evaluate(() => document.documentElement.lang, null)).toBe(language)
      await faultless(hanna, page)
    }
    await hanna.close()
  })

  test('before joining, as host and as guest, with a trouble and with a picture', async () => {
    const hanna = await come()
    await startMeeting(hanna, server.url, language)
    await faultless(hanna, 'before joining, host')
    await hanna.click('switch', words.camera)
    await hanna.click('switch', words.microphone)
    await hanna.waitForAttribute('switch', words.microphone, 'aria-checked', 'true')
    await hanna.waitForAttribute('switch', words.camera, 'aria-checked', 'true')
    await faultless(hanna, 'before joining, devices on')
    await hanna.close()

    const troubled = await come([brokenDevice('video', 'NotReadableError')])
    await troubled.open(link)
    await troubled.click('switch', words.camera)
    await troubled.seeText(panels.busy)
    await faultless(troubled, 'before joining, guest with a trouble')
    await troubled.close()
  })

  test('the call, its panels and its menu, and the page after it', async () => {
    const hanna = await come()
    await hanna.open(link)
    await join(hanna, { language })
    await pictureIsShown(hanna, 'Gustav')
    await hanna.see('group', panels.screen)
    await faultless(hanna, 'the call')

    const opened: [string, Role, string][] = [
      [panels.people, 'region', panels.people],
      [panels.shield, 'region', panels.security],
    ]
    for (const [button, role, name] of opened) {
      await hanna.click('button', button)
      await hanna.see(role, name)
      await faultless(hanna, name)
      await hanna.click('button', panels.close)
      await hanna.gone(role, name)
    }
    const chosen: [string, Role][] = [
      [panels.devices, 'region'],
      [panels.shortcuts, 'dialog'],
    ]
    for (const [item, role] of chosen) {
      await hanna.click('button', panels.more)
      await hanna.see('menuitem', item)
      await faultless(hanna, 'menu')
      await hanna.click('menuitem', item)
      await hanna.see(role, item)
      await faultless(hanna, item)
      await hanna.click('button', panels.close)
    }
    await hanna.click('button', words.leave)
    await hanna.see('heading', words.left)
    await faultless(hanna, 'after')
    await hanna.close()
  })
})

test('who comes and goes is said politely', async () => {
  const mira = await browser.person('Mira')
  await mira.open(link)
  await join(mira, { camera: false, microphone: false })
  const heard = (words: string) =>
    gustav.evaluate((wanted) => window.heard.some((each) => each.includes(wanted)), words)
  await gustav.waitFor('“Mira has joined” is announced', () => heard('Mira has joined'))
  await mira.click('button', 'Leave')
  await gustav.waitFor('“Mira has left” is announced', () => heard('Mira has left'))
  await mira.close()
})

/** Axe, wide and narrow, and no horizontal scrolling at 320 px (WCAG 1.4.10), which is also 400 % zoom at 1280. */
async function faultless(person: Person, what: string): Promise<void> {
  expect(await violations(person), `${what}, wide`).toEqual([])
  await person.resize(320, 640)
  expect(await violations(person), `${what}, narrow`).toEqual([])
  const width = await person.evaluate(() => document.documentElement.scrollWidth, null)
  await person.resize(1280, 800)
  expect(width, `${what}: width at 320 px`).toBeLessThanOrEqual(320)
}

async function violations(person: Person): Promise<string[]> {
  return person.evaluate(async () => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    )
  }, null)
}
