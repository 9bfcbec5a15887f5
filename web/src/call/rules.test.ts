import { beforeAll, describe, expect, it } from 'vitest'
import { randomId } from './bytes'
import { signText } from './keys'
import { type Actor, Room } from './room.stage'
import { DEFAULT_RULES, inSession, RuleBook, readRules, type SignedRules, signRules } from './rules'

let room: Room
let clara: Actor

beforeAll(async () => {
  room = await Room.open()
  clara = await room.seat()
})

/** Signed by the host, whatever it is. */
async function saying(document: unknown, version: unknown = 1): Promise<SignedRules> {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const signature = await signText(room.host, `klausur rules v1|${room.meeting}|${version}|${text}`)
  return { version: version as number, document: text, signature }
}

const whole = () => ({ waiting_room: true, everyone_shares: true, session: room.session, cohosts: [], denied: [] })

describe('the host’s rules', () => {
  it('are read as they were signed', async () => {
    const rules = room.rules({ version: 3, waitingRoom: false, cohosts: [clara.place.key] })
    expect(await readRules(await signRules(room.host, room.meeting, rules), room.meeting, room.hostKey)).toEqual(rules)
  })

  it('are not those of another meeting, version, text or hand', async () => {
    const signed = await signRules(room.host, room.meeting, room.rules())
    const { document } = await signRules(room.host, room.meeting, room.rules({ waitingRoom: false }))
    const byClara = await signRules(clara.privateKey, room.meeting, room.rules())
    expect(await readRules(signed, randomId(), room.hostKey)).toBeUndefined()
    expect(await readRules(signed, room.meeting, clara.place.key)).toBeUndefined()
    for (const forged of [{ ...signed, version: 2 }, { ...signed, document }, byClara]) {
      expect(await readRules(forged, room.meeting, room.hostKey)).toBeUndefined()
    }
  })

  it('are whole or none, even by the host’s hand', async () => {
    const key = clara.place.key
    const documents: unknown[] = [
      '',
      'null',
      '[]',
      '{',
      {},
      { ...whole(), more: 1 },
      { ...whole(), waiting_room: 1 },
      { ...whole(), everyone_shares: undefined },
      { ...whole(), session: '' },
      { ...whole(), session: 7 },
      { ...whole(), cohosts: key },
      { ...whole(), cohosts: { length: 0 } },
      { ...whole(), cohosts: ['AAAA'] },
      { ...whole(), cohosts: [key, key] },
      { ...whole(), denied: [null] },
      // Prettily printed and harmless otherwise: but 25 KiB.
      JSON.stringify(whole()).padEnd(25 * 1024),
    ]
    for (const document of documents) {
      expect(await readRules(await saying(document), room.meeting, room.hostKey)).toBeUndefined()
    }
    for (const version of [0, -1, 1.5, '1', null]) {
      expect(await readRules(await saying(whole(), version), room.meeting, room.hostKey)).toBeUndefined()
    }
    for (const garbage of [null, undefined, 7, 'rules', []]) {
      expect(await readRules(garbage, room.meeting, room.hostKey)).toBeUndefined()
    }
  })

  it('name as many people as they may, and not one more', async () => {
    const keys = (length: number) => Array.from({ length }, (_, at) => at.toString(36).padStart(42, 'A').concat('A'))
    const read = async (cohosts: number, denied: number) =>
      readRules(
        await signRules(room.host, room.meeting, room.rules({ cohosts: keys(cohosts), denied: keys(denied) })),
        room.meeting,
        room.hostKey,
      )
    expect((await read(20, 500))?.denied).toHaveLength(500)
    expect(await read(21, 0)).toBeUndefined()
    expect(await read(0, 501)).toBeUndefined()
  })

  it('keep their switches in another opening, but neither co-hosts nor the removed', () => {
    const rules = room.rules({ waitingRoom: false, cohosts: [clara.place.key], denied: [clara.place.key] })
    expect(inSession(rules, room.session)).toEqual(rules)
    const later = randomId()
    expect(inSession(rules, later)).toEqual({ ...rules, session: later, cohosts: [], denied: [] })
  })
})

describe('a rule book', () => {
  function book() {
    const seen: number[] = []
    const rules: RuleBook = new RuleBook(room.meeting, room.hostKey, () => seen.push(rules.rules.version))
    return { rules, seen }
  }

  it('says what holds until the host has decided anything', () => {
    expect(book().rules.rules).toEqual(DEFAULT_RULES)
    expect(DEFAULT_RULES).toMatchObject({ waitingRoom: true, everyoneShares: true })
  })

  it('keeps the newest, whatever comes after', async () => {
    const { rules, seen } = book()
    const [first, second] = [
      await signRules(room.host, room.meeting, room.rules({ version: 1, denied: [] })),
      await signRules(room.host, room.meeting, room.rules({ version: 2, denied: [clara.place.key] })),
    ]
    await rules.take(second)
    await rules.take(first)
    await rules.take(null)
    await rules.take({ ...first, version: 3 })
    expect(rules.rules.denied).toEqual([clara.place.key])
    expect(seen).toEqual([2])
  })

  it('is not changed by another decision under a number that was seen', async () => {
    const { rules } = book()
    await rules.take(await signRules(room.host, room.meeting, room.rules({ version: 2 })))
    await rules.take(await signRules(room.host, room.meeting, room.rules({ version: 2, waitingRoom: false })))
    expect(rules.rules.waitingRoom).toBe(true)
  })

  it('takes them in the order in which they came', async () => {
    const { rules, seen } = book()
    const signed = await Promise.all(
      [1, 2, 3].map((version) => signRules(room.host, room.meeting, room.rules({ version }))),
    )
    await Promise.all(signed.map((one) => rules.take(one)))
    expect(seen).toEqual([1, 2, 3])
  })
})
