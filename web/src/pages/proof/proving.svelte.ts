import type { AccountRole } from '../../people/wire'
import type { ProofApi } from '../../proof/api'
import type { Report, Summary } from '../../proof/wire'
import { Loaded } from '../people/acting.svelte'
import { Writing } from './writing.svelte'

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
  /** a run that was watched from here has ended */
  ended = $state(false)
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(readonly api: ProofApi) {
    this.summary = new Loaded(() => api.summary())
    this.report = new Loaded(() => api.report())
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
    await Promise.all([this.summary.load(), ...(this.reads ? [this.report.load()] : [])])
    if (this.summary.value?.running) this.watch()
  }

  async start(): Promise<void> {
    this.ended = false
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
    const done = await writing.run(async () => {
      await act()
      await this.load()
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
    if (this.timer === undefined) return
    if (this.summary.refused || this.summary.value?.running) {
      this.watch()
      return
    }
    if (this.reads) await this.report.load()
    this.running = false
    this.ended = true
  }
}
