/** The pages of one's own account and of the administration, against the real server. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptsByPassword, codeOf, fillsSecret, setupLinkOf, shownSecret } from './harness/accounts.ts'
import type { ChromiumPerson } from './harness/chromium.ts'
import { AXE, faultless } from './harness/faultless.ts'
import { type Browser, type Language, launchChromium, type Scheme, type Server, startServer } from './harness/index.ts'

let server: Server
let browser: Browser
let ada: ChromiumPerson
let hanna: ChromiumPerson
/** what Hanna's app on the phone knows */
let secret: string

const FIRST = 'otter gravel lantern seven'
const SECOND = 'velvet anchor mosquito eleven'
const ADAS = 'teapot harbour cricket forty'

const come = async (name: string): Promise<ChromiumPerson> =>
  (await browser.person(name, { init: [AXE] })) as ChromiumPerson

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer({ settings: { OPEN_MEETINGS: 'accounts' } }), launchChromium()])
  ada = await come('Ada')
  await ada.open(setupLinkOf(server))
  await acceptsByPassword(ada, ADAS, 'ada')
  await ada.fill('Code', codeOf(await shownSecret(ada)))
  await ada.click('button', 'Confirm')
  await ada.click('button', 'I have stored them')
  await ada.see('button', 'Sign out')
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function to(person: ChromiumPerson, page: '/account' | '/admin', part: string): Promise<void> {
  await person.open(server.url + page)
  await person.see('region', part)
}

/** The button of a dialog that asks before something is done. */
async function agrees(person: ChromiumPerson, dialog: string, button: string): Promise<void> {
  await person.see('dialog', dialog)
  await person.click('button', button)
  await person.gone('dialog', dialog)
}

async function signsIn(person: ChromiumPerson, name: string, password: string, code?: string): Promise<void> {
  await person.open(`${server.url}/signin`)
  await person.fill('Sign-in name', name)
  await fillsSecret(person, 'Password', password)
  await person.click('button', 'Sign in')
  if (code === undefined) return
  await person.fill('Code', code)
  await person.click('button', 'Sign in')
  await person.see('button', 'Sign out')
}

test('Ada invites Hanna by a link that is shown once, and Hanna accepts it with a password', async () => {
  await to(ada, '/admin', 'Engine')
  await ada.fill('Sign-in name (optional)', 'hanna')
  await ada.click('button', 'Make invitation link')
  await ada.see('dialog', 'Invitation link for hanna')
  const link = /http\S+\/invite#[\w-]{43}/.exec(await ada.textOf('dialog', 'Invitation link for hanna'))?.[0] ?? ''
  await ada.press('Escape')
  await agrees(ada, 'Invitation link for hanna', 'Done')
  expect(await ada.text()).not.toContain('/invite#')
  await ada.see('button', 'Withdraw: hanna')

  hanna = await come('Hanna')
  await hanna.open(link)
  await acceptsByPassword(hanna, FIRST)
  await hanna.see('button', 'Sign out')
})

test('Hanna sets up a second factor, and it is asked for from then on', async () => {
  await to(hanna, '/account', 'Second factor')
  await hanna.click('button', 'Set up a second factor')
  await hanna.see('textbox', 'Code')
  secret = await shownSecret(hanna)
  await hanna.fill('Code', codeOf(secret))
  await hanna.click('button', 'Confirm')
  await hanna.see('dialog', 'Backup codes')
  expect((await hanna.textOf('dialog', 'Backup codes')).match(/[0-9A-Z]{4}-[0-9A-Z]{4}/g)).toHaveLength(10)
  await agrees(hanna, 'Backup codes', 'I have stored them')
  await hanna.seeTextIn('region', 'Second factor', '10 backup codes are left')
})

test('she changes her password: her other session ends, and the vault opens by the new one', async () => {
  const elsewhere = await come('Hanna elsewhere')
  // A code works once, and the one of this half minute is used up: the app's next one is taken as well.
  await signsIn(elsewhere, 'hanna', FIRST, codeOf(secret, Date.now() + 30_000))
  await to(hanna, '/account', 'Sessions')
  await hanna.see('button', 'End all others')

  await hanna.click('button', 'Change the password')
  await fillsSecret(hanna, 'Current password', 'not this one at all')
  await fillsSecret(hanna, 'New password', SECOND)
  await fillsSecret(hanna, 'Repeat password', SECOND)
  await hanna.click('button', 'Save password')
  await hanna.seeText('The current password is not right')
  await fillsSecret(hanna, 'Current password', FIRST)
  await hanna.click('button', 'Save password')
  await hanna.seeText('The password is saved and your vault opens with it.')
  await hanna.see('button', 'Change the password')

  await elsewhere.open(`${server.url}/account`)
  await elsewhere.see('heading', 'You are not signed in')
  await elsewhere.close()

  await hanna.click('button', 'Make a new recovery key')
  await agrees(hanna, 'Make a new recovery key?', 'Make a new key')
  // The page still has the vault's key, of the change before: nothing more is asked for.
  await hanna.see('dialog', 'Vault recovery key')
  await agrees(hanna, 'Vault recovery key', 'I have stored it')
  await hanna.reload()
  await hanna.see('region', 'Passkeys')
  await hanna.click('button', 'Make a new recovery key')
  await agrees(hanna, 'Make a new recovery key?', 'Make a new key')
  await fillsSecret(hanna, 'Password', FIRST)
  await hanna.click('button', 'Unlock with the password')
  await hanna.seeText('This password does not open it')
  await fillsSecret(hanna, 'Password', SECOND)
  await hanna.click('button', 'Unlock with the password')
  await hanna.see('dialog', 'Vault recovery key')
  await agrees(hanna, 'Vault recovery key', 'Cancel')
})

