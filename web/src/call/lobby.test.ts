import { beforeAll, describe, expect, it } from 'vitest'
import { randomId } from './bytes'
import { importSecret, lobbyKey, newSecret, seal } from './keys'
import { openKnock, sealKnock } from './lobby'
import { type Actor, Room } from './room.stage'

let room: Room
let key: CryptoKey
let gustav: Actor

beforeAll(async () => {
  room = await Room.open()
  key = await lobbyKey(room.secret, room.session)
  gustav = await room.seat()
})

describe('Gustav’s knock', () => {
  it('tells his name, cleaned, and his key', async () => {
    const told = { v: 1, name: ' Gustav\u202e ', key: gustav.place.key } as const
    const sealed = await sealKnock(key, gustav.place, told)
    expect(await openKnock(key, gustav.place, sealed)).toEqual({ v: 1, name: 'Gustav', key: gustav.place.key })
  })

  it('tells that he was removed before, and nothing else beyond', async () => {
    const told = { v: 1, name: '', key: gustav.place.key, returning: true, more: 1 } as const
    const sealed = await sealKnock(key, gustav.place, told)
    const name = gustav.place.pseudonym.slice(0, 4)
    expect(await openKnock(key, gustav.place, sealed)).toEqual({
      v: 1,
      name,
      key: gustav.place.key,
      returning: true,
    })
  })

  it('is his only, here only, and of this link only', async () => {
    const told = { v: 1, name: 'Gustav', key: gustav.place.key } as const
    const sealed = await sealKnock(key, gustav.place, told)
    for (const elsewhere of [{ meeting: randomId() }, { session: randomId() }, { pseudonym: randomId() }]) {
      expect(await openKnock(key, { ...gustav.place, ...elsewhere }, sealed)).toBeUndefined()
    }
    const other = await lobbyKey(await importSecret(newSecret()), room.session)
    expect(await openKnock(other, gustav.place, sealed)).toBeUndefined()
  })

  it('is whole or none', async () => {
    const { meeting, session, pseudonym } = gustav.place
    const whole = { v: 1, name: 'Gustav', key: gustav.place.key }
    const knocking = async (value: unknown) =>
      openKnock(key, gustav.place, await seal(key, `klausur lobby v1|${meeting}|${session}|${pseudonym}`, value))
    expect(await knocking(whole)).toEqual(whole)
    expect(await knocking({ ...whole, returning: 'yes' })).toEqual(whole)
    for (const broken of [null, 7, {}, { ...whole, v: 2 }, { ...whole, name: 7 }, { ...whole, key: 'AAAA' }]) {
      expect(await knocking(broken)).toBeUndefined()
    }
    for (const garbage of [null, 7, 'x', 'A'.repeat(1_000_000)]) {
      expect(await openKnock(key, gustav.place, garbage)).toBeUndefined()
    }
  })
})
