import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ActBook } from './acts'
import { roleOf } from './admission'
import type { Guest } from './guest.stage'
import { actsKey } from './keys'
import { type Rules, readRules, signRules } from './rules'
import { captured, inCall, type Stage, settled, stage } from './session.stage'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
)
afterEach(() => void vi.useRealTimers())

/** Hanna hosts; Carla and Gustav are inside, let in by her. */
async function hosting() {
  const at = await stage()
  const [carla, gustav] = [await at.guest('Carla'), await at.guest('Gustav')]
  at.roster = [await carla.entry(), await gustav.entry()]
  const call = at.call()
  await call.start()
  await at.welcome()
  return { at, call, carla, gustav }
}

const names = (call: { state: unknown }) => inCall(call.state as never).people.map(({ name }) => name)
const happened = (call: { state: unknown }) => inCall(call.state as never).happenings.map(({ what }) => what)
const ofType = (at: Stage, type: string) => at.sockets.flatMap(({ sent }) => sent).filter((it) => it.type === type)

async function ruled(at: Stage): Promise<Rules | undefined> {
  return readRules(at.rules, at.opened.link.meeting, at.publicKey)
}

async function law(at: Stage) {
  const rules = (await ruled(at)) ?? at.law.rules
  return { hostKey: at.publicKey, secret: at.opened.secret, rules, serverNow: at.serverNow() }
}

/** What the others make of Hanna's acts. */
async function acts(at: Stage) {
  const body = at.requests.find(({ path }) => path === 'seats')?.body
  const book = new ActBook(at.opened.link.meeting, at.session, await actsKey(at.opened.secret, at.session))
  const taken = ofType(at, 'act').map((act) => book.take({ ...act, from: body?.pseudonym }, String(body?.key)))
  return (await Promise.all(taken)).map((act) => act && [act.op, act.target])
}

/** The server passes on what the host has certified. */
async function passOn(at: Stage, ...guests: Guest[]): Promise<void> {
  for (const guest of guests) {
    const said = ofType(at, 'certify').find((it) => 'pseudonym' in it && it.pseudonym === guest.id)
    if (said?.type === 'certify')
      await at.say({ type: 'seat', ...(await guest.entry({ certificate: said.certificate })) })
  }
}

/** Comes in by the link, while the waiting room is off. */
async function byLink(at: Stage, name: string): Promise<Guest> {
  const guest = await at.guest(name)
  await at.say({ type: 'seat', ...(await guest.entry(await guest.byLink())) })
  return guest
}

/** The server tells the newest rules to everybody inside. */
async function tellRules(at: Stage): Promise<void> {
  if (at.rules) await at.say({ type: 'rules', ...at.rules })
}

async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    await vi.advanceTimersByTimeAsync(1000)
    await settled()
  }
}

const certified = (at: Stage) => ofType(at, 'certify').map((it) => 'pseudonym' in it && it.pseudonym)

