import { type Happening, REACTIONS, type Reaction } from './model'

const SHOWN_MS = 6000
const REACTION_MS = 5000
/** More at once than anybody could read or hear. */
const HAPPENINGS_AT_MOST = 8
const REACTIONS_AT_MOST = 30

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type News = WithoutId<Happening>

type Passing<T> = { it: T; at: number }

/** What happened in the last few seconds, and how people reacted. */
export class Happenings {
  private recent: Passing<Happening>[] = []
  private raised: Passing<Reaction>[] = []
  private count = 0

  constructor(
    private readonly now: () => number,
    private readonly changed: () => void,
  ) {}

  get list(): Happening[] {
    return this.recent.map(({ it }) => it)
  }

  get reactions(): Reaction[] {
    return this.raised.map(({ it }) => it)
  }

  flash(news: News): void {
    const it = { id: String(++this.count), ...news }
    this.recent = [...this.recent, { it, at: this.now() }].slice(-HAPPENINGS_AT_MOST)
    this.changed()
  }

  /** Anything but one of the {@link REACTIONS} is not shown. */
  react(person: string, detail: string): void {
    const emoji = REACTIONS.find((known) => known === detail)
    if (!emoji) return
    const it = { id: String(++this.count), person, emoji }
    this.raised = [...this.raised, { it, at: this.now() }].slice(-REACTIONS_AT_MOST)
    this.changed()
  }

  /** To be called about once a second. */
  tick(): void {
    const now = this.now()
    this.recent = this.recent.filter(({ at }) => now - at < SHOWN_MS)
    this.raised = this.raised.filter(({ at }) => now - at < REACTION_MS)
  }
}
