import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { randomId } from './bytes'
import type { JoinWish } from './model'
import type { StoredSeat } from './seat-store'
import type { Services } from './services'

import { captured, FakeEngine, inCall, settled, stage } from './session.stage'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
)
afterEach(() => void vi.useRealTimers())

describe('Hanna joins', () => {
  it('with a sealed name, and sees who announced themselves', async () => {
    const at = await stage()
    at.roster = [await at.person('Gustav')]
    const call = at.call()
    await call.start()
    await settled()
    expect(inCall(call.state).people.map(({ name, me }) => [name, me])).toEqual([
      ['Hanna', true],
      ['Gustav', false],
    ])
    expect(JSON.stringify(at.requests)).not.toContain('Hanna')
    expect(at.engines[0]?.connected).toEqual({ ticket: 'ticket 1', index: 0 })
    expect(await at.announcements()).toMatchObject([{ seq: 1, name: 'Hanna', key: { index: 0 } }])
  })

  it('not, and takes no seat, when the media worker does not run', async () => {
    const at = await stage()
    at.workerRuns = false
    const call = at.call()
    await call.start()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'cannot-encrypt' } })
    expect(at.requests).toEqual([])
  })

  it('into the opening that began while she typed her name', async () => {
    const at = await stage()
    const call = at.call()
    at.session = randomId()
    await call.start()
    expect(call.state.kind).toBe('in')
    expect(at.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST'])
  })

  it('without having looked at the meeting before, as after a reload and leaving', async () => {
    const at = await stage()
    const call = at.call({}, '')
    await call.start()
    await settled()
    expect(inCall(call.state).people.map(({ name }) => name)).toEqual(['Hanna'])
    expect(at.asked()).toEqual(['GET ', 'POST seats'])
  })

  it('not, when the meeting is full, and is told so', async () => {
    const at = await stage()
    at.refusal = { status: 409, code: 'meeting_full' }
    const call = at.call()
    await call.start()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'problem', code: 'meeting_full' } })
  })

  it('not, and camera and microphone are off again', async () => {
    for (const worker of [true, false]) {
      const at = await stage()
      at.workerRuns = worker
      at.refusal = { status: 409, code: 'meeting_full' }
      const { wish, states } = captured()
      const call = at.call(wish)
      await call.start()
      expect(call.state.kind).toBe('over')
      expect(states()).toEqual(['ended', 'ended'])
    }
  })

  it('not, when she leaves before the seat is there: it is given back, and nothing is opened or published', async () => {
    const at = await stage()
    const answer = at.holdAnswers()
    const { wish, states } = captured()
    const call = at.call(wish)
    const started = call.start()
    await settled()
    await call.leave()
    answer()
    await started
    await settled()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'left' } })
    expect(at.asked()).toEqual(['POST seats', 'DELETE seats/ID'])
    expect(at.sockets).toEqual([])
    expect(states()).toEqual(['ended', 'ended'])
    expect(at.engines.every(({ closed, connected }) => closed && !connected)).toBe(true)
    expect(at.stored.seat).toBeUndefined()
  })

  it('not, when she leaves while the engine connects: the connection that comes about is closed', async () => {
    const at = await stage()
    let connect = (): void => undefined
    vi.spyOn(FakeEngine.prototype, 'connect').mockImplementationOnce(function (this: FakeEngine) {
      return new Promise((resolve) => {
        connect = () => {
          this.closed = false
          this.events?.encrypted()
          resolve()
        }
      })
    })
    const { wish } = captured()
    const call = at.call(wish)
    const started = call.start()
    await settled()
    await call.leave()
    connect()
    await started
    await settled()
    expect(at.engines.map(({ closed, published }) => [closed, published])).toEqual([[true, []]])
    expect(at.asked()).toEqual(['POST seats', 'DELETE seats/ID'])
  })

  it('and sees somebody come and go', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    const gustav = await at.person('Gustav')
    at.sockets[0]?.say({ type: 'seat', ...gustav })
    await settled()
    expect(inCall(call.state).people).toHaveLength(2)
    at.sockets[0]?.say({ type: 'left', pseudonym: gustav.pseudonym })
    await settled()
    expect(inCall(call.state).people).toHaveLength(1)
  })
})

