import type { Person } from '../../call/model'

/** Those whose hand is up, who raised it first first. */
export function handsOf(people: readonly Person[]): Person[] {
  return people.filter(({ hand }) => hand !== undefined).sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0))
}

/** Place in that order, from 1 on; `undefined` while the hand is down. */
export function handAt(people: readonly Person[], id: string): number | undefined {
  const place = handsOf(people).findIndex((person) => person.id === id)
  return place < 0 ? undefined : place + 1
}
