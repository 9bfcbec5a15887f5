import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { toBase64url } from './bytes'
import type { Guest } from './guest.stage'
import { newHostKey } from './keys'
import { signRules } from './rules'
import { captured, inCall, type Stage, settled, stage } from './session.stage'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
)
afterEach(() => void vi.useRealTimers())

/** Gustav is a guest inside, with his camera and microphone on; Hanna hosts, Carla is co-host, Otto another guest. */
async function meeting() {
  const at = await stage()
  await at.asGuest()
  await at.law.take(await at.decree({ waitingRoom: false }))
  const [hanna, carla, otto] = [await at.guest('Hanna'), await at.guest('Carla'), await at.guest('Otto')]
  const rules = await at.decree({ cohosts: [carla.key] })
  at.roster = [
    await hanna.entry({ certificate: await at.certificate(hanna, 'host') }),
    await carla.entry(),
    await otto.entry(),
  ]
  at.waitingRoom = false
  const { wish, tracks } = captured()
  const call = at.call({ name: 'Gustav', ...wish })
  await call.start()
  await at.welcome({ rules })
  const me = (): string => inCall(call.state).people[0]?.id ?? ''
  const key = (): string => String(at.requests.find(({ path }) => path === 'seats')?.body?.key)
  return { at, call, hanna, carla, otto, tracks, me, key }
}

const told = (call: { state: unknown }) => inCall(call.state as never).happenings
const names = (call: { state: unknown }) => inCall(call.state as never).people.map(({ name }) => name)

async function say(at: Stage, from: Guest, ...act: Parameters<Guest['act']>): Promise<void> {
  await at.say(await from.act(...act))
}

describe('Gustav sees', () => {
  it('who is what, by certificates and the host’s rules alone', async () => {
    const { call } = await meeting()
    expect(inCall(call.state).people.map(({ name, role }) => [name, role])).toEqual([
      ['Gustav', 'participant'],
      ['Hanna', 'host'],
      ['Carla', 'cohost'],
      ['Otto', 'participant'],
    ])
    expect(inCall(call.state)).toMatchObject({ hostPresent: true, waitingRoom: true, mayShare: true, knocks: [] })
  })

  it('hands, reactions and new names, for as long as they are news', async () => {
    const { at, call, otto } = await meeting()
    const hand = at.serverNow()
    await at.say({ type: 'seat', ...(await otto.entry(undefined, { hand })) })
    await say(at, otto, 'react', null, '👏')
    await say(at, otto, 'react', null, '<b>')
    expect(inCall(call.state).people[3]).toMatchObject({ name: 'Otto', hand })
    expect(inCall(call.state).reactions).toMatchObject([{ person: otto.id, emoji: '👏' }])
    expect(told(call)).toMatchObject([{ what: 'hand', by: 'Otto' }])
    await at.say({ type: 'seat', ...(await otto.entry(undefined, { name: 'Carla' })) })
    expect(told(call).at(-1)).toMatchObject({ what: 'renamed', by: 'Otto', name: 'Carla' })
    expect(inCall(call.state).people.map(({ imitates }) => imitates)).toEqual([
      undefined,
      undefined,
      undefined,
      'Carla',
    ])
    await vi.advanceTimersByTimeAsync(8000)
    await settled()
    expect(inCall(call.state)).toMatchObject({ happenings: [], reactions: [] })
  })
})

