import { describe, expect, it } from 'vitest'
import { Api } from '../api/client'
import type { MeetingView } from '../api/types'
import { randomId } from './bytes'
import { HostKeys } from './host-keys'
import { fingerprint, newHostKey, publicKeyOf } from './keys'
import { Meetings, openLink } from './meetings'

/** A server that keeps meetings as the protocol says, and can be made to lie. */
class Server {
  readonly meetings = new Map<string, MeetingView & { proofHash: string }>()
  lie: Partial<MeetingView> = {}

  readonly fetch: typeof fetch = async (url, init) => {
    const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
    if (init?.method === 'POST') return this.open(body)
    const meeting = this.meetings.get(String(url).split('/')[3] ?? '')
    if (!meeting) return problem(404, 'no_meeting')
    if (init?.method !== 'PUT') return Response.json({ ...meeting, ...this.lie })
    if (body.version !== (meeting.card?.version ?? 0) + 1) return problem(409, 'card_outdated')
    meeting.card = body
    return new Response(null, { status: 204 })
  }

  private open(body: { host_public_key: string; link_proof_hash: string }): Response {
    const meeting = randomId()
    const times = { closes_at: '2026-11-23T00:00:00Z', server_time: '2026-11-22T00:00:00Z' }
    this.meetings.set(meeting, {
      meeting,
      state: 'scheduled',
      session: randomId(),
      host_public_key: body.host_public_key,
      proofHash: body.link_proof_hash,
      card: null,
      rules: null,
      must_knock: true,
      opens_at: null,
      times_version: 0,
      ...times,
    })
    return Response.json({ meeting, closes_at: times.closes_at }, { status: 201 })
  }
}

function problem(status: number, code: string): Response {
  return Response.json({ type: 'about:blank', title: code, status, code }, { status })
}

async function started() {
  const server = new Server()
  const meetings = new Meetings(new Api(server.fetch), new HostKeys(undefined))
  const link = await meetings.start()
  return { server, meetings, link, opened: await openLink(link) }
}

describe('Hanna starts a meeting', () => {
  it('and her host key goes with it', async () => {
    const server = new Server()
    const hostKeys = new HostKeys(undefined)
    const meetings = new Meetings(new Api(server.fetch), hostKeys)
    const link = await meetings.start()
    const opened = await openLink(link)
    server.meetings.clear()
    await expect(meetings.look({ ...opened, proof: 'A'.repeat(43) })).rejects.toThrow('no_meeting')
    expect(await hostKeys.of(link.meeting)).toBeDefined()
    await expect(meetings.look(opened)).rejects.toThrow('no_meeting')
    expect(await hostKeys.of(link.meeting)).toBeUndefined()
  })

  it('and is its host, with a title that others can read', async () => {
    const { server, meetings, opened } = await started()
    expect(await meetings.look(opened)).toMatchObject({ title: '', host: true, state: 'scheduled' })
    await meetings.setTitle(opened, 'Quarterly\u202e figures')
    const gustav = new Meetings(new Api(server.fetch), new HostKeys(undefined))
    expect(await gustav.look(opened)).toMatchObject({ title: 'Quarterly figures', host: false })
    expect(JSON.stringify([...server.meetings.values()])).not.toContain('Quarterly')
  })

  it('and the server that names another host key is not believed at all', async () => {
    const { server, meetings, opened } = await started()
    server.lie = { host_public_key: await publicKeyOf(await newHostKey()) }
    await expect(meetings.look(opened)).rejects.toMatchObject({ code: 'no_meeting' })
  })

  it('and a card put in by somebody else shows no title', async () => {
    const { server, meetings, opened } = await started()
    server.lie = { card: { version: 1, sealed: 'AAAA'.repeat(80) } }
    expect((await meetings.look(opened)).title).toBe('')
  })

  it('and Otto, whose link names another host, finds no meeting', async () => {
    const { meetings, link } = await started()
    const host = await fingerprint(await publicKeyOf(await newHostKey()))
    await expect(meetings.look(await openLink({ ...link, host }))).rejects.toMatchObject({ code: 'no_meeting' })
  })

  it('and another tab’s newer title gives way to hers on the second try', async () => {
    const { server, meetings, opened } = await started()
    const { fetch } = server
    let once = true
    const racing = new Api(async (url, init) => {
      if (init?.method === 'PUT' && once) {
        once = false
        return problem(409, 'card_outdated')
      }
      return fetch(url, init)
    })
    Object.assign(meetings, { api: racing })
    await meetings.setTitle(opened, 'Mine')
    expect((await meetings.look(opened)).title).toBe('Mine')
  })

  it('and Gustav, who holds no host key, cannot title it', async () => {
    const { server, opened } = await started()
    const gustav = new Meetings(new Api(server.fetch), new HostKeys(undefined))
    await expect(gustav.setTitle(opened, 'Mine')).rejects.toMatchObject({ code: 'not_host' })
  })
})

describe('an answer that is none', () => {
  const api = (answer: () => Promise<Response>) => new Api(answer as typeof fetch)

  it('is told as what it is', async () => {
    await expect(api(() => Promise.reject(new TypeError())).operator()).rejects.toMatchObject({ code: 'unreachable' })
    await expect(api(async () => new Response('<html>')).operator()).rejects.toMatchObject({ code: 'unintelligible' })
    await expect(api(async () => new Response('', { status: 502 })).operator()).rejects.toMatchObject({
      code: 'unreachable',
    })
    const waiting = Response.json({ code: 'too_many_attempts' }, { status: 429, headers: { 'retry-after': '7' } })
    await expect(api(async () => waiting).operator()).rejects.toMatchObject({
      code: 'too_many_attempts',
      retryAfter: 7,
    })
    const foreign = Response.json({ code: 'rm_rf' }, { status: 400 })
    await expect(api(async () => foreign).operator()).rejects.toMatchObject({ code: 'unintelligible' })
  })
})
