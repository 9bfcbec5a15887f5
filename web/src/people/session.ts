import { Problem } from '../api/problems'
import type { Bytes } from '../call/bytes'
import type { AccountHostKeys } from './account-host-keys'
import type { PeopleApi } from './api'
import { type OpenVault, VaultTrouble } from './content'
import type { DerivedKeys } from './derivation'
import type { VaultDevice } from './device'
import { inTime, type Made, type Passkeys } from './passkeys'
import type { PasswordKeys } from './password-keys'
import { newRecoveryKey, parseRecoveryKey } from './recovery-key'
import {
  AccountVault,
  FIRST_VERSION,
  type FreshVault,
  freshVault,
  heldOf,
  importVaultKey,
  type Means,
  passkeyMeans,
  passwordMeans,
  recoveryMeans,
  unwrap,
  wrapFor,
} from './vault'
import type { SessionAnswer, VaultAnswer, Wrap, WrapKind } from './wire'

/** Why a means did not open it; where it did, and the vault itself is wrong, `VaultTrouble` is thrown. */
export type Unlocked = 'open' | 'wrong_key'

export type Signed = 'in' | 'refused' | 'code_needed' | 'code_refused'

/** What opens the vault here; `none`: this account has no vault yet. */
export type Locked = { kinds: WrapKind[] } | 'none'

/** A new recovery key, to be shown; `save` makes it the one that counts. `only`: nothing else opens the vault then. */
export type NewRecovery = { text: string; only: boolean; save(): Promise<void> }

/** Whether this device may keep the vault open over signing out; `as-before`: if it might so far. */
export type Trust = boolean | 'as-before'

/** `raw` is there as long as the page that it was entered in: without it nothing can be sealed for a new means. */
type Held = { account: string; key: CryptoKey; raw: Bytes | undefined }

/**
 * Who is signed in at this browser, and the key to the vault. One of it in a page's life. Methods throw `Problem`, those
 * with a passkey also `PasskeyTrouble`, those with the vault also `VaultTrouble`.
 */
export class Session {
  private told: Promise<SessionAnswer> | undefined
  private held: Held | undefined
  /** with which one signed in on this page: the vault is sealed for them as soon as it is open */
  private means: Means[] = []
  private readonly listeners = new Set<(answer: SessionAnswer) => void>()

  constructor(
    private readonly api: PeopleApi,
    private readonly passwords: PasswordKeys,
    private readonly passkeys: Passkeys,
    private readonly device: VaultDevice,
    private readonly hostKeysOf: (account: string) => AccountHostKeys,
  ) {}

  /** Asked once in a page's life, or `fresh`. */
  whoAmI(fresh = false): Promise<SessionAnswer> {
    if (fresh || !this.told) this.learn(this.api.session())
    return this.told as Promise<SessionAnswer>
  }

  /** Called at once when it is known, and whenever somebody signs in or out here. Answers with the way to end that. */
  subscribe(listener: (answer: SessionAnswer) => void): () => void {
    this.listeners.add(listener)
    void this.told?.then(listener, () => undefined)
    return () => this.listeners.delete(listener)
  }

  /** Keys are made once; the password is not kept, not even for the code that may be asked for next. */
  async beginPassword(name: string, password: string, trust: Trust): Promise<(code?: string) => Promise<Signed>> {
    const keys = await this.passwords.derive(password, await this.api.kdf(name))
    return (code) => this.sendPassword(name, keys, trust, code)
  }

  async signInByPasskey(trust: Trust): Promise<Signed> {
    const { answer, id, prf } = await this.passkeys.ask(await this.api.passkeyRequest())
    const means = prf ? [await passkeyMeans(id, prf)] : []
    return signed(inTime(this.api.signInByPasskey(answer)), (told) => this.enter(told, trust, means))
  }

  /** A session has begun with these means; `raw`: the vault's key, where it was made here and now. */
  async enter(told: SessionAnswer, trust: Trust, means: Means[], raw?: Bytes): Promise<void> {
    this.held = undefined
    this.means = means
    this.learn(Promise.resolve(told))
    await this.whoAmI()
    await this.openQuietly(told.account?.id, trust, raw)
  }

