import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { ActBook, mayAct, sealAct } from './acts'
import { type Admission, admissionMac } from './admission'
import { randomId } from './bytes'
import { actsKey, announcementContext, announcementKey, importSecret, newSecret, open, seal } from './keys'
import { type Actor, Room } from './room.stage'
import { type Announcement, isAnnouncement, Roster, type SignedAnnouncement, signedAnnouncement } from './roster'
import type { Rules } from './rules'

let room: Room
let key: CryptoKey
let me: Actor
let gustav: Actor
let hanna: Actor
let clara: Actor

beforeAll(async () => {
  room = await Room.open()
  key = await announcementKey(room.secret, room.session)
  ;[me, gustav, hanna, clara] = await Promise.all([room.seat(), room.seat(), room.seat(), room.seat()])
})

/** The rules may be changed under it. */
function roster(rules: Partial<Rules> = {}) {
  const { meeting, session } = room
  return new Roster(
    { meeting, session, me: me.place.pseudonym },
    (sender, sealed) => open(key, announcementContext(meeting, session, sender), sealed),
    () => room.law(rules),
    () => undefined,
  )
}

function sealed(value: unknown, { place }: Actor, by = key): Promise<string> {
  return seal(by, announcementContext(place.meeting, place.session, place.pseudonym), value)
}

function said(seq: number, name: string, more: Partial<Announcement> = {}): Announcement {
  return { v: 1, seq, name, key: { index: seq % 256, salt: randomId() }, ...more }
}

async function announced(who: Actor, seq: number, name: string, more: Partial<Announcement> = {}): Promise<string> {
  return sealed(await signedAnnouncement(who.privateKey, who.place, said(seq, name, more)), who)
}

/** As the socket tells of somebody whom Hanna let in, unless they show something else. */
async function seat(who: Actor, announcement: string, more: { away?: boolean; admission?: Admission } = {}) {
  const { pseudonym, key: seatKey } = who.place
  const admission = more.admission ?? { certificate: await room.admitted(who) }
  return { pseudonym, key: seatKey, admission, announcement, away: more.away ?? false }
}

const id = ({ place }: Actor) => place.pseudonym

