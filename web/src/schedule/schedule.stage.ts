import type { NewMeeting, SealedCard, SignedRules } from '../api/types'
import { randomId } from '../call/bytes'
import { verifyText } from '../call/keys'
import type { OpenVault, VaultContent } from '../people/content'

type Held = {
  meeting: string
  session: string
  host_public_key: string
  proofHash: string
  guests: boolean
  card: SealedCard | null
  rules: SignedRules | null
  opens_at: string | null
  closes_at: string
  times_version: number
}

type Body = Record<string, never> & { version: number; signature: string; opens_at: string; closes_at: string }

/** A server that keeps planned meetings as the protocol says, and fails where a story wants it to. */
export class ServerOnStage {
  readonly meetings = new Map<string, Held>()
  readonly asked: string[] = []
  now = Date.UTC(2026, 10, 22, 12)
  /** `PUT times` and the like; each once, then all is well again unless it is named twice */
  failing: string[] = []
  /** done all the same, only the answer does not arrive */
  losing: string[] = []
  /** answered only when that has come to pass */
  waiting: { what: string; until: Promise<void> } | undefined

  readonly fetch: typeof fetch = async (url, init) => {
    const [, , , meeting = '', part = ''] = new URL(String(url), 'http://localhost').pathname.split('/')
    const what = `${init?.method ?? 'GET'} ${part || 'meeting'}`
    this.asked.push(what)
    if (this.waiting?.what === what) await this.waiting.until
    if (taken(this.failing, what)) throw new TypeError('network')
    const answer = await this.answer(what, meeting, typeof init?.body === 'string' ? JSON.parse(init.body) : {})
    if (taken(this.losing, what)) throw new TypeError('network')
    return answer
  }

  theMeeting(): Held {
    const [held, ...more] = this.meetings.values()
    if (!held || more.length > 0) throw new Error(`${this.meetings.size} meetings`)
    return held
  }

  private async answer(what: string, meeting: string, body: Body): Promise<Response> {
    if (what === 'POST meeting') return this.open(body as unknown as NewMeeting)
    const held = this.meetings.get(meeting)
    if (!held || Date.parse(held.closes_at) <= this.now) return problem(404, 'no_meeting')
    if (what === 'GET meeting') return Response.json(this.view(held))
    if (!(await verifyText(held.host_public_key, body.signature, wordsOf(what, held, body))))
      return problem(403, 'not_host')
    return this.change(what, held, body)
  }

  private open(body: NewMeeting): Response {
    const meeting = randomId()
    const closes_at = body.closes_at ?? new Date(this.now + 86_400_000).toISOString()
    this.meetings.set(meeting, {
      meeting,
      session: randomId(),
      host_public_key: body.host_public_key,
      proofHash: body.link_proof_hash,
      guests: body.guests ?? true,
      card: null,
      rules: null,
      opens_at: body.opens_at ?? null,
      closes_at,
      times_version: 0,
    })
    return Response.json({ meeting, closes_at }, { status: 201 })
  }

  private view({ proofHash: _, guests: __, ...held }: Held): unknown {
    return { ...held, state: 'scheduled', server_time: new Date(this.now).toISOString() }
  }

  private change(what: string, held: Held, body: Body): Response {
    const [part, version] = {
      'PUT card': ['card', held.card?.version ?? 0] as const,
      'PUT rules': ['rules', held.rules?.version ?? 0] as const,
      'PUT times': ['times', held.times_version] as const,
      'DELETE meeting': ['meeting', 0] as const,
    }[what] ?? ['', 0]
    if (part !== 'meeting' && body.version !== version + 1) return problem(409, `${part}_outdated`)
    if (part === 'card') held.card = body as unknown as SealedCard
    if (part === 'rules') held.rules = body as unknown as SignedRules
    if (part === 'times') {
      Object.assign(held, { opens_at: body.opens_at, closes_at: body.closes_at, times_version: body.version })
    }
    if (part === 'meeting') this.meetings.delete(held.meeting)
    return new Response(null, { status: 204 })
  }
}

function wordsOf(what: string, { meeting }: Held, body: Body & { sealed?: string; document?: string }): string {
  const { version, sealed, document, opens_at, closes_at } = body
  const words: Record<string, string> = {
    'PUT card': `klausur card v1|${meeting}|${version}|${sealed}`,
    'PUT rules': `klausur rules v1|${meeting}|${version}|${document}`,
    'PUT times': `klausur times v1|${meeting}|${version}|${opens_at}|${closes_at}`,
    'DELETE meeting': `klausur cancel v1|${meeting}`,
  }
  return words[what] ?? ''
}

function problem(status: number, code: string): Response {
  return Response.json({ type: 'about:blank', title: code, status, code }, { status })
}

function taken(list: string[], what: string): boolean {
  const at = list.indexOf(what)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}

/** An open vault that two devices may hold at once. */
export class VaultOnStage implements OpenVault {
  readonly account = 'h'
  content: VaultContent = { v: 1, meetings: [] }
  /** how many of the next changes fail */
  failing = 0
  /** of the next change, only the answer */
  losing = 0
  /** what another device does in the very moment before */
  meanwhile: ((content: VaultContent) => VaultContent) | undefined

  async read(): Promise<VaultContent> {
    return structuredClone(this.content)
  }

  async change(edit: (content: VaultContent) => VaultContent): Promise<VaultContent> {
    if (this.failing > 0) {
      this.failing -= 1
      throw new Error('the vault cannot be written')
    }
    if (this.meanwhile) {
      edit(structuredClone(this.content))
      this.content = this.meanwhile(this.content)
      this.meanwhile = undefined
    }
    // As the real one: what is kept is JSON.
    this.content = JSON.parse(JSON.stringify(edit(structuredClone(this.content))))
    if (this.losing > 0) {
      this.losing -= 1
      throw new Error('the answer was lost')
    }
    return structuredClone(this.content)
  }
}
