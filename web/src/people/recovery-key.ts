import { type Bytes, randomBytes } from '../call/bytes'

/** Crockford's base 32: no I, L, O, U, so that it can be read aloud and typed from paper. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const BYTES = 20
const CHARACTERS = 32
const GROUP = /.{4}/g

export type RecoveryKey = { bytes: Bytes; text: string }

export function newRecoveryKey(): RecoveryKey {
  const bytes = randomBytes(BYTES)
  return { bytes, text: printRecoveryKey(bytes) }
}

/** Eight groups of four characters. */
export function printRecoveryKey(bytes: Bytes): string {
  let bits = 0
  let held = 0
  let text = ''
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  return (text.match(GROUP) ?? []).join(' ')
}

/** However it was grouped, and with the letters that are taken for figures. `undefined` when it is none. */
export function parseRecoveryKey(text: string): Bytes | undefined {
  const plain = text.slice(0, 200).toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  const values = [...plain].map((character) => ALPHABET.indexOf(character))
  if (values.length !== CHARACTERS || values.includes(-1)) return undefined
  const bytes = new Uint8Array(BYTES)
  values.forEach((value, at) => {
    for (let bit = 0; bit < 5; bit++) {
      const place = at * 5 + bit
      const set = (value >> (4 - bit)) & 1
      bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (set << (7 - (place & 7)))
    }
  })
  return bytes
}