describe('until Hanna’s encryption is acknowledged', () => {
  /** The engine's answer is still on its way. */
  async function waiting(more: Partial<JoinWish> = {}) {
    const at = await stage()
    let answer = (): void => undefined
    vi.spyOn(FakeEngine.prototype, 'connect').mockReturnValue(
      new Promise((resolve) => {
        answer = resolve
      }),
    )
    const call = at.call(more)
    const kinds: string[] = []
    call.subscribe(({ kind }) => kinds.push(kind))
    void call.start()
    await settled()
    return { at, call, kinds, answer: () => answer() }
  }

  it('she is joining, and nothing is called encrypted', async () => {
    const { at, call, kinds, answer } = await waiting()
    const gustav = await at.person('Gustav')
    at.sockets[0]?.say({ type: 'seat', ...gustav })
    await settled()
    expect(kinds).toEqual(['joining'])
    answer()
    await settled()
    expect(kinds).toEqual(['joining'])
    at.engines[0]?.events?.encrypted()
    expect(kinds).toEqual(['joining', 'in'])
    expect(inCall(call.state)).toMatchObject({ shield: 'on', connection: 'steady' })
    expect(inCall(call.state).people.map(({ name }) => name)).toEqual(['Hanna', 'Gustav'])
  })

  it('a reload comes back to the seat that she has taken', async () => {
    const { at } = await waiting()
    at.hide()
    vi.mocked(FakeEngine.prototype.connect).mockRestore()
    const again = at.call()
    await again.start(JSON.parse(at.stored.seat ?? '') as StoredSeat)
    await settled()
    expect(again.state.kind).toBe('in')
    expect(at.asked()).toEqual(['POST seats', 'POST seats/ID/tickets'])
  })

  it('the meeting can end, or her seat be taken over', async () => {
    for (const [code, why] of [
      [4409, 'replaced'],
      [4410, 'ended'],
    ] as const) {
      const { at, call, kinds } = await waiting()
      at.sockets[0]?.drop(code)
      expect(call.state).toEqual({ kind: 'over', ending: { why } })
      expect(kinds).toEqual(['joining', 'over'])
      vi.restoreAllMocks()
    }
  })

  it('she may give up, and camera and microphone are off', async () => {
    const { wish, states } = captured()
    const { at, call } = await waiting(wish)
    await call.leave()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'left' } })
    expect(states()).toEqual(['ended', 'ended'])
    expect(at.asked()).toEqual(['POST seats', 'DELETE seats/ID'])
    expect(at.stored.seat).toBeUndefined()
  })

  it('the connection is lost when the engine refuses for a minute, and was never called encrypted', async () => {
    const at = await stage()
    vi.spyOn(FakeEngine.prototype, 'connect').mockRejectedValue(new Error('no answer'))
    const call = at.call()
    const kinds: string[] = []
    call.subscribe(({ kind }) => kinds.push(kind))
    void call.start()
    for (let second = 0; second < 70; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'connection-lost' } })
    expect(kinds).toEqual(['joining', 'over'])
    expect(at.stored.seat).toBeDefined()
  })
})

