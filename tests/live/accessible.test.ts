/** Every page and every state of the call: nothing for axe to find, and no sideways scrolling on a narrow screen. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AXE, faultless } from './harness/faultless.ts'
import {
  type Browser,
  brokenDevice,
  HEAR,
  hears,
  inCall,
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
    screenOf: (name: string) => string
    share: string
    hand: string
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
    screenOf: (name) => `${name}'s screen`,
    share: 'Share screen',
    hand: 'Raise hand',
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
    screenOf: (name) => `Bildschirm von ${name}`,
    share: 'Bildschirm teilen',
    hand: 'Hand heben',
    busy: 'Ein anderes Programm verwendet die Kamera',
  },
}

describe.each(LOOKS)('in $language, $scheme', ({ language, scheme }) => {
  const words = WORDS[language]
  const panels = PANELS[language]
  const come = (init: string[] = []) =>
    browser.person('Hanna', { language, scheme, init: [AXE, ...init], width: 1280, height: 800 })

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

const DOOR = {
  en: {
    waiting: 'Waiting to be let in',
    declined: 'You were not let in',
    again: 'Ask again',
    locked: 'The meeting is locked',
    lock: 'Lock meeting',
    react: 'React',
    thumb: 'Thumbs up',
    end: 'End for everyone',
    cancel: 'Cancel',
    admit: 'Admit',
    decline: 'Decline',
    remove: (name: string) => `Remove ${name}`,
    about: (name: string) => `Remove ${name}?`,
    answer: (name: string, answer: string) => `${answer} ${name}`,
  },
  de: {
    waiting: 'Warten auf Einlass',
    declined: 'Sie wurden nicht eingelassen',
    again: 'Noch einmal anfragen',
    locked: 'Das Meeting ist gesperrt',
    lock: 'Meeting sperren',
    react: 'Reagieren',
    thumb: 'Daumen hoch',
    end: 'Für alle beenden',
    cancel: 'Abbrechen',
    admit: 'einlassen',
    decline: 'ablehnen',
    remove: (name: string) => `${name} entfernen`,
    about: (name: string) => `${name} entfernen?`,
    answer: (name: string, answer: string) => `${name} ${answer}`,
  },
}

describe.each(LOOKS)('a meeting with a door, in $language, $scheme', ({ language, scheme }) => {
  const words = WORDS[language]
  const panels = PANELS[language]
  const door = DOOR[language]
  const none = { camera: false, microphone: false, language }
  const come = (name: string) => browser.person(name, { language, scheme, init: [AXE] })

  test('on both sides of it', async () => {
    const [hanna, otto, mira] = (await Promise.all(['Hanna', 'Otto', 'Mira'].map(come))) as [Person, Person, Person]
    const closed = await startMeeting(hanna, server.url, language, { waitingRoom: true })
    await join(hanna, none)

    await knock(otto, closed)
    await faultless(otto, 'waiting')
    await hanna.see('button', door.answer('Otto', door.admit))
    await faultless(hanna, 'somebody knocks')
    await hanna.click('button', door.answer('Otto', door.decline))
    await otto.see('heading', door.declined)
    await faultless(otto, 'not let in')

    await knock(mira, closed)
    await hanna.click('button', door.answer('Mira', door.admit))
    await inCall(mira, language)
    await mira.click('button', words.camera)
    await mira.click('button', words.microphone)
    await mira.click('button', panels.share)
    await mira.click('button', panels.hand)
    await otto.click('button', door.again)
    await hanna.see('group', panels.screenOf('Mira'))
    await hanna.click('button', panels.people)
    await hanna.see('button', door.answer('Otto', door.admit))
    await faultless(hanna, 'People, of a host')
    await hanna.click('button', door.remove('Mira'))
    await hanna.see('dialog', door.about('Mira'))
    await faultless(hanna, 'removing')
    await hanna.click('button', door.cancel)
    await hanna.click('switch', door.lock)
    await hanna.click('button', panels.close)

    await otto.click('button', words.leave)
    await knock(otto, closed, door.locked)
    await faultless(otto, 'locked')

    await hanna.click('button', door.react)
    await hanna.see('menuitem', door.thumb)
    await faultless(hanna, 'reactions')
    await hanna.press('Escape')
    await hanna.click('button', words.leave)
    await hanna.see('menuitem', door.end)
    await faultless(hanna, 'leaving')
    await Promise.all([hanna, otto, mira].map((person) => person.close()))
  })

  async function knock(person: Person, address: string, heading = door.waiting): Promise<void> {
    await person.open(address)
    await person.waitFor(`“${heading}”`, async () => {
      if (await person.sees('button', words.join)) {
        await person.fill(words.name, person.name)
        await person.click('button', words.join)
      }
      return person.sees('heading', heading)
    })
  }
})

test('who comes and goes is said politely', async () => {
  const mira = await browser.person('Mira')
  await mira.open(link)
  await join(mira, { camera: false, microphone: false })
  await hears(gustav, 'Mira has joined')
  await mira.click('button', 'Leave')
  await hears(gustav, 'Mira has left')
  await mira.close()
})
