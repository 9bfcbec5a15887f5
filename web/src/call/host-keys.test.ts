import { describe, expect, it } from 'vitest'
import { toBase64url } from './bytes'
import { fits, HostKeys, hostKeyOf, seedOf } from './host-keys'
import { FakeDatabases } from './key-store.stage'
import { fingerprint, newHostKey, publicKeyOf, signText, verifyText } from './keys'

const HOUR_MS = 3_600_000

function browser(databases = new FakeDatabases()) {
  const clock = { now: 1_000 * HOUR_MS }
  return { databases, clock, page: () => new HostKeys(databases.factory, () => clock.now) }
}

async function hostKey(): Promise<CryptoKey> {
  return (await newHostKey()).privateKey
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
    expect(databases.rows('host-keys').size).toBe(0)
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
    expect(databases.rows('host-keys').size).toBe(1)
    clock.now += HOUR_MS
    await page().of('another')
    expect(databases.rows('host-keys').size).toBe(0)
  })

  it('stays as long as a planned meeting does', async () => {
    const { page, clock } = browser()
    await page().keep('M', await hostKey(), 'hash', 30 * 24 * HOUR_MS)
    clock.now += 29 * 24 * HOUR_MS
    expect(await page().of('M')).toBeDefined()
    clock.now += 24 * HOUR_MS
    expect(await page().of('M')).toBeUndefined()
  })

  it('lasts as long as the page where nothing can be stored', async () => {
    const keys = new HostKeys(undefined)
    await keys.keep('M', await hostKey(), 'hash')
    expect(await keys.of('M')).toBeDefined()
  })

  it('of the version before is still there, and goes after its day', async () => {
    const key = await hostKey()
    const { page, clock } = browser(
      FakeDatabases.ofVersionOne({ meeting: 'M', key, proofHash: 'hash', at: 1_000 * HOUR_MS }),
    )
    clock.now += 23 * HOUR_MS
    expect(await page().of('M')).toBe(key)
    clock.now += HOUR_MS
    expect(await page().of('M')).toBeUndefined()
  })

  it('does not stand in the way of a newer version in another tab', async () => {
    const { page, databases } = browser()
    await page().keep('M', await hostKey(), 'hash')
    const connection = databases.opened.at(-1)
    if (connection) connection.closed = false
    connection?.onversionchange?.()
    expect(databases.opened.map(({ closed }) => closed)).not.toContain(false)
  })
})

describe('the seed in a host link', () => {
  it('makes the same key on another device, from where it can move on', async () => {
    const pair = await newHostKey()
    const seed = await seedOf(pair.privateKey)
    const there = await hostKeyOf(seed)
    expect(there.publicKey).toBe(await publicKeyOf(pair))
    expect(await verifyText(there.publicKey, await signText(there.privateKey, 'text'), 'text')).toBe(true)
    expect(await seedOf(there.privateKey)).toBe(seed)
    expect(await fits(seed, await fingerprint(there.publicKey))).toBe(true)
  })

  it('of another host gives no power here', async () => {
    const [hanna, otto] = [await newHostKey(), await newHostKey()]
    const host = await fingerprint(await publicKeyOf(hanna))
    expect(await fits(await seedOf(otto.privateKey), host)).toBe(false)
    for (const garbage of ['', 'A', 'A'.repeat(44), toBase64url(new Uint8Array(31))]) {
      expect(await fits(garbage, host)).toBe(false)
      await expect(hostKeyOf(garbage)).rejects.toThrow(TypeError)
    }
  })
})