describe('Hanna, who hosts, lets people in', () => {
  it('one by one, with the code that they read out, and a certificate that everybody takes', async () => {
    const { at, call } = await hosting()
    const otto = await at.guest('Otto')
    await at.say(await otto.knock())
    expect(inCall(call.state).knocks).toMatchObject([{ id: otto.id, name: 'Otto', returning: false, answered: false }])
    await call.admit(otto.id)
    expect(inCall(call.state).knocks[0]?.answered).toBe(true)
    const [said] = ofType(at, 'admit')
    if (said?.type !== 'admit') throw new Error('nobody was admitted')
    expect(await roleOf(otto.place, { certificate: said.certificate }, await law(at))).toBe('participant')
    await at.say({ type: 'knock_over', pseudonym: otto.id })
    expect(inCall(call.state).knocks).toEqual([])
  })

  it('or all at once, those whom she has answered left out', async () => {
    const { at, call } = await hosting()
    const guests = [await at.guest('Otto'), await at.guest('Ada'), await at.guest('Emil')]
    for (const guest of guests) await at.say(await guest.knock())
    await call.decline(guests[1]?.id ?? '')
    await call.admitAll()
    expect(ofType(at, 'admit').map((it) => 'pseudonym' in it && it.pseudonym)).toEqual([guests[0]?.id, guests[2]?.id])
    expect(ofType(at, 'decline')).toEqual([{ type: 'decline', pseudonym: guests[1]?.id }])
  })

  it('and is not closed on when there are many: the server takes fifty messages a second', async () => {
    const { at, call } = await hosting()
    for (let count = 0; count < 45; count += 1) await at.say(await (await at.guest(`Guest ${count}`)).knock())
    void call.admitAll()
    await settled()
    expect(ofType(at, 'admit')).toHaveLength(20)
    await seconds(3)
    expect(ofType(at, 'admit')).toHaveLength(45)
  })

  it('and sees who imitates somebody, or was removed before', async () => {
    const { at, call, gustav } = await hosting()
    await call.remove(gustav.id)
    await at.say(await (await at.guest('Саrla')).knock(), await (await at.guest('gustav')).knock())
    await at.say(await (await at.guest('Otto')).knock(true))
    expect(inCall(call.state).knocks.map(({ imitates, returning }) => [imitates, returning])).toEqual([
      ['Carla', false],
      [undefined, true],
      [undefined, true],
    ])
  })

  it('but nobody whose knock does not open, or was taken from another', async () => {
    const { at, call } = await hosting()
    const [otto, ada] = [await at.guest('Otto'), await at.guest('Ada')]
    const knock = await otto.knock()
    await at.say({ ...knock, pseudonym: ada.id } as never, {
      type: 'knock',
      pseudonym: ada.id,
      knock: 'AAAA',
      since: '',
    })
    expect(inCall(call.state).knocks).toEqual([])
    await call.admit(ada.id)
    expect(ofType(at, 'admit')).toEqual([])
  })

  it('and is told when that fails, but not when they are gone already', async () => {
    const { at, call } = await hosting()
    const otto = await at.guest('Otto')
    await at.say(await otto.knock())
    await call.admit(otto.id)
    await at.say({ type: 'refused', what: 'admit', target: otto.id, code: 'not_your_seat' })
    expect(happened(call)).toEqual([])
    await call.admit(otto.id)
    await at.say({ type: 'refused', what: 'admit', target: otto.id, code: 'meeting_full' })
    expect(inCall(call.state).happenings).toMatchObject([{ what: 'failed', why: 'meeting_full' }])
    expect(inCall(call.state).knocks[0]?.answered).toBe(false)
  })

  it('and is told to unlock first, once for all who wait', async () => {
    const { at, call } = await hosting()
    const [otto, ada] = [await at.guest('Otto'), await at.guest('Ada')]
    await at.say(await otto.knock(), await ada.knock())
    await call.admit(otto.id)
    await at.say({ type: 'refused', what: 'admit', target: otto.id, code: 'meeting_locked' })
    expect(inCall(call.state).happenings).toMatchObject([{ what: 'failed', why: 'meeting_locked' }])
    await call.lock(true)
    await call.admitAll()
    expect(happened(call)).toEqual(['failed', 'locked', 'failed'])
    expect(ofType(at, 'admit')).toHaveLength(1)
  })

  it('and loses sight of nobody who waits while her connection comes back', async () => {
    const { at, call } = await hosting()
    const [otto, ada] = [await at.guest('Otto'), await at.guest('Ada')]
    const [first, second] = [await otto.knock(), await ada.knock()]
    await at.say(first, second)
    const seen = new Set<string>()
    call.subscribe((state) =>
      seen.add(
        inCall(state)
          .knocks.map(({ name }) => name)
          .join(' and '),
      ),
    )
    await at.welcome({ knocks: [first, second] as never })
    expect([...seen]).toEqual(['Otto and Ada'])
    await at.welcome({ knocks: [second] as never })
    expect([...seen]).toEqual(['Otto and Ada', 'Ada'])
  })

  it('and nobody any more once she has left, even while a certificate is being made', async () => {
    const { at, call } = await hosting()
    const otto = await at.guest('Otto')
    await at.say(await otto.knock())
    const admitted = call.admit(otto.id)
    await call.leave()
    await admitted
    expect(ofType(at, 'admit')).toEqual([])
  })
})

