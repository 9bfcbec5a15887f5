/** Every pair of browsers meets: each direction with a moving picture, with sound, encrypted, and within the policy. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Browser,
  inCall,
  join,
  joinByLink,
  launchChromium,
  launchFirefox,
  leave,
  type Person,
  pictureIsShown,
  picturesMove,
  type Server,
  soundsArrive,
  startMeeting,
  startServer,
  stopwatch,
} from './harness/index.ts'

const browsers: Record<string, Browser> = {}
let server: Server

beforeAll(async () => {
  const [started, chromium, firefox] = await Promise.all([startServer(), launchChromium(), launchFirefox()])
  server = started
  Object.assign(browsers, { Chromium: chromium, Firefox: firefox })
})

afterAll(async () => {
  await Promise.all(Object.values(browsers).map((browser) => browser.close()))
  await server?.close()
})

const PAIRS = [
  ['Chromium', 'Chromium'],
  ['Chromium', 'Firefox'],
  ['Firefox', 'Chromium'],
  ['Firefox', 'Firefox'],
] as const

test.for(PAIRS)('Hanna hosts in %s, Gustav comes by her link in %s: both see and hear', async ([one, other]) => {
  const hanna = await (browsers[one] as Browser).person('Hanna')
  const gustav = await (browsers[other] as Browser).person('Gustav')
  const people = [hanna, gustav]
  // Two people in one Firefox leave it little time for more.
  const everything = one !== other
  if (everything) {
    await hanna.open(`${server.url}/privacy`)
    await hanna.see('heading', 'Privacy notice')
    await withinPolicy(hanna)
  }
  const link = await startMeeting(hanna, server.url)
  await join(hanna, { title: 'Budget' })

  const time = stopwatch()
  await joinByLink(gustav, link)
  await Promise.all([pictureIsShown(hanna, 'Gustav'), pictureIsShown(gustav, 'Hanna')])
  console.log(`${one} and ${other}: from opening the link to both pictures ${time()} s`)

  await Promise.all([picturesMove(hanna, 1), picturesMove(gustav, 1), soundsArrive(hanna, 1), soundsArrive(gustav, 1)])
  for (const person of people) {
    await inCall(person)
    expect(await person.evaluate(alerts, null)).toEqual([])
    expect(await person.sees('button', 'Turn on sound')).toBe(false)
  }
  if (everything && one === 'Chromium') {
    await hanna.click('button', 'Share screen')
    await pictureIsShown(gustav, "Hanna's screen")
  }
  for (const panel of everything ? ['People', 'Encryption: on', 'More'] : []) {
    await hanna.click('button', panel)
    await hanna.press('Escape')
  }
  await Promise.all(people.map(withinPolicy))
  await leave(gustav)
  await hanna.gone('group', 'Gustav')
  await leave(hanna)
  await Promise.all(people.map(withinPolicy))
  await Promise.all(people.map((person) => person.close()))
})

/** Nothing that the page did was against the policy the server sends with it, and nothing failed unseen. */
async function withinPolicy(person: Person): Promise<void> {
  expect(await person.evaluate(() => window.spied.violations, null)).toEqual([])
  expect(person.complaints).toEqual([])
}

/** What they say; an alert that is there before it has anything to say is the surer way to be heard. */
function alerts(): string[] {
  return [...document.querySelectorAll('[role=alert]')].map((each) => each.textContent ?? '').filter(Boolean)
}