test('Ada resets Hanna’s second factor, and Hanna reads it on her page', async () => {
  await to(ada, '/admin', 'Engine')
  await ada.click('button', 'Actions for hanna')
  await ada.click('menuitem', 'Reset second factor of hanna')
  await agrees(ada, 'Reset the second factor of hanna?', 'Reset')
  await ada.seeText('The second factor of hanna is reset.')

  await hanna.reload()
  await hanna.see('heading', 'You are not signed in')
  await signsIn(hanna, 'hanna', SECOND)
  await hanna.see('button', 'Sign out')
  await to(hanna, '/account', 'Notices')
  await hanna.seeTextIn('region', 'Notices', 'an administrator reset your second factor')
  await hanna.click('button', 'I have read it')
  await hanna.gone('region', 'Notices')
})

test('she takes everything along, and deletes her account', async () => {
  const [file] = await Promise.all([hanna.page.waitForEvent('download'), hanna.click('button', 'Export')])
  const exported = JSON.parse(readFileSync(await file.path(), 'utf8')) as { name: string; vault_blob: string }
  expect(exported.name).toBe('hanna')
  expect(exported.vault_blob.length).toBeGreaterThan(1000)

  await hanna.click('button', 'Delete account')
  await hanna.see('dialog', 'Delete your account?')
  await hanna.seeTextIn('dialog', 'Delete your account?', 'nobody can bring them back')
  await hanna.inside('dialog', 'Delete your account?', (dialog) => dialog.querySelector('button')?.click(), null)
  await hanna.see('button', 'Sign in')
  await signsIn(hanna, 'hanna', SECOND)
  await hanna.seeText('That is not right')
  expect(hanna.complaints.filter((words) => !words.includes('401'))).toEqual([])
})

test('Ada, the last administrator, can neither leave, nor be another, nor be removed', async () => {
  await to(ada, '/account', 'What is stored')
  await ada.click('button', 'Delete account')
  await ada.inside('dialog', 'Delete your account?', (dialog) => dialog.querySelector('button')?.click(), null)
  await ada.seeText('There is no other administrator')
  await to(ada, '/admin', 'Engine')
  await ada.select('Role of ada', 'Organiser')
  await agrees(ada, 'Change the role of ada to Organiser?', 'Change role')
  await ada.seeText('There is no other administrator')
  await ada.click('button', 'Actions for ada')
  await ada.click('menuitem', 'Remove ada')
  await agrees(ada, 'Remove ada?', 'Remove')
  await ada.seeText('There is no other administrator')
  await to(ada, '/admin', 'Engine')
  expect(await ada.text()).not.toContain('hanna')
})

test('Otto, an outsider, sees nothing of the administration and is told where to sign in', async () => {
  const otto = await come('Otto')
  await otto.open(`${server.url}/admin`)
  await otto.see('heading', 'You are signed out')
  await otto.see('link', 'Sign in again')
  expect(await otto.text()).not.toContain('ada')
  await otto.close()
})

describe.each([
  { language: 'en', scheme: 'light' },
  { language: 'de', scheme: 'dark' },
] satisfies { language: Language; scheme: Scheme }[])('in $language, $scheme', ({ language, scheme }) => {
  test('both pages have nothing for axe to find', async () => {
    await ada.page.emulateMedia({ colorScheme: scheme })
    for (const page of ['account', 'admin'] as const) {
      await ada.open(`${server.url}/${page}?lang=${language}`)
      await ada.see('region', LAST[page][language])
      await ada.page.waitForLoadState('networkidle')
      await faultless(ada, page)
    }
    await ada.click('button', language === 'en' ? 'Actions for ada' : 'Aktionen für ada')
    await faultless(ada, 'a menu')
    await ada.press('Escape')
    await ada.open(`${server.url}/account?lang=${language}`)
    await ada.click('button', language === 'en' ? 'Change the password' : 'Passwort ändern')
    await faultless(ada, 'changing the password')
    await ada.click('button', language === 'en' ? 'Delete account' : 'Konto löschen')
    await ada.see('dialog', language === 'en' ? 'Delete your account?' : 'Ihr Konto löschen?')
    await faultless(ada, 'deleting')
    expect(ada.complaints.filter((words) => !words.includes('409'))).toEqual([])
  })
})

const LAST = {
  account: { en: 'What is stored', de: 'Was gespeichert ist' },
  admin: { en: 'Engine', de: 'Engine' },
}
