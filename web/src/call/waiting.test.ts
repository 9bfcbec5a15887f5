import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { randomId } from './bytes'
import type { StoredSeat } from './seat-store'
import { captured, inCall, type Stage, settled, stage, waiting } from './session.stage'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
)
afterEach(() => void vi.useRealTimers())

/** Gustav holds a guest link and stands in front of the door. */
async function knocking() {
  const at = await stage()
  await at.asGuest()
  const call = at.call({ name: 'Gustav' })
  await call.start()
  await settled()
  return { at, call }
}

async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    await vi.advanceTimersByTimeAsync(1000)
    await settled()
  }
}

const stored = (at: Stage): StoredSeat => JSON.parse(at.stored.seat ?? '')

describe('Gustav in front of the door', () => {
  it('knocks with his name under lock and key, and sees a code and nothing of the meeting', async () => {
    const { at, call } = await knocking()
    expect(waiting(call.state)).toEqual({
      kind: 'waiting',
      code: expect.stringMatching(/^[0-9A-Z]{3} [0-9A-Z]{3}$/),
      is: 'waiting',
      connection: 'steady',
    })
    expect(await at.knocked()).toMatchObject({ name: 'Gustav' })
    expect(JSON.stringify(at.requests)).not.toContain('Gustav')
    expect(at.engines.map(({ connected, closed }) => [connected, closed])).toEqual([[undefined, false]])
  })

  it('is let in: asks for his ticket and comes in by a new socket', async () => {
    const { at, call } = await knocking()
    await at.say({ type: 'waiting', session: at.session, server_time: '' }, { type: 'admitted' })
    await seconds(1)
    expect(inCall(call.state)).toMatchObject({ role: 'participant', connection: 'steady' })
    expect(at.asked()).toEqual(['POST seats', 'POST seats/ID/tickets'])
    expect(at.sockets.map(({ closed }) => closed)).toEqual([true, false])
    expect(stored(at).waiting).toBe(false)
  })

  it('is let in while his socket was gone: the close says it, or the welcome of the next one', async () => {
    for (const learn of [
      async (at: Stage) => at.socket.drop(4200),
      async (at: Stage) => {
        at.socket.drop(1006)
        await seconds(1)
        await at.welcome()
      },
    ]) {
      const { at, call } = await knocking()
      await learn(at)
      await seconds(2)
      expect(call.state.kind).toBe('in')
      expect(at.asked()).toEqual(['POST seats', 'POST seats/ID/tickets'])
    }
  })

  it('waits on after a reload, with the same code and without another knock', async () => {
    const { at, call } = await knocking()
    const { code } = waiting(call.state)
    at.hide()
    const again = await at.reloaded()
    expect(waiting(again.state).code).toBe(code)
    expect(at.asked()).toEqual(['POST seats'])
    await at.say({ type: 'admitted' })
    await seconds(1)
    expect(again.state.kind).toBe('in')
  })

  it('waits on through a loss of network; when he was given up meanwhile he knocks anew', async () => {
    const { at, call } = await knocking()
    at.socket.drop(1006)
    expect(waiting(call.state).connection).toBe('reconnecting')
    await seconds(2)
    await at.say({ type: 'waiting', session: at.session, server_time: '' })
    expect(waiting(call.state).connection).toBe('steady')
    at.socket.drop(4401)
    await seconds(3)
    expect(waiting(call.state)).toMatchObject({ is: 'waiting', connection: 'steady' })
    expect(at.asked()).toEqual(['POST seats', 'POST seats'])
  })

  it('is admitted on the server and asks too early: he waits on', async () => {
    const { at, call } = await knocking()
    at.refusal = { status: 403, code: 'not_admitted' }
    await at.say({ type: 'admitted' })
    await seconds(1)
    expect(waiting(call.state).is).toBe('waiting')
  })

  it('is declined, asks once more, and then no more', async () => {
    const { at, call } = await knocking()
    await at.say({ type: 'declined', again: true })
    at.socket.drop(4403)
    expect(waiting(call.state).is).toBe('declined')
    await call.knockAgain()
    await settled()
    expect(waiting(call.state).is).toBe('waiting')
    expect(at.asked()).toEqual(['POST seats', 'POST seats/ID/knock'])
    expect(await at.knocked()).toMatchObject({ name: 'Gustav' })
    await at.say({ type: 'declined', again: false })
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'declined' } })
    expect(at.stored.seat).toBeUndefined()
  })

  it('is told at the second knock that it was one too many, or that the meeting is locked', async () => {
    for (const [code, ending] of [
      ['declined', { why: 'declined' }],
      ['meeting_locked', { why: 'problem', code: 'meeting_locked' }],
    ] as const) {
      const { at, call } = await knocking()
      await at.say({ type: 'declined', again: true })
      at.refusal = { status: 403, code }
      await call.knockAgain()
      expect(call.state).toEqual({ kind: 'over', ending })
    }
  })

  it('gives his place back when he leaves, and his camera is off', async () => {
    const at = await stage()
    await at.asGuest()
    const { wish, states } = captured()
    const call = at.call({ name: 'Gustav', ...wish })
    await call.start()
    await settled()
    await call.leave()
    expect(at.asked()).toEqual(['POST seats', 'DELETE seats/ID'])
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'left' } })
    expect(states()).toEqual(['ended', 'ended'])
  })

  it('knocks when the waiting room was switched on after he had looked, and walks in when it was switched off', async () => {
    const at = await stage()
    await at.asGuest()
    await at.law.take(await at.decree({ waitingRoom: false }))
    await at.decree({ waitingRoom: true })
    const late = at.call({ name: 'Gustav' })
    await late.start()
    expect(late.state.kind).toBe('waiting')
    expect(at.asked()).toEqual(['POST seats', 'GET ', 'POST seats'])
    await at.decree({ waitingRoom: false })
    const early = at.call({ name: 'Gustav' })
    await early.start()
    await settled()
    expect(early.state.kind).toBe('in')
    expect(at.requests.at(-1)?.body).toMatchObject({ mac: expect.any(String) })
  })

  it('knocks where the link would be enough, while somebody removed is not denied by the host’s rules yet', async () => {
    const at = await stage()
    await at.asGuest()
    await at.law.take(await at.decree({ waitingRoom: false }))
    at.waitingRoom = true
    const call = at.call({ name: 'Gustav' })
    await call.start()
    expect(call.state.kind).toBe('waiting')
    expect(at.asked()).toEqual(['POST seats', 'GET ', 'POST seats'])
    expect(await at.knocked()).toMatchObject({ name: 'Gustav' })
  })

  it('gives up when the server contradicts what the host has signed', async () => {
    const at = await stage()
    await at.asGuest()
    at.waitingRoom = false
    const call = at.call({ name: 'Gustav' })
    await call.start()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'problem', code: 'admission_changed' } })
    expect(at.asked().filter((it) => it === 'POST seats')).toHaveLength(3)
  })

  it('says so when this browser was removed from this opening, and only from this one', async () => {
    const { at, call } = await knocking()
    await at.say({ type: 'admitted' })
    await seconds(1)
    at.socket.drop(4404)
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'removed' } })
    await settled()
    await at.call({ name: 'Gustl' }).start()
    expect(await at.knocked()).toMatchObject({ returning: true })
    at.session = randomId()
    await at.call({ name: 'Gustl' }).start()
    expect(await at.knocked()).not.toHaveProperty('returning')
  })
})

