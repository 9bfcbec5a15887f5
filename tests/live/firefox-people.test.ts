/** An organiser's account in Firefox, with a password and no passkey: from the invitation to the second factor. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acceptsByPassword, codeOf, fillsSecret, setupLinkOf, shownSecret } from './harness/accounts.ts'
import {
  type Browser,
  KEEP_COPIED,
  launchFirefox,
  type Person,
  type Server,
  startServer,
  temporaryFolder,
} from './harness/index.ts'

const PASSWORD = 'Kanarienvogel Fähre Zement 41'
const TITLE = 'Quarterly figures'

const downloads = temporaryFolder('downloads')
let server: Server
let browser: Browser
let ada: Person
let hanna: Person

beforeAll(async () => {
  const prefs = { 'browser.download.folderList': 2, 'browser.download.dir': downloads }
  ;[server, browser] = await Promise.all([
    startServer({ settings: { OPEN_MEETINGS: 'accounts' } }),
    launchFirefox({ prefs }),
  ])
  ada = await browser.person('Ada')
  hanna = await browser.person('Hanna', { init: [KEEP_COPIED] })
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  rmSync(downloads, { recursive: true, force: true })
})

test('Ada sets the house up with a password and a second factor, and invites Hanna', async () => {
  await ada.open(setupLinkOf(server))
  await acceptsByPassword(ada, 'teapot harbour cricket forty', 'ada')
  await ada.fill('Code', codeOf(await shownSecret(ada)))
  await ada.click('button', 'Confirm')
  await ada.see('heading', 'Backup codes')
  await ada.click('button', 'I have stored them')
  // What is below the list moves when that comes.
  await ada.seeTextIn('region', 'Your meetings', 'You have planned no meetings.')
  await ada.click('link', 'Administration')
  await ada.fill('Sign-in name (optional)', 'hanna')
  await ada.click('button', 'Make invitation link')
  const dialog = 'Invitation link for hanna'
  const link = /http\S+\/invite#[\w-]{43}/.exec(await ada.textOf('dialog', dialog))?.[0] ?? ''
  // A browser without `closedby`: only the button closes what is shown once.
  await ada.press('Escape')
  await ada.press('Escape')
  await ada.click('button', 'Done')
  await ada.gone('dialog', dialog)

  await hanna.open(link)
  await hanna.see('heading', 'Welcome to Klausur')
  await acceptsByPassword(hanna, PASSWORD)
  await withinPolicy(ada)
  await ada.close()
})

test('Hanna’s vault is open: she plans a weekly meeting, has its file, and copies its link', async () => {
  await hanna.seeTextIn('region', 'Your meetings', 'You have planned no meetings.')
  await hanna.click('button', 'Schedule a meeting')
  await hanna.fill('Title', TITLE)
  await hanna.select('Repeat', 'Every week')
  await hanna.click('button', 'Save')
  await hanna.seeText('The meeting is saved.')
  await hanna.click('button', 'Copy invitation link')
  await hanna.seeText('The invitation link is copied.')
  const link = await hanna.evaluate(() => window.copied, null)
  expect(link).toMatch(/\/m\/[\w-]{22}#[\w-]{43}\.[\w-]{22}$/)

  await hanna.click('button', 'Calendar file')
  const file = await hanna.waitFor('the calendar file is in the folder', () => {
    const [name] = readdirSync(downloads).filter((each) => each.endsWith('.ics'))
    return name && readFileSync(join(downloads, name), 'utf8').replace(/\r\n /g, '')
  })
  expect(file).toContain(`SUMMARY:${TITLE}`)
  expect(file).toContain('RRULE:FREQ=WEEKLY')
  expect(file).toContain(link)
  await hanna.click('link', 'Klausur')
  await opensVault()
})

test('she signs out, and in again: her password opens the vault', async () => {
  await signsOut()
  await givesPassword()
  await opensVault()
  await hanna.reload()
  await opensVault()
})

test('with a second factor, a code is asked for after the password', async () => {
  await hanna.click('link', 'Account')
  await hanna.click('button', 'Set up a second factor')
  await hanna.see('textbox', 'Code')
  const secret = await shownSecret(hanna)
  await hanna.fill('Code', codeOf(secret))
  await hanna.click('button', 'Confirm')
  await hanna.see('dialog', 'Backup codes')
  await hanna.click('button', 'I have stored them')
  await hanna.seeTextIn('region', 'Second factor', '10 backup codes are left')
  await hanna.click('link', 'Klausur')
  await opensVault()

  await signsOut()
  await givesPassword()
  await hanna.fill('Code', '000000')
  await hanna.click('button', 'Sign in')
  await hanna.seeText('The code is not right')
  expect(await hanna.sees('button', 'Sign out')).toBe(false)
  // A code works once, and the one of this half minute is used up: the app's next one is taken as well.
  await hanna.fill('Code', codeOf(secret, Date.now() + 30_000))
  await hanna.click('button', 'Sign in')
  await opensVault()
  await withinPolicy(hanna)
})

async function signsOut(): Promise<void> {
  await hanna.click('button', 'Sign out')
  await hanna.click('button', 'Sign in')
  await hanna.see('textbox', 'Sign-in name')
}

async function givesPassword(): Promise<void> {
  await hanna.fill('Sign-in name', 'hanna')
  await fillsSecret(hanna, 'Password', PASSWORD)
  await hanna.click('button', 'Sign in')
}

/** The title is in the vault only. */
async function opensVault(): Promise<void> {
  await hanna.seeTextIn('region', 'Your meetings', TITLE)
}

/** Nothing was against the policy that the server sends with the page, and nothing failed unseen. */
async function withinPolicy(person: Person): Promise<void> {
  expect(await person.evaluate(() => window.spied.violations, null)).toEqual([])
  expect(person.complaints.filter((words) => !words.includes('401'))).toEqual([])
}
