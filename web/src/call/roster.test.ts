import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomId } from './bytes'
import { announcementContext, announcementKey, importSecret, newSecret, open, seal } from './keys'
import { type Announcement, isAnnouncement, Roster } from './roster'

const [meeting, session, me, gustav, hanna] = Array.from({ length: 5 }, randomId) as [
  string,
  string,
  string,
  string,
  string,
]
const secret = await importSecret(newSecret())
const key = await announcementKey(secret, session)

function roster() {
  return new Roster(
    me,
    (sender, sealed) => open(key, announcementContext(meeting, session, sender), sealed),
    () => undefined,
  )
}

function announced(who: string, seq: number, name: string, more: Partial<Announcement> = {}): Promise<string> {
  const value = { v: 1, seq, name, key: { index: seq % 256, salt: randomId() }, ...more }
  return seal(key, announcementContext(meeting, session, who), value)
}

const seat = (pseudonym: string, announcement: string, away = false) => ({ pseudonym, announcement, away })

describe('the roster', () => {
  it('holds those who announced themselves, in order of arrival, under cleaned names', async () => {
    const people = roster()
    await people.welcome([seat(gustav, await announced(gustav, 1, 'Gustav\u202e'))])
    await people.seat(seat(hanna, await announced(hanna, 1, 'Hanna')))
    expect(people.members().map(({ name }) => name)).toEqual(['Gustav', 'Hanna'])
  })

  it('does not hold somebody with another link, whatever the server says', async () => {
    const people = roster()
    const otherKey = await announcementKey(await importSecret(newSecret()), session)
    const forged = await seal(otherKey, announcementContext(meeting, session, gustav), {
      v: 1,
      seq: 1,
      name: 'Otto',
      key: { index: 0, salt: randomId() },
    })
    await people.welcome([seat(gustav, forged), seat(hanna, 'garbage'), null, 7, { pseudonym: '<script>' }])
    expect(people.members()).toEqual([])
  })

  it('does not take Gustav’s announcement for Hanna’s', async () => {
    const people = roster()
    await people.seat(seat(hanna, await announced(gustav, 1, 'Gustav')))
    expect(people.members()).toEqual([])
  })

  it('does not go back to an older announcement', async () => {
    const people = roster()
    const [first, second] = [await announced(gustav, 1, 'Gustav'), await announced(gustav, 2, 'Gustav A.')]
    await people.seat(seat(gustav, first))
    await people.seat(seat(gustav, second))
    await people.seat(seat(gustav, first))
    await people.welcome([seat(gustav, first)])
    expect(people.get(gustav)).toMatchObject({ name: 'Gustav A.', key: { index: 2 } })
  })

  it('does not bring back who has left by replaying them', async () => {
    const people = roster()
    const announcement = await announced(gustav, 1, 'Gustav')
    await people.seat(seat(gustav, announcement))
    await people.left(gustav)
    await people.seat(seat(gustav, announcement))
    expect(people.members()).toEqual([])
  })

  it('knows who is away, without another announcement', async () => {
    const people = roster()
    const announcement = await announced(gustav, 1, 'Gustav')
    await people.seat(seat(gustav, announcement))
    await people.seat(seat(gustav, announcement, true))
    expect(people.get(gustav)?.away).toBe(true)
    await people.seat(seat(gustav, announcement, false))
    expect(people.get(gustav)?.away).toBe(false)
  })

  it('never holds oneself, and calls the nameless by their pseudonym', async () => {
    const people = roster()
    await people.welcome([seat(me, await announced(me, 1, 'Me')), seat(gustav, await announced(gustav, 1, '\u200b'))])
    expect(people.members()).toMatchObject([{ id: gustav, name: gustav.slice(0, 4) }])
  })

  it('drops on welcome whom the server no longer names', async () => {
    const people = roster()
    await people.welcome([seat(gustav, await announced(gustav, 1, 'G')), seat(hanna, await announced(hanna, 1, 'H'))])
    await people.welcome([seat(hanna, await announced(hanna, 2, 'H'))])
    expect(people.members().map(({ id }) => id)).toEqual([hanna])
  })

  it('is the same whatever order messages are opened in: the highest number wins', async () => {
    const sealed = await Promise.all([1, 2, 3, 4, 5].map((seq) => announced(gustav, seq, `G${seq}`)))
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }), async (order) => {
        const people = roster()
        await Promise.all(order.map((at) => people.seat(seat(gustav, sealed[at] ?? ''))))
        expect(people.get(gustav)?.name).toBe(`G${Math.max(...order) + 1}`)
      }),
      { numRuns: 30 },
    )
  })
})

describe('an announcement', () => {
  it('is complete or none', () => {
    const whole = { v: 1, seq: 1, name: 'G', key: { index: 0, salt: randomId() } }
    expect(isAnnouncement(whole)).toBe(true)
    const broken = [
      null,
      { ...whole, v: 2 },
      { ...whole, seq: 0 },
      { ...whole, seq: 1.5 },
      { ...whole, name: 7 },
      { ...whole, key: undefined },
      { ...whole, key: { index: 256, salt: randomId() } },
      { ...whole, key: { index: 0, salt: 'x' } },
    ]
    for (const value of broken) expect(isAnnouncement(value)).toBe(false)
  })
})
