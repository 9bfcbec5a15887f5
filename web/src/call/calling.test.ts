import { afterEach, describe, expect, it, vi } from 'vitest'
import type { MeetingView } from '../api/types'
import { pathOf, printHostLink } from '../link'
import { randomBytes, randomId, toBase64url } from './bytes'
import { Calling } from './calling'
import { seedOf } from './host-keys'
import { fingerprint, newHostKey, newSecret, publicKeyOf } from './keys'
import { DEFAULT_RULES, type Rules, readRules, signRules } from './rules'

afterEach(() => void vi.unstubAllGlobals())

/** A browser that can encrypt, and a server that knows one meeting. */
async function visiting(more: Partial<MeetingView> = {}) {
  const pair = await newHostKey()
  const publicKey = await publicKeyOf(pair)
  const link = { meeting: randomId(), secret: newSecret(), host: await fingerprint(publicKey) }
  const told = { meeting: link.meeting, session: randomId(), host_public_key: publicKey, card: null, closes_at: '' }
  let rules: MeetingView['rules'] = null
  const bar: string[] = []
  vi.stubGlobal('isSecureContext', true)
  for (const name of ['Worker', 'WebSocket', 'RTCPeerConnection', 'RTCRtpScriptTransform'])
    vi.stubGlobal(name, class {})
  vi.stubGlobal('history', { state: null, replaceState: (_state: unknown, _title: string, to: string) => bar.push(to) })
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    if (init.method === 'PUT') {
      rules = JSON.parse(String(init.body))
      return new Response(null, { status: 204 })
    }
    const view = { state: 'open', rules, opens_at: null, server_time: '2026-11-22T12:00:00Z', ...told, ...more }
    return Response.json(view)
  })
  const signed = async (more: Partial<Rules>) => {
    const whole = { ...DEFAULT_RULES, version: 1, session: told.session, ...more }
    rules = await signRules(pair.privateKey, link.meeting, whole)
  }
  const ruled = () => readRules(rules, link.meeting, publicKey)
  return { link, bar, seed: await seedOf(pair.privateKey), calling: new Calling(), told, signed, ruled }
}

const randomKey = () => toBase64url(randomBytes(32))

async function visit(calling: Calling, address: string) {
  const visited = await calling.visit(address)
  if (typeof visited === 'string') throw new Error(visited)
  return visited
}

describe('Hanna’s browser that cannot encrypt', () => {
  it('starts no meeting: the server is not even asked', async () => {
    const fetch = vi.fn()
    vi.stubGlobal('fetch', fetch)
    vi.stubGlobal('isSecureContext', false)
    expect(await new Calling().start()).toEqual({ refused: 'cannot-encrypt' })
    expect(fetch).not.toHaveBeenCalled()
  })
})

describe('a host link', () => {
  it('makes its bearer a host, and leaves the guest link in the address bar', async () => {
    const { calling, link, seed, bar } = await visiting({ state: 'locked' })
    const visited = await visit(calling, printHostLink(link, seed, ''))
    expect(bar).toEqual([pathOf(link)])
    expect(await visited.look()).toEqual({ title: '', host: true, waitingRoom: true })
  })

  it('of another meeting is not taken, and does not stay in the address bar either', async () => {
    const { calling, link, bar } = await visiting()
    const seed = await seedOf((await newHostKey()).privateKey)
    expect(await calling.visit(printHostLink(link, seed, ''))).toBe('incomplete')
    expect(bar).toEqual([pathOf(link)])
    expect(await (await visit(calling, pathOf(link))).look()).toMatchObject({ host: false })
  })
})

describe('Hanna, before she joins,', () => {
  it('switches the waiting room off, and finds it off when she looks again', async () => {
    const { calling, link, seed } = await visiting()
    const visited = await visit(calling, printHostLink(link, seed, ''))
    await visited.look()
    expect(await visited.saveWaitingRoom(false)).toBe(true)
    const again = await visit(calling, pathOf(link))
    expect(await again.look()).toMatchObject({ host: true, waitingRoom: false })
  })
})

describe('Hanna’s planned meeting, opened again since she looked at it,', () => {
  it('keeps its co-hosts and those who were removed from it when she switches the waiting room', async () => {
    const { calling, link, seed, told, signed, ruled } = await visiting({ opens_at: '2026-11-22T11:00:00Z' })
    const visited = await visit(calling, printHostLink(link, seed, ''))
    await visited.look()
    told.session = randomId()
    const [carla, otto] = [randomKey(), randomKey()]
    await signed({ cohosts: [carla], denied: [otto] })
    expect(await visited.saveWaitingRoom(false)).toBe(true)
    const { session } = told
    expect(await ruled()).toMatchObject({ version: 2, session, waitingRoom: false, cohosts: [carla], denied: [otto] })
  })
})

describe('Gustav', () => {
  it('is told before he has typed his name that the meeting is locked, or has not started', async () => {
    for (const [more, refused] of [
      [{ state: 'locked' }, 'meeting_locked'],
      [{ state: 'scheduled', opens_at: '2026-11-22T12:30:00Z' }, 'meeting_not_started'],
    ] as const) {
      const { calling, link } = await visiting(more)
      expect(await (await visit(calling, pathOf(link))).look()).toMatchObject({ refused })
    }
  })

  it('sees the waiting room on unless the host has signed otherwise, and cannot switch it', async () => {
    const forged = { version: 1, document: '{"waiting_room":false}', signature: 'A'.repeat(86) }
    const { calling, link } = await visiting({ rules: forged, opens_at: '2026-11-22T11:00:00Z' })
    const visited = await visit(calling, pathOf(link))
    expect(await visited.look()).toEqual({ title: '', host: false, waitingRoom: true })
    expect(await visited.saveWaitingRoom(false)).toBe(false)
  })
})
