import { KeyStore } from './key-store'

/** Of a seat, found by its pseudonym; or none: of an opening that one was removed from, found by its session. */
type Row = { pair?: CryptoKeyPair }

/** The keys of one's own seats, for a reload, and from where one was removed; for a day. */
export class SeatKeys {
  private readonly rows: KeyStore<Row>

  constructor(databases: IDBFactory | undefined = globalThis.indexedDB, now: () => number = Date.now) {
    this.rows = new KeyStore('seat-keys', databases, now)
  }

  keep(pseudonym: string, pair: CryptoKeyPair): Promise<void> {
    return this.rows.put(pseudonym, { pair })
  }

  async of(pseudonym: string): Promise<CryptoKeyPair | undefined> {
    return (await this.rows.get(pseudonym))?.pair
  }

  forget(pseudonym: string): Promise<void> {
    return this.rows.delete(pseudonym)
  }

  /** The honest client says so when it knocks again. */
  removedFrom(session: string): Promise<void> {
    return this.rows.put(session, {})
  }

  async wasRemovedFrom(session: string): Promise<boolean> {
    return (await this.rows.get(session)) !== undefined
  }
}
