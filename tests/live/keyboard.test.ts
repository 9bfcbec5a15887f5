/** The whole way by keyboard alone: nobody in this file has a mouse. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Browser,
  inCall,
  launchChromium,
  launchFirefox,
  type Person,
  type Role,
  type Server,
  startServer,
} from './harness/index.ts'

let server: Server
const browsers: Record<string, Browser> = {}

beforeAll(async () => {
  const [started, chromium, firefox] = await Promise.all([startServer(), launchChromium(), launchFirefox()])
  server = started
  Object.assign(browsers, { Chromium: chromium, Firefox: firefox })
})

afterAll(async () => {
  await Promise.all(Object.values(browsers).map((browser) => browser.close()))
  await server?.close()
})

test.for(['Chromium', 'Firefox'])('Hanna opens a meeting, talks, looks around and leaves, in %s', async (kind) => {
  const hanna = await (browsers[kind] as Browser).person('Hanna')
  await hanna.open(server.url)
  await tabTo(hanna, 'button', 'Start a meeting')
  await hanna.press('Enter')

  await tabTo(hanna, 'textbox', 'Your name')
  await hanna.type('Hanna')
  await tabTo(hanna, 'switch', 'Camera')
  await hanna.press('Space')
  await hanna.waitForAttribute('switch', 'Camera', 'aria-checked', 'true')
  await tabTo(hanna, 'switch', 'Microphone')
  await hanna.press('Space')
  await hanna.waitForAttribute('switch', 'Microphone', 'aria-checked', 'true')
  await tabTo(hanna, 'button', 'Join')
  await hanna.press('Enter')
  await inCall(hanna)

  // From top to bottom: beyond the last control Tab may lead out of the page.
  await shortcuts(hanna)
  await opensAndCloses(hanna, 'Encryption: on', 'region', 'Security')
  await pushToTalk(hanna)
  await opensAndCloses(hanna, 'People', 'region', 'People')
  await opensAndCloses(hanna, 'More', 'menu', 'More')
  await menu(hanna)
  expect(await hanna.sees('button', 'Turn on sound')).toBe(false)

  await tabTo(hanna, 'button', 'Leave')
  await hanna.press('Enter')
  await hanna.see('heading', 'You have left the meeting')
  await tabTo(hanna, 'button', 'Rejoin')
  await hanna.press('Enter')
  await inCall(hanna)
  await hanna.close()
})

test('Enter in the name field joins', async () => {
  const hanna = await (browsers.Chromium as Browser).person('Hanna')
  await hanna.open(server.url)
  await tabTo(hanna, 'button', 'Start a meeting')
  await hanna.press('Enter')
  await tabTo(hanna, 'textbox', 'Your name')
  await hanna.type('Hanna')
  await hanna.press('Enter')
  await inCall(hanna)
  await hanna.close()
})

async function shortcuts(person: Person): Promise<void> {
  for (const [key, name] of [
    ['Control+D', 'Microphone'],
    ['Control+E', 'Camera'],
  ] as const) {
    await person.waitForAttribute('button', name, 'aria-pressed', 'true')
    await person.press(key)
    await person.waitForAttribute('button', name, 'aria-pressed', 'false')
    await person.press(key)
    await person.waitForAttribute('button', name, 'aria-pressed', 'true')
  }
}

/** Space talks only while nothing has the focus; on a control it stays the control's. */
async function pushToTalk(person: Person): Promise<void> {
  await person.press('Control+D')
  await person.waitForAttribute('button', 'Microphone', 'aria-pressed', 'false')
  await person.evaluate(() => (document.activeElement as HTMLElement | null)?.blur(), null)
  await person.hold('Space', async () => {
    await person.waitForAttribute('button', 'Microphone', 'aria-pressed', 'true')
  })
  await person.waitForAttribute('button', 'Microphone', 'aria-pressed', 'false')
  await tabTo(person, 'button', 'Microphone')
  await person.press('Space')
  await person.waitForAttribute('button', 'Microphone', 'aria-pressed', 'true')
}

/** What opens with a key closes with Escape, and the focus is back where it came from. */
async function opensAndCloses(person: Person, button: string, role: Role, name: string): Promise<void> {
  await tabTo(person, 'button', button)
  await person.press('Enter')
  await person.see(role, name)
  await person.press('Escape')
  await person.gone(role, name)
  await focused(person, 'button', button)
}

async function menu(person: Person): Promise<void> {
  await person.press('Enter')
  await focused(person, 'menuitemradio', 'Grid')
  for (let i = 0; i < 20 && !(await hasFocus(person, 'menuitem', 'Shortcuts')); i++) await person.press('ArrowDown')
  await person.press('Enter')
  await person.see('dialog', 'Shortcuts')
  await person.press('Escape')
  await person.gone('dialog', 'Shortcuts')
  await focused(person, 'button', 'More')
}

async function tabTo(person: Person, role: Role, name: string): Promise<void> {
  await person.see(role, name)
  for (let i = 0; i < 60; i++) {
    if (await hasFocus(person, role, name)) return
    await person.press('Tab')
  }
  expect.fail(`Tab never reached the ${role} “${name}”`)
}

async function focused(person: Person, role: Role, name: string): Promise<void> {
  await person.waitFor(`the ${role} “${name}” has the focus`, () => hasFocus(person, role, name), { within: 5_000 })
}

async function hasFocus(person: Person, role: Role, name: string): Promise<boolean> {
  return (
    (await person.sees(role, name)) && person.inside(role, name, (element) => element === document.activeElement, null)
  )
}