describe('the server tells', () => {
  const told = { type: 'welcome', session: '', roster: [], card: null }

  it('when the opening began, by a clock that need not be right', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    expect(inCall(call.state).since).toBeUndefined()
    at.sockets[0]?.say({ ...told, began_at: '2001-01-01T10:00:00.000Z', server_time: '2001-01-01T10:02:00.000Z' })
    await settled()
    expect(inCall(call.state).since).toBe(Date.now() - 120_000)
  })

  it('the title as it is now, and cannot bring back an older one or one of its own', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    const shown = () => inCall(call.state).title
    expect(shown()).toBe('Works council')
    const first = await at.card(1, 'Budget')
    at.sockets[0]?.say({ ...told, began_at: '', server_time: '', card: first })
    await settled()
    expect(shown()).toBe('Budget')
    at.sockets[0]?.say({ type: 'card', ...(await at.card(2, 'Budget 2027\u202e')) })
    await settled()
    expect(shown()).toBe('Budget 2027')
    at.sockets[0]?.say({ type: 'card', ...first })
    at.sockets[0]?.say({ type: 'card', version: 3, sealed: 'of the server' })
    at.sockets[0]?.say({ type: 'card' })
    await settled()
    expect(shown()).toBe('Budget 2027')
  })
})

describe('Hanna comes back', () => {
  it('with a new ticket, a new key and everything that was on, when the connection is lost', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.engines[0]?.events?.lost()
    expect(inCall(call.state).connection).toBe('steady')
    await settled()
    expect(inCall(call.state).connection).toBe('reconnecting')
    await vi.advanceTimersByTimeAsync(100)
    await settled()
    await vi.advanceTimersByTimeAsync(100)
    await settled()
    expect(inCall(call.state).connection).toBe('steady')
    expect(at.engines[0]?.closed).toBe(true)
    expect(at.engines[1]?.connected?.index).toBe(1)
    const [first, second] = await at.announcements()
    expect(second?.seq).toBe(2)
    expect(second?.key.salt).not.toBe(first?.key.salt)
    expect(at.requests.at(-1)?.path).toMatch(/^seats\/.{22}\/tickets$/)
  })

  it('to a seat of another name when hers was given up', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    const before = inCall(call.state).people[0]?.id
    at.refusal = { status: 401, code: 'not_your_seat' }
    const fetch = at.fetch
    Object.assign(at, {
      fetch: ((url, init) => {
        if (!String(url).endsWith('/tickets')) at.refusal = undefined
        return fetch(url, init)
      }) as typeof globalThis.fetch,
    })
    const services = (call as unknown as { services: Services }).services
    Object.assign(services.api, { fetch: at.fetch })
    at.sockets[0]?.drop(4401)
    for (let turn = 0; turn < 4; turn += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(inCall(call.state).people[0]?.id).not.toBe(before)
    expect(at.sockets.length).toBeGreaterThan(1)
  })

  it('after a reload to the same seat, with the next number and key', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    const held = JSON.parse(at.stored.seat ?? '') as StoredSeat
    at.hide()
    const again = at.call()
    await again.start(held)
    await settled()
    expect(inCall(again.state).people[0]?.id).toBe(inCall(call.state).people[0]?.id)
    expect(await at.announcements()).toMatchObject([
      { seq: 1, key: { index: 0 } },
      { seq: 2, key: { index: 1 } },
    ])
  })

  it('after a reload while the server restarts', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    const stored = at.stored.seat ?? ''
    at.refusal = { status: 503, code: 'engine_unavailable' }
    const again = at.call()
    void again.start(JSON.parse(stored) as StoredSeat)
    await settled()
    expect(again.state.kind).toBe('joining')
    at.refusal = undefined
    for (let turn = 0; turn < 3; turn += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(inCall(again.state).people[0]?.id).toBe(inCall(call.state).people[0]?.id)
    expect(at.asked().filter((it) => it === 'POST seats')).toHaveLength(1)
  })

  it('not any more when she leaves meanwhile: no other seat is taken', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    const answer = at.holdAnswers()
    at.refusal = { status: 401, code: 'not_your_seat' }
    at.engines[0]?.events?.lost()
    await vi.advanceTimersByTimeAsync(100)
    await settled()
    await call.leave()
    answer()
    await settled()
    expect(at.asked().filter((it) => it === 'POST seats')).toHaveLength(1)
    expect(at.asked()).toContain('POST seats/ID/tickets')
  })

  it('after having waited for as long as the server asked, which may be more than a minute', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.refusal = { status: 429, code: 'too_many_attempts' }
    at.retryAfter = '90'
    at.engines[0]?.events?.lost()
    for (let second = 0; second < 190; second += 1) {
      if (second === 100) at.refusal = undefined
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(inCall(call.state).connection).toBe('steady')
  })

  it('with what could not be published on the first connection', async () => {
    const at = await stage()
    vi.spyOn(FakeEngine.prototype, 'publish').mockRejectedValueOnce(new Error('timed out'))
    const { wish } = captured()
    const call = at.call({ ...(wish.microphoneTrack ? { microphoneTrack: wish.microphoneTrack } : {}) })
    await call.start()
    for (let turn = 0; turn < 3; turn += 1) {
      await settled()
      await vi.advanceTimersByTimeAsync(100)
    }
    await settled()
    expect(at.engines.map(({ closed, published }) => [closed, published])).toEqual([
      [true, []],
      [false, ['microphone']],
    ])
  })

  it('no more after a minute in vain', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.refusal = { status: 503, code: 'engine_unavailable' }
    at.engines[0]?.events?.lost()
    for (let second = 0; second < 70; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
      if (second === 50) expect(call.state.kind).toBe('in')
    }
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'connection-lost' } })
    // A reload may still come back to it.
    expect(at.stored.seat).toBeDefined()
  })
})

