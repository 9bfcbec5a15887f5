import { Problem } from '../../api/problems'
import type { PeopleWords } from '../../i18n/people.en'
import { VaultTrouble } from '../../people/content'
import { UnsafeKdf } from '../../people/kdf'
import { PasskeyTrouble } from '../../people/passkeys'

export type Said = { heading: string; help: string }

/** What went wrong on the way in, in words. */
export function saidOf(error: unknown, words: PeopleWords): Said {
  const t = words.signIn
  if (error instanceof PasskeyTrouble) return t.passkeyRefused
  if (error instanceof VaultTrouble)
    return error.kind === 'rolled_back' ? words.vault.rolledBack : words.vault.unreadable
  if (error instanceof UnsafeKdf) return t.unsafe
  if (!(error instanceof Problem)) return t.counting
  switch (error.code) {
    case 'too_many_attempts':
      return { heading: t.tooMany.heading, help: t.tooMany.help(error.retryAfter ?? 60) }
    case 'unreachable':
      return t.unreachable
    case 'malformed':
      return words.invitation.expired
    default:
      return t.failed
  }
}
