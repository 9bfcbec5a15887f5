/** Bodies of what is said about accounts, in the words of the wire. Bytes are base64url without padding. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser'

export type AccountRole = 'organiser' | 'administrator' | 'auditor'

/** How a password becomes keys, see `password-keys.ts`. */
export type Kdf = { v: 1; salt: string; memory_kib: number; passes: number; lanes: number }

export type WrapKind = 'password' | 'passkey' | 'recovery'

/** The vault's key, sealed by another one. `id`: that of the passkey, as WebAuthn spells it; else empty. */
export type Wrap = { kind: WrapKind; id: string; wrapped: string }

export type VaultAnswer = { version: number; blob: string | null; wraps: Wrap[] }

export type NoticeKind = 'second_factor_reset' | 'credentials_reset' | 'role_changed'

export type SessionAnswer = {
  account: { id: string; name: string; role: AccountRole } | null
  strong: boolean
  has_password: boolean
  has_totp: boolean
  notices: { id: string; kind: NoticeKind; day: string }[]
}

export type PasskeyRequest = { challenge: string; options: PublicKeyCredentialRequestOptionsJSON }
export type PasskeyCreation = { challenge: string; options: PublicKeyCredentialCreationOptionsJSON }
export type PasskeyAnswer = { challenge: string; credential: AuthenticationResponseJSON }

/** `wrap`: the vault's key sealed by this passkey's, once its PRF output is known; else null, and later. */
export type NewPasskey = { challenge: string; credential: RegistrationResponseJSON; label: string; wrap: string | null }

export type InvitationAnswer = {
  kind: 'setup' | 'invitation' | 'reset'
  role: AccountRole
  name: string | null
  /** the id that the account has or will have */
  account: string
  expires_at: string
}

export type Acceptance = {
  token: string
  name: string
  password: { kdf: Kdf; key: string } | null
  passkey: NewPasskey | null
  vault: { blob: string; wraps: Wrap[] } | null
}

export type AccountAnswer = {
  id: string
  name: string
  role: AccountRole
  created_day: string
  password: boolean
  totp: boolean
  backup_codes: number
  provider: boolean
  passkeys: { id: string; label: string; created_day: string; opens_vault: boolean; backed_up: boolean }[]
  sessions: { id: string; began_at: string; browser: string; strong: boolean; here: boolean }[]
  vault: { version: number; bytes: number }
}

/** `current`: the sign-in key held so far, null without one. `wrap`: the vault's key sealed by the new password's. */
export type NewPassword = { kdf: Kdf; key: string; current: string | null; wrap: string | null }

export type TotpSecret = { secret: string; address: string }

/** Shown once. */
export type BackupCodes = { backup_codes: string[] }

export type Person = {
  id: string
  name: string
  role: AccountRole
  created_day: string
  disabled: boolean
  password: boolean
  totp: boolean
  passkeys: number
  provider: boolean
}

export type PendingInvitation = {
  id: string
  kind: InvitationAnswer['kind']
  role: AccountRole
  name: string | null
  expires_at: string
}

export type PeopleAnswer = { people: Person[]; invitations: PendingInvitation[] }
export type MadeInvitation = { id: string; token: string; expires_at: string }
export type RunningMeeting = { id: string; began_at: string; seats: number }

export type ShownSetting = {
  name: string
  value: string | null
  origin: 'environment' | 'file' | 'option' | 'default' | 'generated'
  secret: boolean
  help: string
}

/** `rooms`: null where it does not answer. */
export type EngineAnswer = {
  kind: 'embedded' | 'outside'
  healthy: boolean
  version: string | null
  nodes: number
  rooms: number | null
}
