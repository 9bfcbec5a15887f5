import { isProblemCode, Problem, type ProblemCode } from '../api/problems'
import { type Call, Requests } from '../api/requests'
import { readFact, readFacts, readReport, readSummary, readText } from './reading'
import type { Fact, FactValue, NewAttestation, NewWaiver, Report, Summary, Text } from './wire'

/** What writes is judged anew before the server answers, by a process that has to be started first. */
const PATIENCE_MS = 60_000

/** Why the proof was not changed; `said`: what the server says about the value itself. */
export class Unchanged extends Problem {
  constructor(
    code: ProblemCode,
    readonly said: Text | null,
    retryAfter?: number,
  ) {
    super(code, retryAfter)
  }
}

/** What the server is asked about the proof. Every method throws {@link Problem} and nothing else. */
export class ProofApi extends Requests {
  /** `page.whose`: the account that this page takes itself for; nothing is said in the name of another one. */
  constructor(
    fetch?: ConstructorParameters<typeof Requests>[0],
    private readonly page: { readonly whose: string | undefined } = { whose: undefined },
  ) {
    super(fetch)
  }

  async summary(): Promise<Summary> {
    return readSummary(await this.answer('/api/proof'))
  }

  async report(): Promise<Report> {
    return readReport(await this.answer('/api/proof/report'))
  }

  /** As it was collected, whatever that is. */
  evidence(entry: number): Promise<unknown> {
    return this.answer(`/api/proof/evidence/${entry}`)
  }

  /** Begins; also where somebody else was faster. */
  async run(): Promise<void> {
    try {
      await this.write('POST', 'run', {})
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'check_running')) throw error
    }
  }

  async facts(): Promise<Fact[]> {
    return readFacts(await this.answer('/api/proof/facts'))
  }

  /** `value`: null withdraws what was said. */
  async putFact(key: string, value: FactValue | null): Promise<Fact> {
    const response = await this.write('PUT', 'facts', { key, value })
    try {
      return readFact(await response.json())
    } catch {
      throw new Problem('unintelligible')
    }
  }

  async attest(body: NewAttestation): Promise<void> {
    await this.write('POST', 'attestations', body)
  }

  async withdrawAttestation(id: string): Promise<void> {
    await this.write('DELETE', `attestations/${encodeURIComponent(id)}`)
  }

  async propose(body: NewWaiver): Promise<void> {
    await this.write('POST', 'waivers', body)
  }

  async approve(id: string, person: string): Promise<void> {
    await this.write('POST', `waivers/${encodeURIComponent(id)}/second`, { person })
  }

  async withdrawWaiver(id: string): Promise<void> {
    await this.write('DELETE', `waivers/${encodeURIComponent(id)}`)
  }

  private async write(method: NonNullable<Call['method']>, path: string, body?: unknown): Promise<Response> {
    const { whose } = this.page
    const headers = whose === undefined ? {} : { 'klausur-account': whose }
    const call: Call = { method, headers, patience: PATIENCE_MS, ...(body === undefined ? {} : { body }) }
    const response = await this.send(`/api/proof/${path}`, call)
    if (response.ok) return response
    throw await unchanged(response)
  }
}

async function unchanged(response: Response): Promise<Unchanged> {
  if ([502, 504].includes(response.status)) return new Unchanged('unreachable', null)
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  const told = (await response.json().catch(() => null)) as Record<string, unknown> | null
  const code = isProblemCode(told?.code) ? told.code : 'unintelligible'
  const said = readText(told?.message)
  return new Unchanged(code, said, Number.isFinite(retryAfter) ? retryAfter : undefined)
}
