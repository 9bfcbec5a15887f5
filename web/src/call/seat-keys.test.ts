import { describe, expect, it } from 'vitest'
import { newSeatKey } from './admission'
import { FakeDatabases } from './key-store.stage'
import { SeatKeys } from './seat-keys'

const HOUR_MS = 3_600_000

function browser() {
  const databases = new FakeDatabases()
  const clock = { now: 1_000 * HOUR_MS }
  return { databases, clock, page: () => new SeatKeys(databases.factory, () => clock.now) }
}

describe('Gustav’s seat key', () => {
  it('is there after a reload, and cannot leave the browser', async () => {
    const { page } = browser()
    const pair = await newSeatKey()
    await page().keep('P', pair)
    expect(await page().of('P')).toBe(pair)
    expect(await page().of('Q')).toBeUndefined()
    await expect(crypto.subtle.exportKey('pkcs8', pair.privateKey)).rejects.toThrow()
  })

  it('goes with the seat, and a day later whatever happened', async () => {
    const { page, databases, clock } = browser()
    await page().keep('P', await newSeatKey())
    await page().keep('Q', await newSeatKey())
    await page().forget('P')
    expect(await page().of('P')).toBeUndefined()
    clock.now += 24 * HOUR_MS
    expect(await page().of('Q')).toBeUndefined()
    expect(databases.rows('seat-keys').size).toBe(0)
  })

  it('lasts as long as the page where nothing can be stored', async () => {
    const keys = new SeatKeys(undefined)
    await keys.keep('P', await newSeatKey())
    expect(await keys.of('P')).toBeDefined()
  })
})

describe('a removal', () => {
  it('is remembered for its opening, for a day', async () => {
    const { page, clock } = browser()
    await page().removedFrom('session')
    expect(await page().wasRemovedFrom('session')).toBe(true)
    expect(await page().wasRemovedFrom('another')).toBe(false)
    expect(await page().of('session')).toBeUndefined()
    clock.now += 24 * HOUR_MS
    expect(await page().wasRemovedFrom('session')).toBe(false)
  })
})
