/** Whoever has left comes back with everything they ever held, and with what the engine's owner could mint them. */
import { SignalResponse } from '@livekit/protocol'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually, leave, type Person, stays } from '../live/harness/index.ts'
import { House, type Participant } from './stage/house.ts'
import { sign } from './stage/owner.ts'
import { EAVESDROPPING } from './stage/tampering.ts'

const SILENT = { camera: false, microphone: false }

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

test('a ticket in use opens no second socket, and none after its bearer has left', async () => {
  const { gustav, ticket } = await gustavsTicket()
  expect(await knocks(gustav, ticket)).toBe(403)

  await leave(gustav.person)

  expect(await knocks(gustav, ticket)).toBe(401)
})

test('a ticket is void once a reload has brought another', async () => {
  const { gustav, ticket } = await gustavsTicket()

  await gustav.person.reload()
  await eventually('Gustav holds another ticket', async () =>
    (await tickets(gustav.person)).some((each) => each !== ticket),
  )

  expect(await knocks(gustav, ticket)).toBe(401)
})

test("the engine's own tokens open nothing at klausur's door", async () => {
  const { gustav } = await gustavsTicket()
  const wire = house.liar.wireOf(gustav.identity)
  const minted = await sign(house.engine.key, gustav.identity, { roomJoin: true, room: gustav.room })
  await leave(gustav.person)

  expect(await knocks(gustav, wire.token)).toBe(401)
  expect(await knocks(gustav, minted)).toBe(401)
})

test('no token of the engine ever reaches a browser', async () => {
  const hanna = await house.hosts('Hanna', 'Chromium', { ...SILENT, init: [EAVESDROPPING] })
  const { token, say } = house.liar.wireOf(hanna.identity)

  say(new SignalResponse({ message: { case: 'refreshToken', value: token } }))
  await house.joins('Gustav', hanna.link, 'Chromium', SILENT)
  await hanna.person.see('group', 'Gustav')

  expect((await heard(hanna.person)).length).toBeGreaterThan(3)
  await stays('no token is heard', async () => !(await heard(hanna.person)).some((text) => text.includes('eyJ')))
  expect(hanna.person.requests.filter(({ url }) => url.includes('eyJ'))).toEqual([])
})

async function gustavsTicket(): Promise<{ gustav: Participant; ticket: string }> {
  const hanna = await house.hosts('Hanna', 'Chromium', SILENT)
  const gustav = await house.joins('Gustav', hanna.link, 'Chromium', { ...SILENT, init: [EAVESDROPPING] })
  const ticket = (await tickets(gustav.person))[0]
  if (!ticket) throw new Error('no ticket was heard')
  return { gustav, ticket }
}

function heard(person: Person): Promise<string[]> {
  return person.evaluate(() => (window as unknown as { heard: string[] }).heard, null)
}

async function tickets(person: Person): Promise<string[]> {
  return (await heard(person)).flatMap((text) => /"ticket":\s*"([\w-]+)"/.exec(text)?.[1] ?? [])
}

/** HTTP status of the answer to a new join of the same person: 101 would be an open door. */
async function knocks({ person }: Participant, bearer: string): Promise<number> {
  const address = await person.evaluate(
    () => window.spied.sockets.map(({ url }) => url).findLast((url) => url.includes('/rtc/v1')) ?? '',
    null,
  )
  const url = new URL(address)
  url.searchParams.set('access_token', bearer)
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { origin: house.server.url })
    socket.once('unexpected-response', (_, answer) => resolve(answer.resume().statusCode ?? 0))
    socket.once('open', () => resolve(101))
    socket.once('error', reject)
  })
}
