/** What breaks mends itself: everybody keeps the place, pictures move again, and nothing goes out in clear meanwhile. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type Browser,
  eventually,
  flow,
  INSPECT_FRAMES,
  launchChromium,
  meet,
  type Person,
  pictureIsShown,
  picturesMove,
  type Relay,
  type Server,
  startRelay,
  startServer,
  stopwatch,
} from './harness/index.ts'

let server: Server
let browser: Browser
let relay: Relay
let people: [Person, Person]

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launchChromium()])
  relay = await startRelay(server.port)
})

afterAll(async () => {
  await browser?.close()
  await relay?.close()
  await server?.close()
})

/** The two stay from story to story, as people do; after a failure others come. */
let standing = false

beforeEach(async () => {
  if (standing) return
  people = [
    await browser.person('Hanna', { init: [INSPECT_FRAMES] }),
    await browser.person('Gustav', { init: [INSPECT_FRAMES] }),
  ]
  await meet(...people, relay.url)
  await Promise.all([pictureIsShown(people[0], 'Gustav'), pictureIsShown(people[1], 'Hanna')])
})

afterEach(async ({ task }) => {
  standing = task.result?.state !== 'fail'
  if (!standing) return
  for (const person of people) {
    const { encrypted, clear } = await person.evaluate(() => window.arrived, null)
    expect(encrypted).toBeGreaterThan(100)
    // A nonce's length ends a clear frame by chance too, never the other way round.
    expect(clear, `frames in clear at ${person.name}'s`).toBe(0)
  }
})

test('the network cuts every socket: both are back in their places without a blink', async () => {
  const before = relay.opened.length
  const time = stopwatch()
  relay.cut()
  const back = await eventually('both have opened both sockets again', () => {
    const again = relay.opened.slice(before).filter(({ path }) => path === '/rtc/v1' || path.endsWith('/events'))
    return again.length >= 4 && time()
  })
  await Promise.all(people.map((person) => steady(person)))
  console.log(`sockets cut: opened again after ${back} s, steady after ${time()} s (aim 2 s)`)
  await Promise.all(people.map((person) => picturesMove(person, 1)))
  await expectNobodyTwice()
})

test('the engine is killed: pictures move again on new connections', async () => {
  const born = await connections()
  const time = stopwatch()
  server.killEngine()
  await movesOnNewConnections(born)
  console.log(`engine killed: pictures of both again after ${time()} s (aim 5 s)`)
  await bothSeeEachOther()
})

test('the server is killed and started again: people come back by themselves', async () => {
  const born = await connections()
  await server.kill()
  await Promise.all(people.map((person) => person.seeText('Reconnecting')))
  const time = stopwatch()
  server.launch()
  const ready = server.ready().then(time)
  await movesOnNewConnections(born)
  console.log(`server killed: ready ${await ready} s after its start, pictures of both after ${time()} s (aim 5 s)`)
  await bothSeeEachOther()
})

test('the server is stopped with two people inside: it ends in time, they are told, and return after a restart', async () => {
  const born = await connections()
  const took = await server.stop()
  await Promise.all(people.map((person) => person.seeText('Reconnecting')))
  const time = stopwatch()
  server.launch()
  const ready = server.ready().then(time)
  await movesOnNewConnections(born)
  console.log(`server stopped in ${took} s, ready again after ${await ready} s, pictures of both after ${time()} s`)
  await bothSeeEachOther()
})

test('the network is away for a while: people wait in their places and go on', async () => {
  relay.block(true)
  relay.cut()
  await Promise.all(people.map((person) => person.seeText('Reconnecting')))
  const time = stopwatch()
  relay.block(false)
  await Promise.all(people.map((person) => steady(person)))
  console.log(`network back: steady after ${time()} s`)
  await bothSeeEachOther()
})

async function connections(): Promise<number[]> {
  return Promise.all(people.map(async (person) => (await flow(person)).connections.length))
}

/** The old connections' counters cannot grow; frames on later ones prove that the whole way stands again. */
async function movesOnNewConnections(born: number[]): Promise<void> {
  await Promise.all(
    people.map((person, index) =>
      person.waitFor(
        `a picture on a new connection at ${person.name}'s`,
        async () =>
          (await flow(person)).inbound.some(
            (each) => each.kind === 'video' && each.connection >= (born[index] ?? 0) && each.framesDecoded > 0,
          ),
        { within: 40_000 },
      ),
    ),
  )
}

async function bothSeeEachOther(): Promise<void> {
  await Promise.all(people.map((person) => steady(person)))
  await Promise.all([pictureIsShown(people[0], 'Gustav'), pictureIsShown(people[1], 'Hanna')])
  await expectNobodyTwice()
}

async function steady(person: Person): Promise<void> {
  await person.waitFor('nothing is reconnecting', async () => {
    const text = await person.text()
    return text.includes('Encryption: on') && !text.includes('Reconnecting')
  })
}

async function expectNobodyTwice(): Promise<void> {
  for (const person of people) {
    const others = await person.evaluate(
      () =>
        [...document.querySelectorAll('[role=group][aria-label]')]
          .map((each) => each.getAttribute('aria-label'))
          .filter((label) => label === 'Hanna' || label === 'Gustav'),
      null,
    )
    expect(others).toHaveLength(1)
  }
}
