import { beforeAll, describe, expect, it } from 'vitest'
import { type Act, ActBook, mayAct, type Op, sealAct } from './acts'
import { randomId } from './bytes'
import { actsKey, importSecret, newSecret, seal, signText } from './keys'
import { type Actor, Room } from './room.stage'

let room: Room
let key: CryptoKey
let clara: Actor
let gustav: Actor

beforeAll(async () => {
  room = await Room.open()
  key = await actsKey(room.secret, room.session)
  clara = await room.seat()
  gustav = await room.seat()
})

const book = (seen?: Record<string, number>) => new ActBook(room.meeting, room.session, key, seen)

function muting(seq: number): Act {
  return { op: 'mute', target: gustav.place.pseudonym, detail: '', seq }
}

/** As the server passes it on. */
async function message(act: Act, from = clara, by = key) {
  const sealed = await sealAct(by, from.privateKey, from.place, act)
  return { from: from.place.pseudonym, op: act.op as string, target: act.target, sealed }
}

describe('an act', () => {
  it('is taken as its actor signed it', async () => {
    expect(await book().take(await message(muting(9)), clara.place.key)).toEqual(muting(9))
    const react: Act = { op: 'react', target: null, detail: '👍', seq: 10 }
    expect(await book().take(await message(react), clara.place.key)).toEqual(react)
  })

  it('is not taken twice, nor after a newer one', async () => {
    const acts = book()
    const [older, newer] = [await message(muting(4)), await message(muting(5))]
    expect(await acts.take(newer, clara.place.key)).toBeDefined()
    expect(await acts.take(newer, clara.place.key)).toBeUndefined()
    expect(await acts.take(older, clara.place.key)).toBeUndefined()
    expect(await acts.take(await message(muting(6)), clara.place.key)).toBeDefined()
  })

  it('is not taken twice over a reload either', async () => {
    const before = book()
    const heard = await message(muting(5))
    await before.take(heard, clara.place.key)
    const after = book(JSON.parse(JSON.stringify(before.seen)))
    expect(await after.take(heard, clara.place.key)).toBeUndefined()
    expect(await after.take(await message(muting(4)), clara.place.key)).toBeUndefined()
    expect(await after.take(await message(muting(6)), clara.place.key)).toBeDefined()
  })

  it('counts each seat’s numbers apart, in the order in which they came', async () => {
    const acts = book()
    const seen: Array<number | undefined> = []
    await Promise.all(
      [await message(muting(1)), await message(muting(2)), await message(muting(3))].map((one) =>
        acts.take(one, clara.place.key).then((act) => seen.push(act?.seq)),
      ),
    )
    expect(seen).toEqual([1, 2, 3])
    expect(
      await acts.take(await message({ ...muting(1), op: 'react', target: null }, gustav), gustav.place.key),
    ).toBeDefined()
  })

  it('is not another act, nor against somebody else, because the server says so', async () => {
    const heard = await message(muting(1))
    for (const lie of [
      { op: 'remove' },
      { op: 'mute_all', target: null },
      { target: clara.place.pseudonym },
      { target: null },
      { target: undefined },
    ]) {
      expect(await book().take({ ...heard, ...lie }, clara.place.key)).toBeUndefined()
    }
  })

  it('is not somebody else’s, of another opening, meeting or link', async () => {
    const heard = await message(muting(1))
    expect(await book().take({ ...heard, from: gustav.place.pseudonym }, gustav.place.key)).toBeUndefined()
    expect(await book().take(heard, gustav.place.key)).toBeUndefined()
    for (const elsewhere of [{ session: randomId() }, { meeting: randomId() }]) {
      const there = { ...clara, place: { ...clara.place, ...elsewhere } }
      expect(await book().take(await message(muting(1), there), clara.place.key)).toBeUndefined()
    }
    const otherLink = await actsKey(await importSecret(newSecret()), room.session)
    expect(await book().take(await message(muting(1), clara, otherLink), clara.place.key)).toBeUndefined()
  })

  it('is not put together anew from one that was signed', async () => {
    // Everybody with the link can seal; only the seat can sign.
    const { meeting, session, pseudonym } = clara.place
    const context = `klausur act v1|${meeting}|${session}|${pseudonym}`
    const target = gustav.place.pseudonym
    const sig = await signText(clara.privateKey, `${context}|1|mute|${target}|`)
    const signed = { v: 1, seq: 1, op: 'mute', target, detail: '', sig }
    const take = async (inner: object, outer: object = {}) =>
      book().take(
        { from: pseudonym, op: 'mute', target, sealed: await seal(key, context, inner), ...outer },
        clara.place.key,
      )
    expect(await take(signed)).toBeDefined()
    expect(await take({ ...signed, seq: 2 })).toBeUndefined()
    expect(await take({ ...signed, op: 'remove' }, { op: 'remove' })).toBeUndefined()
    expect(await take({ ...signed, detail: 'x' })).toBeUndefined()
    const other = randomId()
    expect(await take({ ...signed, target: other }, { target: other })).toBeUndefined()
    expect(await take({ ...signed, sig: undefined })).toBeUndefined()
    expect(await take({ ...signed, v: 2 })).toBeUndefined()
  })

  it('is whole or none, even when signed', async () => {
    const broken = [
      { ...muting(0) },
      { ...muting(1.5) },
      { ...muting(1), target: null },
      { ...muting(1), target: 'Gustav' },
      { ...muting(1), op: 'unmute' as Op },
      { ...muting(1), op: 'lock' as Op },
      { ...muting(1), detail: 'x'.repeat(65) },
      { ...muting(1), detail: 7 as unknown as string },
    ]
    for (const act of broken) expect(await book().take(await message(act), clara.place.key)).toBeUndefined()
    for (const garbage of [
      null,
      undefined,
      7,
      'act',
      {},
      { from: 'x' },
      { ...(await message(muting(1))), sealed: 7 },
    ]) {
      expect(await book().take(garbage, clara.place.key)).toBeUndefined()
    }
  })

  it('of no more than a thousand seats is followed', async () => {
    const full = Object.fromEntries(Array.from({ length: 999 }, (_, at) => [`K${at}`, 1]))
    const acts = book(full)
    expect(await acts.take(await message(muting(1)), clara.place.key)).toBeDefined()
    const react: Act = { op: 'react', target: null, detail: '', seq: 1 }
    expect(await acts.take(await message(react, gustav), gustav.place.key)).toBeUndefined()
    expect(await acts.take(await message(muting(2)), clara.place.key)).toBeDefined()
  })
})

