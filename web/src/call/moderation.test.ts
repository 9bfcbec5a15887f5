import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { roleOf } from './admission'
import { acts, happened, hosting, law, names, ofType, seconds } from './hosting.stage'
import { captured, inCall, settled, stage } from './session.stage'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
)
afterEach(() => void vi.useRealTimers())

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
    const welcomed = at.welcome({ knocks: [first, second] as never })
    for (let turn = 0; turn < 30; turn += 1) {
      // Whatever is shown anew meanwhile.
      at.engines[0]?.events?.changed()
      await call.raiseHand(turn % 2 === 0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await welcomed
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
