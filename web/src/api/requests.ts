import { isProblemCode, Problem } from './problems'

export type Fetch = typeof globalThis.fetch

export type Call = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: unknown
  headers?: Record<string, string>
  keepalive?: boolean
  /** milliseconds, in place of the ordinary ones */
  patience?: number
}

const TIMEOUT_MS = 10_000

/** How every request of ours goes out and what comes of it. Its methods throw {@link Problem} and nothing else. */
export class Requests {
  constructor(readonly fetch: Fetch = globalThis.fetch.bind(globalThis)) {}

  protected async answer<T>(url: string, call: Call = {}): Promise<T> {
    const response = await this.request(url, call)
    try {
      return (await response.json()) as T
    } catch {
      throw new Problem('unintelligible')
    }
  }

  protected async request(url: string, call: Call): Promise<Response> {
    const response = await this.send(url, call)
    if (response.ok) return response
    throw await problemOf(response)
  }

  protected async send(url: string, call: Call): Promise<Response> {
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
        signal: AbortSignal.timeout(call.patience ?? TIMEOUT_MS),
      })
    } catch {
      throw new Problem('unreachable')
    }
  }
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
