/** Places in a meeting: kept over a reload, one for each tab, limited in number, and refused in plain words. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join as path } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Browser,
  ChromiumPerson,
  engineBinary,
  eventually,
  inCall,
  join,
  joinByLink,
  launchChromium,
  leave,
  meet,
  type Person,
  pictureIsShown,
  type Server,
  startMeeting,
  startServer,
  stays,
  temporaryFolder,
} from './harness/index.ts'

let server: Server
let browser: Browser

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launchChromium()])
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function cast<N extends string>(...names: N[]): Promise<Person[]> {
  return Promise.all(names.map((name) => browser.person(name)))
}

const none = { camera: false, microphone: false }

async function dismiss(...people: Person[]): Promise<void> {
  await Promise.all(people.map((person) => person.close()))
}

const tilesOf = (viewer: Person, name: string): Promise<number> =>
  viewer.evaluate(
    (wanted) =>
      [...document.querySelectorAll('[role=group]')].filter((e) => e.getAttribute('aria-label') === wanted).length,
    name,
  )

describe('coming back', () => {
  test('a reload returns to the same seat, and nobody sees a second person', async () => {
    const [hanna, gustav] = (await cast('Hanna', 'Gustav')) as [Person, Person]
    await meet(hanna, gustav, server.url)
    await hanna.see('group', 'Gustav')
    const seats = () => gustav.requests.filter(({ method, url }) => method === 'POST' && url.endsWith('/seats')).length
    expect(seats()).toBe(1)

    const alone = stays('Hanna sees Gustav once at most', async () => (await tilesOf(hanna, 'Gustav')) <= 1, 5_000)
    await gustav.reload()
    await inCall(gustav)
    await alone
    expect(seats()).toBe(1)
    await gustav.see('group', 'Hanna')
    expect(await tilesOf(hanna, 'Gustav')).toBe(1)
    await pictureIsShown(gustav, 'Hanna')
    await dismiss(hanna, gustav)
  })

  test('until the engine answers nothing is called encrypted, and a reload keeps the seat', async () => {
    const [hanna] = (await cast('Hanna')) as [Person]
    let answers = false
    await (hanna as ChromiumPerson).page.routeWebSocket(/\/rtc\/v1/, (socket) => {
      if (answers) socket.connectToServer()
    })
    const asked = (end: string) =>
      hanna.requests.filter(({ method, url }) => method === 'POST' && url.endsWith(end)).length
    await startMeeting(hanna, server.url)
    await hanna.fill('Your name', 'Hanna')
    await hanna.click('button', 'Join')
    // The page of the call while it is joining: it has one control.
    await hanna.see('button', 'Leave')
    await hanna.seeText('Joining …')
    await stays('nothing is called encrypted', async () => !(await hanna.text()).includes('Encryption'), 2_000)
    expect(asked('/seats')).toBe(1)

    answers = true
    await hanna.reload()
    await inCall(hanna)
    expect([asked('/seats'), asked('/tickets')]).toEqual([1, 1])
    await dismiss(hanna)
  })

  test('a second tab is a second participant', async () => {
    const [hanna, gustav] = (await cast('Hanna', 'Gustav')) as [Person, Person]
    const link = await meet(hanna, gustav, server.url, none)
    const second = await gustav.anotherTab()
    await joinByLink(second, link, none)
    await hanna.waitFor('Hanna sees both tabs', async () => (await tilesOf(hanna, 'Gustav')) === 2)
    await inCall(gustav)
    await dismiss(hanna, gustav, second)
  })

  test('a duplicated tab does not take the seat of the first', async () => {
    const [hanna, gustav] = (await cast('Hanna', 'Gustav')) as [Person, Person]
    const link = await startMeeting(hanna, server.url)
    await join(hanna)
    await joinByLink(gustav, link, none)
    // Browsers copy the session storage into a duplicated tab, as into one that window.open makes.
    const { context, page } = gustav as ChromiumPerson
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate(() => void window.open(location.href)),
    ])
    const duplicate = new ChromiumPerson('Gustav', opened)
    await join(duplicate, none)
    await hanna.waitFor('Hanna sees both tabs', async () => (await tilesOf(hanna, 'Gustav')) === 2)
    await inCall(gustav)
    await pictureIsShown(gustav, 'Hanna')
    await dismiss(hanna, gustav, duplicate)
  })

  test('who has left reads what is still stored, and can rejoin', async () => {
    const [hanna] = (await cast('Hanna')) as [Person]
    await startMeeting(hanna, server.url)
    await join(hanna, none)
    await leave(hanna)
    await hanna.seeText('Still stored on the server')
    await hanna.click('button', 'Rejoin')
    await inCall(hanna)
    await dismiss(hanna)
  })
})

describe('a link that does not lead into a meeting', () => {
  const M = 'A'.repeat(22)
  // whole in form: the last character of each part carries no bits beyond its bytes
  const fragment = `${'B'.repeat(42)}A.${'C'.repeat(21)}A`
  const links: [string, string, string][] = [
    ['without a fragment', `/m/${M}`, 'This link is incomplete'],
    ['with an empty fragment', `/m/${M}#`, 'This link is incomplete'],
    ['with half a fragment', `/m/${M}#${fragment.slice(0, 30)}`, 'This link is incomplete'],
    ['with a damaged fragment', `/m/${M}#${fragment.replace('BBB', 'B%B')}`, 'This link is incomplete'],
    ['to an unknown meeting', `/m/${M}#${fragment}`, 'There is no meeting here'],
    ['with a short meeting id', `/m/${M.slice(3)}#${fragment}`, 'This link is incomplete'],
    ['with an over-long meeting id', `/m/${'A'.repeat(5_000)}#${fragment}`, 'This link is incomplete'],
  ]

  let gustav: Person

  beforeAll(async () => {
    gustav = await browser.person('Gustav')
  })

  afterAll(() => dismiss(gustav))

  test.for(links)('%s', async ([, link, heading]) => {
    await gustav.open(server.url + link)
    await gustav.see('heading', heading)
    expect(await gustav.sees('button', 'Join')).toBe(false)
  })

  test('with the secret of another meeting', async () => {
    const [hanna] = (await cast('Hanna')) as [Person]
    const link = await startMeeting(hanna, server.url)
    await gustav.open(link.replace(/#.*/, `#${fragment}`))
    await gustav.see('heading', 'There is no meeting here')
    await dismiss(hanna)
  })

  test('pasted at home it is told apart from no link, and a good one leads on', async () => {
    const [hanna] = (await cast('Hanna')) as [Person]
    const link = await startMeeting(hanna, server.url)
    await gustav.open(server.url)
    await gustav.fill('Meeting link', 'lunch?')
    await gustav.click('button', 'Continue')
    await gustav.seeText('Paste the link you were sent.')
    await gustav.fill('Meeting link', `  ${link} `)
    await gustav.click('button', 'Continue')
    await gustav.see('heading', 'Join the meeting')
    await dismiss(hanna)
  })
})

