/** Who keeps a meeting in order, and what that does to the others. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Browser,
  type ChromiumPerson,
  endsForEveryone,
  HEAR,
  HUM,
  hears,
  inCall,
  join,
  joinByLink,
  knocks,
  launchChromium,
  leave,
  letIn,
  opensPeople,
  type Person,
  pictureIsShown,
  powersOf,
  type Server,
  SPY_SENT,
  soundsArrive,
  soundsStop,
  startMeeting,
  startServer,
} from './harness/index.ts'

let server: Server
let browser: Browser
let hanna: Person
let gustav: ChromiumPerson
let mira: Person
let otto: Person
let link: string
/** what Gustav's browser sent when he came */
let gustavsWish: { session: string; announcement: string }

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launchChromium()])
  const cast = ['Hanna', 'Mira', 'Otto'].map((name) => browser.person(name, { init: [HEAR] }))
  ;[hanna, mira, otto] = (await Promise.all(cast)) as [Person, Person, Person]
  gustav = (await browser.person('Gustav', { init: [HEAR, HUM, SPY_SENT] })) as ChromiumPerson
  gustav.page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/seats')) gustavsWish ??= request.postDataJSON()
  })
  link = await startMeeting(hanna, server.url)
  await join(hanna, { camera: false })
  await joinByLink(gustav, link)
  await joinByLink(mira, link, { camera: false })
  await opensPeople(hanna)
}, 90_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

const pressed = (person: Person, button: string, on: boolean) =>
  person.waitForAttribute('button', button, 'aria-pressed', String(on))

async function turns(person: Person, setting: string, on: boolean): Promise<void> {
  await opensPeople(person)
  await person.click('switch', setting)
  await person.waitForAttribute('switch', setting, 'aria-checked', String(on))
}

describe.sequential('Hanna hosts, Mira helps her, and Gustav', () => {
  test('is muted, is told by whom, and nobody but he can undo it', async () => {
    await soundsArrive(hanna, 2)
    await hanna.click('button', 'Mute Gustav')
    await pressed(gustav, 'Microphone', false)
    await hears(gustav, 'Hanna has muted you.')
    await hanna.seeTextIn('group', 'Gustav', 'Microphone off')
    await hanna.gone('button', 'Mute Gustav')
    expect((await powersOf(hanna)).filter((name) => /unmute|microphone/i.test(name))).toEqual([])
    await gustav.click('button', 'Microphone')
    await pressed(gustav, 'Microphone', true)
    await soundsArrive(hanna, 2)
  })

  test('talks on while everybody but her is muted, and is told that nobody hears it', async () => {
    await hanna.click('button', 'Mute everyone')
    await Promise.all([gustav, mira].map((person) => pressed(person, 'Microphone', false)))
    await gustav.seeText('You are muted')
    await soundsStop(hanna)
    await pressed(hanna, 'Microphone', true)
    await soundsArrive(gustav, 1)
    expect(await mira.sees('button', 'Mute everyone')).toBe(false)
  })

  test('may begin again after she has stopped his video and his screen', async () => {
    await gustav.click('button', 'Share screen')
    await pictureIsShown(hanna, "Gustav's screen")
    await hanna.click('button', 'Stop screen of Gustav')
    await hanna.gone('group', "Gustav's screen")
    await pressed(gustav, 'Share screen', false)
    await hears(gustav, 'Hanna has stopped your shared screen.')
    await hanna.click('button', 'Stop video of Gustav')
    await pressed(gustav, 'Camera', false)
    await hears(gustav, 'Hanna has stopped your video.')
    await hanna.seeTextIn('group', 'Gustav', 'Camera off')
    await gustav.click('button', 'Camera')
    await pictureIsShown(hanna, 'Gustav')
  })

  test('shares his screen only while everyone may', async () => {
    await gustav.click('button', 'Share screen')
    await hanna.see('group', "Gustav's screen")
    await turns(hanna, 'Everyone may share', false)
    await hanna.gone('group', "Gustav's screen")
    await hears(gustav, 'Only hosts and co-hosts may share a screen now.')
    await gustav.waitForAttribute('button', 'Share screen', 'aria-disabled', 'true')
    expect(await hanna.attribute('button', 'Share screen', 'aria-disabled')).toBeNull()
    await turns(hanna, 'Everyone may share', true)
    await hears(gustav, 'Everyone may share a screen now.')
    await gustav.click('button', 'Share screen')
    await hanna.see('group', "Gustav's screen")
    await gustav.click('button', 'Share screen')
    await hanna.gone('group', "Gustav's screen")
  })

  test('raises his hand after Mira, and applauds', async () => {
    await mira.click('button', 'Raise hand')
    await hears(hanna, 'Mira has raised a hand')
    await gustav.click('button', 'Raise hand')
    await hears(mira, 'Gustav has raised a hand')
    await hanna.seeTextIn('group', 'Mira', 'Hand raised: no. 1')
    await hanna.seeTextIn('group', 'Gustav', 'Hand raised: no. 2')
    await mira.click('button', 'Raise hand')
    await hanna.seeTextIn('group', 'Gustav', 'Hand raised: no. 1')
    await gustav.click('button', 'Raise hand')
    await hanna.seeNoTextIn('group', 'Gustav', 'Hand raised')

    await gustav.click('button', 'React')
    await gustav.click('menuitem', 'Applause')
    for (const person of [hanna, mira]) await hears(person, 'Gustav: Applause')
    await hanna.seeTextIn('group', 'Gustav', '👏')
  })

  test('takes another name; when it imitates hers, it is marked', async () => {
    await renames(gustav, 'Hánna')
    for (const person of [hanna, mira]) await person.seeTextIn('group', 'Hánna', 'Similar name to Hanna')
    await renames(gustav, 'Gustav')
    await hears(hanna, 'is now called Gustav.')
    await hanna.see('group', 'Gustav')
    await hanna.seeNoTextIn('group', 'Gustav', 'Similar name')
  })

  test('is muted by Mira, whom Hanna has made co-host, and who lets somebody in', async () => {
    await hanna.click('button', 'Make Mira co-host')
    await hears(mira, 'Hanna has made you a co-host.')
    await turns(hanna, 'Waiting room', true)
    const code = await knocks(otto, link)
    await hears(mira, `Otto is waiting to be let in. Code ${code}`)
    await letIn(mira, 'Otto')
    await inCall(otto)
    await hanna.gone('button', 'Admit Otto')
    for (const person of [hanna, gustav]) await person.see('group', 'Otto')

    await opensPeople(mira)
    await gustav.click('button', 'Microphone')
    await mira.click('button', 'Mute Gustav')
    await hears(gustav, 'Mira has muted you.')
    await pressed(gustav, 'Microphone', false)
    const powers = await powersOf(mira)
    expect(powers).toEqual(expect.arrayContaining(['Remove Gustav', 'Remove Otto', 'Mute everyone', 'Lock meeting']))
    expect(powers.filter((name) => /Hanna|co-host|Waiting room|may share|host link/.test(name))).toEqual([])
  })

  test('comes back by a reload while the meeting is locked, but nobody new comes in', async () => {
    await leave(otto)
    await turns(hanna, 'Lock meeting', true)
    await hears(gustav, 'Hanna locked the meeting.')
    await otto.open(link)
    await otto.waitFor('the lock is met', async () => {
      if (await otto.sees('button', 'Join')) await otto.click('button', 'Join')
      return otto.sees('heading', 'The meeting is locked')
    })
    await gustav.reload()
    await inCall(gustav)
    await hanna.see('group', 'Gustav')
    await turns(hanna, 'Lock meeting', false)
  })

  test('is removed: nothing he ever held opens a door, and when he knocks she is warned', async () => {
    const held = await everythingHeld()
    await hanna.click('button', 'Remove Gustav')
    await hanna.see('dialog', 'Remove Gustav?')
    await hanna.click('button', 'Remove')
    await gustav.see('heading', 'You were removed')
    expect(await gustav.sees('button', 'Rejoin')).toBe(false)
    for (const person of [hanna, mira]) await person.gone('group', 'Gustav')
    await hears(mira, 'Hanna removed Gustav.')
    expect(await replayed(held)).toEqual({ events: 'removed 4404', join: '1006', resume: '1006', ticket: 'removed' })

    await gustav.reload()
    const second = await gustav.anotherTab()
    for (const tab of [gustav, second]) {
      await knocks(tab, link)
      await hanna.seeTextIn('region', 'People', 'was removed before')
      expect(await hanna.sees('group', 'Gustav')).toBe(false)
      if (tab === gustav) await tab.click('button', 'Leave')
      await hanna.waitFor('one Gustav waits at most', async () => {
        return (await powersOf(hanna)).filter((name) => name === 'Admit Gustav').length === Number(tab === second)
      })
    }
    await letIn(hanna, 'Gustav')
    await inCall(second)
    for (const person of [hanna, mira]) await person.see('group', 'Gustav')
  })
})