describe('Hanna keeps order', () => {
  it('by acts that carry her seat’s signature and a number of their own', async () => {
    const { at, call, carla } = await hosting()
    await Promise.all([call.mute(carla.id), call.stopVideo(carla.id), call.stopScreen(carla.id), call.muteEveryone()])
    await call.lock(true)
    await call.endForEveryone()
    expect(await acts(at)).toEqual([
      ['mute', carla.id],
      ['stop_video', carla.id],
      ['stop_screen', carla.id],
      ['mute_all', null],
      ['lock', null],
      ['end', null],
    ])
    expect(inCall(call.state)).toMatchObject({ locked: true })
    await at.say({ type: 'refused', what: 'lock', target: null, code: 'not_allowed' })
    expect(inCall(call.state)).toMatchObject({ locked: false })
    expect(happened(call)).toEqual(['locked', 'failed'])
  })

  it('with numbers that go on after a reload', async () => {
    const { at, call } = await hosting()
    await call.lock(true)
    const before = JSON.parse(at.stored.seat ?? '').seq
    at.hide()
    const again = await at.reloaded()
    await at.welcome()
    await again.lock(false)
    expect(JSON.parse(at.stored.seat ?? '').seq).toBe(before + 2)
    expect(await acts(at)).toEqual([
      ['lock', null],
      ['unlock', null],
    ])
  })

  it('and is told what could not be sent', async () => {
    const { at, call, carla } = await hosting()
    at.socket.readyState = 3
    await call.mute(carla.id)
    expect(happened(call)).toEqual(['failed'])
  })

  it('removes somebody: gone at once, denied by her rules, the waiting room on', async () => {
    const { at, call, gustav } = await hosting()
    await call.setWaitingRoom(false)
    await call.remove(gustav.id)
    expect(names(call)).toEqual(['Hanna', 'Carla'])
    expect(await ruled(at)).toMatchObject({ waitingRoom: true, denied: [gustav.key] })
    expect(await acts(at)).toEqual([['remove', gustav.id]])
  })

  it('denies whom a co-host removed, and not whom a participant says they removed', async () => {
    const { at, call, carla, gustav } = await hosting()
    await at.say(await gustav.act('remove', carla.id))
    expect(names(call)).toContain('Carla')
    await call.makeCohost(carla.id, true)
    await at.say(await carla.act('remove', gustav.id))
    expect(names(call)).toEqual(['Hanna', 'Carla'])
    expect(await ruled(at)).toMatchObject({ cohosts: [carla.key], denied: [gustav.key] })
  })

  it('makes and unmakes a co-host; whom that one had let in stays', async () => {
    const { at, call, carla } = await hosting()
    await call.makeCohost(carla.id, true)
    await settled()
    expect(inCall(call.state).people[1]).toMatchObject({ name: 'Carla', role: 'cohost' })
    const otto = await at.guest('Otto')
    await at.say({ type: 'seat', ...(await otto.entry(await carla.admission(otto))) })
    expect(names(call)).toContain('Otto')
    const unmade = call.makeCohost(carla.id, false)
    await settled()
    expect(await ruled(at)).toMatchObject({ cohosts: [carla.key] })
    await passOn(at, otto)
    await unmade
    expect(await ruled(at)).toMatchObject({ cohosts: [] })
    await settled()
    expect(names(call)).toContain('Otto')
  })

  it('switches the waiting room on: who came by the link is certified first, who comes meanwhile too', async () => {
    const { at, call } = await hosting()
    await call.setWaitingRoom(false)
    const [otto, ada] = [await at.guest('Otto'), await at.guest('Ada')]
    await at.say({ type: 'seat', ...(await otto.entry(await otto.byLink())) })
    const answer = at.holdAnswers()
    const switched = call.setWaitingRoom(true)
    await settled()
    await passOn(at, otto)
    await at.say({ type: 'seat', ...(await ada.entry(await ada.byLink())) })
    answer()
    await settled()
    await passOn(at, ada)
    await switched
    expect(names(call)).toEqual(expect.arrayContaining(['Otto', 'Ada']))
    const late = await at.guest('Mallory')
    await at.say({ type: 'seat', ...(await late.entry(await late.byLink())) })
    expect(names(call)).not.toContain('Mallory')
  })

  it('not while those inside cannot be told so: that fails, and nobody vanishes', async () => {
    const { at, call, carla } = await hosting()
    await call.setWaitingRoom(false)
    await call.makeCohost(carla.id, true)
    await byLink(at, 'Otto')
    const ada = await at.guest('Ada')
    await at.say({ type: 'seat', ...(await ada.entry(await carla.admission(ada))) })
    at.socket.readyState = 3
    for (const change of [() => call.setWaitingRoom(true), () => call.makeCohost(carla.id, false)]) {
      const before = happened(call).length
      await change()
      expect(happened(call).slice(before)).toEqual(['failed'])
    }
    expect(certified(at)).toEqual([])
    expect(await ruled(at)).toMatchObject({ waitingRoom: false, cohosts: [carla.key] })
    expect(names(call)).toEqual(expect.arrayContaining(['Otto', 'Ada']))
  })

  it('not either while the server passes nothing on', async () => {
    const { at, call } = await hosting()
    await call.setWaitingRoom(false)
    const otto = await byLink(at, 'Otto')
    const switched = call.setWaitingRoom(true)
    await settled()
    await seconds(3)
    await switched
    expect(certified(at)).toEqual([otto.id])
    expect(happened(call)).toEqual(['failed'])
    expect(await ruled(at)).toMatchObject({ waitingRoom: false })
  })

  it('removes somebody while those inside cannot be told: denied at once, the others certified once they can', async () => {
    const { at, call, gustav } = await hosting()
    await call.setWaitingRoom(false)
    const otto = await byLink(at, 'Otto')
    const removed = call.remove(gustav.id)
    await settled()
    at.socket.readyState = 3
    await seconds(3)
    await removed
    expect(await ruled(at)).toMatchObject({ waitingRoom: true, denied: [gustav.key] })
    const before = certified(at).length
    at.socket.readyState = 1
    at.roster = at.roster.filter(({ pseudonym }) => pseudonym !== gustav.id)
    await at.welcome({ roster: [...at.roster, await otto.entry(await otto.byLink())] })
    expect(certified(at).slice(before)).toEqual([otto.id])
    await passOn(at, otto)
    expect(names(call)).toEqual(['Hanna', 'Carla', 'Otto'])
    expect(happened(call)).toEqual(['removed'])
  })

  it('signs a removal that could not be signed as soon as she is back', async () => {
    const { at, call, gustav } = await hosting()
    at.refusal = { status: 503, code: 'unavailable' }
    await call.remove(gustav.id)
    expect(happened(call)).toEqual(['removed', 'failed'])
    at.refusal = undefined
    await at.welcome()
    expect(await ruled(at)).toMatchObject({ denied: [gustav.key] })
    await at.welcome()
    expect(at.rules?.version).toBe(1)
  })

  it('certifies who comes by the link while she removes somebody, also those she hears of late, and nobody after', async () => {
    const { at, call, gustav } = await hosting()
    await call.setWaitingRoom(false)
    const otto = await byLink(at, 'Otto')
    const removed = call.remove(gustav.id)
    await settled()
    const ada = await byLink(at, 'Ada')
    await passOn(at, otto)
    await removed
    await settled()
    expect(certified(at)).toEqual([otto.id, ada.id])
    await passOn(at, ada)
    // Came in before the rules, and the server's word of it comes after the answer to them.
    const emil = await byLink(at, 'Emil')
    await tellRules(at)
    await passOn(at, emil)
    const mallory = await byLink(at, 'Mallory')
    await seconds(30)
    expect(certified(at)).toEqual([otto.id, ada.id, emil.id])
    expect(certified(at)).not.toContain(mallory.id)
    expect(names(call)).toEqual(['Hanna', 'Carla', 'Otto', 'Ada', 'Emil'])
  })

  it('certifies whom Carla lets in while she is unmade', async () => {
    const { at, call, carla } = await hosting()
    await call.makeCohost(carla.id, true)
    const [otto, ada] = [await at.guest('Otto'), await at.guest('Ada')]
    const admitted = async (guest: Guest) =>
      at.say({ type: 'seat', ...(await guest.entry(await carla.admission(guest))) })
    await admitted(otto)
    const unmade = call.makeCohost(carla.id, false)
    await settled()
    await admitted(ada)
    await passOn(at, otto)
    await unmade
    await settled()
    await passOn(at, ada)
    expect(await ruled(at)).toMatchObject({ cohosts: [] })
    expect(names(call)).toEqual(expect.arrayContaining(['Carla', 'Otto', 'Ada']))
  })

  it('certifies no denied key, whoever asks for it', async () => {
    const { at, call, gustav } = await hosting()
    await call.setWaitingRoom(false)
    const otto = await byLink(at, 'Otto')
    const removed = [call.remove(otto.id), call.remove(gustav.id)]
    await settled()
    await Promise.all(removed)
    await tellRules(at)
    await seconds(30)
    expect(certified(at)).toEqual([])
    expect((await ruled(at))?.denied.toSorted()).toEqual([otto.key, gustav.key].toSorted())
  })

  it('removes three at once, and says no more than the server takes', async () => {
    const { at, call } = await hosting()
    await call.setWaitingRoom(false)
    const guests: Guest[] = []
    for (let count = 0; count < 33; count += 1) guests.push(await byLink(at, `Guest ${count}`))
    const removed = Promise.all(guests.slice(0, 3).map(({ id }) => call.remove(id)))
    await settled()
    expect(certified(at)).toHaveLength(20)
    await seconds(1)
    const others = guests.slice(3).map(({ id }) => id)
    expect(certified(at)).toEqual(expect.arrayContaining(others))
    await passOn(at, ...guests)
    await removed
    await tellRules(at)
    await seconds(5)
    expect(certified(at).length).toBe(new Set(certified(at)).size)
    expect((await ruled(at))?.denied).toHaveLength(3)
    expect(names(call)).toHaveLength(33)
  })

  it('switches the waiting room off: who waits is let in', async () => {
    const { at, call } = await hosting()
    const otto = await at.guest('Otto')
    await at.say(await otto.knock())
    await call.setWaitingRoom(false)
    expect(inCall(call.state).waitingRoom).toBe(false)
    expect(ofType(at, 'admit')).toMatchObject([{ pseudonym: otto.id }])
  })

  it('in two tabs at once: the second one’s change goes on top of the first one’s', async () => {
    const { at, call, carla } = await hosting()
    const rules = { ...at.law.rules, version: 1, session: at.session, everyoneShares: false }
    at.faster = await signRules(at.hostKey, at.opened.link.meeting, rules)
    await call.makeCohost(carla.id, true)
    expect(await ruled(at)).toMatchObject({ version: 2, everyoneShares: false, cohosts: [carla.key] })
    expect(inCall(call.state)).toMatchObject({ everyoneShares: false, mayShare: true })
  })

  it('not when the server keeps saying that her rules are old: that fails', async () => {
    const { at, call } = await hosting()
    at.refusal = { status: 409, code: 'rules_outdated' }
    await call.setEveryoneShares(false)
    expect(happened(call)).toEqual(['failed'])
    expect(at.asked().filter((it) => it === 'PUT rules')).toHaveLength(5)
    expect(inCall(call.state).everyoneShares).toBe(true)
  })

  it('and hands her power on by a link when she wants to', async () => {
    const { call } = await hosting()
    expect(await call.hostLink()).toMatch(/^http:\/\/localhost\/m\/[\w-]{22}#[\w-]{43}\.[\w-]{22}\.[\w-]{43}$/)
  })
})

describe('Gustav, who is a participant,', () => {
  it('does nothing of it, but reacts, raises his hand and gives himself a name', async () => {
    const { at, call, carla } = await hosting()
    await at.asGuest()
    await at.law.take(await at.decree({ waitingRoom: false }))
    const gustav = at.call({ name: 'Gustav' })
    await call.leave()
    const sent = (): string[] => at.socket.sent.map(({ type }) => type)
    await gustav.start()
    await at.welcome()
    for (const deed of [
      gustav.mute(carla.id),
      gustav.remove(carla.id),
      gustav.muteEveryone(),
      gustav.lock(true),
      gustav.endForEveryone(),
      gustav.makeCohost(carla.id, true),
      gustav.setWaitingRoom(true),
      gustav.setEveryoneShares(false),
      gustav.admitAll(),
    ])
      await deed
    expect(sent()).toEqual([])
    expect(at.asked()).not.toContain('PUT rules')
    expect(await gustav.hostLink()).toBeUndefined()
    await gustav.react('🎉')
    await gustav.raiseHand(true)
    await gustav.rename(' Gus\u202etav II ')
    expect(sent()).toEqual(['act', 'announce', 'announce'])
    expect(inCall(gustav.state).people[0]).toMatchObject({ name: 'Gustav II', hand: Date.now() })
    expect(inCall(gustav.state).reactions).toMatchObject([{ emoji: '🎉' }])
    await gustav.raiseHand(false)
    expect(inCall(gustav.state).people[0]).not.toHaveProperty('hand')
  })

  it('says what he could not say while he was away, once he is back', async () => {
    const { at, call } = await hosting()
    at.socket.readyState = 3
    await call.raiseHand(true)
    expect(ofType(at, 'announce')).toEqual([])
    at.socket.readyState = 1
    await at.welcome()
    expect(ofType(at, 'announce')).toHaveLength(1)
    await at.welcome()
    expect(ofType(at, 'announce')).toHaveLength(1)
  })

  it('says once more, a second later and as things stand then, what was too much at once', async () => {
    const { at, call } = await hosting()
    const refusal = { type: 'refused', what: 'announce', target: null, code: 'too_many_attempts' } as const
    for (const up of [true, false, true]) await call.raiseHand(up)
    await at.say(refusal, refusal)
    expect(ofType(at, 'announce')).toHaveLength(3)
    await call.rename('Hanna II')
    await seconds(3)
    expect(ofType(at, 'announce')).toHaveLength(5)
    expect(await at.announced(String(at.requests[0]?.body?.pseudonym))).toMatchObject({
      name: 'Hanna II',
      hand: expect.any(Number),
    })
    expect(happened(call)).toEqual([])
  })

  it('raises her hand while a ticket is being made: the hand is said after it, and stays up', async () => {
    const { at, call } = await hosting()
    const answer = at.holdAnswers()
    at.engines[0]?.events?.lost()
    await seconds(1)
    const raised = call.raiseHand(true)
    await settled()
    expect(ofType(at, 'announce')).toEqual([])
    answer()
    await raised
    const [, ticket] = await at.announcements()
    const said = await at.announced(String(at.requests[0]?.body?.pseudonym))
    expect(said).toMatchObject({ hand: expect.any(Number), key: ticket?.key })
    expect(said?.seq).toBe(Number(ticket?.seq) + 1)
  })

  it('keeps name and hand over a reload', async () => {
    const { at, call } = await hosting()
    await call.rename('Hanna II')
    await call.raiseHand(true)
    at.hide()
    const again = await at.reloaded()
    expect(inCall(again.state).people[0]).toMatchObject({ name: 'Hanna II', hand: Date.now(), role: 'host' })
  })
})

describe('Carla, who is co-host,', () => {
  it('admits by her own key, and removes, but not the host', async () => {
    const { at, call } = await hosting()
    await call.leave()
    await at.asGuest()
    await at.law.take(await at.decree({ waitingRoom: false }))
    const carla = at.call({ name: 'Carla' })
    const [hanna, otto] = [await at.guest('Hanna'), await at.guest('Otto')]
    at.roster = [await hanna.entry({ certificate: await at.certificate(hanna, 'host') })]
    await carla.start()
    await at.welcome()
    const key = String(at.requests.findLast(({ path }) => path === 'seats')?.body?.key)
    await at.say({ type: 'rules', ...(await at.decree({ cohosts: [key] })) })
    await at.say(await otto.knock())
    await carla.admit(otto.id)
    await carla.remove(hanna.id)
    const said = at.socket.sent.find(({ type }) => type === 'admit')
    if (said?.type !== 'admit') throw new Error('nobody was admitted')
    expect(said.certificate.issuer).toBe(key)
    expect(await roleOf(otto.place, { certificate: said.certificate }, await law(at))).toBe('participant')
    expect(at.socket.sent.map(({ type }) => type)).toEqual(['admit'])
    expect(names(carla)).toEqual(['Carla', 'Hanna'])
  })
})

describe('Hanna, who talks with the microphone off,', () => {
  it('is told so; the copy that is listened to goes with the microphone', async () => {
    const at = await stage()
    const { wish, tracks } = captured()
    const call = at.call(wish)
    await call.start()
    await settled()
    expect(at.heard).toEqual([])
    await call.setMicrophone(false)
    await settled()
    expect(at.heard.map(({ copy }) => [copy.enabled, copy.readyState])).toEqual([[true, 'live']])
    expect(tracks[1]?.enabled).toBe(false)
    at.level = 0.2
    await vi.advanceTimersByTimeAsync(1000)
    await settled()
    expect(inCall(call.state).talkingMuted).toBe(true)
    at.level = 0
    await vi.advanceTimersByTimeAsync(6000)
    await settled()
    expect(inCall(call.state).talkingMuted).toBe(false)
    await call.setMicrophone(true)
    await settled()
    expect(at.heard.map(({ copy, closed }) => [copy.readyState, closed])).toEqual([['ended', true]])
    await call.setMicrophone(false)
    await settled()
    await call.leave()
    expect(at.heard.every(({ copy, closed }) => copy.readyState === 'ended' && closed)).toBe(true)
  })
})
