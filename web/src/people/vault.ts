import { Problem } from '../api/problems'
import { type Bytes, randomBytes, utf8 } from '../call/bytes'
import { InOrder } from '../call/in-order'
import { openBytes, padded, sealBytes } from '../call/keys'
import type { PeopleApi } from './api'
import { type OpenVault, type VaultContent, VaultTrouble } from './content'
import type { DerivedKeys } from './derivation'
import type { VaultDevice } from './device'
import { wrappingKey } from './hkdf'
import { newRecoveryKey, type RecoveryKey } from './recovery-key'
import type { VaultAnswer, Wrap, WrapKind } from './wire'

/** Of the vault that an account is made with. */
export const FIRST_VERSION = 1
/** Characters of a blob, as the server takes it. */
const BLOB_LIMIT = 1_048_576
/** A sealed key has 80. */
const WRAP_LIMIT = 200
const PADDING = 1024
/** Each time another device was faster. */
const CHANGED_AT_MOST = 5

/** Something that opens the vault: a password, a passkey or the recovery key, with the key made of it. */
export type Means = { kind: WrapKind; id: string; wrapping: CryptoKey }

export function newVaultKey(): Bytes {
  return randomBytes(32)
}

export function importVaultKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

export function passwordMeans({ wrapping }: DerivedKeys): Means {
  return { kind: 'password', id: '', wrapping }
}

/** `prf`: the passkey's output, 32 bytes. */
export async function passkeyMeans(id: string, prf: Bytes): Promise<Means> {
  return { kind: 'passkey', id, wrapping: await wrappingKey(prf, 'klausur vault by passkey v1') }
}

export async function recoveryMeans(bytes: Bytes): Promise<Means> {
  return { kind: 'recovery', id: '', wrapping: await wrappingKey(bytes, 'klausur vault by recovery v1') }
}

export async function wrapFor({ kind, id, wrapping }: Means, account: string, raw: Bytes): Promise<Wrap> {
  return { kind, id, wrapped: await sealBytes(wrapping, wrapContext(account, kind, id), raw) }
}

/** `undefined` when nothing there opens by these means: another password, or not what was sealed. */
export async function unwrap(
  { kind, id, wrapping }: Means,
  account: string,
  wraps: Wrap[],
): Promise<Bytes | undefined> {
  const wrap = wraps.find((candidate) => candidate.kind === kind && candidate.id === id)
  try {
    const raw = await openBytes(wrapping, wrapContext(account, kind, id), wrap?.wrapped, WRAP_LIMIT)
    return raw.length === 32 ? raw : undefined
  } catch {
    return undefined
  }
}

/** A vault that nobody has opened yet, as it goes to the server, and the key to be stored on paper. */
export type FreshVault = { raw: Bytes; recovery: RecoveryKey; blob: string; wraps: Wrap[] }

/** `version`: that the blob will have. The recovery key is among its wraps. */
export async function freshVault(account: string, version: number, means: Means[]): Promise<FreshVault> {
  const raw = newVaultKey()
  const recovery = newRecoveryKey()
  const all = [...means, await recoveryMeans(recovery.bytes)]
  const [key, wraps] = await Promise.all([
    importVaultKey(raw),
    Promise.all(all.map((one) => wrapFor(one, account, raw))),
  ])
  return { raw, recovery, wraps, blob: await sealBlob(key, account, version, { v: 1, meetings: [] }) }
}

/** Throws {@link VaultTrouble} `too_large`. */
export async function sealBlob(key: CryptoKey, account: string, version: number, content: VaultContent) {
  const blob = await sealBytes(key, blobContext(account, version), padded(utf8(JSON.stringify(content)), PADDING))
  if (blob.length > BLOB_LIMIT) throw new VaultTrouble('too_large')
  return blob
}

/** Throws {@link VaultTrouble} `unreadable`. */
export async function openBlob(key: CryptoKey, account: string, version: number, blob: string): Promise<VaultContent> {
  try {
    const plain = await openBytes(key, blobContext(account, version), blob, BLOB_LIMIT)
    const content: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
    if (isContent(content)) return content
  } catch {
    // told below: whatever it is, it is not touched
  }
  throw new VaultTrouble('unreadable')
}

function isContent(value: unknown): value is VaultContent {
  const { v, meetings } = (value ?? {}) as { v?: unknown; meetings?: unknown }
  return v === 1 && Array.isArray(meetings)
}

function blobContext(account: string, version: number): string {
  return `klausur vault v1|${account}|${version}`
}

function wrapContext(account: string, kind: WrapKind, id: string): string {
  return `klausur vault wrap v1|${account}|${kind}|${id}`
}

/**
 * What the server holds of this account. Throws `Problem` `signin_needed` where another tab has signed in as somebody
 * else meanwhile: nothing of one account may be taken for, or put in the place of, the other's.
 */
export async function heldOf(api: Pick<PeopleApi, 'vault'>, account: string): Promise<VaultAnswer> {
  const held = await api.vault()
  if (held.account !== account) throw new Problem('signin_needed')
  return held
}

/** The vault of the account that is signed in, with its key. */
export class AccountVault implements OpenVault {
  private readonly order = new InOrder()

  constructor(
    private readonly api: PeopleApi,
    private readonly device: VaultDevice,
    readonly account: string,
    private readonly key: CryptoKey,
  ) {}

  async read(): Promise<VaultContent> {
    return (await this.newest()).content
  }

  change(edit: (content: VaultContent) => VaultContent): Promise<VaultContent> {
    return this.order.run(() => this.save(edit))
  }

  /** An older one than this browser has seen counts from now on. Throws `unreadable` where it is no vault of this key. */
  async acceptOlder(): Promise<void> {
    const { version } = await this.opened()
    await this.device.accept(this.account, version)
  }

  private async save(edit: (content: VaultContent) => VaultContent): Promise<VaultContent> {
    for (let tries = 0; tries < CHANGED_AT_MOST; tries++) {
      const { version, content } = await this.newest()
      const edited = edit(structuredClone(content))
      if (await this.put(version + 1, edited)) return edited
    }
    throw new VaultTrouble('contended')
  }

  /** What cannot be read is not written over: this throws before anything is sent. */
  private async newest(): Promise<{ version: number; content: VaultContent }> {
    // Before asking: what another tab saves while the answer is on its way makes the answer no old one.
    const seen = await this.device.version(this.account)
    const { version, content } = await this.opened()
    if (version < seen) throw new VaultTrouble('rolled_back')
    await this.device.saw(this.account, version)
    return { version, content }
  }

  private async opened(): Promise<{ version: number; content: VaultContent }> {
    const { version, blob } = await heldOf(this.api, this.account)
    if (blob !== null) return { version, content: await openBlob(this.key, this.account, version, blob) }
    if (version !== 0) throw new VaultTrouble('unreadable')
    return { version, content: { v: 1, meetings: [] } }
  }

  /** False: another device was faster. */
  private async put(version: number, content: VaultContent): Promise<boolean> {
    try {
      const blob = await sealBlob(this.key, this.account, version, content)
      await this.api.putVault({ account: this.account, version, blob })
    } catch (problem) {
      if (problem instanceof Problem && problem.code === 'vault_outdated') return false
      throw problem
    }
    await this.device.saw(this.account, version)
    return true
  }
}
