import { Problem } from '../../api/problems'
import { de } from '../../i18n/refusals.de'
import { en, type RefusalWords } from '../../i18n/refusals.en'
import { useSpeech } from '../../i18n/speech.svelte'
import { VaultTrouble } from '../../people/content'
import { UnsafeKdf } from '../../people/kdf'
import { PasskeyTrouble, type PasskeyTroubleKind } from '../../people/passkeys'

const WORDS = { en, de }

/** The names of roles, and what stands beside a control that was refused. */
export function useRefusalWords(): () => RefusalWords {
  const speech = useSpeech()
  return () => WORDS[speech.language]
}

export type RefusalKind = keyof RefusalWords['refusals']

/** `retryAfter`: seconds, only with `tooMany` */
export type Refused = { kind: RefusalKind; retryAfter?: number }

/** Codes that are missing here mean that the server failed, or that the two lost each other's thread. */
const KINDS: Partial<Record<string, RefusalKind>> = {
  signin_needed: 'signedOut',
  second_factor_required: 'secondFactor',
  not_allowed: 'notAllowed',
  last_administrator: 'lastAdministrator',
  last_means: 'lastMeans',
  code_refused: 'wrongCode',
  signin_refused: 'wrongPassword',
  too_many_attempts: 'tooMany',
  not_found: 'gone',
  vault_outdated: 'outdated',
  name_taken: 'nameTaken',
  malformed: 'notTaken',
  too_large: 'notTaken',
  unreachable: 'unreachable',
  storage_unavailable: 'unreachable',
}

const PASSKEYS: Record<PasskeyTroubleKind, RefusalKind> = {
  refused: 'noPasskey',
  exists: 'passkeyExists',
  expired: 'passkeyExpired',
  unsupported: 'passkeysImpossible',
}

export function refusalOf(error: unknown): Refused {
  if (error instanceof PasskeyTrouble) return { kind: PASSKEYS[error.kind] }
  if (error instanceof VaultTrouble) return { kind: error.kind === 'contended' ? 'outdated' : 'vaultUnreadable' }
  if (error instanceof UnsafeKdf) return { kind: 'unsafe' }
  if (!(error instanceof Problem)) return { kind: 'failed' }
  const kind = KINDS[error.code] ?? 'failed'
  return { kind, ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }) }
}
