/**
 * Where the host's private keys live: IndexedDB of this browser, one per meeting, as keys that cannot be exported. Where
 * the browser keeps nothing (some private windows), host powers last as long as the page.
 */
const DATABASE = 'klausur'
const STORE = 'host-keys'

type Row = { meeting: string; key: CryptoKey }

export class HostKeys {
  private readonly here = new Map<string, CryptoKey>()

  constructor(private readonly databases: IDBFactory | undefined = globalThis.indexedDB) {}

  /** Never throws: a key that could not be stored still serves this page. */
  async keep(meeting: string, key: CryptoKey): Promise<void> {
    this.here.set(meeting, key)
    try {
      const database = await this.open()
      const row: Row = { meeting, key }
      await settled(database.transaction(STORE, 'readwrite').objectStore(STORE).put(row))
      database.close()
    } catch {
      // stated above
    }
  }

  async of(meeting: string): Promise<CryptoKey | undefined> {
    const here = this.here.get(meeting)
    if (here) return here
    try {
      const database = await this.open()
      const row = await settled<Row | undefined>(database.transaction(STORE).objectStore(STORE).get(meeting))
      database.close()
      return row?.key
    } catch {
      return undefined
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
