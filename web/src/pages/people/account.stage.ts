import { type Bytes, utf8 } from '../../call/bytes'
import type { DerivedKeys } from '../../people/derivation'
import { type Authenticator, Passkeys } from '../../people/passkeys'
import { PasswordKeys } from '../../people/password-keys'
import { freshVault, passkeyMeans, unwrap } from '../../people/vault'
import type { AccountAnswer, Kdf, VaultAnswer, Wrap } from '../../people/wire'
import type { Registry } from './people.stage'

export const PASSWORD = 'otter gravel lantern seven'
export const KDF: Kdf = { v: 1, salt: 'AAAAAAAAAAAAAAAAAAAAAA', memory_kib: 65_536, passes: 3, lanes: 1 }

/** In place of the worker: what it takes minutes to guess is not what these stories are about. */
export class QuickKeys extends PasswordKeys {
  override async derive(password: string, kdf: Kdf): Promise<DerivedKeys> {
    const digest = await crypto.subtle.digest('SHA-256', utf8(password + kdf.salt))
    const wrapping = await crypto.subtle.importKey('raw', digest, 'AES-GCM', false, ['encrypt', 'decrypt'])
    return { signIn: `signs-in-with-${password}`, wrapping }
  }
}

export const PRF: Bytes = new Uint8Array(32).fill(7)

/** A device that makes passkeys, or does not (`troubled`). */
export function authenticator(prf: Bytes | undefined, troubled?: string): Passkeys {
  const results = prf ? { prf: { enabled: true, results: { first: prf.buffer } } } : { prf: { enabled: false } }
  const credential = { id: 'new', clientExtensionResults: results }
  const act = async () => {
    if (troubled) throw Object.assign(new Error(), { name: troubled })
    return structuredClone(credential)
  }
  return new Passkeys({ supported: () => true, create: act, get: act } as unknown as Authenticator)
}

/** A vault that a password opens, and its recovery key; `raw` is what both unwrap. */
export async function vaultOf(
  account: AccountAnswer,
  registry: Registry,
): Promise<{ raw: Bytes; recovery: string; holds: VaultAnswer }> {
  const { wrapping } = await new QuickKeys().derive(PASSWORD, KDF)
  const fresh = await freshVault(account.id, account.vault.version, [{ kind: 'password', id: '', wrapping }])
  const holds: VaultAnswer = { version: account.vault.version, blob: fresh.blob, wraps: fresh.wraps }
  registry.answer('GET /api/vault', () => holds).answer('POST /api/signin/password/kdf', { kdf: KDF })
  return { raw: fresh.raw, recovery: fresh.recovery.text, holds }
}

export async function openedByPassword(account: string, password: string, kdf: Kdf, wrapped: string) {
  const { wrapping } = await new QuickKeys().derive(password, kdf)
  return unwrap({ kind: 'password', id: '', wrapping }, account, [{ kind: 'password', id: '', wrapped }])
}

export async function openedByPasskey(account: string, id: string, wrapped: string) {
  return unwrap(await passkeyMeans(id, PRF), account, [{ kind: 'passkey', id, wrapped } satisfies Wrap])
}
