import { type Bytes, fromBase64url, isSized, randomBytes, sameBytes, toBase64url, utf8 } from './bytes'

/** Sealed values are longer than this neither when made nor when opened (characters). */
export const SEALED_LIMIT = 8192

const NONCE_BYTES = 12
const PADDING = 256

/** Something sealed could not be opened: wrong key, tampered with, of somebody or something else. */
export class NotOpened extends Error {}

/** `S`, imported once; the text it came from lives in the address bar only. */
export type MeetingSecret = { readonly material: CryptoKey }

export function newSecret(): string {
  return toBase64url(randomBytes(32))
}

/** `secret`: 43 characters, as {@link MeetingLink} has them. Throws when they are not. */
export async function importSecret(secret: string): Promise<MeetingSecret> {
  const bytes = fromBase64url(secret, 32)
  if (!bytes) throw new TypeError('a meeting secret has 32 bytes')
  return { material: await hkdfMaterial(bytes) }
}

export async function linkProof(secret: MeetingSecret): Promise<string> {
  return toBase64url(await derive(secret, 'klausur link proof'))
}

/** What the server holds of a proof: SHA-256 of its bytes. */
export async function proofHash(proof: string): Promise<string> {
  const bytes = fromBase64url(proof, 32)
  if (!bytes) throw new TypeError('a link proof has 32 bytes')
  return toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

export async function cardKey(secret: MeetingSecret): Promise<CryptoKey> {
  return sealingKey(await derive(secret, 'klausur card v1'))
}

export async function announcementKey(secret: MeetingSecret, session: string): Promise<CryptoKey> {
  return sealingKey(await derive(secret, 'klausur announcement v1', session))
}

export async function lobbyKey(secret: MeetingSecret, session: string): Promise<CryptoKey> {
  return sealingKey(await derive(secret, 'klausur lobby v1', session))
}

export async function actsKey(secret: MeetingSecret, session: string): Promise<CryptoKey> {
  return sealingKey(await derive(secret, 'klausur acts v1', session))
}

/** HMAC-SHA-256: who has it has the link, which is all that a meeting without a waiting room asks. */
export async function admissionKey(secret: MeetingSecret, session: string): Promise<CryptoKey> {
  const bytes = await derive(secret, 'klausur admission v1', session)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

/** The key of one sender's media; `salt` from its announcement. For the media worker, which derives from it again. */
export async function mediaKey(
  secret: MeetingSecret,
  session: string,
  pseudonym: string,
  salt: string,
): Promise<CryptoKey> {
  return hkdfMaterial(await derive(secret, `klausur media v1|${pseudonym}|${salt}`, session))
}

export function cardContext(meeting: string): string {
  return `klausur card v1|${meeting}`
}

export function announcementContext(meeting: string, session: string, pseudonym: string): string {
  return `klausur announcement v1|${meeting}|${session}|${pseudonym}`
}

/** AES-256-GCM; `context` is authenticated, not contained. JSON padded to a multiple of 256 bytes. */
export async function seal(key: CryptoKey, context: string, value: unknown): Promise<string> {
  const text = await sealBytes(key, context, padded(utf8(JSON.stringify(value)), PADDING))
  if (text.length > SEALED_LIMIT) throw new RangeError('too much to seal')
  return text
}

/** Throws {@link NotOpened}. */
export async function open(key: CryptoKey, context: string, sealed: unknown): Promise<unknown> {
  const plain = await openBytes(key, context, sealed, SEALED_LIMIT)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
  } catch {
    throw new NotOpened('wrong content')
  }
}

/** `base64url(nonce ‖ ciphertext ‖ tag)` */
export async function sealBytes(key: CryptoKey, context: string, plain: Bytes): Promise<string> {
  const nonce = randomBytes(NONCE_BYTES)
  return toBase64url(joined(nonce, new Uint8Array(await crypto.subtle.encrypt(gcm(nonce, context), key, plain))))
}

/** `limit` in characters. Throws {@link NotOpened}. */
export async function openBytes(key: CryptoKey, context: string, sealed: unknown, limit: number): Promise<Bytes> {
  const bytes = typeof sealed === 'string' && sealed.length <= limit ? fromBase64url(sealed) : undefined
  if (!bytes) throw new NotOpened('malformed')
  try {
    const nonce = bytes.slice(0, NONCE_BYTES)
    return new Uint8Array(await crypto.subtle.decrypt(gcm(nonce, context), key, bytes.slice(NONCE_BYTES)))
  } catch {
    throw new NotOpened('wrong key, context or content')
  }
}

/** With spaces, to a multiple of `step` bytes. */
export function padded(bytes: Bytes, step: number): Bytes {
  const result = new Uint8Array(Math.ceil(bytes.length / step) * step).fill(0x20)
  result.set(bytes)
  return result
}

/** Extractable, because it has to move between the host's devices: by the host link, later by the vault. */
export function newHostKey(): Promise<CryptoKeyPair> {
  return newSigningKey(true)
}

/** `extractable`: the private half; the public one always is. */
export function newSigningKey(extractable: boolean): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey('Ed25519', extractable, ['sign', 'verify']) as Promise<CryptoKeyPair>
}

