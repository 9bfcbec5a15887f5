import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser'
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser'
import { Problem } from '../api/problems'
import { type Bytes, randomBytes, toBase64url, utf8 } from '../call/bytes'
import type { PasskeyAnswer, PasskeyCreation, PasskeyRequest } from './wire'

/** The same input for every account: the passkey's own secret makes the output different. */
const PRF = { prf: { eval: { first: utf8('klausur vault v1') } } }

export type PasskeyTroubleKind =
  /** cancelled, timed out, or none here */
  | 'refused'
  /** this device already holds one of the account */
  | 'exists'
  /** the server does not wait for this answer any more */
  | 'expired'
  /** the browser or this address cannot have any */
  | 'unsupported'

export class PasskeyTrouble extends Error {
  constructor(readonly kind: PasskeyTroubleKind) {
    super(kind)
    this.name = 'PasskeyTrouble'
  }
}

/** Of an answer to the server's challenge that it does not take: it waits for each a few minutes, and for none twice. */
export async function inTime<T>(sent: Promise<T>): Promise<T> {
  try {
    return await sent
  } catch (problem) {
    throw problem instanceof Problem && problem.code === 'malformed' ? new PasskeyTrouble('expired') : problem
  }
}

/** `prf`: 32 bytes for the vault, where the passkey makes any. They stay here; `answer` is without them. */
export type Asked = { answer: PasskeyAnswer; id: string; prf: Bytes | undefined }
export type Made = { challenge: string; credential: RegistrationResponseJSON; id: string; prf: Bytes | undefined }

/** The browser's side of them, with `@simplewebauthn/browser` in place of it in tests. */
export type Authenticator = {
  supported(): boolean
  create: typeof startRegistration
  get: typeof startAuthentication
}

const BROWSERS: Authenticator = {
  supported: browserSupportsWebAuthn,
  create: startRegistration,
  get: startAuthentication,
}

/** Methods throw {@link PasskeyTrouble}. */
export class Passkeys {
  constructor(private readonly browser: Authenticator = BROWSERS) {}

  get supported(): boolean {
    return this.browser.supported()
  }

  async ask({ challenge, options }: PasskeyRequest): Promise<Asked> {
    const credential = await this.get(options)
    return {
      answer: { challenge, credential: { ...credential, clientExtensionResults: {} } },
      id: credential.id,
      prf: prfOf(credential),
    }
  }

  /**
   * A new one. Many tell their PRF output only when they are used: they are then asked a second time, by a challenge of
   * our own that goes nowhere. Who refuses that has a passkey that signs in and opens no vault.
   */
  async create({ challenge, options }: PasskeyCreation): Promise<Made> {
    const credential = await this.made(options)
    const prf = prfOf(credential) ?? (await this.secondAnswer(credential, options.rp.id))
    return { challenge, credential: { ...credential, clientExtensionResults: {} }, id: credential.id, prf }
  }

  /** Asks one of these passkeys for its output alone: nothing of it leaves the browser. */
  async prf(ids: string[], rpId?: string): Promise<Prf | undefined> {
    const credential = await this.get({
      challenge: toBase64url(randomBytes(32)),
      allowCredentials: ids.map((id) => ({ id, type: 'public-key' })),
      userVerification: 'required',
      ...(rpId === undefined ? {} : { rpId }),
    })
    const bytes = prfOf(credential)
    return bytes && { id: credential.id, bytes }
  }

  private async secondAnswer(
    credential: RegistrationResponseJSON,
    rpId: string | undefined,
  ): Promise<Bytes | undefined> {
    if (prfResults(credential)?.enabled === false) return undefined
    const prf = await this.prf([credential.id], rpId).catch(() => undefined)
    return prf?.bytes
  }

  private async get(options: PublicKeyCredentialRequestOptionsJSON): Promise<AuthenticationResponseJSON> {
    if (!this.supported) throw new PasskeyTrouble('unsupported')
    try {
      return await this.browser.get({ optionsJSON: { ...options, extensions: PRF } })
    } catch (error) {
      throw troubleOf(error)
    }
  }

  private async made(options: PasskeyCreation['options']): Promise<RegistrationResponseJSON> {
    if (!this.supported) throw new PasskeyTrouble('unsupported')
    try {
      return await this.browser.create({ optionsJSON: { ...options, extensions: PRF } })
    } catch (error) {
      throw troubleOf(error)
    }
  }
}

/** `id`: of the passkey that answered. */
export type Prf = { id: string; bytes: Bytes }

type WithResults = { clientExtensionResults: AuthenticationResponseJSON['clientExtensionResults'] }

function prfResults({ clientExtensionResults }: WithResults) {
  return clientExtensionResults.prf
}

function prfOf(credential: WithResults): Bytes | undefined {
  const first: unknown = prfResults(credential)?.results?.first
  const bytes = first instanceof ArrayBuffer ? new Uint8Array(first) : undefined
  return bytes?.length === 32 ? bytes : undefined
}

function troubleOf(error: unknown): PasskeyTrouble {
  const name = error instanceof Error ? error.name : ''
  if (name === 'InvalidStateError') return new PasskeyTrouble('exists')
  if (name === 'SecurityError' || name === 'NotSupportedError') return new PasskeyTrouble('unsupported')
  return new PasskeyTrouble('refused')
}
