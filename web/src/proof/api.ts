import { isProblemCode, Problem, type ProblemCode } from '../api/problems'
import { type Call, Requests } from '../api/requests'
import { readFact, readFacts, readReport, readSummary, readText } from './reading'
import type { Fact, FactValue, NewAttestation, NewWaiver, Report, Summary, Text } from './wire'

/** What writes is judged anew before the server answers, by a process that has to be started first. */
const PATIENCE_MS = 60_000
/** Where settings or age call for it, the report is judged anew first. */
const REPORT_PATIENCE_MS = 30_000
/** A slow line takes its time for large documents: a second for each so many characters, up to this long. */
const CHARACTERS_PER_SECOND = 50_000
const LONGEST_PATIENCE_MS = 600_000

/** Why the proof was not changed; `said`: what the server says about the value itself, `field`: whose value, or empty. */
export class Unchanged extends Problem {
  constructor(
    code: ProblemCode,
    readonly said: Text | null,
    readonly field: string,
    retryAfter?: number,
  ) {
    super(code, retryAfter)
  }
}

/** The proof may have been changed although nobody said so; `shown`: the page has asked since what there is now. */
export class Uncertain extends Problem {
  constructor(
    code: ProblemCode,
    readonly shown = false,
  ) {
    super(code)
  }
}

/** The answer did not come, or was lost somewhere behind the door. */
const UNCERTAIN: readonly ProblemCode[] = ['unreachable', 'unintelligible', 'internal', 'proof_failed']

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
    return readReport(await this.answer('/api/proof/report', { patience: REPORT_PATIENCE_MS }))
  }

  /** As it was collected, whatever that is. */
  evidence(entry: number): Promise<unknown> {
    return this.answer(`/api/proof/evidence/${entry}`)
  }

  /** Begins; also where somebody else was faster. */
  async run(): Promise<void> {
    try {
      await this.tell('POST', 'run', {})
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
      throw new Uncertain('unintelligible')
    }
  }

  async attest(body: NewAttestation): Promise<void> {
    await this.write('POST', 'attestations', body, patienceFor(body))
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

  /** As `tell`; throws {@link Uncertain} where it may have been done all the same. */
  private async write(...asked: Parameters<ProofApi['tell']>): Promise<Response> {
    try {
      return await this.tell(...asked)
    } catch (error) {
      if (error instanceof Problem && UNCERTAIN.includes(error.code)) throw new Uncertain(error.code)
      throw error
    }
  }

  private async tell(method: Method, path: string, body?: unknown, patience = PATIENCE_MS): Promise<Response> {
    const { whose } = this.page
    const headers = whose === undefined ? {} : { 'klausur-account': whose }
    const call: Call = { method, headers, patience, ...(body === undefined ? {} : { body }) }
    const response = await this.send(`/api/proof/${path}`, call)
    if (response.ok) return response
    throw await unchanged(response)
  }
}

type Method = NonNullable<Call['method']>

function patienceFor({ files }: NewAttestation): number {
  const characters = files.reduce((sum, { body }) => sum + body.length, 0)
  return Math.min(PATIENCE_MS + (characters / CHARACTERS_PER_SECOND) * 1000, LONGEST_PATIENCE_MS)
}

async function unchanged(response: Response): Promise<Problem> {
  if ([502, 504].includes(response.status)) return new Problem('unreachable')
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  const told = (await response.json().catch(() => null)) as Record<string, unknown> | null
  const code = isProblemCode(told?.code) ? told.code : 'unintelligible'
  const said = readText(told?.message)
  const field = typeof told?.field === 'string' ? told.field : ''
  return new Unchanged(code, said, field, Number.isFinite(retryAfter) ? retryAfter : undefined)
}