describe('the roster', () => {
  it('holds those who announced themselves, in order of arrival, under cleaned names', async () => {
    const people = roster()
    await people.welcome([await seat(gustav, await announced(gustav, 1, 'Gustav\u202e'))])
    const admission = { certificate: await room.admitted(hanna, 'host') }
    await people.seat(await seat(hanna, await announced(hanna, 1, 'Hanna', { hand: room.serverNow }), { admission }))
    expect(people.members()).toMatchObject([
      { id: id(gustav), name: 'Gustav', role: 'participant', key: gustav.place.key, media: { index: 1 } },
      { id: id(hanna), name: 'Hanna', role: 'host', hand: room.serverNow, admission },
    ])
    expect(people.get(id(gustav))).not.toHaveProperty('hand')
  })

  it('does not hold somebody with another link, whatever the server says', async () => {
    const people = roster()
    const otherKey = await announcementKey(await importSecret(newSecret()), room.session)
    const forged = await sealed(
      await signedAnnouncement(gustav.privateKey, gustav.place, said(1, 'Otto')),
      gustav,
      otherKey,
    )
    await people.welcome([
      await seat(gustav, forged),
      await seat(hanna, 'garbage'),
      null,
      7,
      { pseudonym: '<script>' },
      { ...(await seat(hanna, await announced(hanna, 1, 'H'))), key: 'AAAA' },
      { ...(await seat(hanna, await announced(hanna, 1, 'H'))), admission: undefined },
    ])
    expect(people.members()).toEqual([])
  })

  it('does not take Gustav’s announcement for Hanna’s', async () => {
    const people = roster()
    await people.seat(await seat(hanna, await announced(gustav, 1, 'Gustav')))
    expect(people.members()).toEqual([])
  })

  it('does not take what another member says in Hanna’s name', async () => {
    const people = roster()
    // Gustav has the link, and so every key that comes from it; her seat key he has not.
    const inHerName = await signedAnnouncement(gustav.privateKey, hanna.place, said(1, 'Hanna'))
    const altered = { ...(await signedAnnouncement(hanna.privateKey, hanna.place, said(1, 'Hanna'))), name: 'Anna' }
    for (const forged of [inHerName, altered]) {
      await people.seat(await seat(hanna, await sealed(forged, hanna)))
      expect(people.members()).toEqual([])
    }
  })

  it('does not take an announcement of another opening or meeting', async () => {
    const people = roster()
    for (const elsewhere of [{ session: randomId() }, { meeting: randomId() }]) {
      const there = { ...gustav.place, ...elsewhere }
      const signed = await signedAnnouncement(gustav.privateKey, there, said(1, 'Gustav'))
      await people.seat(await seat(gustav, await sealed(signed, gustav)))
      expect(people.members()).toEqual([])
    }
  })

  it('does not go back to an older announcement', async () => {
    const people = roster()
    const [first, second] = [await announced(gustav, 1, 'Gustav'), await announced(gustav, 2, 'Gustav A.')]
    await people.seat(await seat(gustav, first))
    await people.seat(await seat(gustav, second))
    await people.seat(await seat(gustav, first))
    await people.welcome([await seat(gustav, first)])
    expect(people.get(id(gustav))).toMatchObject({ name: 'Gustav A.', media: { index: 2 } })
  })

  it('does not bring back who has left by replaying them', async () => {
    const people = roster()
    const announcement = await announced(gustav, 1, 'Gustav')
    await people.seat(await seat(gustav, announcement))
    await people.left(id(gustav))
    await people.seat(await seat(gustav, announcement))
    await people.judgeAgain()
    expect(people.members()).toEqual([])
  })

  it('takes Gustav back, whom a roster of before he came has left out, with what he said last', async () => {
    const people = roster()
    const [first, second] = [await announced(gustav, 1, 'Gustav'), await announced(gustav, 2, 'Gustav A.')]
    await people.seat(await seat(gustav, first))
    await people.seat(await seat(gustav, second))
    await people.welcome([])
    expect(people.members()).toEqual([])
    await people.welcome([await seat(gustav, first)])
    expect(people.members()).toEqual([])
    await people.welcome([await seat(gustav, second, { away: true })])
    expect(people.members()).toMatchObject([{ name: 'Gustav A.', media: { index: 2 }, away: true }])
  })

  it('does not let another key into a seat', async () => {
    const people = roster()
    await people.seat(await seat(gustav, await announced(gustav, 1, 'Gustav')))
    const otto = await room.seat({ pseudonym: id(gustav) })
    await people.seat(await seat(otto, await announced(otto, 2, 'Gustav')))
    await people.left(id(gustav))
    await people.seat(await seat(otto, await announced(otto, 3, 'Gustav')))
    expect(people.members()).toEqual([])
  })

  it('knows who is away, without another announcement', async () => {
    const people = roster()
    const announcement = await announced(gustav, 1, 'Gustav')
    await people.seat(await seat(gustav, announcement))
    await people.seat(await seat(gustav, announcement, { away: true }))
    expect(people.get(id(gustav))?.away).toBe(true)
    await people.seat(await seat(gustav, announcement))
    expect(people.get(id(gustav))?.away).toBe(false)
  })

  it('does not hear of being away from before he spoke last', async () => {
    const people = roster()
    const before = await seat(gustav, await announced(gustav, 1, 'Gustav'), { away: true })
    await people.seat(before)
    await people.seat(await seat(gustav, await announced(gustav, 2, 'Gustav')))
    await people.welcome([before])
    expect(people.get(id(gustav))?.away).toBe(false)
  })

  it('sees a hand go up and down', async () => {
    const people = roster()
    for (const [seq, hand] of [
      [1, undefined],
      [2, 1_795_341_600_000],
      [3, undefined],
    ] as const) {
      await people.seat(await seat(gustav, await announced(gustav, seq, 'Gustav', hand ? { hand } : {})))
      expect(people.get(id(gustav))?.hand).toBe(hand)
    }
  })

  it('lets nobody get ahead in line by the date on their hand, nor behind it by one that is to come', async () => {
    const [people, now] = [roster(), room.serverNow]
    await people.welcome([await seat(hanna, await announced(hanna, 1, 'Hanna', { hand: now - 60_000 }))])
    await people.seat(await seat(gustav, await announced(gustav, 1, 'Gustav', { hand: 1 })))
    await people.seat(await seat(clara, await announced(clara, 1, 'Clara')))
    room.serverNow += 5000
    await people.seat(await seat(clara, await announced(clara, 2, 'Clara', { hand: 2 })))
    room.serverNow += 5000
    // Said again with another name, or found in a whole roster: up since the same moment.
    await people.seat(await seat(gustav, await announced(gustav, 2, 'Gustav A.', { hand: 1 })))
    await people.welcome([
      await seat(hanna, await announced(hanna, 2, 'Hanna', { hand: now + 86_400_000 })),
      await seat(gustav, await announced(gustav, 3, 'Gustav A.', { hand: 1 })),
      await seat(clara, await announced(clara, 3, 'Clara', { hand: 2 })),
    ])
    expect(people.members().map(({ hand }) => Number(hand) - now)).toEqual([10_000, 0, 5000])
    room.serverNow = now
  })

  it('never holds oneself, and calls the nameless by their pseudonym', async () => {
    const people = roster()
    await people.welcome([
      await seat(me, await announced(me, 1, 'Me')),
      await seat(gustav, await announced(gustav, 1, '\u200b')),
    ])
    expect(people.members()).toMatchObject([{ id: id(gustav), name: id(gustav).slice(0, 4) }])
  })

  it('drops on welcome whom the server no longer names', async () => {
    const people = roster()
    await people.welcome([
      await seat(gustav, await announced(gustav, 1, 'G')),
      await seat(hanna, await announced(hanna, 1, 'H')),
    ])
    await people.welcome([await seat(hanna, await announced(hanna, 2, 'H'))])
    expect(people.members().map((member) => member.id)).toEqual([id(hanna)])
  })

  it('is the same whatever order messages are opened in: the highest number wins', async () => {
    const seats = await Promise.all(
      [1, 2, 3, 4, 5].map(async (seq) => seat(gustav, await announced(gustav, seq, `G${seq}`))),
    )
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }), async (order) => {
        const people = roster()
        await Promise.all(order.map((at) => people.seat(seats[at])))
        expect(people.get(id(gustav))?.name).toBe(`G${Math.max(...order) + 1}`)
      }),
      { numRuns: 30 },
    )
  })
})

