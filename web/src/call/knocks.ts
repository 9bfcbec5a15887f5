import { codeOf, type Place } from './admission'
import type { SealedKnock } from './events-socket'
import { imitatedBy, skeleton } from './imitation'
import { openKnock } from './lobby'
import type { Knock } from './model'

/** As many as the server lets wait: a bound on what a hostile one can make this page hold. */
const KNOCKS_LIMIT = 200

type Opened = Knock & { place: Place }

/** Who waits in front of the door, as hosts and co-hosts see them. What cannot be opened is nobody. */
export class Knocks {
  private open = new Map<string, Opened>()

  constructor(
    private readonly key: CryptoKey,
    private readonly at: { meeting: string; session: string },
    /** names of those who were removed from this opening */
    private readonly removed: () => readonly string[],
    /** names of those who are in the meeting */
    private readonly inside: () => readonly string[],
  ) {}

  /** All that are open, as `welcome` brings them. Who is among them before and after was never away. */
  async welcome(knocks: unknown): Promise<void> {
    const all = Array.isArray(knocks) ? knocks.slice(0, KNOCKS_LIMIT) : []
    const opened = await Promise.all(all.map((knock) => this.opened(knock)))
    this.open = new Map(opened.flatMap((knock) => (knock ? [[knock.id, knock]] : [])))
  }

  async come(message: SealedKnock | null): Promise<void> {
    if (this.open.size >= KNOCKS_LIMIT) return
    const knock = await this.opened(message)
    if (knock) this.open.set(knock.id, knock)
  }

  /** Names that have come up inside. */
  compare(names: readonly string[]): void {
    for (const [id, knock] of this.open) if (!knock.imitates) this.open.set(id, compared(knock, names))
  }

  over(pseudonym: unknown): void {
    this.open.delete(String(pseudonym))
  }

  clear(): void {
    this.open.clear()
  }

  get(id: string): Opened | undefined {
    return this.open.get(id)
  }

  answer(id: string, answered: boolean): void {
    const knock = this.open.get(id)
    if (knock) this.open.set(id, { ...knock, answered })
  }

  unanswered(): string[] {
    return [...this.open.values()].filter(({ answered }) => !answered).map(({ id }) => id)
  }

  list(): Knock[] {
    return [...this.open.values()].map(({ place: _, ...knock }) => knock)
  }

  private async opened(message: SealedKnock | null): Promise<Opened | undefined> {
    const { pseudonym, knock } = message ?? {}
    if (typeof pseudonym !== 'string') return undefined
    const text = await openKnock(this.key, { ...this.at, pseudonym }, knock)
    if (!text) return undefined
    const place = { ...this.at, pseudonym, key: text.key }
    const known = this.removed().some((name) => skeleton(name) === skeleton(text.name))
    const opened = {
      id: pseudonym,
      name: text.name,
      // Of the key that will be certified: whoever reads out the same code holds that one.
      code: await codeOf(place),
      returning: text.returning === true || known,
      answered: false,
      place,
    }
    return compared(opened, this.inside())
  }
}

function compared(knock: Opened, names: readonly string[]): Opened {
  const imitates = imitatedBy(knock.name, names)
  return imitates === undefined ? knock : { ...knock, imitates }
}
