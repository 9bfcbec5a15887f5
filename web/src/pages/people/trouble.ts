import { Problem, type ProblemCode } from '../../api/problems'
import type { PeopleWords } from '../../i18n/people.en'
import { VaultTrouble } from '../../people/content'
import { UnsafeKdf } from '../../people/kdf'
import { PasskeyTrouble } from '../../people/passkeys'

/** `older`: the server shows an older vault than before, which the person may choose to go on with. */
export type Said = { heading: string; help: string; older?: true }

/** What went wrong on the way in, in words. */
export function saidOf(error: unknown, words: PeopleWords): Said {
  const t = words.signIn
  if (error instanceof PasskeyTrouble) return error.kind === 'expired' ? t.passkeyExpired : t.passkeyRefused
  if (error instanceof VaultTrouble)
    return error.kind === 'rolled_back' ? { ...words.vault.rolledBack, older: true } : words.vault.unreadable
  if (error instanceof UnsafeKdf) return t.unsafe
  if (!(error instanceof Problem)) return t.counting
  switch (error.code) {
    case 'too_many_attempts':
      return { heading: t.tooMany.heading, help: t.tooMany.help(error.retryAfter ?? 60) }
    case 'unreachable':
      return t.unreachable
    case 'signin_needed':
      return t.signedOut
    case 'second_factor_required':
      return t.secondFactor
    default:
      return t.failed
  }
}

export function isProblem(error: unknown, ...codes: ProblemCode[]): boolean {
  return error instanceof Problem && codes.includes(error.code)
}