describe('by the law', () => {
  it('nobody counts whom nobody let in, whatever the server says', async () => {
    const people = roster()
    const admission = { mac: await admissionMac(room.secret, gustav.place) }
    await people.seat(await seat(gustav, await announced(gustav, 1, 'Gustav'), { admission }))
    const hannas = { certificate: await room.admitted(hanna) }
    await people.seat(await seat(clara, await announced(clara, 1, 'Clara'), { admission: hannas }))
    expect(people.members()).toEqual([])
  })

  it('a removed person goes at once, and does not come back by a new announcement', async () => {
    const rules = { denied: [] as string[] }
    const people = roster(rules)
    await people.seat(await seat(gustav, await announced(gustav, 1, 'Gustav')))
    rules.denied = [gustav.place.key]
    await people.judgeAgain()
    expect(people.members()).toEqual([])
    await people.seat(await seat(gustav, await announced(gustav, 2, 'Gustav')))
    expect(people.members()).toEqual([])
  })

  it('people let in by the link stay when the waiting room goes on, once the host has certified them', async () => {
    const rules = { waitingRoom: false }
    const people = roster(rules)
    for (const who of [gustav, clara]) {
      const admission = { mac: await admissionMac(room.secret, who.place) }
      await people.seat(await seat(who, await announced(who, 1, 'Somebody'), { admission }))
    }
    const announcement = await announced(gustav, 1, 'Gustav')
    await people.seat(await seat(gustav, announcement))
    rules.waitingRoom = true
    await people.judgeAgain()
    expect(people.members().map((member) => member.id)).toEqual([id(gustav)])
  })

  it('whom a co-host let in counts as soon as the rules name her, and no longer than that', async () => {
    const rules = { cohosts: [] as string[] }
    const people = roster(rules)
    const admission = { certificate: await room.admittedBy(clara, gustav) }
    await people.seat(await seat(clara, await announced(clara, 1, 'Clara')))
    await people.seat(await seat(gustav, await announced(gustav, 1, 'Gustav'), { admission }))
    expect(people.members().map(({ role }) => role)).toEqual(['participant'])
    rules.cohosts = [clara.place.key]
    await people.judgeAgain()
    expect(people.members().map(({ role }) => role)).toEqual(['cohost', 'participant'])
    rules.cohosts = []
    await people.judgeAgain()
    expect(people.members().map(({ role }) => role)).toEqual(['participant'])
  })

  it('what Clara asks for counts for nothing once her power is gone', async () => {
    const rules = { cohosts: [clara.place.key] }
    const people = roster(rules)
    await people.seat(await seat(clara, await announced(clara, 1, 'Clara')))
    await people.seat(await seat(gustav, await announced(gustav, 1, 'Gustav')))
    const acts = await actsKey(room.secret, room.session)
    const book = new ActBook(room.meeting, room.session, acts)
    const obeyed = async (seq: number) => {
      const told = { op: 'remove', target: id(gustav), detail: '', seq } as const
      const sealedAct = await sealAct(acts, clara.privateKey, clara.place, told)
      const actor = people.get(id(clara))
      const act = await book.take(
        { from: id(clara), op: 'remove', target: told.target, sealed: sealedAct },
        clara.place.key,
      )
      const target = people.get(act?.target ?? '')
      return Boolean(act && actor && mayAct(act.op, actor.role, target?.role, true))
    }
    expect(await obeyed(2)).toBe(true)
    rules.cohosts = []
    await people.judgeAgain()
    expect(await obeyed(3)).toBe(false)
  })
})

