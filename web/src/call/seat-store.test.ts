import { describe, expect, it } from 'vitest'
import { SeatStore } from './seat-store'

/** One lock per name; who asks for a held one waits until it is released or the patience is over. */
class FakeLocks {
  private readonly queues = new Map<string, Promise<unknown>>()
  readonly granted: string[] = []

  asking(tab: string): Pick<LockManager, 'request'> {
    const request = (name: string, _options: LockOptions, held: () => Promise<void>): Promise<unknown> => {
      const before = this.queues.get(name) ?? Promise.resolve()
      const mine = before.then(() => {
        this.granted.push(tab)
        return held()
      })
      this.queues.set(name, mine)
      return mine
    }
    return { request } as unknown as Pick<LockManager, 'request'>
  }
}

describe('Hanna’s seat', () => {
  it('stays hers when she claims it again while a duplicate of her tab waits for it', async () => {
    const locks = new FakeLocks()
    const hanna = new SeatStore(undefined, locks.asking('hanna'))
    const duplicate = new SeatStore(undefined, locks.asking('duplicate'))
    expect(await hanna.claim('P')).toBe(true)
    void duplicate.claim('P')
    expect(await hanna.claim('P')).toBe(true)
    expect(locks.granted).toEqual(['hanna'])
  })

  it('is free for others once it is forgotten or another is claimed', async () => {
    const locks = new FakeLocks()
    const hanna = new SeatStore(undefined, locks.asking('hanna'))
    const other = new SeatStore(undefined, locks.asking('other'))
    await hanna.claim('P')
    await hanna.claim('Q')
    expect(await other.claim('P')).toBe(true)
    hanna.forget()
    expect(await other.claim('Q')).toBe(true)
  })

  it('of a version before is not come back to', () => {
    const stored = (seat: object) =>
      new SeatStore(
        { getItem: () => JSON.stringify(seat), setItem: () => undefined, removeItem: () => undefined },
        undefined,
      )
    expect(stored({ meeting: 'M', pseudonym: 'P' }).read('M')).toBeUndefined()
    expect(stored({ meeting: 'M', pseudonym: 'P', law: {} }).read('M')).toMatchObject({ pseudonym: 'P' })
    expect(stored({ meeting: 'M', pseudonym: 'P', law: {} }).read('N')).toBeUndefined()
  })
})
