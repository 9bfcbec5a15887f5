/** Facts as they are asked for: by group, in the server's order. */
import type { Fact, Text } from './wire'

export type Group = { name: Text; facts: Fact[] }

export function groupsOf(facts: readonly Fact[]): Group[] {
  const groups = new Map<string, Group>()
  for (const fact of facts) {
    const key = JSON.stringify([fact.group.de, fact.group.en])
    const group = groups.get(key) ?? { name: fact.group, facts: [] }
    groups.set(key, group)
    group.facts.push(fact)
  }
  return [...groups.values()]
}

/** How many of them only a person can say, and nobody has. */
export function missingIn(facts: readonly Fact[]): number {
  return facts.filter(({ editable, value }) => editable && value === null).length
}
