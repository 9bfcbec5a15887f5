import { type Bytes, utf8 } from '../call/bytes'

/** HKDF-SHA-256 (RFC 5869) with an empty salt, to 32 bytes. */
export async function hkdf(secret: Bytes, info: string): Promise<Bytes> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(info) }
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, material, 256))
}

/** A key that seals another key, and that nobody can read out again. */
export async function wrappingKey(secret: Bytes, info: string): Promise<CryptoKey> {
  const bytes = await hkdf(secret, info)
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}
