import { mkdirSync } from 'node:fs'
import { join as path } from 'node:path'
import {
  type Browser,
  brokenDevice,
  buildClientIfStale,
  join,
  joinByLink,
  type Language,
  launchChromium,
  type Person,
  type PersonOptions,
  pictureIsShown,
  type Scheme,
  type Server,
  startMeeting,
  startServer,
  WORDS,
} from './harness/index.ts'
import { PEOPLE_SCENES } from './harness/people-scenes.ts'
import { PROOF_SCENES } from './harness/proof-scenes.ts'
import { openScene, SCENES, serveStories } from './harness/scenes.ts'

const SIZES = [
  [1280, 800],
  [390, 844],
] as const

const NAMES: Record<
  Language,
  Record<'people' | 'shield' | 'more' | 'devices' | 'shortcuts' | 'close' | 'looking', string>
> = {
  en: {
    people: 'People',
    shield: 'Encryption: on',
    more: 'More',
    devices: 'Devices',
    shortcuts: 'Shortcuts',
    close: 'Close',
    looking: 'Looking for the meeting …',
  },
  de: {
    people: 'Teilnehmende',
    shield: 'Verschlüsselung: an',
    more: 'Mehr',
    devices: 'Geräte',
    shortcuts: 'Tastenkürzel',
    close: 'Schließen',
    looking: 'Das Meeting wird gesucht …',
  },
}

const M = 'A'.repeat(22)
const PAGES: [string, string][] = [
  ['home', '/'],
  ['privacy', '/privacy'],
  ['imprint', '/imprint'],
  ['unknown-page', '/nowhere'],
  ['link-incomplete', `/m/${M}`],
  ['no-meeting', `/m/${M}#${'B'.repeat(42)}A.${'C'.repeat(21)}A`],
]

type Look = PersonOptions & { language: Language; scheme: Scheme; width: number; height: number }
type Take = (person: Person, name: string, fullPage?: boolean) => Promise<void>

const LOOKS: Look[] = (['en', 'de'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((scheme) =>
    SIZES.map(([width, height]) => ({ language, scheme, width, height })),
  ),
)

function fileOf(folder: string, name: string, { language, scheme, width }: Look): string {
  return path(folder, `${name}.${language}.${scheme}.${width}.png`)
}

export async function takeAll(folder: string): Promise<void> {
  await takeServed(folder)
  await takeScenes(folder, '')
}

export async function takeScenes(folder: string, only: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const [stories, browser] = await Promise.all([serveStories(), launchChromium()])
  try {
    for (const look of LOOKS) {
      const hanna = await browser.person('Hanna Schulz', look)
      for (const scene of [...SCENES, ...PEOPLE_SCENES, ...PROOF_SCENES].filter(({ name }) => name.includes(only))) {
        await openScene(hanna, stories.url, scene, look.language)
        // Behind a dialog the page is as long as the screen.
        await hanna.screenshot(fileOf(folder, scene.name, look), !scene.shows?.startsWith('dialog'))
      }
      await hanna.close()
    }
  } finally {
    await browser.close()
    await stories.close()
  }
}

async function takeServed(folder: string): Promise<void> {
  buildClientIfStale()
  mkdirSync(folder, { recursive: true })
  const [server, browser] = await Promise.all([startServer(), launchChromium()])
  try {
    const others = await Promise.all(['Gustav Meier', 'Mira Öztürk'].map((name) => browser.person(name)))
    const [gustav, mira] = others as [Person, Person]
    const link = await startMeeting(gustav, server.url)
    await join(gustav, { title: 'Budget 2027' })
    await joinByLink(mira, link, { camera: false })
    for (const look of LOOKS) {
      const take: Take = (person, name, fullPage = true) => person.screenshot(fileOf(folder, name, look), fullPage)
      await takeOutside(browser, server, look, take)
      await takeCall(browser, link, gustav, look, take)
    }
  } finally {
    await browser.close()
    await server.close()
  }
}

async function takeOutside(browser: Browser, server: Server, look: Look, take: Take): Promise<void> {
  const hanna = await browser.person('Hanna Schulz', look)
  for (const [name, address] of PAGES) {
    await hanna.open('about:blank')
    await hanna.open(server.url + address)
    await settled(hanna, look)
    await take(hanna, name)
  }
  await startMeeting(hanna, server.url, look.language)
  await take(hanna, 'before-host')
  await hanna.close()
}

async function takeCall(browser: Browser, link: string, gustav: Person, look: Look, take: Take): Promise<void> {
  const words = WORDS[look.language]
  const names = NAMES[look.language]
  const troubled = await browser.person('Hanna Schulz', { ...look, init: [brokenDevice('video', 'NotReadableError')] })
  await troubled.open(link)
  await troubled.click('switch', words.camera)
  await troubled.see('switch', words.camera)
  await settled(troubled, look)
  await take(troubled, 'before-trouble')
  await troubled.close()

  const hanna = await browser.person('Hanna Schulz', look)
  await hanna.open(link)
  await hanna.click('switch', words.camera)
  await hanna.waitForAttribute('switch', words.camera, 'aria-checked', 'true')
  await take(hanna, 'before-guest')
  await join(hanna, { language: look.language, camera: false })
  await pictureIsShown(hanna, gustav.name)
  await take(hanna, 'call', false)
  for (const [name, button] of [
    ['people', names.people],
    ['security', names.shield],
  ] as const) {
    await hanna.click('button', button)
    await settled(hanna, look)
    await take(hanna, name, false)
    await hanna.click('button', names.close)
  }
  for (const [name, item] of [
    ['devices', names.devices],
    ['shortcuts', names.shortcuts],
  ] as const) {
    await hanna.click('button', names.more)
    await hanna.see('menuitem', item)
    if (name === 'devices') await take(hanna, 'more', false)
    await hanna.click('menuitem', item)
    await settled(hanna, look)
    await take(hanna, name, false)
    await hanna.click('button', names.close)
  }
  await gustav.click('button', 'Share screen')
  await pictureIsShown(hanna, look.language === 'en' ? `${gustav.name}'s screen` : `Bildschirm von ${gustav.name}`)
  await take(hanna, 'call-screen', false)
  await gustav.click('button', 'Share screen')
  await hanna.click('button', words.leave)
  await hanna.see('heading', words.left)
  await take(hanna, 'after')
  await hanna.close()
}

/** The page has answers to show, and nothing moves any more. */
async function settled(person: Person, { language }: Look): Promise<void> {
  await person.waitFor('the page shows more than that it is looking', async () => {
    const text = await person.text()
    return text.trim().length > 50 && !text.includes(NAMES[language].looking)
  })
  await person.evaluate(async () => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))
  }, null)
}
