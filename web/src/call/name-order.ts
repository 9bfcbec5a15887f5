import { alike, type Looks, looksOf } from './imitation'

type Named = Looks & { name: string; look: number }

/** Nobody was here before oneself, as far as one's own eyes go. */
const OWN = -1

/**
 * Names in the order in which this page has seen them come up: of two that look alike the later one is the imitation.
 * Of those that came up at one look nobody here knows the order, whatever the server says: then each is marked.
 */
export class NameOrder {
  private readonly names = new Map<string, Named>()
  private readonly marked = new Map<string, string>()
  private look = 0

  /** One's own name keeps its place, whatever it is changed to, and imitates nobody. */
  own(id: string, name: string): void {
    this.names.set(id, { ...looksOf(name), name, look: OWN })
    this.judge()
  }

  /** From here on it is later. */
  next(): void {
    this.look += 1
  }

  /** Those whose name is a new one. */
  take<P extends { id: string; name: string }>(people: readonly P[]): P[] {
    const fresh = people.filter(({ id, name }) => this.names.get(id)?.name !== name)
    for (const { id, name } of fresh) this.names.set(id, { ...looksOf(name), name, look: this.look })
    if (fresh.length > 0) this.judge()
    return fresh
  }

  /** Whoever is not among `ids` has left, and is imitated no more. */
  keep(ids: ReadonlySet<string>): void {
    const gone = [...this.names.keys()].filter((id) => !ids.has(id))
    for (const id of gone) this.names.delete(id)
    if (gone.length > 0) this.judge()
  }

  imitates(id: string): string | undefined {
    return this.marked.get(id)
  }

  private judge(): void {
    this.marked.clear()
    const all = [...this.names]
    for (const [id, named] of all) {
      if (named.look === OWN) continue
      const imitated = all.find(([other, its]) => other !== id && its.look <= named.look && alike(its, named))
      if (imitated) this.marked.set(id, imitated[1].name)
    }
  }
}
