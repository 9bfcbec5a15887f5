/** The whole way by keyboard alone: nobody in this file has a mouse. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Browser,
  focused,
  HEAR,
  hasFocus,
  hears,
  inCall,
  launchChromium,
  launchFirefox,
  type Person,
  type Role,
  type Server,
  startServer,
  tabTo,
  waits,
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

  await opensAndCloses(hanna, 'Leave', 'menu', 'Leave')
  await hanna.press('Enter')
  await focused(hanna, 'menuitem', 'Leave meeting')
  await hanna.press('Enter')
  await hanna.see('heading', 'You have left the meeting')
  await tabTo(hanna, 'button', 'Rejoin')
  await hanna.press('Enter')
  await inCall(hanna)
  await hanna.close()
})

test('Hanna lets in, mutes, removes and ends, and hears what happens', async () => {
  const cast = ['Hanna', 'Gustav'].map((name) => (browsers.Chromium as Browser).person(name, { init: [HEAR] }))
  const [hanna, gustav] = (await Promise.all(cast)) as [Person, Person]
  await hanna.open(server.url)
  await tabTo(hanna, 'button', 'Start a meeting')
  await hanna.press('Enter')
  await entersName(hanna)
  await inCall(hanna)
  await gustav.open(await hanna.url())
  await entersName(gustav)
  const code = await waits(gustav)

  await hears(hanna, `Gustav is waiting to be let in. Code ${code}`)
  await tabTo(hanna, 'button', 'Admit Gustav')
  await hanna.press('Enter')
  await inCall(gustav)
  await hears(gustav, 'You have been let in')
  await hears(hanna, 'Gustav has joined')
  await gustav.press('Control+D')
  await gustav.waitForAttribute('button', 'Microphone', 'aria-pressed', 'true')
  await tabTo(gustav, 'button', 'Raise hand')
  await gustav.press('Enter')
  await hears(hanna, 'Gustav has raised a hand')
  await tabTo(gustav, 'button', 'React')
  await gustav.press('Enter')
  await focused(gustav, 'menuitem', 'Thumbs up')
  await gustav.press('Enter')
  await hears(hanna, 'Gustav: Thumbs up')

  await tabTo(hanna, 'button', 'People')
  await hanna.press('Enter')
  await tabTo(hanna, 'button', 'Mute Gustav')
  await hanna.press('Enter')
  await hears(gustav, 'Hanna has muted you.')
  await hanna.gone('button', 'Mute Gustav')
  await keepsItsPlace(hanna)
  await tabTo(hanna, 'switch', 'Lock meeting')
  await hanna.press('Space')
  await hears(gustav, 'Hanna locked the meeting.')
  await focused(hanna, 'switch', 'Lock meeting')

  await tabTo(hanna, 'button', 'Remove Gustav', 'Shift+Tab')
  for (const sure of [false, true]) {
    await hanna.press('Enter')
    await hanna.see('dialog', 'Remove Gustav?')
    await focused(hanna, 'button', 'Cancel')
    if (sure) await tabTo(hanna, 'button', 'Remove')
    await hanna.press('Enter')
    await hanna.gone('dialog', 'Remove Gustav?')
    if (!sure) await focused(hanna, 'button', 'Remove Gustav')
  }
  await gustav.see('heading', 'You were removed')
  await hears(hanna, 'You removed Gustav.')
  await keepsItsPlace(hanna)
  await hanna.press('Escape')
  await focused(hanna, 'button', 'People')

  await tabTo(hanna, 'button', 'Leave')
  await hanna.press('Enter')
  await focused(hanna, 'menuitem', 'Leave meeting')
  await hanna.press('ArrowDown')
  await hanna.press('Enter')
  await hanna.see('heading', 'The meeting has ended')
  await Promise.all([hanna.close(), gustav.close()])
})

/** Enter in the name field joins. */
async function entersName(person: Person): Promise<void> {
  await tabTo(person, 'textbox', 'Your name')
  await person.type(person.name)
  await person.press('Enter')
}

/** What had the focus is gone; the focus is in the panel around it, not back at the top of the page. */
async function keepsItsPlace(person: Person): Promise<void> {
  await person.waitFor('the focus is in “People”', () =>
    person.inside('region', 'People', (panel) => panel.contains(document.activeElement), null),
  )
}

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
