/**
 * Where the host's private keys live: IndexedDB of this browser, one per meeting, as keys that cannot be exported, for as
 * long as the meeting can last. Where the browser keeps nothing (some private windows), host powers last as long as the
 * page.
 */
const DATABASE = 'klausur'
const STORE = 'host-keys'

/** No instant meeting lives longer. */
const LIFETIME_MS = 24 * 3_600_000

/** `proofHash` is what the server checks the link by; `at` is when the meeting was made, in epoch ms. */
type Row = { meeting: string; key: CryptoKey; proofHash: string; at: number }

export class HostKeys {
  private readonly here = new Map<string, Row>()

  constructor(
    private readonly databases: IDBFactory | undefined = globalThis.indexedDB,
    private readonly now: () => number = Date.now,
  ) {}

  /** Never throws: a key that could not be stored still serves this page. */
  async keep(meeting: string, key: CryptoKey, proofHash: string): Promise<void> {
    const row: Row = { meeting, key, proofHash, at: this.now() }
    this.here.set(meeting, row)
    await this.stored((rows) => settled(rows.put(row)))
  }

  async of(meeting: string): Promise<CryptoKey | undefined> {
    return (await this.row(meeting))?.key
  }

  /**
   * The meeting is over, as far as the server says. It says the same of a wrong link, with which anybody could make a
   * host lose the key: so only when that was asked with the right one.
   */
  async forget(meeting: string, proofHash: string): Promise<void> {
    if ((await this.row(meeting))?.proofHash !== proofHash) return
    this.here.delete(meeting)
    await this.stored((rows) => settled(rows.delete(meeting)))
  }

  private async row(meeting: string): Promise<Row | undefined> {
    return this.here.get(meeting) ?? this.stored((rows) => settled<Row | undefined>(rows.get(meeting)))
  }

  /** `undefined` also where nothing is stored. */
  private async stored<T>(work: (rows: IDBObjectStore) => Promise<T>): Promise<T | undefined> {
    try {
      const database = await this.open()
      try {
        const rows = database.transaction(STORE, 'readwrite').objectStore(STORE)
        await this.dropOutlived(rows)
        return await work(rows)
      } finally {
        database.close()
      }
    } catch {
      return undefined
    }
  }

  private async dropOutlived(rows: IDBObjectStore): Promise<void> {
    const youngest = this.now() - LIFETIME_MS
    for (const { meeting, at } of await settled<Row[]>(rows.getAll())) {
      // Also a row without a time, of a version before.
      if (!(at > youngest)) await settled(rows.delete(meeting))
    }
  }

  private open(): Promise<IDBDatabase> {
    if (!this.databases) return Promise.reject(new Error('no IndexedDB'))
    const request = this.databases.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'meeting' })
    return settled(request)
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
  })
}
