import { expect, it } from 'vitest'
import vectors from '../../../tests/vectors/people.json'
import { fromBase64url } from '../call/bytes'
import { deriveKeys } from './derivation'
import { parseRecoveryKey, printRecoveryKey } from './recovery-key'
import { importVaultKey, type Means, openBlob, passkeyMeans, passwordMeans, recoveryMeans, unwrap } from './vault'
import type { Kdf, Wrap } from './wire'

const bytes = (text: string) => fromBase64url(text) ?? new Uint8Array()
const keys = await deriveKeys(vectors.password, vectors.kdf as Kdf)
const recovery = parseRecoveryKey(vectors.recovery_key) ?? new Uint8Array()

it('a password makes the sign-in key that another implementation makes', () => {
  expect(keys.signIn).toBe(vectors.sign_in_key)
})

it.for([
  ['password', async () => passwordMeans(keys)],
  ['passkey', () => passkeyMeans(vectors.wraps[1]?.id ?? '', bytes(vectors.prf))],
  ['recovery', () => recoveryMeans(recovery)],
] as [string, () => Promise<Means>][])('what another implementation sealed by %s opens', async ([, means]) => {
  expect(await unwrap(await means(), vectors.account, vectors.wraps as Wrap[])).toEqual(bytes(vectors.vault_key))
})

it('a recovery key is written alike', () => {
  expect(printRecoveryKey(recovery)).toBe(vectors.recovery_key)
})

it('a vault that another implementation sealed is read', async () => {
  const key = await importVaultKey(bytes(vectors.vault_key))
  expect(await openBlob(key, vectors.account, vectors.version, vectors.blob)).toEqual({ v: 1, meetings: [] })
})