describe('names', () => {
  const names: [string, string, (shown: string) => void][] = [
    ['of 10,000 characters', 'ab'.repeat(5_000), (shown) => expect(shown).toBe('ab'.repeat(40))],
    ['with markup', '<img src=x onerror=alert(1)>', (shown) => expect(shown).toBe('<img src=x onerror=alert(1)>')],
    [
      'with control, bidirectional and invisible characters',
      'Gus\u202Etav\u0007\u200B\u2066 Meier\uFEFF',
      (shown) => expect(shown).toBe('Gustav Meier'),
    ],
  ]

  let hanna: Person
  let link: string

  beforeAll(async () => {
    hanna = await browser.person('Hanna')
    link = await startMeeting(hanna, server.url)
    await join(hanna, none)
  })

  afterAll(() => dismiss(hanna))

  test.for(names)('%s', async ([, name, judge]) => {
    const [gustav] = (await cast('Gustav')) as [Person]
    await gustav.open(link)
    await gustav.fill('Your name', name)
    await gustav.click('button', 'Join')
    await inCall(gustav)
    const label = await hanna.waitFor('Hanna sees somebody', () =>
      hanna.evaluate(
        () =>
          [
            ...document.querySelectorAll(
              '[role=region][aria-label=Meeting] [role=group], section[aria-label=Meeting] [role=group]',
            ),
          ]
            .map((each) => each.getAttribute('aria-label') ?? '')
            .find((each) => each !== 'Hanna (you)'),
        null,
      ),
    )
    judge(label)
    await leave(gustav)
    await hanna.gone('group', label)
    await dismiss(gustav)
  })

  test('an empty one is asked for', async () => {
    const [hanna] = (await cast('Hanna')) as [Person]
    await startMeeting(hanna, server.url)
    await hanna.fill('Your name', ' \u200B ')
    await hanna.click('button', 'Join')
    await hanna.seeText('Enter a name that the others will see.')
    await dismiss(hanna)
  })
})

describe('a small server, whose engine can fail', () => {
  let small: Server
  let folder: string
  let broken: string

  beforeAll(async () => {
    folder = temporaryFolder('engine')
    broken = path(folder, 'broken')
    const wrapper = path(folder, 'livekit-server')
    writeFileSync(wrapper, `#!/bin/sh\n[ -e ${broken} ] && exit 1\nexec ${engineBinary()} "$@"\n`)
    chmodSync(wrapper, 0o755)
    small = await startServer({ settings: { MAX_PARTICIPANTS: 2, ENGINE_BINARY: wrapper } })
  })

  afterAll(async () => {
    await small?.close()
    rmSync(folder, { recursive: true })
  })

  test('a full meeting says so, and has room again when somebody has left', async () => {
    const [hanna, gustav, mira] = (await cast('Hanna', 'Gustav', 'Mira')) as [Person, Person, Person]
    const link = await meet(hanna, gustav, small.url, none)
    await mira.open(link)
    await mira.fill('Your name', 'Mira')
    await mira.click('button', 'Join')
    await mira.see('heading', 'The meeting is full')
    await inCall(hanna)
    await leave(gustav)
    await triesAgain(mira)
    await hanna.see('group', 'Mira')
    await dismiss(hanna, gustav, mira)
  })

  test('while the engine is down joining says that the server is restarting, and works afterwards', async () => {
    const [hanna] = (await cast('Hanna')) as [Person]
    await startMeeting(hanna, small.url)
    writeFileSync(broken, '')
    small.killEngine()
    await eventually('the server knows', async () => (await fetch(`${small.url}/readyz`)).status === 503)
    await hanna.fill('Your name', 'Hanna')
    await hanna.click('button', 'Join')
    await hanna.see('heading', 'The server is restarting')
    rmSync(broken)
    await small.ready()
    await triesAgain(hanna)
    await dismiss(hanna)
  })

  /** Straight into the call, or over the page before it. */
  async function triesAgain(person: Person): Promise<void> {
    await person.click('button', 'Try again')
    await person.waitFor('the call or the page before it', async () => {
      return (await person.sees('region', 'Meeting')) || (await person.sees('button', 'Join'))
    })
    if (await person.sees('button', 'Join')) await join(person, none)
    await inCall(person)
  }
})
