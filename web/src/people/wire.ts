/** Bodies of what is said about accounts, by the names the client uses. Bytes are base64url without padding. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser'
import type { components } from '../api/schema.gen'

type Schemas = components['schemas']

/** How a password becomes keys, see `derivation.ts`. */
export type Kdf = Schemas['Kdf']

/** The vault's key, sealed by another one. `id`: that of the passkey, as WebAuthn spells it; else empty. */
export type Wrap = Schemas['Wrap']
export type WrapKind = Wrap['kind']
export type VaultAnswer = Schemas['VaultAnswer']

export type SessionAnswer = Schemas['SessionAnswer']
export type AccountRole = Schemas['AccountShown']['role']
export type NoticeKind = Schemas['NoticeShown']['kind']

/** What WebAuthn says is the browser's matter, and nothing that the server describes. */
export type PasskeyRequest = { challenge: string; options: PublicKeyCredentialRequestOptionsJSON }
export type PasskeyCreation = { challenge: string; options: PublicKeyCredentialCreationOptionsJSON }
export type PasskeyAnswer = { challenge: string; credential: AuthenticationResponseJSON }

/** `wrap`: the vault's key sealed by this passkey's, once its PRF output is known; else null, and later. */
export type NewPasskey = { challenge: string; credential: RegistrationResponseJSON; label: string; wrap: string | null }

/** `account`: the id that the account has or will have. */
export type InvitationAnswer = Schemas['InvitationShown']
export type Acceptance = Omit<Schemas['InvitationAcceptance'], 'passkey'> & { passkey: NewPasskey | null }

export type AccountAnswer = Schemas['AccountAnswer']

/** `current`: the sign-in key held so far, null without one. `wrap`: the vault's key sealed by the new password's. */
export type NewPassword = Schemas['PasswordChange']
export type TotpSecret = Schemas['Enrolment']
/** Shown once. */
export type BackupCodes = Schemas['BackupCodes']

export type Person = Schemas['PersonShown']
export type PendingInvitation = Schemas['OpenInvitation']
export type PeopleAnswer = Schemas['PeopleAnswer']
export type MadeInvitation = Schemas['InvitationMade']
export type RunningMeeting = Schemas['RunningMeeting']
export type ShownSetting = Schemas['SettingShown']
export type EngineAnswer = Schemas['EngineAnswer']