test('Hanna leaves: Mira lets in, and ends it for everyone', async () => {
  await leave(hanna)
  await knocks(otto, link)
  await letIn(mira, 'Otto')
  await inCall(otto)
  await endsForEveryone(mira)
  await otto.see('heading', 'The meeting has ended')
  await hanna.click('button', 'Rejoin')
  await hanna.see('heading', 'The meeting has ended')
  await otto.open(link)
  await otto.see('heading', 'There is no meeting here')
})

async function renames(person: Person, name: string): Promise<void> {
  await opensPeople(person)
  await person.click('button', 'Rename')
  await person.fill('Your name', name)
  await person.press('Enter')
  await person.see('group', `${name} (you)`)
}

type Held = { pseudonym: string; secret: string; hello: string; events: string; signalling: string }

/** What Gustav's browser has shown of his seat, as somebody would keep it who means to come back. */
async function everythingHeld(): Promise<Held> {
  const { sent, urls } = await gustav.evaluate(
    () => ({ sent: window.sent, urls: window.spied.sockets.map(({ url }) => url) }),
    null,
  )
  const hello = sent.find((message) => message.includes('"hello"')) ?? ''
  const last = (part: string) => urls.findLast((url) => url.includes(part)) ?? ''
  return { ...JSON.parse(hello), hello, events: last('/events'), signalling: last('/rtc/v1') }
}

/** From his own page, so that no header gives away that it is not the product who asks. */
function replayed(held: Held): Promise<Record<string, string>> {
  return gustav.evaluate(
    async ({ held, wish }) => {
      const answerTo = (url: string, first?: string) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url)
          const said: string[] = []
          socket.onopen = () => (first ? socket.send(first) : resolve('open'))
          socket.onmessage = ({ data }) => said.push(JSON.parse(data).type)
          socket.onclose = ({ code }) => resolve([...said, code].join(' '))
        })
      const address = held.events.replace('ws', 'http').replace('/events', `/seats/${held.pseudonym}/tickets`)
      const ticket = await fetch(address, {
        method: 'POST',
        headers: { authorization: `Bearer ${held.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ session: wish.session, announcement: wish.announcement }),
      })
      return {
        events: await answerTo(held.events, held.hello),
        join: await answerTo(held.signalling),
        resume: await answerTo(`${held.signalling}&reconnect=1`),
        ticket: (await ticket.json()).code,
      }
    },
    { held, wish: gustavsWish },
  )
}
