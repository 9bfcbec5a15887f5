import { HostKeys } from '../call/host-keys'
import { UNTRUSTED_MS, type VaultDevice } from './device'

/**
 * The host keys that one account has put into this browser out of its vault, or made for it. Whose they are stands
 * beside them: they go with the account, whatever the server says of its vault, and where the device is not trusted no
 * later than the session that nobody ended.
 */
export class AccountHostKeys extends HostKeys {
  constructor(
    private readonly account: string,
    private readonly device: Pick<VaultDevice, 'keyOf'>,
    databases: IDBFactory | undefined,
    now: () => number,
  ) {
    super(databases, now)
  }

  override async keep(meeting: string, key: CryptoKey, proofHash: string, lifetime = UNTRUSTED_MS): Promise<void> {
    const { account } = this
    const trusted = (await this.device.keyOf(account))?.trusted === true
    await this.rows.put(meeting, { key, proofHash, account }, trusted ? lifetime : Math.min(lifetime, UNTRUSTED_MS))
  }

  /** Whose they are leaves this browser. */
  async dropAll(): Promise<void> {
    for (const { id, row } of await this.rows.all()) if (row.account === this.account) await this.rows.delete(id)
  }
}