describe('Gustav inside', () => {
  it('is ended by the server when his admission holds no more by the host’s new rules: he knocks', async () => {
    const at = await stage()
    await at.asGuest()
    await at.law.take(await at.decree({ waitingRoom: false }))
    const call = at.call({ name: 'Gustav' })
    await call.start()
    await at.welcome()
    expect(at.requests.at(-1)?.body).toMatchObject({ mac: expect.any(String) })
    await at.say({ type: 'rules', ...(await at.decree({ waitingRoom: true })) })
    expect(call.state.kind).toBe('in')
    at.gone = true
    at.socket.drop(4401)
    await seconds(3)
    expect(waiting(call.state)).toMatchObject({ is: 'waiting', connection: 'steady' })
    expect(await at.knocked()).toMatchObject({ name: 'Gustav' })
    expect(at.engines.every(({ connected, closed }) => !connected || closed)).toBe(true)
  })

  it('obeys no act of his first stay again, when he has had to knock in between', async () => {
    const { at, call } = await knocking()
    await at.say({ type: 'admitted' })
    await seconds(1)
    const hanna = await at.guest('Hanna')
    const entry = await hanna.entry({ certificate: await at.certificate(hanna, 'host') })
    at.roster = [entry]
    await at.welcome()
    const lock = await hanna.act('lock')
    await at.say(lock, await hanna.act('unlock'))
    at.gone = true
    at.socket.drop(4401)
    await seconds(3)
    expect(call.state.kind).toBe('waiting')
    at.gone = false
    await at.say({ type: 'admitted' })
    await seconds(1)
    await at.welcome()
    expect(inCall(call.state).people.map(({ name }) => name)).toContain('Hanna')
    await at.say(lock)
    expect(inCall(call.state).locked).toBe(false)
    await at.say(await hanna.act('lock'))
    expect(inCall(call.state).locked).toBe(true)
  })
})

describe('a seat whose key is gone', () => {
  it('is left after a reload, and another one is taken', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    await at.seatKeys.forget(stored(at).pseudonym)
    at.hide()
    const again = await at.reloaded()
    expect(again.state.kind).toBe('in')
    expect(at.asked()).toEqual(['POST seats', 'DELETE seats/ID', 'GET ', 'POST seats'])
  })
})
