import { beforeEach, describe, expect, it } from 'vitest'
import { KeyStore } from '../call/key-store'
import { FakeDatabases } from '../call/key-store.stage'
import type { VaultContent, VaultMeeting } from './content'
import { VaultDevice } from './device'
import { HANNA, OTTO, ServerOnStage } from './server.stage'
import {
  AccountVault,
  freshVault,
  importVaultKey,
  newVaultKey,
  openBlob,
  recoveryMeans,
  sealBlob,
  unwrap,
  wrapFor,
} from './vault'

const EMPTY: VaultContent = { v: 1, meetings: [] }

let server: ServerOnStage
let raw = newVaultKey()

beforeEach(() => {
  server = new ServerOnStage()
  raw = newVaultKey()
})

function meeting(title: string): VaultMeeting {
  return { meeting: 'M', secret: 'S', host: 'HK', seed: 'X', title, created: '2026-11-22T10:00:00Z' }
}

const adding = (title: string) => (content: VaultContent) => ({
  ...content,
  meetings: [...content.meetings, meeting(title)],
})

async function vaultAt(databases = new FakeDatabases(), account = HANNA): Promise<AccountVault> {
  const now = () => Date.UTC(2026, 10, 22)
  const device = new VaultDevice(
    new KeyStore('vault-keys', databases.factory, now),
    new KeyStore('vault-versions', databases.factory, now),
  )
  return new AccountVault(server.api, device, account, await importVaultKey(raw))
}

const titles = ({ meetings }: VaultContent) => meetings.map(({ title }) => title)

describe('Hanna’s vault', () => {
  it('is empty at first, and holds what she puts into it', async () => {
    const vault = await vaultAt()
    expect(await vault.read()).toEqual(EMPTY)
    await vault.change(adding('Budget'))
    expect(titles(await (await vaultAt()).read())).toEqual(['Budget'])
    expect(server.bodies.join()).not.toContain('Budget')
  })

  it('keeps what a later version has written into it', async () => {
    const vault = await vaultAt()
    const later = { ...EMPTY, colours: 3, meetings: [{ ...meeting('Budget'), room: 'blue' }] }
    await vault.change(() => later as VaultContent)
    await vault.change(adding('Party'))
    expect(await vault.read()).toMatchObject({ colours: 3, meetings: [{ room: 'blue' }, { title: 'Party' }] })
  })

  it('tells nobody by its size whether there is one meeting more', async () => {
    const vault = await vaultAt()
    await vault.change(adding('a'))
    const size = server.vault.blob?.length
    await vault.change(adding('b'))
    expect(server.vault.blob?.length).toBe(size)
  })

  it('is changed by two devices at once, and both changes are there', async () => {
    const [laptop, phone] = await Promise.all([vaultAt(), vaultAt()])
    await laptop.change(adding('Budget'))
    server.meanwhile = () => phone.change(adding('Party'))
    await laptop.change(adding('Review'))
    expect(titles(await phone.read())).toEqual(['Budget', 'Party', 'Review'])
    expect(server.puts).toEqual([1, 2, 2, 3])
  })

  it('is changed twice in a row by one page, one after the other', async () => {
    const vault = await vaultAt()
    await Promise.all([vault.change(adding('Budget')), vault.change(adding('Party'))])
    expect(titles(await vault.read())).toEqual(['Budget', 'Party'])
    expect(server.puts).toEqual([1, 2])
  })

  it('is read by one tab while another one saves it: that is no old vault', async () => {
    const browser = new FakeDatabases()
    const [one, other] = [await vaultAt(browser), await vaultAt(browser)]
    await one.change(adding('Budget'))
    server.onTheWay = () => other.change(adding('Party'))
    expect(titles(await one.read())).toEqual(['Budget'])
    expect(titles(await one.read())).toEqual(['Budget', 'Party'])
  })

  it('is given up on, aloud, when others are always faster', async () => {
    const vault = await vaultAt()
    server.instead.set('PUT /api/vault', () => ({ status: 409, body: { code: 'vault_outdated' } }))
    await expect(vault.change(adding('Budget'))).rejects.toMatchObject({ kind: 'contended' })
  })

  it('is not sent when it is too large, and the old one stays', async () => {
    const vault = await vaultAt()
    await vault.change(adding('Budget'))
    await expect(vault.change(adding('x'.repeat(900_000)))).rejects.toMatchObject({ kind: 'too_large' })
    expect(titles(await vault.read())).toEqual(['Budget'])
  })
})

