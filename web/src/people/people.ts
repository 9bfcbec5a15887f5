import { KeyStore } from '../call/key-store'
import { AccountHostKeys } from './account-host-keys'
import { PeopleApi } from './api'
import { VaultDevice } from './device'
import { Invitations } from './invitations'
import { Passkeys } from './passkeys'
import { PasswordKeys } from './password-keys'
import { Session } from './session'

/**
 * Everything about the person at this browser: one of it in a page's life, made by `Backstage.people()` when a page
 * first wants it, and handed to the pages.
 */
export class People {
  readonly session: Session
  readonly invitations: Invitations
  /** What its planner keeps the host keys in; `account` by id. */
  readonly hostKeysOf: (account: string) => AccountHostKeys

  constructor(
    readonly api = new PeopleApi(),
    readonly passwords = new PasswordKeys(),
    readonly passkeys = new Passkeys(),
    databases: IDBFactory | undefined = globalThis.indexedDB,
    now: () => number = Date.now,
  ) {
    const device = new VaultDevice(
      new KeyStore('vault-keys', databases, now),
      new KeyStore('vault-versions', databases, now),
    )
    this.hostKeysOf = (account) => new AccountHostKeys(account, device, databases, now)
    this.session = new Session(api, passwords, passkeys, device, this.hostKeysOf)
    this.invitations = new Invitations(api, passwords, passkeys, this.session)
  }
}
