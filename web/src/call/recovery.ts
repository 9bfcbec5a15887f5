import { delayBefore } from './backoff'

/** Trying to come back for this long, in vain, ends the call. */
const GIVE_UP_MS = 60_000

/** `done`, or how many milliseconds to wait at least before the next one. */
export type Attempt = () => Promise<'done' | number>

/** The way back after something was lost: attempt by attempt, until one comes to something or the patience is over. */
export class Recovery {
  private wakeUp: () => void = () => undefined

  constructor(
    private readonly attempt: Attempt,
    private readonly isOn: () => boolean,
    private readonly giveUp: () => void,
    private readonly now: () => number,
  ) {}

  /** A good moment to try again. */
  hurry(): void {
    this.wakeUp()
  }

  async run(after: number): Promise<void> {
    const began = this.now()
    let patience = GIVE_UP_MS + after
    await this.pause(after)
    for (let attempt = 0; this.isOn(); attempt += 1) {
      const wait = await this.attempt()
      if (wait === 'done') break
      // Waiting as told is not in vain.
      patience += wait
      if (this.now() - began > patience) this.giveUp()
      await this.pause(Math.max(wait, delayBefore(attempt)))
    }
  }

  private pause(milliseconds: number): Promise<void> {
    if (!this.isOn()) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