/** Ed25519 over the UTF-8 of `text`, 86 characters. */
export async function signText(privateKey: CryptoKey, text: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, utf8(text))))
}

/** False for anything malformed. `publicKey`: raw, base64url. */
export async function verifyText(publicKey: unknown, signature: unknown, text: string): Promise<boolean> {
  if (!isSized(publicKey, 32) || !isSized(signature, 64)) return false
  try {
    const key = await crypto.subtle.importKey('raw', bytesOf(publicKey), 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, bytesOf(signature), utf8(text))
  } catch {
    // 32 bytes that are no point of the curve
    return false
  }
}

/** Raw Ed25519 public key, 32 bytes as base64url. */
export async function publicKeyOf(pair: CryptoKeyPair): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
}

/** `HK`: first 16 bytes of SHA-256 of the raw public key. */
export async function fingerprint(publicKey: string): Promise<string> {
  return toBase64url(await fingerprintBytes(publicKey))
}

/** Whether the key the server names is the one the link speaks of. False for anything malformed. */
export async function isHostKey(publicKey: unknown, host: string): Promise<boolean> {
  const expected = fromBase64url(host, 16)
  if (!expected || !isSized(publicKey, 32)) return false
  return sameBytes(await fingerprintBytes(publicKey), expected)
}

/** The host's signature under a card: over UTF-8 `klausur card v1|M|version|sealed`. */
export function signCard(key: CryptoKey, meeting: string, version: number, sealed: string): Promise<string> {
  return signText(key, `${cardContext(meeting)}|${version}|${sealed}`)
}

function bytesOf(text: string): Bytes {
  return fromBase64url(text) ?? new Uint8Array()
}

async function fingerprintBytes(publicKey: string): Promise<Bytes> {
  const raw = fromBase64url(publicKey, 32)
  if (!raw) throw new TypeError('an Ed25519 public key has 32 bytes')
  return new Uint8Array(await crypto.subtle.digest('SHA-256', raw)).slice(0, 16)
}

function hkdfMaterial(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits', 'deriveKey'])
}

function sealingKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** HKDF-SHA-256 to 32 bytes; the salt is empty unless a session (22 characters) is named. */
async function derive(secret: MeetingSecret, info: string, session?: string): Promise<Bytes> {
  const salt = session === undefined ? new Uint8Array() : fromBase64url(session, 16)
  if (!salt) throw new TypeError('a session id has 16 bytes')
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(info) }
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, secret.material, 256))
}

function gcm(nonce: Bytes, context: string): AesGcmParams {
  return { name: 'AES-GCM', iv: nonce, additionalData: utf8(context) }
}

function joined(a: Bytes, b: Bytes): Bytes {
  const result = new Uint8Array(a.length + b.length)
  result.set(a)
  result.set(b, a.length)
  return result
}
