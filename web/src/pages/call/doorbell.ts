import type { Knock } from '../../call/model'

/** At most one chime and one sentence in this time, however many come: nobody can be rung out of the meeting. */
const QUIET_MS = 3000

export type Bell = {
  ring: () => void
  /** those not told yet, and how many wait in all */
  tell: (fresh: readonly Knock[], waiting: number) => void
  /** none of those who were told of last waits any more */
  hush: () => void
  now: () => number
}

/** Notices who has come to the door since the last look, and says it once. */
export class Doorbell {
  private known = new Set<string>()
  private untold = new Set<string>()
  /** those of the last sentence */
  private told = new Set<string>()
  private knocks: readonly Knock[] = []
  private last = Number.NEGATIVE_INFINITY
  private later: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly bell: Bell) {}

  look(knocks: readonly Knock[]): void {
    this.knocks = knocks
    const here = new Set(knocks.map(({ id }) => id))
    for (const id of here) if (!this.known.has(id)) this.untold.add(id)
    // Who went away and comes back knocks anew.
    this.known = here
    this.hushWhenAnswered()
    this.announce()
  }

  stop(): void {
    clearTimeout(this.later)
  }

  private hushWhenAnswered(): void {
    if (this.told.size === 0 || this.knocks.some(({ id, answered }) => this.told.has(id) && !answered)) return
    this.told.clear()
    this.bell.hush()
  }

  private announce(): void {
    const fresh = this.knocks.filter(({ id, answered }) => this.untold.has(id) && !answered)
    if (fresh.length === 0 || this.later !== undefined) return
    const wait = this.last + QUIET_MS - this.bell.now()
    if (wait > 0) {
      this.later = setTimeout(() => {
        this.later = undefined
        this.announce()
      }, wait)
      return
    }
    this.last = this.bell.now()
    this.untold.clear()
    this.told = new Set(fresh.map(({ id }) => id))
    this.bell.ring()
    this.bell.tell(fresh, this.knocks.length)
  }
}
