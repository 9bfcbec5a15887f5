import type { Happening, InCall, Knock, Person, Reaction } from '../../call/model'
import type { CallWords } from '../../i18n/call.en'

export type Change = { joined: string[]; left: string[]; screens: string[] }

/** Names of the others who came, went or began to share between two looks; nothing at the first. */
export function changeOf(before: readonly Person[] | undefined, now: readonly Person[]): Change {
  if (!before) return { joined: [], left: [], screens: [] }
  const [was, is] = [byId(before), byId(now)]
  const others = now.filter(({ me }) => !me)
  const namesOf = (people: Person[]) => people.map(({ name }) => name)
  return {
    joined: namesOf(others.filter(({ id }) => !was.has(id))),
    left: namesOf(before.filter(({ id, me }) => !me && !is.has(id))),
    screens: namesOf(others.filter(({ id, screen }) => screen && !was.get(id)?.screen)),
  }
}

/** One short sentence; many at once are counted, not named. */
export function sentenceOf({ joined, left, screens }: Change, say: CallWords['announce']): string {
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

/** Who is at the door; of several only how many. */
export function knockSentence(fresh: readonly Knock[], waiting: number, t: CallWords): string {
  const [knock] = fresh
  if (!knock || fresh.length > 1) return t.knocks.many(waiting)
  const { name, code, imitates, returning } = knock
  const parts = [t.knocks.one(name), `${t.knocks.code} ${code}`]
  if (imitates) parts.push(t.similar(imitates))
  if (returning) parts.push(t.knocks.returning)
  return parts.join('. ')
}

/** `unseen`: shown on somebody's picture already. */
export type News = { text: string; unseen: boolean }

/** What is new in the call since the last look; each thing once. */
export class Reporter {
  private people: readonly Person[] | undefined
  private told = new Set<string>()

  look({ people, happenings, reactions }: InCall, t: CallWords): News[] {
    const change = sentenceOf(changeOf(this.people, people), t.announce)
    this.people = people
    const told = this.told
    this.told = new Set([...happenings, ...reactions].map(({ id }) => id))
    return [
      ...(change ? [{ text: change, unseen: false }] : []),
      ...happenings
        .filter(({ id }) => !told.has(id))
        .map((happening) => ({ text: happened(happening, t), unseen: false })),
      ...reactions.filter(({ id }) => !told.has(id)).map((one) => ({ text: reacted(one, people, t), unseen: true })),
    ].filter(({ text }) => text !== '')
  }
}

function happened(happening: Happening, t: CallWords): string {
  if (happening.what === 'failed') return t.failed[happening.why ?? 'unknown']
  return t.happened[happening.what](happening.by, 'name' in happening ? happening.name : '')
}

/** Nothing about somebody who has left since. */
function reacted({ person, emoji }: Reaction, people: readonly Person[], t: CallWords): string {
  const who = people.find(({ id }) => id === person)
  return who ? `${who.me ? t.you(who.name) : who.name}: ${t.reactions[emoji]}` : ''
}
