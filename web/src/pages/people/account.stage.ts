import { expect, vi } from 'vitest'
import { type Bytes, utf8 } from '../../call/bytes'
import { en } from '../../i18n/account.en'
import { en as people } from '../../i18n/people.en'
import type { DerivedKeys } from '../../people/derivation'
import { checkKdf } from '../../people/kdf'
import { type Authenticator, Passkeys } from '../../people/passkeys'
import { PasswordKeys } from '../../people/password-keys'
import { freshVault, passkeyMeans, unwrap } from '../../people/vault'
import type { AccountAnswer, Kdf, SessionAnswer, VaultAnswer, Wrap } from '../../people/wire'
import { eventually, House, see, type } from '../pages.stage'
import { ADAS_ACCOUNT, click, named, peopleAt, Registry, SIGNED_IN } from './people.stage'

export const PASSWORD = 'otter gravel lantern seven'
export const KDF: Kdf = { v: 1, salt: 'AAAAAAAAAAAAAAAAAAAAAA', memory_kib: 65_536, passes: 3, lanes: 1 }

/** In place of the worker: what it takes minutes to guess is not what these stories are about. */
export class QuickKeys extends PasswordKeys {
  override async derive(password: string, kdf: Kdf): Promise<DerivedKeys> {
    checkKdf(kdf)
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

/** A vault that the password opens; `raw` is its key. */
export async function vaultOf(account: AccountAnswer, registry: Registry): Promise<{ raw: Bytes; holds: VaultAnswer }> {
  const { wrapping } = await new QuickKeys().derive(PASSWORD, KDF)
  const fresh = await freshVault(account.id, account.vault.version, [{ kind: 'password', id: '', wrapping }])
  const { version } = account.vault
  const holds: VaultAnswer = { account: account.id, version, blob: fresh.blob, wraps: fresh.wraps }
  registry.answer('GET /api/vault', () => holds).answer('POST /api/signin/password/kdf', { kdf: KDF })
  return { raw: fresh.raw, holds }
}

export async function openedByPassword(account: string, password: string, kdf: Kdf, wrapped: string) {
  const { wrapping } = await new QuickKeys().derive(password, kdf)
  return unwrap({ kind: 'password', id: '', wrapping }, account, [{ kind: 'password', id: '', wrapped }])
}

export async function openedByPasskey(account: string, id: string, wrapped: string) {
  return unwrap(await passkeyMeans(id, PRF), account, [{ kind: 'passkey', id, wrapped } satisfies Wrap])
}

/** Ada's account as the server tells it, and her browser at it. */
export class AdaOnStage {
  account: AccountAnswer = ADAS_ACCOUNT
  session: SessionAnswer = SIGNED_IN
  readonly house = new House()
  readonly registry = new Registry()
    .answer('GET /api/session', () => this.session)
    .answer('GET /api/account', () => this.account)
    .answer('POST /api/account/passkeys/options', {
      challenge: 'c',
      options: { challenge: 'AAAA', rp: { id: 'localhost', name: 'Klausur' } },
    })
    .answer('POST /api/account/passkeys', { id: 'new' })
  /** the vault's key */
  raw: Bytes = new Uint8Array()
  /** as the server holds it */
  vault: VaultAnswer = { account: 'a', version: 0, blob: null, wraps: [] }

  static async open(): Promise<AdaOnStage> {
    vi.spyOn(window, 'scrollTo').mockReturnValue()
    const ada = new AdaOnStage()
    const { raw, holds } = await vaultOf(ada.account, ada.registry)
    ada.raw = raw
    ada.vault = holds
    ada.come()
    return ada
  }

  come(passkeys = authenticator(PRF)): void {
    this.house.people = peopleAt(this.registry, new QuickKeys(), passkeys)
  }

  /** the body of what was asked to be changed so */
  changed<T>(what: string): T | undefined {
    return this.registry.changes.find((change) => change.what === what)?.body as T | undefined
  }
}

export async function alertReads(words: string, where: HTMLElement): Promise<void> {
  await eventually(() => expect(where.querySelector('[role=alert]')?.textContent).toContain(words))
}

/** What the page asks for where it does not have the vault's key. */
export async function openVault(): Promise<void> {
  await see('h2', en.unlock.heading)
  const dialog = document.querySelector<HTMLElement>('dialog[open]') ?? undefined
  type(await named('input', people.vault.password, dialog), PASSWORD)
  await click(people.vault.byPassword, dialog)
}
