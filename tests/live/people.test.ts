/** Accounts in a real browser against the real server: passkeys, passwords with a second factor, and the vault. */
import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { invites, withPasskeys } from './harness/accounts.ts'
import type { ChromiumPerson } from './harness/chromium.ts'
import { AXE, faultless } from './harness/faultless.ts'
import { type Browser, inCall, launchChromium, type Server, startServer } from './harness/index.ts'

let server: Server
let browser: Browser
/** what every browser sent, in bodies and addresses */
const sent: string[] = []
/** what must never be among it, nor in the database */
const canaries: string[] = []

/** Keeps, on `window`, the bytes of every key that the page works with, the vault's among them. */
const KEEP_KEYS = `(() => {
  window.keys = []
  const real = crypto.subtle.importKey
  crypto.subtle.importKey = function (format, bytes, ...more) {
    if (format === 'raw' && bytes.byteLength === 32)
      window.keys.push(btoa(String.fromCharCode(...new Uint8Array(bytes.buffer ?? bytes))))
    return real.call(crypto.subtle, format, bytes, ...more)
  }
})()`

const PASSWORD = 'Kanarienvogel Fähre Zement 41'

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer({ settings: { OPEN_MEETINGS: 'accounts' } }), launchChromium()])
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function arrive(name: string): Promise<ChromiumPerson> {
  const person = (await browser.person(name, { init: [KEEP_KEYS, AXE] })) as ChromiumPerson
  person.page.on('request', (request) => sent.push(`${request.method()} ${request.url()}\n${request.postData() ?? ''}`))
  return person
}

/** Password fields have no role of their own. */
async function fills(person: ChromiumPerson, label: string, text: string): Promise<void> {
  await person.page.getByLabel(label, { exact: true }).fill(text)
}

async function setupLink(): Promise<string> {
  const found = /https?:\/\/\S+\/setup#[\w-]+/.exec(server.log)?.[0]
  if (!found) throw new Error(`no link to set it up in:\n${server.tail()}`)
  return `${server.url}${found.slice(found.indexOf('/setup#'))}`
}

/** The recovery key as it is shown; it is stored, and is a canary from then on. */
async function storesRecoveryKey(person: ChromiumPerson): Promise<string> {
  await person.see('heading', 'Vault recovery key')
  await faultless(person, 'vault recovery key')
  const key = /([0-9A-HJKMNP-TV-Z]{4} ){7}[0-9A-HJKMNP-TV-Z]{4}/.exec((await person.text()).replace(/\s+/g, ' '))?.[0]
  if (!key) throw new Error(`no key in: ${await person.text()}`)
  canaries.push(key, key.replaceAll(' ', ''))
  await person.click('button', 'I have stored it')
  return key
}

