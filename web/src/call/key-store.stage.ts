type Row = Record<string, unknown>

/** IndexedDB as far as it is used: stores by their key paths, upgrades, and requests that answer in a later task. */
export class FakeDatabases {
  readonly stores = new Map<string, { keyPath: string; rows: Map<unknown, Row> }>()
  readonly opened: Array<{ onversionchange?: () => void; closed: boolean }> = []
  version = 0

  readonly factory = {
    open: (_name: string, version: number) => {
      const database = this.database()
      const request = answer(() => database)
      if (version <= this.version) return request
      this.version = version
      const upgrade = request as { result?: unknown; onupgradeneeded?: () => void }
      upgrade.result = database
      queueMicrotask(() => upgrade.onupgradeneeded?.())
      return request
    },
  } as unknown as IDBFactory

  /** As the version before left it. */
  static ofVersionOne(...rows: Array<{ meeting: string } & Row>): FakeDatabases {
    const databases = new FakeDatabases()
    databases.version = 1
    databases.stores.set('host-keys', { keyPath: 'meeting', rows: new Map(rows.map((row) => [row.meeting, row])) })
    return databases
  }

  rows(store: string): Map<unknown, Row> {
    return this.stores.get(store)?.rows ?? new Map()
  }

  private database() {
    const database = {
      closed: false,
      objectStoreNames: { contains: (name: string) => this.stores.has(name) },
      createObjectStore: (name: string, { keyPath }: { keyPath: string }) =>
        void this.stores.set(name, { keyPath, rows: new Map() }),
      transaction: (name: string) => ({ objectStore: () => this.store(name) }),
      close: () => {
        database.closed = true
      },
    }
    this.opened.push(database)
    return database
  }

  private store(name: string) {
    const store = this.stores.get(name)
    if (!store) throw new DOMException('no such store', 'NotFoundError')
    const { keyPath, rows } = store
    return {
      put: (row: Row) => answer(() => void rows.set(row[keyPath], row)),
      get: (id: string) => answer(() => rows.get(id)),
      getAll: () => answer(() => [...rows.values()]),
      delete: (id: string) => answer(() => void rows.delete(id)),
    }
  }
}

function answer<T>(work: () => T): Partial<IDBRequest<T>> {
  const request: { result?: T; onsuccess?: () => void } = {}
  // After an upgrade, which is a task of its own.
  queueMicrotask(() =>
    queueMicrotask(() => {
      request.result = work()
      request.onsuccess?.()
    }),
  )
  return request as Partial<IDBRequest<T>>
}
