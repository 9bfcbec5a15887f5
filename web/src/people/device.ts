import type { KeyStore } from '../call/key-store'

const HOUR_MS = 3_600_000
/** As long as a session that nobody uses. */
export const UNTRUSTED_MS = 12 * HOUR_MS
const TRUSTED_MS = 180 * 24 * HOUR_MS
/** To forget it would let an old vault through. */
const REMEMBERED_MS = 10 * 365 * 24 * HOUR_MS

/** Neither can be read out of the browser again: the key is not extractable. */
export type KeptKey = { key: CryptoKey; trusted: boolean }

/**
 * What this browser keeps of vaults, by account. The key stays in the browser over a reload either way; on a device
 * that is trusted also over signing out, and half a year from its last use.
 */
export class VaultDevice {
  constructor(
    private readonly keys: KeyStore<KeptKey>,
    private readonly versions: KeyStore<{ version: number }>,
  ) {}

  async keyOf(account: string): Promise<KeptKey | undefined> {
    const row = await this.keys.get(account)
    return row && { key: row.key, trusted: row.trusted }
  }

  keep(account: string, { key, trusted }: KeptKey): Promise<void> {
    return this.keys.put(account, { key, trusted }, lifetimeOf({ trusted }))
  }

  /** Used once more: it stays as long again, if it is still there. Answers with what another tab may have made of it. */
  async renew(account: string): Promise<KeptKey | undefined> {
    const kept = await this.keyOf(account)
    if (!kept) return undefined
    const same = (held?: KeptKey) =>
      held?.trusted === kept.trusted ? { key: held.key, trusted: held.trusted } : undefined
    await this.keys.change(account, same, lifetimeOf(kept))
    return this.keyOf(account)
  }

  /** What signing out leaves: nothing, unless the device is trusted. */
  async leave(account: string): Promise<void> {
    if (!(await this.keys.get(account))?.trusted) await this.keys.delete(account)
  }

  forget(account: string): Promise<void> {
    return this.keys.delete(account)
  }

  /** The highest version of the account's vault that has been opened here; 0 without one. */
  async version(account: string): Promise<number> {
    return (await this.versions.get(account))?.version ?? 0
  }

  saw(account: string, version: number): Promise<void> {
    const higher = (held?: { version: number }) => ({ version: Math.max(version, held?.version ?? 0) })
    return this.versions.change(account, higher, REMEMBERED_MS)
  }

  /** From now on this one counts as the newest, though it be older: the person wants it so. */
  accept(account: string, version: number): Promise<void> {
    return this.versions.put(account, { version }, REMEMBERED_MS)
  }
}

function lifetimeOf({ trusted }: Pick<KeptKey, 'trusted'>): number {
  return trusted ? TRUSTED_MS : UNTRUSTED_MS
}
