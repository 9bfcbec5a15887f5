/** A member with a client of their own wants to send in clear: klausur's door refuses what no page of ours says. */
import { Encryption_Type } from '@livekit/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { House } from './stage/house.ts'
import { publishes, takesSeat } from './stage/member.ts'

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house.close())

test('a track announced in clear ends the connection, or keeps it from opening', async () => {
  const { link } = await house.hosts('Hanna', 'Chromium', { camera: false, microphone: false })
  const publishing = async (...how: [Encryption_Type, 'later' | 'on joining']) =>
    publishes(link, await takesSeat(link), ...how)

  expect(await publishing(Encryption_Type.GCM, 'later')).toEqual('published')
  expect(await publishing(Encryption_Type.NONE, 'later')).toEqual({ closed: 4400 })
  expect(await publishing(Encryption_Type.NONE, 'on joining')).toEqual({ refused: 401 })
})
