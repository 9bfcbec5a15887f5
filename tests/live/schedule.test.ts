/** Planning in real browsers against the real server: a series from its first date to its cancellation, on two devices. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptsByPassword, fillsSecret, setupLinkOf } from './harness/accounts.ts'
import type { ChromiumPerson } from './harness/chromium.ts'
import { AXE, faultless } from './harness/faultless.ts'
import {
  type Browser,
  type Language,
  launchChromium,
  type Person,
  type PersonOptions,
  type Scheme,
  type Server,
  startServer,
} from './harness/index.ts'

const PASSWORD = 'Kanarienvogel Fähre Zement 41'
const TITLE = 'Quarterly figures'

let server: Server
let browser: Browser
let hanna: ChromiumPerson
/** Hanna's other device */
let phone: ChromiumPerson
let gustav: Person
/** what Hanna's browsers sent, in bodies and addresses */
const sent: string[] = []
let link: string

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer({ settings: { OPEN_MEETINGS: 'accounts' } }), launchChromium()])
  hanna = await arrive('Hanna')
  gustav = await browser.person('Gustav')
  await hanna.open(setupLinkOf(server))
  await acceptsByPassword(hanna, PASSWORD, 'hanna')
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function arrive(name: string, options: PersonOptions = {}): Promise<ChromiumPerson> {
  const person = (await browser.person(name, options)) as ChromiumPerson
  person.page.on('request', (request) => sent.push(`${request.method()} ${request.url()}\n${request.postData() ?? ''}`))
  return person
}

async function signsIn(
  person: ChromiumPerson,
  words: { name: string; password: string; submit: string },
): Promise<void> {
  await person.open(`${server.url}/signin`)
  await person.fill(words.name, 'hanna')
  await fillsSecret(person, words.password, PASSWORD)
  await person.click('button', words.submit)
}

/** Date, time and number fields have no role that every browser knows. */
async function sets(person: ChromiumPerson, label: string, value: string): Promise<void> {
  await person.page.getByLabel(label, { exact: true }).fill(value)
}

/** The file as calendars read it, its lines unfolded. */
async function downloads(person: ChromiumPerson, button: string): Promise<string[]> {
  const [file] = await Promise.all([person.page.waitForEvent('download'), person.click('button', button)])
  expect(file.suggestedFilename()).toMatch(/\.ics$/)
  return readFileSync(await file.path(), 'utf8')
    .replace(/\r\n /g, '')
    .split('\r\n')
}

async function agrees(person: ChromiumPerson, name: string): Promise<void> {
  await person.click('button', name)
  await person.page.getByRole('dialog').getByRole('button', { name, exact: true }).click()
}

function linkIn(file: string[]): string {
  return file.find((line) => line.startsWith('URL'))?.replace(/^URL[^:]*:/, '') ?? ''
}

async function reads(person: Person, words: string): Promise<void> {
  await person.waitFor(`${person.name} reads “${words}”`, async () => (await person.text()).includes(words))
}

function dayAfter(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}

