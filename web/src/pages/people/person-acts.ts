import type { AdminWords } from '../../i18n/admin.en'
import type { AccountRole, Person } from '../../people/wire'

/** What is asked before something is done to somebody. */
export type Question =
  | { about: 'role'; person: Person; role: AccountRole }
  | { about: 'disable' | 'secondFactor' | 'remove'; person: Person }

export type Asked = { heading: string; lines: string[]; confirm: string }

export function asked(question: Question, t: AdminWords['ask'], roles: Record<AccountRole, string>): Asked {
  const { name } = question.person
  if (question.about === 'role') {
    const { heading, help, administrator, confirm } = t.role
    const lines = question.role === 'administrator' ? [administrator, help] : [help]
    return { heading: heading(name, roles[question.role]), lines, confirm }
  }
  const { heading, help, confirm } = t[question.about]
  return { heading: heading(name), lines: [help], confirm }
}

/** How somebody signs in, in the words of a list. */
export function meansOf(person: Person, t: AdminWords['people']): string {
  const means = [
    person.passkeys > 0 ? t.passkeys(person.passkeys) : undefined,
    person.password ? (person.totp ? t.passwordAndCode : t.password) : undefined,
    person.provider ? t.provider : undefined,
  ]
  return means.filter((each) => each !== undefined).join(', ') || t.noMeans
}