  /** Answers with the provider's page that ends its session too, where there is one. */
  async signOut(): Promise<string | null> {
    const { account } = await this.whoAmI()
    const trusted = await this.trustsDevice()
    const { provider_logout } = await this.api.endSession()
    if (account) await this.device.leave(account.id)
    if (account && !trusted) await this.hostKeysOf(account.id).dropAll()
    this.leave()
    return provider_logout
  }

  /**
   * Deletes the account: nothing of it stays in this browser. `id`: the one that the person was shown; `signin_needed`
   * where it is not that of the session, which another tab may have changed.
   */
  async erase(id: string): Promise<void> {
    if ((await this.account()).id !== id) throw new Problem('signin_needed')
    await this.api.deleteAccount()
    await this.device.forget(id)
    await this.hostKeysOf(id).dropAll()
    this.leave()
  }

  async openVault(): Promise<OpenVault | 'locked' | 'signed-out'> {
    const { account } = await this.whoAmI()
    if (!account) return 'signed-out'
    const held = await this.holding(account.id)
    return held ? this.vaultOf(held) : 'locked'
  }

  /** Whether this device was trusted with the vault so far. */
  async trustsDevice(): Promise<boolean> {
    const { account } = await this.whoAmI()
    return this.trustIn(account?.id, 'as-before')
  }

  /** Throws `VaultTrouble` while the vault is closed: then there is nothing to be kept. */
  async trustDevice(): Promise<void> {
    if (!this.held) throw new VaultTrouble('unreadable')
    await this.device.keep(this.held.account, { key: this.held.key, trusted: true })
  }

  /** After the alarm `rolled_back`, where the person knows why: the older vault counts from now on. */
  async acceptOlderVault(): Promise<void> {
    const { id } = await this.account()
    const held = await this.holding(id)
    if (!held) throw new VaultTrouble('unreadable')
    await this.vaultOf(held).acceptOlder()
  }

  /** The password is another one now, or none: what it was opens nothing, and is sealed for no more. */
  passwordIs(keys: DerivedKeys | undefined): void {
    this.means = [...this.means.filter(({ kind }) => kind !== 'password'), ...(keys ? [passwordMeans(keys)] : [])]
  }

  passkeyIsGone(id: string): void {
    this.means = this.means.filter((means) => means.kind !== 'passkey' || means.id !== id)
  }

  /** Whether a new means can be given the vault without unlocking it once more. */
  canSeal(account: string): boolean {
    return this.held?.account === account && this.held.raw !== undefined
  }

  async lockedBy(): Promise<Locked> {
    const { version, wraps } = await this.vault((await this.account()).id)
    if (version === 0 && wraps.length === 0) return 'none'
    return { kinds: [...new Set(wraps.map(({ kind }) => kind))] }
  }

  async unlockByPassword(password: string, trust: Trust): Promise<Unlocked> {
    const { name } = await this.account()
    return this.unlock(passwordMeans(await this.passwords.derive(password, await this.api.kdf(name))), trust)
  }

  async unlockByPasskey(trust: Trust): Promise<Unlocked> {
    const { wraps } = await this.vault((await this.account()).id)
    const ids = wraps.filter(({ kind }) => kind === 'passkey').map(({ id }) => id)
    const prf = ids.length > 0 ? await this.passkeys.prf(ids) : undefined
    return prf ? this.unlock(await passkeyMeans(prf.id, prf.bytes), trust) : 'wrong_key'
  }

  /** `text` as somebody typed it. */
  async unlockByRecovery(text: string, trust: Trust): Promise<Unlocked> {
    const bytes = parseRecoveryKey(text)
    return bytes ? this.unlock(await recoveryMeans(bytes), trust) : 'wrong_key'
  }

  /**
   * A new, empty vault in place of one that nobody can open any more, or of none. Its recovery key is to be shown before
   * `save`, which alone changes anything; the means of this page open it too. `save` throws `second_factor_required`
   * while all is still as it was.
   */
  async beginAnew(trust: Trust): Promise<NewRecovery> {
    const { id } = await this.account()
    const { version } = await this.vault(id)
    const fresh = await freshVault(id, version + 1, this.means)
    return {
      text: fresh.recovery.text,
      only: this.means.length === 0,
      save: () => this.saveAnew(id, version + 1, fresh, trust),
    }
  }

