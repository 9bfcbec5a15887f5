/** Every pair of browsers meets: each direction with a moving picture, with sound, and encrypted. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Browser,
  inCall,
  join,
  joinByLink,
  launchChromium,
  launchFirefox,
  leave,
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
  const link = await startMeeting(hanna, server.url)
  await join(hanna)

  const time = stopwatch()
  await joinByLink(gustav, link)
  await Promise.all([pictureIsShown(hanna, 'Gustav'), pictureIsShown(gustav, 'Hanna')])
  console.log(`${one} and ${other}: from opening the link to both pictures ${time()} s`)

  await Promise.all([picturesMove(hanna, 1), picturesMove(gustav, 1), soundsArrive(hanna, 1), soundsArrive(gustav, 1)])
  for (const person of [hanna, gustav]) {
    await inCall(person)
    expect(await person.evaluate(alerts, null)).toEqual([])
    expect(await person.sees('button', 'Turn on sound')).toBe(false)
  }
  await leave(gustav)
  await hanna.gone('group', 'Gustav')
  await Promise.all([hanna.close(), gustav.close()])
})

/** What they say; an alert that is there before it has anything to say is the surer way to be heard. */
function alerts(): string[] {
  return [...document.querySelectorAll('[role=alert]')].map((each) => each.textContent ?? '').filter(Boolean)
}
