const SHOWN_MS = 6000
const MOST = 3

/** `unseen`: for screen readers only, because it is shown elsewhere. */
export type Line = { id: number; text: string; unseen: boolean }

/** Short sentences that come and go; each is said once, when it comes. */
export class News {
  lines = $state.raw<Line[]>([])
  private next = 0
  private readonly timers = new Set<ReturnType<typeof setTimeout>>()

  /** What nobody could follow is left out: the oldest lines, and of what is only said the latest ones. */
  say(text: string, unseen = false): void {
    const [alike, others] = [this.lines.filter((line) => line.unseen === unseen), this.lines]
    const repeated = alike.find((line) => line.text === text)
    if (unseen && (repeated || alike.length >= MOST)) return
    const dropped = repeated ?? (alike.length >= MOST ? alike[0] : undefined)
    const line = { id: this.next++, text, unseen }
    this.lines = [...others.filter((each) => each !== dropped), line]
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      this.lines = this.lines.filter((each) => each !== line)
    }, SHOWN_MS)
    this.timers.add(timer)
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer)
  }
}
