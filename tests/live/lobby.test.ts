/** The waiting room: nobody is inside whom nobody let in, and who waits learns nothing of the meeting. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Browser,
  type ChromiumPerson,
  comesIn,
  declines,
  endsForEveryone,
  HEAR,
  hears,
  inCall,
  join,
  joinByLink,
  KEEP_COPIED,
  knocks,
  launchChromium,
  launchFirefox,
  leave,
  letIn,
  opensPeople,
  type Person,
  powersOf,
  type Relay,
  type Server,
  SOUND_AFTER_A_CLICK,
  soundsArrive,
  startMeeting,
  startRelay,
  startServer,
  stays,
  waits,
} from './harness/index.ts'

let server: Server
let relay: Relay
let chromium: Browser
let firefox: Browser
let mira: Person
let otto: Person
let vera: Person
let carl: Person

beforeAll(async () => {
  ;[server, chromium, firefox] = await Promise.all([startServer(), launchChromium(), launchFirefox()])
  relay = await startRelay(server.port)
  const guests = ['Mira', 'Otto', 'Vera', 'Carl'].map((name) => chromium.person(name))
  ;[mira, otto, vera, carl] = (await Promise.all(guests)) as [Person, Person, Person, Person]
})

afterAll(async () => {
  await Promise.all([chromium, firefox].map((browser) => browser?.close()))
  await relay?.close()
  await server?.close()
})

const none = { camera: false, microphone: false }

describe.sequential('Hanna lets in one by one', () => {
  let hanna: Person
  let gustav: Person
  let link: string

  beforeAll(async () => {
    hanna = await chromium.person('Hanna', { init: [HEAR] })
    gustav = await firefox.person('Gustav')
    link = await startMeeting(hanna, server.url, 'en', { waitingRoom: true })
    await join(hanna, none)
  })

  test('the first knock is announced and shown; she admits where it is announced', async () => {
    const code = await knocks(gustav, link)
    await hears(hanna, `Gustav is waiting to be let in. Code ${code}`)
    await hanna.seeText(code)
    expect(await hanna.sees('region', 'People')).toBe(false)
    await learnsNothing(gustav, code)
    await letIn(hanna, 'Gustav')
    await inCall(gustav)
    await Promise.all([gustav.see('group', 'Hanna'), hanna.see('group', 'Gustav')])
  })

  test('of two who wait one is let in and one is not, each by a code of their own', async () => {
    const codes = await Promise.all([knocks(mira, link), knocks(otto, link)])
    expect(new Set(codes).size).toBe(2)
    await opensPeople(hanna)
    for (const code of codes) await hanna.seeTextIn('region', 'People', code)
    expect(await gustav.text()).not.toContain(codes[0])
    expect((await powersOfGuest(gustav)).filter((name) => /Admit|Decline/.test(name))).toEqual([])

    await letIn(hanna, 'Mira')
    await inCall(mira)
    await learnsNothing(otto, codes[1])
    await declines(hanna, 'Otto')
    await otto.see('heading', 'You were not let in')
    await learnsNothing(otto, codes[1])
    await Promise.all([hanna, gustav].map((person) => person.see('group', 'Mira')))
    for (const person of [hanna, gustav, mira]) expect(await person.sees('group', 'Otto')).toBe(false)
  })

  test('who was declined twice may not knock again; who asks once more is let in with all who wait', async () => {
    await knocks(vera, link)
    await declines(hanna, 'Vera')
    await vera.click('button', 'Ask again')
    await waits(vera)
    await declines(hanna, 'Vera')
    await vera.see('heading', 'You were not let in')
    expect(await vera.sees('button', 'Ask again')).toBe(false)

    await otto.click('button', 'Ask again')
    await waits(otto)
    await knocks(carl, link)
    await hanna.see('button', 'Admit Carl')
    await hanna.click('button', 'Admit all')
    await Promise.all([inCall(otto), inCall(carl)])
    await hanna.gone('button', 'Admit all')
    await Promise.all([gustav.see('group', 'Otto'), gustav.see('group', 'Carl')])
    expect(await gustav.sees('group', 'Vera')).toBe(false)
  })
})

describe.sequential('somebody waits', () => {
  let hanna: ChromiumPerson
  let gustav: Person
  let link: string

  beforeAll(async () => {
    hanna = (await chromium.person('Hanna', { init: [HEAR, KEEP_COPIED] })) as ChromiumPerson
    gustav = await chromium.person('Gustav', { init: [SOUND_AFTER_A_CLICK] })
    link = await startMeeting(hanna, relay.url, 'en', { waitingRoom: true })
  })

  const knocksOf = (person: Person) =>
    person.requests.filter(({ method, url }) => method === 'POST' && /\/(seats|knock)$/.test(url)).length

  test('a reload, a cut network and a host who comes later find the same one knock', async () => {
    const code = await knocks(gustav, link)
    await gustav.reload()
    expect(await waits(gustav)).toBe(code)
    relay.block(true)
    relay.cut()
    await gustav.seeText(INTERRUPTED)
    relay.block(false)
    await standsAgain(gustav)
    expect(await waits(gustav)).toBe(code)

    await join(hanna, { camera: false })
    await hears(hanna, `Gustav is waiting to be let in. Code ${code}`)
    await hanna.seeText(code)
    expect(knocksOf(gustav)).toBe(1)
  })

  test('let in without a click on the reloaded page, he turns on the sound that the browser blocks', async () => {
    await letIn(hanna, 'Gustav')
    await inCall(gustav)
    await gustav.click('button', 'Turn on sound')
    await gustav.gone('button', 'Turn on sound')
    await soundsArrive(gustav, 1)
  })

  test('who leaves while waiting is no longer offered', async () => {
    await knocks(mira, link)
    await hanna.see('button', 'Admit Mira')
    await mira.click('button', 'Leave')
    await hanna.gone('button', 'Admit Mira')
    await mira.gone('heading', 'Waiting to be let in')
  })

  test('the waiting room is switched off and on: who waits comes in, the next comes straight in, then they wait again', async () => {
    await knocks(otto, link)
    await hanna.see('button', 'Admit Otto')
    await opensPeople(hanna)
    await hanna.click('switch', 'Waiting room')
    await hanna.waitForAttribute('switch', 'Waiting room', 'aria-checked', 'false')
    await inCall(otto)
    await joinByLink(mira, link, none)
    await hanna.see('group', 'Mira')

    await hanna.click('switch', 'Waiting room')
    await hanna.waitForAttribute('switch', 'Waiting room', 'aria-checked', 'true')
    await comesIn(vera, link, hanna)
    for (const name of ['Hanna', 'Gustav', 'Otto', 'Mira']) await vera.see('group', name)
    for (const person of [gustav, otto, mira]) await person.see('group', 'Vera')
    await leave(vera)
  })

  test('the server is killed: who waits goes on waiting, and nobody gets in by it', async () => {
    await leave(mira)
    const code = await knocks(mira, link)
    await hanna.see('button', 'Admit Mira')
    await server.kill()
    await mira.seeText(INTERRUPTED)
    await server.start()
    await standsAgain(mira)
    expect(await waits(mira)).toBe(code)
    await inCall(hanna)
    await hanna.see('button', 'Admit Mira')
    await stays('Mira waits', () => mira.sees('heading', 'Waiting to be let in'))
    expect(await mira.evaluate(() => window.spied.sockets.some(({ url }) => url.includes('/rtc/')), null)).toBe(false)
  })

  test('the server is killed as she clicks: admitted or still waiting, and nothing between', async () => {
    await knocks(carl, link)
    await hanna.see('button', 'Admit Carl')
    await hanna.click('button', 'Admit Mira')
    await server.kill()
    await server.start()
    await inCall(hanna)
    const inside = () => mira.sees('region', 'Meeting')
    await hanna.waitFor('Mira is inside, or can be admitted', async () => {
      return (await inside()) || hanna.sees('button', 'Admit Mira')
    })
    if (!(await inside())) await letIn(hanna, 'Mira').catch(() => undefined)
    await inCall(mira)
    await hanna.see('group', 'Mira')
    await stays('Carl waits', () => carl.sees('heading', 'Waiting to be let in'))
    expect(await hanna.sees('group', 'Carl')).toBe(false)
    await declines(hanna, 'Carl')
  })

  test("the host's browser is killed: the others go on, and by the host link she is host again", async () => {
    await opensPeople(hanna)
    await hanna.click('button', 'Copy host link')
    const hostLink = await hanna.waitFor('the host link is copied', () => hanna.evaluate(() => window.copied, null))
    await hanna.context.close()
    await leave(otto)
    const code = await knocks(otto, link)
    await inCall(gustav)

    const again = await chromium.person('Hanna')
    await again.open(hostLink)
    await again.see('textbox', 'Your name')
    await again.waitFor('the address bar holds the guest link', async () => (await again.url()) === link)
    await join(again, none)
    await again.seeText(code)
    await letIn(again, 'Otto')
    await inCall(otto)
    await opensPeople(again)
    expect(await powersOf(again)).toEqual(expect.arrayContaining(['Mute everyone', 'Remove Gustav']))

    await knocks(vera, link)
    await endsForEveryone(again)
    for (const person of [again, gustav, otto, vera]) await person.see('heading', 'The meeting has ended')
  })
})

const INTERRUPTED = 'The connection was interrupted'

async function standsAgain(person: Person): Promise<void> {
  const lost = async () => (await person.text()).includes(INTERRUPTED)
  await person.waitFor('the connection stands again', async () => !(await lost()))
}

/** Who waits reads no name, no number but the code, and has no connection to the media engine. */
async function learnsNothing(person: Person, code: string): Promise<void> {
  // It is spelt out too, for those who hear it.
  const text = (await person.text()).replace(code, '').replace([...code.replace(' ', '')].join(', '), '')
  expect(text).not.toMatch(/Hanna|Gustav|Mira|Otto|\d/)
  expect(await person.evaluate(() => window.spied.sockets.some(({ url }) => url.includes('/rtc/')), null)).toBe(false)
}

async function powersOfGuest(person: Person): Promise<string[]> {
  await opensPeople(person)
  return powersOf(person)
}
