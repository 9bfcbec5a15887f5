/** What stories about accounts share. */
import { createHmac } from 'node:crypto'
import type { ChromiumPerson } from './chromium.ts'
import type { Person } from './person.ts'
import type { Server } from './server.ts'

/** As the first start prints it. */
export function setupLinkOf(server: Server): string {
  const found = /https?:\/\/\S+(\/setup#[\w-]+)/.exec(server.log)?.[1]
  if (!found) throw new Error(`no link to set it up in:\n${server.tail()}`)
  return server.url + found
}

/** By its administrator: a link for somebody new. */
export async function invites(admin: Person, server: Server, role: 'organiser' | 'administrator'): Promise<string> {
  const token = await admin.evaluate(async (wanted) => {
    const answer = await fetch('/api/admin/invitations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ role: wanted, name: null }),
    })
    return ((await answer.json()) as { token: string }).token
  }, role)
  return `${server.url}/invite#${token}`
}

/** Password fields have no role of their own. */
export async function fillsSecret(person: Person, label: string, text: string): Promise<void> {
  await person.waitFor(`${person.name} can fill in “${label}”`, () => person.evaluate(takeSecret, label))
  await person.type(text)
}

function takeSecret(label: string): boolean {
  const all = [...document.querySelectorAll<HTMLInputElement>('input[type=password]')]
  const [field, ...others] = all.filter(
    (each) => each.checkVisibility() && [...(each.labels ?? [])].some((one) => one.textContent?.trim() === label),
  )
  if (!field || others.length > 0) return false
  field.focus()
  field.select()
  return true
}

/** A device with a fingerprint sensor; `prf`: whether its passkeys can open a vault. */
export async function withPasskeys(person: ChromiumPerson, prf: boolean): Promise<void> {
  const cdp = await person.context.newCDPSession(person.page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf: prf,
    },
  })
}

/** From the page of an invitation to where the recovery key has been stored. `name`: where the invitation has none. */
export async function acceptsByPassword(person: Person, password: string, name?: string): Promise<void> {
  if (name !== undefined) await person.fill('Sign-in name', name)
  await fillsSecret(person, 'Password', password)
  await fillsSecret(person, 'Repeat password', password)
  await person.click('button', 'Continue')
  await person.see('heading', 'Vault recovery key')
  await person.click('button', 'I have stored it')
}

/** The secret that the page shows for an app on a phone. */
export async function shownSecret(person: Person): Promise<string> {
  return person.waitFor(`${person.name} is shown a secret`, () =>
    person.evaluate(() => document.querySelector('code')?.innerText.replace(/\s/g, ''), null),
  )
}

/** RFC 6238: what that app shows. */
export function codeOf(secret: string, at = Date.now()): string {
  const bits = [...secret]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(step).digest()
  const from = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