describe.sequential('Hanna plans a weekly meeting', () => {
  test('from the start page, and is given a calendar file', async () => {
    await hanna.open(server.url)
    await reads(hanna, 'You have planned no meetings.')
    await hanna.click('button', 'Schedule a meeting')
    await hanna.fill('Title', TITLE)
    await hanna.select('Repeat', 'Every week')
    await hanna.click('button', 'Save')
    await reads(hanna, 'The meeting is saved.')
    const file = await downloads(hanna, 'Calendar file')
    for (const line of ['METHOD:PUBLISH', 'SEQUENCE:0', `SUMMARY:${TITLE}`, 'STATUS:CONFIRMED'])
      expect(file).toContain(line)
    expect(file.some((line) => line.startsWith('RRULE:FREQ=WEEKLY'))).toBe(true)
    link = linkIn(file)
    expect(link).toContain(`${server.url}/m/`)
    await hanna.see('link', 'E-mail draft')
    await hanna.click('button', 'QR code')
    await hanna.page.getByRole('img', { name: 'QR code of the invitation link' }).waitFor()
  })

  test('and Gustav, who needs nothing but the link, sees what it is and when', async () => {
    await gustav.open(link)
    await gustav.see('heading', TITLE)
    await reads(gustav, 'Every week on')
    await reads(gustav, String(new Date().getFullYear()))
  })

  test('moves it: the old link says so, and calendars are told by a higher number', async () => {
    await sets(hanna, 'Date', dayAfter(9))
    await sets(hanna, 'Start', '10:15')
    await hanna.click('button', 'Save')
    await reads(hanna, 'The meeting is saved.')
    const file = await downloads(hanna, 'Calendar file')
    expect(file).toContain('SEQUENCE:1')
    expect(file.find((line) => line.startsWith('DTSTART;TZID='))).toContain(`${dayAfter(9).replaceAll('-', '')}T101500`)
    expect(linkIn(file)).toBe(link)
    await gustav.reload()
    await gustav.see('heading', 'The meeting has not started yet')
    await reads(gustav, TITLE)
    await reads(gustav, '10:15')
  })

  test('and finds it on her other device, where she is its host too', async () => {
    phone = await arrive('Hanna’s phone', { width: 360, height: 740 })
    await signsIn(phone, { name: 'Sign-in name', password: 'Password', submit: 'Sign in' })
    await reads(phone, TITLE)
    await reads(phone, '10:15')
    await phone.click('button', `Start: ${TITLE}`)
    await phone.see('heading', TITLE)
    await phone.see('switch', 'Waiting room')
    expect(await phone.url()).toBe(link)
  })

  test('makes a new link, and the old one leads nowhere', async () => {
    await agrees(hanna, 'New link')
    await reads(hanna, 'The new link is made.')
    const [old, file] = [link, await downloads(hanna, 'Calendar file')]
    link = linkIn(file)
    expect(link).not.toBe(old)
    expect(file).toContain('SEQUENCE:2')
    await gustav.open(old)
    await gustav.see('heading', 'There is no meeting here')
    await gustav.open(link)
    await gustav.see('heading', 'The meeting has not started yet')
    await reads(gustav, TITLE)
  })

  test('cancels it, and it is gone everywhere', async () => {
    await agrees(hanna, 'Cancel meeting')
    await hanna.see('heading', 'The meeting is cancelled')
    const file = await downloads(hanna, 'Calendar file')
    for (const line of ['METHOD:CANCEL', 'SEQUENCE:3', 'STATUS:CANCELLED']) expect(file).toContain(line)
    await gustav.open(link)
    await gustav.see('heading', 'There is no meeting here')
    await phone.open(server.url)
    await reads(phone, 'You have planned no meetings.')
  })

  test('and the server has read neither title nor link', () => {
    const secret = link.slice(link.indexOf('#') + 1).split('.')[0] ?? ''
    expect(secret).toHaveLength(43)
    for (const canary of [TITLE, encodeURIComponent(TITLE), secret]) {
      expect(sent.filter((request) => request.includes(canary))).toEqual([])
      expect(server.log).not.toContain(canary)
    }
    expect(hanna.complaints).toEqual([])
  })
})

const WORDS = {
  en: {
    schedule: 'Schedule a meeting',
    title: 'Title',
    repeat: 'Repeat',
    weekly: 'Every week',
    save: 'Save',
    saved: 'The meeting is saved.',
    qr: 'QR code',
    list: 'Your meetings',
    cancel: 'Cancel meeting',
    cancelled: 'The meeting is cancelled',
    name: 'Sign-in name',
    password: 'Password',
    submit: 'Sign in',
  },
  de: {
    schedule: 'Meeting planen',
    title: 'Titel',
    repeat: 'Wiederholen',
    weekly: 'Jede Woche',
    save: 'Speichern',
    saved: 'Das Meeting ist gespeichert.',
    qr: 'QR-Code',
    list: 'Ihre Meetings',
    cancel: 'Meeting absagen',
    cancelled: 'Das Meeting ist abgesagt',
    name: 'Anmeldename',
    password: 'Passwort',
    submit: 'Anmelden',
  },
} as const

/** Words do not depend on colours, nor colours on words. */
const LOOKS: { language: Language; scheme: Scheme }[] = [
  { language: 'en', scheme: 'light' },
  { language: 'de', scheme: 'dark' },
]

test.each(LOOKS)('planning is without fault in $language, $scheme', async ({ language, scheme }) => {
  const t = WORDS[language]
  const person = await arrive('Hanna', { language, scheme, init: [AXE] })
  await signsIn(person, t)
  await person.see('heading', t.list)
  await person.click('button', t.schedule)
  await person.fill(t.title, 'Donaudampfschifffahrtsgesellschaftskapitänsversammlung')
  await person.select(t.repeat, t.weekly)
  await faultless(person, 'the form')
  await person.click('button', t.save)
  await reads(person, t.saved)
  await person.click('button', t.qr)
  await faultless(person, 'the form and what invites')
  await person.open(server.url)
  await reads(person, 'Donaudampf')
  await faultless(person, 'the list')
  await person.page.goBack()
  await agrees(person, t.cancel)
  await person.see('heading', t.cancelled)
  await faultless(person, 'after the cancellation')
  expect(person.complaints).toEqual([])
})
