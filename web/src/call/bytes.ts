/** Binary values as the protocol writes them: base64url without padding (RFC 4648, section 5). */
export type Bytes = Uint8Array<ArrayBuffer>

export function toBase64url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** `undefined` unless the text is the one canonical spelling of exactly `length` bytes (of any number without it). */
export function fromBase64url(text: string, length?: number): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  const fits = length === undefined || bytes.length === length
  return fits && toBase64url(bytes) === text ? bytes : undefined
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** Random id as the protocol's `M`, session and `P` are: 16 bytes, 22 characters. */
export function randomId(): string {
  return toBase64url(randomBytes(16))
}

export function isId(text: unknown): text is string {
  return isSized(text, 16)
}

/** Whether it is the spelling of exactly `length` bytes. */
export function isSized(text: unknown, length: number): text is string {
  return typeof text === 'string' && fromBase64url(text, length) !== undefined
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
