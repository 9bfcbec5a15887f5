import { isProblemCode, Problem } from './problems'
import type {
  MeetingView,
  NewMeeting,
  OpenedMeeting,
  Operator,
  Seat,
  SeatWish,
  SignedCard,
  SignedRules,
  TicketWish,
} from './types'

export type Fetch = typeof globalThis.fetch

type Call = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: unknown
  headers?: Record<string, string>
  keepalive?: boolean
}

const TIMEOUT_MS = 10_000

/** The HTTP API. Every method throws {@link Problem} and nothing else. */
export class Api {
  constructor(private readonly fetch: Fetch = globalThis.fetch.bind(globalThis)) {}

  operator(): Promise<Operator> {
    return this.answer('/api/operator', {})
  }

  openMeeting(body: NewMeeting): Promise<OpenedMeeting> {
    return this.answer('/api/meetings', { method: 'POST', body })
  }

  meeting(meeting: string, proof: string): Promise<MeetingView> {
    return this.answer(path(meeting), { headers: proven(proof) })
  }

  async putCard(meeting: string, proof: string, body: SignedCard): Promise<void> {
    await this.request(`${path(meeting)}/card`, { method: 'PUT', body, headers: proven(proof) })
  }

  async putRules(meeting: string, proof: string, body: SignedRules): Promise<void> {
    await this.request(`${path(meeting)}/rules`, { method: 'PUT', body, headers: proven(proof) })
  }

  takeSeat(meeting: string, proof: string, body: SeatWish): Promise<Seat> {
    return this.answer(`${path(meeting)}/seats`, { method: 'POST', body, headers: proven(proof) })
  }

  newTicket(meeting: string, pseudonym: string, secret: string, body: TicketWish): Promise<Seat> {
    return this.answer(`${path(meeting)}/seats/${pseudonym}/tickets`, {
      method: 'POST',
      body,
      headers: bearer(secret),
    })
  }

  async knock(meeting: string, pseudonym: string, secret: string, knock: string): Promise<void> {
    await this.request(`${path(meeting)}/seats/${pseudonym}/knock`, {
      method: 'POST',
      body: { knock },
      headers: bearer(secret),
    })
  }

  /** Goes through even while the page is being left. */
  async leaveSeat(meeting: string, pseudonym: string, secret: string): Promise<void> {
    await this.request(`${path(meeting)}/seats/${pseudonym}`, {
      method: 'DELETE',
      headers: bearer(secret),
      keepalive: true,
    })
  }

  private async answer<T>(url: string, call: Call): Promise<T> {
    const response = await this.request(url, call)
    try {
      return (await response.json()) as T
    } catch {
      throw new Problem('unintelligible')
    }
  }

  private async request(url: string, call: Call): Promise<Response> {
    const response = await this.send(url, call)
    if (response.ok) return response
    throw await problemOf(response)
  }

  private async send(url: string, call: Call): Promise<Response> {
    try {
      return await this.fetch(url, {
        method: call.method ?? 'GET',
        headers: {
          accept: 'application/json',
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...call.headers,
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(call.keepalive === undefined ? {} : { keepalive: call.keepalive }),
        cache: 'no-store',
        credentials: 'same-origin',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
    } catch {
      throw new Problem('unreachable')
    }
  }
}

function path(meeting: string): string {
  return `/api/meetings/${encodeURIComponent(meeting)}`
}

function proven(proof: string): Record<string, string> {
  return { 'klausur-link-proof': proof }
}

function bearer(secret: string): Record<string, string> {
  return { authorization: `Bearer ${secret}` }
}

async function problemOf(response: Response): Promise<Problem> {
  // A reverse proxy in front of a stopped server answers in its own words.
  if ([502, 504].includes(response.status)) return new Problem('unreachable')
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  try {
    const { code } = (await response.json()) as { code?: unknown }
    if (isProblemCode(code)) return new Problem(code, Number.isFinite(retryAfter) ? retryAfter : undefined)
  } catch {
    // falls through: not our server's words
  }
  return new Problem(response.status === 503 ? 'unreachable' : 'unintelligible')
}
