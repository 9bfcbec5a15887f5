import type { Person } from '../../call/model'

export type Change = { joined: string[]; left: string[]; screens: string[] }

/** Names of the others who came, went or began to share between two looks; nothing at the first. */
export function changeOf(before: readonly Person[] | undefined, now: readonly Person[]): Change {
  if (!before) return { joined: [], left: [], screens: [] }
  const [was, is] = [byId(before), byId(now)]
  const others = now.filter(({ me }) => !me)
  return {
    joined: others.filter(({ id }) => !was.has(id)).map(({ name }) => name),
    left: before.filter(({ id, me }) => !me && !is.has(id)).map(({ name }) => name),
    screens: others.filter(({ id, screen }) => screen && !was.get(id)?.screen).map(({ name }) => name),
  }
}

type Said = {
  joined: (name: string) => string
  left: (name: string) => string
  manyJoined: (n: number) => string
  manyLeft: (n: number) => string
  screen: (name: string) => string
}

/** One short sentence; many at once are counted, not named. */
export function sentenceOf({ joined, left, screens }: Change, say: Said): string {
  const parts = [
    ...named(joined, say.joined, say.manyJoined),
    ...named(left, say.left, say.manyLeft),
    ...screens.map(say.screen),
  ]
  return parts.join('. ')
}

function named(names: string[], one: (name: string) => string, many: (n: number) => string): string[] {
  return names.length > 3 ? [many(names.length)] : names.map(one)
}

function byId(people: readonly Person[]): Map<string, Person> {
  return new Map(people.map((person) => [person.id, person]))
}