  /** The wrap of the vault's key for a new password; `keys` from `PasswordKeys.derive`. */
  async sealForPassword(keys: DerivedKeys): Promise<string | 'locked'> {
    return this.sealFor(passwordMeans(keys), (await this.account()).id)
  }

  /** Null for a passkey that opens no vault. */
  async sealForPasskey({ id, prf }: Pick<Made, 'id' | 'prf'>): Promise<string | null | 'locked'> {
    return prf ? this.sealFor(await passkeyMeans(id, prf), (await this.account()).id) : null
  }

  async newRecoveryKey(): Promise<NewRecovery | 'locked'> {
    const { bytes, text } = newRecoveryKey()
    const means = await recoveryMeans(bytes)
    const { id: account } = await this.account()
    if ((await this.sealFor(means, account)) === 'locked') return 'locked'
    const { wraps } = await this.vault(account)
    const only = wraps.every(({ kind }) => kind === 'recovery')
    return { text, only, save: () => this.saveRecovery(means, account) }
  }

  /** Sealed only now: while it was shown another device may have begun the vault anew. */
  private async saveRecovery(means: Means, account: string): Promise<void> {
    const wrapped = await this.sealFor(means, account)
    if (wrapped === 'locked') throw new VaultTrouble('unreadable')
    await this.api.putWraps(account, [{ kind: means.kind, id: means.id, wrapped }])
  }

  private async sendPassword(name: string, keys: DerivedKeys, trust: Trust, code?: string): Promise<Signed> {
    const body = { name, key: keys.signIn, ...(code === undefined ? {} : { code }) }
    return signed(this.api.signInByPassword(body), (told) => this.enter(told, trust, [passwordMeans(keys)]))
  }

  /** What the server holds of this account. Where somebody else has signed in in another tab, this one learns it. */
  private async vault(account: string): Promise<VaultAnswer> {
    try {
      return await heldOf(this.api, account)
    } catch (problem) {
      if (problem instanceof Problem && problem.code === 'signin_needed') this.learn(this.api.session())
      throw problem
    }
  }

  private async trustIn(account: string | undefined, trust: Trust): Promise<boolean> {
    if (trust !== 'as-before') return trust
    return account !== undefined && (await this.device.keyOf(account))?.trusted === true
  }

  private leave(): void {
    this.held = undefined
    this.means = []
    this.learn(Promise.resolve(NOBODY))
  }

  private learn(told: Promise<SessionAnswer>): void {
    this.told = told
    told.then(
      (answer) => {
        if (this.told !== told) return
        this.api.whose = answer.account?.id
        for (const listener of this.listeners) listener(answer)
      },
      () => {
        if (this.told === told) this.told = undefined
      },
    )
  }

  private async account(): Promise<NonNullable<SessionAnswer['account']>> {
    const { account } = await this.whoAmI()
    if (!account) throw new Problem('signin_needed')
    return account
  }

  private async holding(account: string): Promise<Held | undefined> {
    if (this.held?.account === account) return this.held
    const kept = await this.device.keyOf(account)
    if (!kept) return undefined
    const held = { account, key: kept.key, raw: undefined }
    // The vault may have been begun anew elsewhere. The key stays all the same: a server could only seem to have another.
    if (!(await this.opens(held))) return undefined
    // Half a year, or twelve hours, from now; unless another tab has signed out meanwhile.
    if (!(await this.device.renew(account))) return undefined
    this.held = held
    return held
  }

  /** False for a key that does not fit what the server holds. An old vault it fits: that is told whenever it is used. */
  private async opens(held: Held): Promise<boolean> {
    try {
      await this.vaultOf(held).read()
    } catch (error) {
      if (!(error instanceof VaultTrouble)) throw error
      return error.kind !== 'unreadable'
    }
    return true
  }

  private vaultOf({ account, key }: Held): AccountVault {
    return new AccountVault(this.api, this.device, account, key)
  }

  /** Signing in succeeds whatever is the matter with the vault: who opens it next is told. */
  private async openQuietly(account: string | undefined, trust: Trust, made?: Bytes): Promise<void> {
    const [means] = this.means
    if (!account) return
    try {
      // Made here and taken by the server: it opens what is there, whether or not the server answers once more.
      if (made) {
        await this.device.saw(account, FIRST_VERSION)
        return await this.keep(account, made, trust)
      }
      const raw = means && (await unwrap(means, account, (await this.vault(account)).wraps))
      if (raw) await this.hold(account, raw, trust)
    } catch {
      // it stays locked, or tells at its first use what is wrong
    }
  }

