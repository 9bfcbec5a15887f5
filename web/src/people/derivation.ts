import { argon2id } from 'hash-wasm'
import { type Bytes, fromBase64url, toBase64url, utf8 } from '../call/bytes'
import { hkdf, wrappingKey } from './hkdf'
import { checkKdf } from './kdf'
import type { Kdf } from './wire'

/** `signIn` goes to the server, 43 characters; `wrapping` seals the vault's key and stays. */
export type DerivedKeys = { signIn: string; wrapping: CryptoKey }

/** Runs in the worker. What it works with is overwritten as far as the language allows; the rest goes with the worker. */
export async function deriveKeys(password: string, kdf: Kdf): Promise<DerivedKeys> {
  checkKdf(kdf)
  const root = await rootOf(password, kdf)
  try {
    const [signIn, wrapping] = await Promise.all([
      hkdf(root, 'klausur sign-in v1'),
      wrappingKey(root, 'klausur vault by password v1'),
    ])
    return { signIn: toBase64url(signIn), wrapping }
  } finally {
    root.fill(0)
  }
}

/** 32 bytes. The same text typed on another keyboard may be other code points: NFKC makes them one. */
async function rootOf(password: string, { salt, memory_kib, passes, lanes }: Kdf): Promise<Bytes> {
  const root = await argon2id({
    password: utf8(password.normalize('NFKC')),
    salt: fromBase64url(salt, 16) ?? new Uint8Array(),
    memorySize: memory_kib,
    iterations: passes,
    parallelism: lanes,
    hashLength: 32,
    outputType: 'binary',
  })
  return Uint8Array.from(root)
}
