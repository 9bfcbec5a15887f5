import { InOrder } from './in-order'

/** The server takes 50 messages a second of one socket, and closes it at more. */
const AT_ONCE = 20
const BREATH_MS = 1000

/** Spreads what would be too much at once, whoever says it: so much a second in all. */
export class Pace {
  private readonly steps = new InOrder()
  private recent = 0

  turn(): Promise<void> {
    return this.steps.run(async () => {
      while (this.recent >= AT_ONCE) await new Promise((resolve) => setTimeout(resolve, BREATH_MS))
      this.recent += 1
      setTimeout(() => {
        this.recent -= 1
      }, BREATH_MS)
    })
  }
}
