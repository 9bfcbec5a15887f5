/**
 * Where private keys live: IndexedDB of this browser, for a time. Where the browser keeps nothing (some private
 * windows), they last as long as the page.
 */
const DATABASE = 'klausur'
const VERSION = 3

/** Each with the name of what its rows are found by. */
const STORES = { 'host-keys': 'meeting', 'seat-keys': 'id', 'vault-keys': 'account', 'vault-versions': 'account' }

const DAY_MS = 24 * 3_600_000

/** `at`: when it was put there, epoch ms; `lifetime`: how long it stays, ms, a day without it. */
type Kept = { at: number; lifetime?: number }

export class KeyStore<Row extends object> {
  /** what the browser did not keep; all else is asked for anew, because other tabs and pages change it too */
  private readonly here = new Map<string, Row & Kept>()

  constructor(
    private readonly name: keyof typeof STORES,
    private readonly databases: IDBFactory | undefined,
    private readonly now: () => number,
  ) {}

  /** Never throws: a key that could not be stored still serves this page. */
  put(id: string, row: Row, lifetime = DAY_MS): Promise<void> {
    return this.change(id, () => row, lifetime)
  }

  /**
   * What `next` makes of the newest row, in one step: no other tab gets in between. `undefined` leaves it as it is, with
   * its time. Never throws, as `put`.
   */
  async change(id: string, next: (held: Row | undefined) => Row | undefined, lifetime = DAY_MS): Promise<void> {
    const kept = (held: Row | undefined) => {
      const row = next(held)
      return row && { ...row, [STORES[this.name]]: id, at: this.now(), lifetime }
    }
    const meanwhile = kept(this.here.get(id))
    if (meanwhile) this.here.set(id, meanwhile)
    const done = await this.stored(async (rows) => {
      const row = kept(await settled<Row | undefined>(rows.get(id)))
      if (row) await settled(rows.put(row))
      return true
    })
    if (done && this.here.get(id) === meanwhile) this.here.delete(id)
  }

  async get(id: string): Promise<Row | undefined> {
    return (await this.stored((rows) => settled<Row | undefined>(rows.get(id)))) ?? this.here.get(id)
  }

  async all(): Promise<Array<{ id: string; row: Row }>> {
    const stored = await this.stored((rows) => settled<Row[]>(rows.getAll()))
    const rows = [...this.here.values(), ...(stored ?? [])] as Array<Row & Record<string, string>>
    return rows.map((row) => ({ id: row[STORES[this.name]] as string, row }))
  }

  async delete(id: string): Promise<void> {
    this.here.delete(id)
    await this.stored((rows) => settled(rows.delete(id)))
  }

  /** `undefined` also where nothing is stored. */
  private async stored<T>(work: (rows: IDBObjectStore) => Promise<T>): Promise<T | undefined> {
    try {
      const database = await this.open()
      // Another tab may bring a newer version; it would wait for us.
      database.onversionchange = () => database.close()
      try {
        const rows = database.transaction(this.name, 'readwrite').objectStore(this.name)
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
    for (const row of await settled<Array<Kept & Record<string, string>>>(rows.getAll())) {
      const until = row.at + (row.lifetime ?? DAY_MS)
      // Also a row without a time, of a version before.
      if (!(until > this.now())) await settled(rows.delete(row[STORES[this.name]] as string))
    }
  }

  private open(): Promise<IDBDatabase> {
    if (!this.databases) return Promise.reject(new Error('no IndexedDB'))
    const request = this.databases.open(DATABASE, VERSION)
    request.onupgradeneeded = () => {
      const { result } = request
      for (const [name, keyPath] of Object.entries(STORES)) {
        if (!result.objectStoreNames.contains(name)) result.createObjectStore(name, { keyPath })
      }
    }
    return settled(request)
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
  })
}