  private async unlock(means: Means, trust: Trust): Promise<Unlocked> {
    const { id: account } = await this.account()
    const { wraps } = await this.vault(account)
    const raw = await unwrap(means, account, wraps)
    if (!raw) return 'wrong_key'
    await this.hold(account, raw, trust)
    // Of the same kind, this one is the newer: it has just opened what the other one may not open.
    this.means = this.means.map((one) => (one.kind === means.kind && one.id === means.id ? means : one))
    await this.sealForNewMeans(account, raw, wraps)
    return 'open'
  }

  /** A key that opens what the server holds stays in the browser. Throws `VaultTrouble` for any other. */
  private async hold(account: string, raw: Bytes, trust: Trust): Promise<void> {
    const key = await importVaultKey(raw)
    if (!(await this.opens({ account, key, raw }))) throw new VaultTrouble('unreadable')
    await this.keep(account, raw, trust)
  }

  private async keep(account: string, raw: Bytes, trust: Trust): Promise<void> {
    const key = await importVaultKey(raw)
    this.held = { account, key, raw }
    // Asked only now: another tab may have withdrawn it while the server was asked.
    await this.device.keep(account, { key, trusted: await this.trustIn(account, trust) })
  }

  /** After a reset the new password or passkey opens nothing yet, or what it opened is another vault's key. */
  private async sealForNewMeans(account: string, raw: Bytes, wraps: Wrap[]): Promise<void> {
    const opened = await Promise.all(this.means.map((means) => unwrap(means, account, wraps)))
    const shut = this.means.filter((_, at) => !isSame(opened[at], raw))
    if (shut.length === 0) return
    try {
      await this.api.putWraps(account, await Promise.all(shut.map((means) => wrapFor(means, account, raw))))
    } catch (problem) {
      // A session that may not replace what is there has its vault open all the same; a stronger one repairs it.
      if (!(problem instanceof Problem && problem.code === 'second_factor_required')) throw problem
    }
  }

  /** The vault may have been begun anew elsewhere: then nothing is sealed with a key that opens none any more. */
  private async sealFor(means: Means, account: string): Promise<string | 'locked'> {
    if ((await this.account()).id !== account) throw new Problem('signin_needed')
    const { held } = this
    if (held?.account !== account || !held.raw) return 'locked'
    if (await this.opens(held)) return (await wrapFor(means, account, held.raw)).wrapped
    this.held = undefined
    return 'locked'
  }

  /** The blob first: it is what another device could have changed meanwhile. */
  private async saveAnew(account: string, version: number, fresh: FreshVault, trust: Trust): Promise<void> {
    const { blob, version: held, wraps } = await this.vault(account)
    // It may be there already: then only the answer was lost, or what came after it.
    if (blob !== fresh.blob) {
      if (held !== version - 1) throw new Problem('vault_outdated')
      // As it is: where it may not be replaced, the server would take the new vault and refuse what is to open it.
      if (wraps.length > 0) await this.api.putWraps(account, wraps.slice(0, 1))
      await this.api.putVault({ account, version, blob: fresh.blob })
    }
    await this.api.putWraps(account, fresh.wraps)
    await this.device.accept(account, version)
    await this.hold(account, fresh.raw, trust)
  }
}

function isSame(one: Bytes | undefined, other: Bytes): boolean {
  return one?.length === other.length && one.every((byte, at) => byte === other[at])
}

const NOBODY: SessionAnswer = { account: null, strong: false, has_password: false, has_totp: false, notices: [] }

const REFUSALS: Partial<Record<Problem['code'], Signed>> = {
  signin_refused: 'refused',
  code_needed: 'code_needed',
  code_refused: 'code_refused',
}

async function signed(asked: Promise<SessionAnswer>, enter: (told: SessionAnswer) => Promise<void>): Promise<Signed> {
  try {
    await enter(await asked)
    return 'in'
  } catch (problem) {
    const outcome = problem instanceof Problem ? REFUSALS[problem.code] : undefined
    if (outcome) return outcome
    throw problem
  }
}
