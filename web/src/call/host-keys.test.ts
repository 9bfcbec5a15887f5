import { describe, expect, it } from 'vitest'
import { HostKeys } from './host-keys'

/** IndexedDB as far as it is used: one store of rows by meeting, and requests that answer in a later task. */
class FakeDatabases {
  readonly rows = new Map<string, { meeting: string }>()

  readonly factory = { open: () => answer(() => this.database) } as unknown as IDBFactory

  private readonly database = {
    transaction: () => ({ objectStore: () => this.store }),
    close: () => undefined,
  }

  private readonly store = {
    put: (row: { meeting: string }) => answer(() => void this.rows.set(row.meeting, row)),
    get: (meeting: string) => answer(() => this.rows.get(meeting)),
    getAll: () => answer(() => [...this.rows.values()]),
    delete: (meeting: string) => answer(() => void this.rows.delete(meeting)),
  }
}

function answer<T>(work: () => T): Partial<IDBRequest<T>> {
  const request: { result?: T; onsuccess?: () => void } = {}
  queueMicrotask(() => {
    request.result = work()
    request.onsuccess?.()
  })
  return request as Partial<IDBRequest<T>>
}

const HOUR_MS = 3_600_000

function browser() {
  const databases = new FakeDatabases()
  const clock = { now: 1_000 * HOUR_MS }
  return { databases, clock, page: () => new HostKeys(databases.factory, () => clock.now) }
}

async function hostKey(): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new Uint8Array(32), 'HKDF', false, ['deriveKey'])
}

describe('Hanna’s host key', () => {
  it('is there on the next page too', async () => {
    const { page } = browser()
    const key = await hostKey()
    await page().keep('M', key, 'hash')
    expect(await page().of('M')).toBe(key)
    expect(await page().of('another')).toBeUndefined()
  })

  it('is deleted when the meeting is over', async () => {
    const { page, databases } = browser()
    const here = page()
    await here.keep('M', await hostKey(), 'hash')
    await here.forget('M', 'hash')
    expect(await here.of('M')).toBeUndefined()
    expect(databases.rows.size).toBe(0)
  })

  it('stays when Otto has her open a wrong link to her meeting', async () => {
    const { page } = browser()
    await page().keep('M', await hostKey(), 'hash')
    await page().forget('M', 'of a wrong link')
    expect(await page().of('M')).toBeDefined()
  })

  it('is deleted a day later, whatever meeting she looks at then', async () => {
    const { page, databases, clock } = browser()
    await page().keep('M', await hostKey(), 'hash')
    clock.now += 23 * HOUR_MS
    await page().of('another')
    expect(databases.rows.size).toBe(1)
    clock.now += HOUR_MS
    await page().of('another')
    expect(databases.rows.size).toBe(0)
  })

  it('lasts as long as the page where nothing can be stored', async () => {
    const keys = new HostKeys(undefined)
    await keys.keep('M', await hostKey(), 'hash')
    expect(await keys.of('M')).toBeDefined()
  })
})
