import { imitatedBy } from './imitation'

/** Names in the order in which they came up: of two that look alike the later one is the imitation. */
export class NameOrder {
  private readonly names = new Map<string, string>()
  private readonly marked = new Map<string, string>()

  /** One's own name keeps its place, whatever it is changed to, and imitates nobody. */
  own(id: string, name: string): void {
    this.names.set(id, name)
  }

  /** Whether it is a new one. */
  take(id: string, name: string): boolean {
    if (this.names.get(id) === name) return false
    this.names.delete(id)
    const imitated = imitatedBy(name, [...this.names.values()])
    this.names.set(id, name)
    if (imitated === undefined) this.marked.delete(id)
    else this.marked.set(id, imitated)
    return true
  }

  /** Whoever is not among `ids` has left, and is imitated no more. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.names.keys()) {
      if (ids.has(id)) continue
      this.names.delete(id)
      this.marked.delete(id)
    }
  }

  imitates(id: string): string | undefined {
    const imitated = this.marked.get(id)
    const isThere = [...this.names].some(([other, name]) => other !== id && name === imitated)
    return isThere ? imitated : undefined
  }
}