describe('Gustav obeys', () => {
  it('a host and a co-host who mute him, stop his video, or mute everyone', async () => {
    const { at, call, hanna, carla, tracks, me } = await meeting()
    await say(at, carla, 'mute', me())
    await say(at, hanna, 'stop_video', me())
    expect(inCall(call.state).people[0]).toMatchObject({ microphone: false, camera: false })
    expect(tracks.map(({ enabled, readyState }) => [enabled, readyState])).toEqual([
      [false, 'ended'],
      [false, 'live'],
    ])
    expect(told(call)).toMatchObject([
      { what: 'muted', by: 'Carla' },
      { what: 'video-stopped', by: 'Hanna' },
    ])
    await call.setMicrophone(true)
    await say(at, carla, 'mute_all')
    expect(inCall(call.state).people[0]?.microphone).toBe(false)
  })

  it('and learns who it was, when the server was faster than the act', async () => {
    const { at, call, hanna, me } = await meeting()
    at.engines[0]?.events?.muted('microphone')
    await say(at, hanna, 'mute', me())
    expect(told(call)).toMatchObject([{ what: 'muted', by: 'Hanna' }])
  })

  it('who removes him, or ends the meeting', async () => {
    for (const [op, why] of [
      ['remove', 'removed'],
      ['end', 'ended'],
    ] as const) {
      const { at, call, hanna, me } = await meeting()
      await say(at, hanna, op, op === 'remove' ? me() : null)
      expect(call.state).toEqual({ kind: 'over', ending: { why } })
    }
  })

  it('a co-host’s end only when no host is inside', async () => {
    const { at, call, hanna, carla } = await meeting()
    await say(at, carla, 'end')
    expect(call.state.kind).toBe('in')
    await at.say({ type: 'left', pseudonym: hanna.id })
    await say(at, carla, 'end')
    expect(call.state.kind).toBe('over')
  })

  it('who stops his screen; he may share again', async () => {
    const { at, call, carla, me } = await meeting()
    await call.setScreen(true)
    await say(at, carla, 'stop_screen', me())
    expect(at.screens.map(({ readyState }) => readyState)).toEqual(['ended'])
    expect(told(call)).toMatchObject([{ what: 'screen-stopped', by: 'Carla' }])
    await call.setScreen(true)
    expect(inCall(call.state).people[0]?.screen).toBe(true)
  })

  it('the host who takes the right to share away: his screen goes, and he is not even asked for another', async () => {
    const { at, call } = await meeting()
    await call.setScreen(true)
    expect(inCall(call.state).people[0]?.screen).toBe(true)
    const rules = await at.decree({ everyoneShares: false })
    await at.say({ type: 'rules', ...rules })
    expect(inCall(call.state)).toMatchObject({ mayShare: false, everyoneShares: false })
    expect(told(call)).toMatchObject([{ what: 'sharing-forbidden', by: 'Hanna' }])
    await call.setScreen(true)
    expect(at.screens.map(({ readyState }) => readyState)).toEqual(['ended'])
    expect(inCall(call.state).people[0]?.screen).toBe(false)
  })

  it('the host who makes him co-host, and takes it back', async () => {
    const { at, call, key } = await meeting()
    await at.say({ type: 'rules', ...(await at.decree({ cohosts: [key()] })) })
    const otto = await at.guest('Otto')
    await at.say(await otto.knock())
    expect(inCall(call.state)).toMatchObject({ role: 'cohost', knocks: [{ name: 'Otto' }] })
    await at.say({ type: 'rules', ...(await at.decree({ cohosts: [] })) })
    expect(inCall(call.state)).toMatchObject({ role: 'participant', knocks: [] })
    expect(told(call).map(({ what }) => what)).toEqual(['made-cohost', 'unmade-cohost'])
  })

  it('the host’s rules that deny his key, whatever the server makes of them', async () => {
    const { at, call, key } = await meeting()
    await at.say({ type: 'rules', ...(await at.decree({ denied: [key()] })) })
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'removed' } })
  })

  it('who removes Otto: he vanishes at once, also after a reload, whatever the server still shows', async () => {
    const { at, call, carla, otto } = await meeting()
    await say(at, carla, 'remove', otto.id)
    expect(names(call)).toEqual(['Gustav', 'Hanna', 'Carla'])
    expect(told(call)).toMatchObject([{ what: 'removed', by: 'Carla', name: 'Otto' }])
    await at.say({ type: 'seat', ...(await otto.entry()) })
    expect(names(call)).toEqual(['Gustav', 'Hanna', 'Carla'])
    at.hide()
    const again = await at.reloaded()
    at.roster = [...at.roster, await otto.entry()]
    await at.welcome()
    expect(names(again)).not.toContain('Otto')
  })

  it('a lock, and is told who locked', async () => {
    const { at, call, carla } = await meeting()
    await say(at, carla, 'lock')
    expect(inCall(call.state).locked).toBe(true)
    await say(at, carla, 'unlock')
    expect(inCall(call.state).locked).toBe(false)
    expect(told(call).map(({ what, by }) => [what, by])).toEqual([
      ['locked', 'Carla'],
      ['unlocked', 'Carla'],
    ])
  })
})

describe('Gustav does not obey', () => {
  const untouched = { microphone: true, camera: true }

  it('a participant, whatever they sign', async () => {
    const { at, call, otto, carla, me } = await meeting()
    for (const op of ['mute', 'stop_video', 'remove'] as const) await say(at, otto, op, me())
    for (const op of ['mute_all', 'lock', 'end'] as const) await say(at, otto, op)
    await say(at, otto, 'remove', carla.id)
    expect(inCall(call.state)).toMatchObject({ locked: false, happenings: [], alarms: [] })
    expect(inCall(call.state).people).toHaveLength(4)
    expect(inCall(call.state).people[0]).toMatchObject(untouched)
  })

  it('a co-host against the host', async () => {
    const { at, call, carla, hanna } = await meeting()
    await say(at, carla, 'remove', hanna.id)
    expect(names(call)).toContain('Hanna')
    expect(told(call)).toEqual([])
  })

  it('an act of the host’s that was aimed at Otto, or that somebody else sends as theirs', async () => {
    const { at, call, hanna, carla, otto, me } = await meeting()
    const act = await hanna.act('mute', otto.id)
    await at.say(
      { ...act, target: me() } as never,
      { ...act, op: 'remove' } as never,
      { ...act, from: carla.id } as never,
    )
    expect(inCall(call.state).people[0]).toMatchObject(untouched)
  })

  it('an act again that he has obeyed once, also after a reload', async () => {
    const { at, call, hanna, carla } = await meeting()
    const act = await hanna.act('lock')
    await at.say(act, await carla.act('unlock'), act)
    expect(inCall(call.state).locked).toBe(false)
    at.hide()
    const again = await at.reloaded()
    await at.welcome()
    await at.say(act, await hanna.act('lock', null, '', 1))
    expect(inCall(again.state)).toMatchObject({ locked: false, happenings: [] })
    await at.say(await hanna.act('lock', null, '', 50))
    expect(inCall(again.state).locked).toBe(true)
  })

  it('a delegation that the host has not signed', async () => {
    const { at, call, otto, me } = await meeting()
    const forger = await newHostKey()
    const rules = { waitingRoom: true, everyoneShares: true, session: at.session, denied: [] }
    const forged = await signRules(forger.privateKey, at.opened.link.meeting, {
      ...rules,
      version: 9,
      cohosts: [otto.key],
    })
    await at.say({ type: 'rules', ...forged })
    await say(at, otto, 'mute', me())
    expect(inCall(call.state).people.find(({ name }) => name === 'Otto')?.role).toBe('participant')
    expect(inCall(call.state).people[0]).toMatchObject(untouched)
  })

  it('rules of before, also after a reload', async () => {
    const { at, call, carla, me } = await meeting()
    const old = at.rules
    await at.say({ type: 'rules', ...(await at.decree({ cohosts: [] })) })
    if (old) await at.say({ type: 'rules', ...old })
    await say(at, carla, 'mute', me())
    expect(inCall(call.state).people[0]).toMatchObject(untouched)
    at.hide()
    const again = await at.reloaded()
    await at.welcome({ rules: old })
    expect(inCall(again.state).people.find(({ name }) => name === 'Carla')?.role).toBe('participant')
  })
})