describe('an announcement', () => {
  it('is complete or none', async () => {
    const whole: SignedAnnouncement = await signedAnnouncement(gustav.privateKey, gustav.place, said(1, 'G'))
    expect(isAnnouncement(whole)).toBe(true)
    expect(isAnnouncement({ ...whole, hand: 1 })).toBe(true)
    const broken = [
      null,
      { ...whole, v: 2 },
      { ...whole, seq: 0 },
      { ...whole, seq: 1.5 },
      { ...whole, name: 7 },
      { ...whole, key: undefined },
      { ...whole, key: { index: 256, salt: randomId() } },
      { ...whole, key: { index: 0, salt: 'x' } },
      { ...whole, hand: 0 },
      { ...whole, hand: null },
      { ...whole, hand: '7' },
      { ...whole, sig: undefined },
      { ...whole, sig: 'A' },
    ]
    for (const value of broken) expect(isAnnouncement(value)).toBe(false)
  })

  it('is signed in one spelling, whatever order its parts came in', async () => {
    const { v, seq, name, key: media } = said(1, 'Gustav')
    const turned = { hand: 5, key: { salt: media.salt, index: media.index }, name, seq, v }
    const straight = { v, seq, name, key: media, hand: 5 }
    const [one, other] = await Promise.all(
      [turned, straight].map((it) => signedAnnouncement(gustav.privateKey, gustav.place, it)),
    )
    expect(one?.sig).toBe(other?.sig)
  })
})