describe('Hanna’s call ends', () => {
  it('when she leaves: the seat is given up and nothing is remembered', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    await settled()
    await call.leave()
    expect(call.state).toEqual({ kind: 'over', ending: { why: 'left' } })
    expect(at.requests.at(-1)).toMatchObject({ method: 'DELETE' })
    expect(at.stored.seat).toBeUndefined()
    expect(at.engines.every(({ closed }) => closed)).toBe(true)
  })

  it('when another socket of her seat takes over, and when the meeting does', async () => {
    for (const [code, why] of [
      [4409, 'replaced'],
      [4410, 'ended'],
    ] as const) {
      const at = await stage()
      const call = at.call()
      await call.start()
      at.sockets[0]?.drop(code)
      expect(call.state).toEqual({ kind: 'over', ending: { why } })
      expect(at.engines.every(({ closed }) => closed)).toBe(true)
    }
  })
})

describe('encryption that fails', () => {
  it('blocks the call, closes its connection at once, and is resolved by a sound one', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.engines[0]?.events?.failed()
    expect(at.engines[0]?.closed).toBe(true)
    await settled()
    expect(inCall(call.state)).toMatchObject({
      shield: 'blocked',
      alarms: [{ kind: 'worker-failed', resolved: false }],
    })
    for (let turn = 0; turn < 8; turn += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await settled()
    }
    expect(inCall(call.state)).toMatchObject({ shield: 'on', alarms: [{ kind: 'worker-failed', resolved: true }] })
  })

  it('is an alarm when it is not acknowledged in time, and nothing has been published', async () => {
    const at = await stage()
    const call = at.call()
    vi.spyOn(FakeEngine.prototype, 'connect').mockResolvedValue()
    void call.start()
    await settled()
    await vi.advanceTimersByTimeAsync(5000)
    await settled()
    expect(inCall(call.state)).toMatchObject({ shield: 'blocked', alarms: [{ kind: 'self-not-encrypted' }] })
    expect(at.engines.flatMap(({ published }) => published)).toEqual([])
  })

  it('of data in clear is an alarm that passes', async () => {
    const at = await stage()
    const call = at.call()
    await call.start()
    at.engines[0]?.events?.plaintextData(undefined)
    await settled()
    expect(inCall(call.state)).toMatchObject({
      shield: 'blocked',
      alarms: [{ kind: 'plaintext-data', resolved: false }],
    })
    await vi.advanceTimersByTimeAsync(11_000)
    await settled()
    expect(inCall(call.state)).toMatchObject({ shield: 'on', alarms: [{ kind: 'plaintext-data', resolved: true }] })
  })
})