describe('Otto is nobody', () => {
  it.each([
    [
      'with a certificate of last week’s opening',
      async (at: Stage, otto: Guest) => {
        const before = await at.guest('Otto', toBase64url(new Uint8Array(16).fill(7)))
        return otto.entry({ certificate: await at.certificate(before) })
      },
    ],
    [
      'with Carla’s certificate',
      async (at: Stage, otto: Guest, carla: Guest) => otto.entry({ certificate: await at.certificate(carla) }),
    ],
    ['with a certificate of his own making', async (_: Stage, otto: Guest) => otto.entry(await otto.admission(otto))],
    [
      'with the link alone while there is a waiting room',
      async (_: Stage, otto: Guest) => otto.entry(await otto.byLink()),
    ],
    [
      'who calls himself host by a participant’s certificate',
      async (at: Stage, otto: Guest) => {
        const { certificate } = { certificate: await at.certificate(otto) }
        return otto.entry({ certificate: { ...certificate, role: 'host' } })
      },
    ],
  ])('%s', async (_, entryOf) => {
    const { at, call, carla } = await meeting()
    const otto = await at.guest('Otto the second')
    await at.say({ type: 'seat', ...(await entryOf(at, otto, carla)) })
    expect(names(call)).toEqual(['Gustav', 'Hanna', 'Carla', 'Otto'])
  })

  it('and comes in by the link where the host has switched the waiting room off', async () => {
    const { at, call } = await meeting()
    await at.say({ type: 'rules', ...(await at.decree({ waitingRoom: false })) })
    const otto = await at.guest('Otto the second')
    await at.say({ type: 'seat', ...(await otto.entry(await otto.byLink())) })
    expect(names(call)).toContain('Otto the second')
  })

  it('once the host has denied his key', async () => {
    const { at, call, otto } = await meeting()
    await at.say({ type: 'rules', ...(await at.decree({ denied: [otto.key] })) })
    expect(names(call)).toEqual(['Gustav', 'Hanna', 'Carla'])
  })

  it('let in by Carla, once she is co-host no more', async () => {
    const { at, call, carla } = await meeting()
    const guest = await at.guest('Otto the second')
    await at.say({ type: 'seat', ...(await guest.entry(await carla.admission(guest))) })
    expect(names(call)).toContain('Otto the second')
    await at.say({ type: 'rules', ...(await at.decree({ cohosts: [] })) })
    expect(names(call)).not.toContain('Otto the second')
  })
})

describe('a clock that is a day wrong', () => {
  it('changes nothing: certificates are judged by the server’s time', async () => {
    for (const ahead of [-86_400_000, 86_400_000]) {
      const at = await stage()
      at.ahead = ahead
      const gustav = await at.guest('Gustav')
      at.roster = [await gustav.entry()]
      const call = at.call({}, '')
      await call.start()
      await at.welcome()
      expect(names(call)).toEqual(['Hanna', 'Gustav'])
      const mine = at.requests.find(({ path }) => path === 'seats')?.body as { certificate: { not_after: number } }
      const hours = (mine.certificate.not_after * 1000 - at.serverNow()) / 3_600_000
      expect(hours).toBeGreaterThan(22)
      expect(hours).toBeLessThanOrEqual(23)
    }
  })
})

describe('another meeting’s host', () => {
  it('is nobody here', async () => {
    const { at, call } = await meeting()
    const [other, guest] = [await stage(), await at.guest('Mallory')]
    await at.say({ type: 'seat', ...(await guest.entry({ certificate: await other.certificate(guest, 'host') })) })
    expect(names(call)).not.toContain('Mallory')
  })
})
