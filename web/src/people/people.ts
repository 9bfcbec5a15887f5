import { HostKeys } from '../call/host-keys'
import { KeyStore } from '../call/key-store'
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
    this.session = new Session(api, passwords, passkeys, device, new HostKeys(databases, now))
    this.invitations = new Invitations(api, passwords, passkeys, this.session)
  }
}
