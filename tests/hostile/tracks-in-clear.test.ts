/** A member with a client of their own wants to send in clear: klausur's door refuses what no page of ours says. */
import { Encryption_Type } from '@livekit/protocol'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { House } from './stage/house.ts'
import { publishes, takesSeat } from './stage/member.ts'

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

test.each([
  ['encrypted', Encryption_Type.GCM, 'later', 'published'],
  ['in clear', Encryption_Type.NONE, 'later', { closed: 4400 }],
  ['in clear', Encryption_Type.NONE, 'on joining', { refused: 401 }],
] as const)('a track announced %s (%i) %s', async (_, encryption, when, answer) => {
  const hanna = await house.hosts('Hanna', 'Chromium', { camera: false, microphone: false })
  const ticket = await takesSeat(hanna.link)

  expect(await publishes(hanna.link, ticket, encryption, when)).toEqual(answer)
})