describe('a server that lies about it', () => {
  async function twice(databases: FakeDatabases): Promise<AccountVault> {
    const vault = await vaultAt(databases)
    await vault.change(adding('Budget'))
    old = structuredClone(server.vault)
    await vault.change(adding('Party'))
    return vault
  }
  let old: ServerOnStage['vault']

  it('shows an old one: that is noticed, also after a reload, and nothing is written over it', async () => {
    const databases = new FakeDatabases()
    const vault = await twice(databases)
    server.vault = old
    await expect(vault.read()).rejects.toMatchObject({ kind: 'rolled_back' })
    const reloaded = await vaultAt(databases)
    await expect(reloaded.change(adding('Review'))).rejects.toMatchObject({ kind: 'rolled_back' })
    expect(server.vault).toBe(old)
  })

  it('shows an old one, which Hanna wants to go on with: it counts, and a still older one does not', async () => {
    const browser = new FakeDatabases()
    const vault = await twice(browser)
    server.vault = old
    await vault.acceptOlder()
    expect(titles(await (await vaultAt(browser)).read())).toEqual(['Budget'])
    await vault.change(adding('Review'))
    server.vault = { version: 0, blob: null, wraps: [] }
    await expect(vault.read()).rejects.toMatchObject({ kind: 'rolled_back' })
  })

  it('shows what is no vault of hers: she cannot go on with that', async () => {
    const vault = await twice(new FakeDatabases())
    const truth = server.vault
    server.vault = { ...old, version: 0 }
    await expect(vault.acceptOlder()).rejects.toMatchObject({ kind: 'unreadable' })
    server.vault = old
    await expect(vault.read()).rejects.toMatchObject({ kind: 'rolled_back' })
    server.vault = truth
    expect(titles(await vault.read())).toEqual(['Budget', 'Party'])
  })

  it('shows none at all any more: that is an old one too', async () => {
    const vault = await twice(new FakeDatabases())
    server.vault = { version: 0, blob: null, wraps: [] }
    await expect(vault.read()).rejects.toMatchObject({ kind: 'rolled_back' })
  })

  it.for([
    ['an old one under a new number', () => ({ ...server.vault, version: 3 })],
    ['one that is cut off', () => ({ ...server.vault, blob: server.vault.blob?.slice(0, -4) ?? null })],
    ['one with a bit turned', () => ({ ...server.vault, blob: flipped(server.vault.blob ?? '') })],
    ['garbage', () => ({ ...server.vault, blob: 'no blob!' })],
    ['nothing under a high number', () => ({ ...server.vault, blob: null })],
  ] as const)('shows %s: it is not read, not written over, and not remembered', async ([, lie]) => {
    const databases = new FakeDatabases()
    const vault = await twice(databases)
    const [truth, lied] = [server.vault, lie()]
    server.vault = lied
    await expect(vault.read()).rejects.toMatchObject({ kind: 'unreadable' })
    await expect(vault.change(adding('Review'))).rejects.toMatchObject({ kind: 'unreadable' })
    expect(server.vault).toBe(lied)
    server.vault = truth
    expect(titles(await vault.read())).toEqual(['Budget', 'Party'])
  })

  it('gives Hanna’s vault to Otto, who even has her key: it is not his', async () => {
    await twice(new FakeDatabases())
    server.whose = OTTO
    await expect((await vaultAt(new FakeDatabases(), OTTO)).read()).rejects.toMatchObject({ kind: 'unreadable' })
  })

  it('gives what is no vault, sealed with the right key: it is not read', async () => {
    const key = await importVaultKey(raw)
    const blob = await sealBlob(key, HANNA, 1, { v: 2 } as unknown as VaultContent)
    await expect(openBlob(key, HANNA, 1, blob)).rejects.toMatchObject({ kind: 'unreadable' })
  })
})

describe('the vault’s key', () => {
  it('opens by the recovery key on a new device, and by no other one', async () => {
    const { recovery, wraps, raw: made } = await freshVault(HANNA, 1, [])
    expect(await unwrap(await recoveryMeans(recovery.bytes), HANNA, wraps)).toEqual(made)
    expect(await unwrap(await recoveryMeans(new Uint8Array(20)), HANNA, wraps)).toBeUndefined()
  })

  it('sealed for one account, kind or passkey opens for no other', async () => {
    const { wrapping } = await recoveryMeans(new Uint8Array(20))
    const sealed = await wrapFor({ kind: 'passkey', id: 'a', wrapping }, HANNA, raw)
    const swapped = [
      { ...sealed, id: 'b' },
      { ...sealed, kind: 'recovery' as const, id: '' },
    ]
    expect(await unwrap({ kind: 'passkey', id: 'a', wrapping }, HANNA, [sealed])).toEqual(raw)
    expect(await unwrap({ kind: 'passkey', id: 'a', wrapping }, OTTO, [sealed])).toBeUndefined()
    expect(await unwrap({ kind: 'passkey', id: 'b', wrapping }, HANNA, swapped)).toBeUndefined()
    expect(await unwrap({ kind: 'recovery', id: '', wrapping }, HANNA, swapped)).toBeUndefined()
  })

  it('cannot be read out of the browser', async () => {
    const key = await importVaultKey(raw)
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
  })
})

function flipped(blob: string): string {
  const at = blob.length >> 1
  return blob.slice(0, at) + (blob[at] === 'A' ? 'B' : 'A') + blob.slice(at + 1)
}
