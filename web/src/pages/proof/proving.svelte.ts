import type { AccountRole } from '../../people/wire'
import type { ProofApi } from '../../proof/api'
import { type Outcome, outcomeOf } from '../../proof/runs'
import type { Report, Run, Summary } from '../../proof/wire'
import { Loaded } from '../people/acting.svelte'
import { orLook, Writing } from './writing.svelte'

const ASK_AGAIN_MS = 3000

/** What the page about the proof knows and is doing. `role`: of who is signed in, undefined of everybody else. */
export class Proving {
  readonly summary: Loaded<Summary>
  readonly report: Loaded<Report>
  readonly starting = new Writing()
  readonly writing = new Writing()
  /** ids of the rows that are unfolded */
  opened = $state.raw<ReadonlySet<string>>(new Set())
  role = $state<AccountRole>()
  /** everything is to be on paper, whatever is unfolded */
  printing = $state(false)
  running = $state(false)
  /** of a run that was watched from here and is over; undefined where nobody can tell */
  outcome = $state<Outcome>()
  /** what the report says is over, and nothing newer could be had */
  outdated = $state(false)
  /** the newest run before the one that is watched; undefined where the runs are not known */
  private before: { run: Run | undefined } | undefined
  private asked: Promise<void> = Promise.resolve()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(readonly api: ProofApi) {
    this.summary = new Loaded(() => api.summary())
    this.report = new Loaded(async () => {
      const report = await api.report()
      await this.asked
      // For the report it was judged anew; what the summary said before that is over.
      if (this.summary.value?.state === 'outdated') await this.summary.load()
      this.outdated = this.summary.value?.state === 'outdated'
      return report
    })
  }

  /** They see the rows. */
  get reads(): boolean {
    return this.role === 'administrator' || this.role === 'auditor'
  }

  /** They start runs and state facts. */
  get administers(): boolean {
    return this.role === 'administrator'
  }

  async load(): Promise<void> {
    this.asked = this.summary.load()
    await Promise.all([this.asked, ...(this.reads ? [this.report.load()] : [])])
    // Not before: for the moment in between nothing is to vanish from the page.
    this.outdated = this.summary.value?.state === 'outdated'
    if (!this.summary.value?.running) return
    // One without an end may be the one that is under way.
    if (!this.running) this.before = this.known((runs) => runs.find(({ endedAt }) => endedAt !== null))
    this.watch()
  }

  async start(): Promise<void> {
    this.outcome = undefined
    this.before = this.known(([newest]) => newest)
    if (await this.starting.run(() => this.api.run(), '')) this.watch()
  }

  unfold(row: string, is: boolean): void {
    const others = [...this.opened].filter((one) => one !== row)
    this.opened = new Set(is ? [...others, row] : others)
  }

  close(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  /** One change of what people vouch for; what it came to is shown before this is over. `writing`: a dialog's own. */
  async change(act: () => Promise<unknown>, told: string, writing = this.writing): Promise<boolean> {
    const look = async () => {
      await this.load()
      return this.report.refused === undefined
    }
    const done = await writing.run(async () => {
      await orLook(act, look)
      await look()
    }, told)
    if (done) this.writing.told = told
    return done
  }

  /** Asks until the run is over; an answer that does not come ends nothing. */
  private watch(): void {
    this.running = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.look(), ASK_AGAIN_MS)
  }

  private async look(): Promise<void> {
    await this.summary.load()
    const under = this.summary.refused !== undefined || this.summary.value?.running === true
    if (this.reads && (!under || this.summary.value?.state === 'outdated')) await this.report.load()
    this.outdated = this.summary.value?.state === 'outdated'
    if (this.timer === undefined) return
    if (under) return this.watch()
    this.running = false
    const after = this.report.refused ? undefined : this.report.value
    this.outcome = this.before && after && outcomeOf(this.before.run, after.runs)
  }

  private known(pick: (runs: Run[]) => Run | undefined): { run: Run | undefined } | undefined {
    return this.report.value && { run: pick(this.report.value.runs) }
  }
}