/** RFC 6238: what an app on a phone shows. */
function codeOf(secret: string, at = Date.now()): string {
  const bits = [...secret.replace(/\s/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(step).digest()
  const from = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** What the page worked with so far must be found nowhere. */
async function collectKeys(person: ChromiumPerson): Promise<void> {
  const keys = await person.evaluate(() => (window as unknown as { keys: string[] }).keys, null)
  expect(keys.length).toBeGreaterThan(0)
  canaries.push(...keys.map((key) => key.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')))
}

let ada: ChromiumPerson
let recovery: string
let secret: string
let backup: string

test('Ada sets the house up with a passkey, and starts a meeting', async () => {
  ada = await arrive('Ada')
  await withPasskeys(ada, true)
  await ada.open(await setupLink())
  await ada.see('heading', 'Set up Klausur')
  expect(await ada.url()).toBe(`${server.url}/setup`)
  await faultless(ada, 'set up')
  await ada.fill('Sign-in name', 'ada')
  await ada.click('button', 'Create a passkey')
  await storesRecoveryKey(ada)
  await collectKeys(ada)
  await ada.click('button', 'Start a meeting')
  await ada.fill('Your name', 'Ada')
  await ada.click('button', 'Join')
  await inCall(ada)
  await ada.open(server.url)
  expect(ada.complaints).toEqual([])
})

test('she signs out, and in again with the passkey, which opens her vault', async () => {
  await ada.click('button', 'Sign out')
  await faultless(ada, 'home, signed out')
  await ada.click('button', 'Sign in')
  await ada.see('button', 'Sign in with a passkey')
  await faultless(ada, 'sign in')
  await ada.click('button', 'Sign in with a passkey')
  await ada.see('button', 'Schedule a meeting')
  await ada.reload()
  await ada.see('button', 'Sign out')
  await opensVault(ada)
  expect(ada.complaints).toEqual([])
})

test('Hanna, an administrator too, has a password and a second factor', async () => {
  const hanna = await arrive('Hanna')
  canaries.push(PASSWORD)
  await hanna.open(await invites(ada, server, 'administrator'))
  await hanna.see('heading', 'Welcome to Klausur')
  await hanna.fill('Sign-in name', 'hanna')
  await fills(hanna, 'Password', PASSWORD)
  await fills(hanna, 'Repeat password', PASSWORD)
  await hanna.click('button', 'Continue')
  recovery = await storesRecoveryKey(hanna)
  await collectKeys(hanna)
  await hanna.see('heading', 'Second factor')
  await hanna.see('button', 'Confirm')
  await faultless(hanna, 'second factor')
  secret = (await hanna.page.locator('code').innerText()).trim()
  await hanna.fill('Code', codeOf(secret))
  await hanna.click('button', 'Confirm')
  await hanna.see('heading', 'Backup codes')
  await faultless(hanna, 'backup codes')
  backup = (await hanna.page.locator('ol li').first().innerText()).trim()
  await hanna.click('button', 'I have stored them')
  await hanna.see('button', 'Schedule a meeting')
  expect(hanna.complaints).toEqual([])
  await hanna.close()
})

async function givesPassword(person: ChromiumPerson): Promise<void> {
  await person.open(`${server.url}/signin`)
  await person.fill('Sign-in name', 'hanna')
  await fills(person, 'Password', PASSWORD)
  await person.click('button', 'Sign in')
  await person.see('textbox', 'Code')
}

test('on a second device her password and a backup code sign her in, and open the vault', async () => {
  const hanna = await arrive('Hanna')
  await givesPassword(hanna)
  await hanna.fill('Code', '000000')
  await hanna.click('button', 'Sign in')
  await hanna.seeText('The code is not right')
  await hanna.click('link', 'Use a backup code')
  await hanna.fill('Code', backup)
  await hanna.click('button', 'Sign in')
  await hanna.see('button', 'Schedule a meeting')
  await opensVault(hanna)

  await hanna.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.deleteDatabase('klausur').onsuccess = resolve
      }).then(() => undefined),
    null,
  )
  await hanna.reload()
  await hanna.click('button', 'Open the vault')
  await hanna.see('heading', 'Your vault is locked')
  await hanna.see('button', 'Unlock with the recovery key')
  await faultless(hanna, 'home, the vault locked')
  await hanna.fill('Vault recovery key', 'ABCD')
  await hanna.click('button', 'Unlock with the recovery key')
  await hanna.seeText('This key does not open it')
  await hanna.fill('Vault recovery key', recovery.toLowerCase())
  await hanna.click('button', 'Unlock with the recovery key')
  await hanna.gone('heading', 'Your vault is locked')
  await opensVault(hanna)
  await collectKeys(hanna)
  await hanna.close()
})

async function opensVault(person: ChromiumPerson): Promise<void> {
  await person.seeTextIn('region', 'Your meetings', 'You have planned no meetings.')
}

test('Mira’s passkey opens no vault: it signs her in, and the vault is open where she made it', async () => {
  const mira = await arrive('Mira')
  await withPasskeys(mira, false)
  await mira.open(await invites(ada, server, 'organiser'))
  await mira.fill('Sign-in name', 'mira')
  await mira.click('button', 'Create a passkey')
  const key = await storesRecoveryKey(mira)
  await opensVault(mira)
  await mira.reload()
  await opensVault(mira)
  await mira.click('button', 'Sign out')
  await mira.click('button', 'Sign in')
  await mira.click('button', 'Sign in with a passkey')
  await mira.click('button', 'Open the vault')
  await mira.see('heading', 'Your vault is locked')
  await mira.fill('Vault recovery key', key)
  await mira.click('button', 'Unlock with the recovery key')
  await opensVault(mira)
  await mira.close()
})

test('no password, no recovery key and no key of the vault has left a browser, or is in the server’s files', () => {
  expect(canaries.length).toBeGreaterThan(8)
  const requests = sent.join('\n')
  expect(requests).toContain('/api/invitations/accept')
  const stored = filesIn(server.data).map((file) => readFileSync(file, 'latin1'))
  expect(stored.join('')).toContain('mira')
  for (const canary of canaries) {
    expect(requests.includes(canary), 'sent').toBe(false)
    expect(requests.includes(encodeURIComponent(canary)), 'sent').toBe(false)
    for (const held of stored) expect(held.includes(canary), 'stored').toBe(false)
    expect(server.log.includes(canary), 'logged').toBe(false)
  }
})

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile() && statSync(path).size < 20_000_000)
}
