/** The organisation's identity provider, a real one: signing in by it, and out on either side. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChromiumPerson } from './harness/chromium.ts'
import { type IdentityProvider, startIdentityProvider } from './harness/identity-provider.ts'
import { type Browser, eventually, freeTcpPort, launchChromium, type Server, startServer } from './harness/index.ts'

let provider: IdentityProvider
let server: Server
let browser: Browser
let hanna: ChromiumPerson

beforeAll(async () => {
  const port = await freeTcpPort()
  provider = await startIdentityProvider(`http://localhost:${port}`)
  const settings = { PORT: port, OPEN_MEETINGS: 'accounts', OIDC_NEW_ACCOUNTS: 'yes', ...provider.settings }
  ;[server, browser] = await Promise.all([startServer({ settings }), launchChromium({ devices: 'none' })])
  hanna = (await browser.person('Hanna')) as ChromiumPerson
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await provider?.close()
})

type Session = { account: { name: string; role: string } | null; strong: boolean }

async function session(person: ChromiumPerson): Promise<Session> {
  return person.evaluate(async () => (await fetch('/api/session')).json() as Promise<Session>, null)
}

async function signsIn(person: ChromiumPerson): Promise<void> {
  await person.open(`${server.url}/signin`)
  await person.click('button', 'Sign in with Example ID')
  await person.fill('Name at the provider', 'hanna-of-the-provider')
  await person.click('button', 'Continue')
  await person.see('button', 'Sign out')
}

test('whoever the provider lets in has an account, and is at home', async () => {
  await signsIn(hanna)
  expect(new URL(await hanna.url()).origin).toBe(server.url)
  expect(await session(hanna)).toMatchObject({
    account: { name: 'hanna-of-the-provider', role: 'organiser' },
    strong: false,
  })
  const kept = await hanna.context.cookies(server.url)
  expect(kept.map(({ name, sameSite, httpOnly }) => [name, sameSite, httpOnly])).toEqual([['klausur', 'Strict', true]])
})

test('who signs out here signs out there, and comes back', async () => {
  await hanna.click('button', 'Sign out')
  await hanna.see('heading', 'Sign out of Example ID?')
  await hanna.click('button', 'Yes')
  await hanna.see('button', 'Sign in with Example ID')
  expect(await hanna.url()).toMatch(new RegExp(`^${server.url}/signin`))
  expect((await session(hanna)).account).toBeNull()
  await hanna.click('button', 'Sign in with Example ID')
  await hanna.see('heading', 'Example ID')
})

test('who signs out there is signed out here', async () => {
  await signsIn(hanna)
  const told = provider.events.filter((event) => event === 'backchannel.success').length
  const there = await hanna.anotherTab()
  await there.open(`${provider.issuer}/session/end`)
  await there.click('button', 'Yes')
  await provider.happened('backchannel.success', told + 1)
  await eventually('Hanna has no session any more', async () => (await session(hanna)).account === null)
  await hanna.open(server.url)
  await hanna.see('button', 'Sign in')
  await there.close()
})

test('while it is down it is said to be, and nothing waits for it', async () => {
  await provider.close()
  await server.restart() // what it said of itself would hold for an hour
  await hanna.open(`${server.url}/signin`)
  await hanna.click('button', 'Sign in with Example ID')
  await hanna.seeText('The provider does not answer')
})

test('the log names nobody, and nothing went wrong unseen', () => {
  expect(server.log).not.toContain('hanna')
  expect(provider.events.filter((event) => /error|failed/.test(event))).toEqual([])
  expect(hanna.complaints).toEqual([])
})
