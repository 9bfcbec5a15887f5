import { beforeEach, expect, it } from 'vitest'
import { HostKeys } from '../call/host-keys'
import { KeyStore } from '../call/key-store'
import { FakeDatabases } from '../call/key-store.stage'
import { newHostKey } from '../call/keys'
import { AccountHostKeys } from './account-host-keys'
import { VaultDevice } from './device'
import { HANNA } from './server.stage'
import { importVaultKey, newVaultKey } from './vault'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let databases: FakeDatabases
let now: number
const key = await importVaultKey(newVaultKey())

beforeEach(() => {
  databases = new FakeDatabases()
  now = Date.UTC(2026, 10, 22, 10)
})

/** As a page that was loaded anew finds it. */
function device(): VaultDevice {
  const store = <Row extends object>(name: 'vault-keys' | 'vault-versions') =>
    new KeyStore<Row>(name, databases.factory, () => now)
  return new VaultDevice(store('vault-keys'), store('vault-versions'))
}

it('a device that nobody trusts forgets the key twelve hours after its last use', async () => {
  await device().keep(HANNA, { key, trusted: false })
  now += 11 * HOUR
  expect((await device().keyOf(HANNA))?.key).toBe(key)
  now += HOUR
  expect(await device().keyOf(HANNA)).toBeUndefined()
})

it('a trusted one keeps it over signing out, for half a year', async () => {
  await device().keep(HANNA, { key, trusted: true })
  await device().leave(HANNA)
  now += 179 * DAY
  expect((await device().keyOf(HANNA))?.trusted).toBe(true)
  now += DAY
  expect(await device().keyOf(HANNA)).toBeUndefined()
})

it('signing out takes it from any other, and deleting the account from each', async () => {
  await device().keep(HANNA, { key, trusted: false })
  await device().leave(HANNA)
  expect(await device().keyOf(HANNA)).toBeUndefined()
  await device().keep(HANNA, { key, trusted: true })
  await device().forget(HANNA)
  expect(await device().keyOf(HANNA)).toBeUndefined()
})

it('a key that is used stays as long again, as another tab has left it', async () => {
  await device().keep(HANNA, { key, trusted: false })
  now += 11 * HOUR
  expect(await device().renew(HANNA)).toEqual({ key, trusted: false })
  now += 11 * HOUR
  expect((await device().keyOf(HANNA))?.key).toBe(key)
  await device().keep(HANNA, { key, trusted: true })
  expect(await device().renew(HANNA)).toEqual({ key, trusted: true })
  now += 179 * DAY
  expect((await device().keyOf(HANNA))?.key).toBe(key)
  await device().forget(HANNA)
  expect(await device().renew(HANNA)).toBeUndefined()
  expect(databases.rows('vault-keys').size).toBe(0)
})

it('host keys of an account last no longer than a session that nobody uses, unless the device is trusted', async () => {
  const pair = await newHostKey()
  const hostKeys = new AccountHostKeys(HANNA, device(), databases.factory, () => now)
  const inTheCall = new HostKeys(databases.factory, () => now)
  await hostKeys.keep('M', pair.privateKey, 'hash', 30 * DAY)
  // The page of the meeting would keep it until the meeting is closed.
  await inTheCall.keep('M', pair.privateKey, 'hash', 30 * DAY)
  now += 12 * HOUR
  expect(await inTheCall.of('M')).toBeUndefined()
  await device().keep(HANNA, { key, trusted: true })
  await hostKeys.keep('M', pair.privateKey, 'hash', 30 * DAY)
  now += 29 * DAY
  expect(await inTheCall.of('M')).toBe(pair.privateKey)
})

it('where the browser keeps nothing they go from the page', async () => {
  const hostKeys = new AccountHostKeys(HANNA, device(), undefined, () => now)
  await hostKeys.keep('M', (await newHostKey()).privateKey, 'hash')
  await hostKeys.dropAll()
  expect(await hostKeys.of('M')).toBeUndefined()
})

it('the highest version is remembered for years, whatever comes later', async () => {
  await device().saw(HANNA, 7)
  await device().saw(HANNA, 3)
  now += 3 * 365 * DAY
  expect(await device().version(HANNA)).toBe(7)
})

it('the highest of two tabs counts, in whatever order they write', async () => {
  const [one, other] = [device(), device()]
  await one.saw(HANNA, 5)
  await other.saw(HANNA, 8)
  await one.saw(HANNA, 6)
  for (const tab of [one, other, device()]) expect(await tab.version(HANNA)).toBe(8)
})

it('an older one counts once the person wants it so', async () => {
  await device().saw(HANNA, 7)
  await device().accept(HANNA, 3)
  expect(await device().version(HANNA)).toBe(3)
})

it('where the browser keeps nothing the page does, as long as it lives', async () => {
  const nowhere = new VaultDevice(
    new KeyStore('vault-keys', undefined, () => now),
    new KeyStore('vault-versions', undefined, () => now),
  )
  await nowhere.saw(HANNA, 7)
  await nowhere.saw(HANNA, 3)
  await nowhere.keep(HANNA, { key, trusted: false })
  expect(await nowhere.version(HANNA)).toBe(7)
  expect((await nowhere.keyOf(HANNA))?.key).toBe(key)
})

it('a browser of a version before keeps its host keys', async () => {
  databases = FakeDatabases.ofVersionOne({ meeting: 'M', key: 'host key', at: now })
  await device().keep(HANNA, { key, trusted: false })
  expect(await new HostKeys(databases.factory, () => now).of('M')).toBe('host key')
  expect(databases.rows('vault-keys').size).toBe(1)
})