describe('power', () => {
  const AIMED: Op[] = ['mute', 'stop_video', 'stop_screen', 'remove']
  const GENERAL: Op[] = ['mute_all', 'lock', 'unlock']

  it('of a participant goes as far as a reaction', () => {
    expect(mayAct('react', 'participant', undefined, true)).toBe(true)
    for (const op of AIMED) expect(mayAct(op, 'participant', 'participant', false)).toBe(false)
    for (const op of [...GENERAL, 'end'] as Op[]) expect(mayAct(op, 'participant', undefined, false)).toBe(false)
  })

  it('of a co-host ends at the host', () => {
    for (const op of AIMED) {
      expect(mayAct(op, 'cohost', 'participant', true)).toBe(true)
      expect(mayAct(op, 'cohost', 'cohost', true)).toBe(true)
      expect(mayAct(op, 'cohost', 'host', false)).toBe(false)
    }
    expect(mayAct('end', 'cohost', undefined, true)).toBe(false)
    expect(mayAct('end', 'cohost', undefined, false)).toBe(true)
  })

  it('of a host ends at nobody who is there', () => {
    for (const op of AIMED) {
      for (const target of ['host', 'cohost', 'participant'] as const)
        expect(mayAct(op, 'host', target, true)).toBe(true)
      expect(mayAct(op, 'host', undefined, true)).toBe(false)
    }
    for (const op of [...GENERAL, 'end', 'react'] as Op[]) expect(mayAct(op, 'host', undefined, true)).toBe(true)
  })
})
