import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Guest } from './guest.stage'
import {
  acts,
  byLink,
  certified,
  happened,
  hosting,
  names,
  ofType,
  passOn,
  ruled,
  seconds,
  tellRules,
} from './hosting.stage'
import { signRules } from './rules'
import { inCall, settled } from './session.stage'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
)
afterEach(() => void vi.useRealTimers())

describe('Hanna, who hosts,', () => {
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

  it('removes Carla, who is co-host: whom she had let in is certified first, and stays', async () => {
    const { at, call, carla } = await hosting()
    await call.makeCohost(carla.id, true)
    const otto = await at.guest('Otto')
    await at.say({ type: 'seat', ...(await otto.entry(await carla.admission(otto))) })
    const removed = call.remove(carla.id)
    await settled()
    expect(certified(at)).toEqual([otto.id])
    expect(await ruled(at)).toMatchObject({ cohosts: [carla.key], denied: [] })
    await passOn(at, otto)
    await removed
    expect(await ruled(at)).toMatchObject({ cohosts: [], denied: [carla.key] })
    await tellRules(at)
    expect(certified(at)).toEqual([otto.id])
    expect(names(call)).toEqual(['Hanna', 'Gustav', 'Otto'])
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
})
