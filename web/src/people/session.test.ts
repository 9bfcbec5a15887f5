import { beforeEach, describe, expect, it } from 'vitest'
import { FakeDatabases } from '../call/key-store.stage'
import type { Authenticator } from './passkeys'
import { HANNA, KDF, KeysOnStage, NOBODY, OTTO, ServerOnStage } from './server.stage'
import { invitedByPassword, LINK, opened, PASSWORD, pageAt, signInByPassword, vaultOf } from './session.stage'
import { newVaultKey, passwordMeans, wrapFor } from './vault'
import type { Wrap } from './wire'

const PRF = Uint8Array.from({ length: 32 }, (_, at) => at + 1)

let server: ServerOnStage
let laptop: FakeDatabases
let prf: Uint8Array<ArrayBuffer> | undefined

beforeEach(() => {
  server = new ServerOnStage()
  laptop = new FakeDatabases()
  prf = PRF
})

const authenticator = {
  supported: () => true,
  create: async () => ({ id: 'key-1', clientExtensionResults: { prf: results() } }),
  get: async () => ({ id: 'key-1', clientExtensionResults: { prf: results() } }),
} as unknown as Authenticator

const results = () => (prf ? { enabled: true, results: { first: prf.slice().buffer } } : { enabled: false })

/** A page of this browser, loaded anew. */
const page = (browser = laptop) => pageAt(server, browser, authenticator)
const withPassword = (people = page()) => invitedByPassword(people)

describe('Hanna, who was invited,', () => {
  it('has an account and an open vault, and a recovery key for it', async () => {
    const people = page()
    expect(await withPassword(people)).toMatch(/^(\w{4} ){7}\w{4}$/)
    expect((await people.session.whoAmI()).account?.name).toBe('hanna')
    expect(await opened(people)).toEqual({ v: 1, meetings: [] })
    expect(server.vault.wraps.map(({ kind }) => kind).toSorted()).toEqual(['password', 'recovery'])
  })

  it('with a passkey, too, and the passkey opens the vault', async () => {
    await page().invitations.byPasskey({ ...LINK, token: 't' }, 'hanna', 'Laptop')
    expect(server.vault.wraps.map(({ kind, id }) => `${kind} ${id}`).toSorted()).toEqual(['passkey key-1', 'recovery '])
    const phone = page(new FakeDatabases())
    expect(await phone.session.signInByPasskey(false)).toBe('in')
    expect(await opened(phone)).toEqual({ v: 1, meetings: [] })
  })

  it('with a passkey that opens nothing, has her vault open all the same, here', async () => {
    prf = undefined
    const people = page()
    const { recovery, opens } = await people.invitations.byPasskey({ ...LINK, token: 't' }, 'hanna', 'Laptop')
    expect(server.vault.wraps.map(({ kind }) => kind)).toEqual(['recovery'])
    expect(opens).toBe(false)
    expect(await opened(people)).toEqual({ v: 1, meetings: [] })
    const phone = page(new FakeDatabases())
    await phone.session.signInByPasskey(false)
    expect(await phone.session.openVault()).toBe('locked')
    expect(await phone.session.unlockByRecovery(recovery ?? '', false)).toBe('open')
  })
})

describe('what never reaches the server', () => {
  it('is the password, the vault’s key, the recovery key, and what a passkey tells', async () => {
    const people = page()
    const recovery = await withPassword(people)
    await signInByPassword(page(new FakeDatabases()))
    await page().invitations.byPasskey({ ...LINK, token: 't' }, 'hanna', 'Laptop')
    await page().session.signInByPasskey(false)
    const sent = server.bodies.join('\n')
    expect(sent).toContain('"key"')
    for (const secret of [PASSWORD, recovery, recovery.replaceAll(' ', ''), 'results', ...spellings(PRF)])
      expect(sent).not.toContain(secret)
  })

  const spellings = (bytes: Uint8Array) => [
    Buffer.from(bytes).toString('base64url'),
    Buffer.from(bytes).toString('hex'),
    [...bytes].join(),
  ]
})

describe('signing in by password', () => {
  beforeEach(() => withPassword())

  it('opens the vault on a new device', async () => {
    const phone = page(new FakeDatabases())
    expect(await signInByPassword(phone)).toBe('in')
    expect(await opened(phone)).toEqual({ v: 1, meetings: [] })
  })

  it('fails with another password, and leaves nothing behind', async () => {
    server.session = NOBODY
    const phone = page(new FakeDatabases())
    expect(await signInByPassword(phone, false, 'Fähre im Regen 7')).toBe('refused')
    expect(await phone.session.openVault()).toBe('signed-out')
  })

  it('asks for the code, and makes the keys only once', async () => {
    server.code = '123456'
    const send = await page(new FakeDatabases()).session.beginPassword('hanna', PASSWORD, false)
    expect(await send()).toBe('code_needed')
    expect(await send('000000')).toBe('code_refused')
    expect(await send('123456')).toBe('in')
    expect(server.bodies.filter((body) => body === '{"name":"hanna"}')).toHaveLength(1)
  })

  it('succeeds though the server shows an old vault, and says so when it is wanted', async () => {
    const people = page()
    await signInByPassword(people)
    const old = structuredClone(server.vault)
    const vault = await people.session.openVault()
    if (typeof vault === 'string') throw new Error(vault)
    await vault.change((content) => content)
    server.vault = old
    const again = page()
    expect(await signInByPassword(again)).toBe('in')
    await expect(opened(again)).rejects.toMatchObject({ kind: 'rolled_back' })
  })

  it('is stopped when the server asks for weaker keys: none is sent', async () => {
    server.kdf = { ...KDF, memory_kib: 8 }
    server.bodies.length = 0
    await expect(page().session.beginPassword('hanna', PASSWORD, false)).rejects.toThrow('unsafe')
    expect(server.bodies).toEqual(['{"name":"hanna"}'])
  })

  it('succeeds though the vault is damaged, and says so when it is wanted', async () => {
    server.vault = { ...server.vault, blob: 'AAAA' }
    const phone = page(new FakeDatabases())
    expect(await signInByPassword(phone)).toBe('in')
    expect(await phone.session.openVault()).toBe('locked')
    await expect(phone.session.unlockByPassword(PASSWORD, false)).rejects.toMatchObject({ kind: 'unreadable' })
    expect(await phone.session.openVault()).toBe('locked')
    expect(server.vault.blob).toBe('AAAA')
  })
})

describe('a reload', () => {
  it('finds the vault open, its key no longer to be had for others', async () => {
    const people = page()
    await withPassword(people)
    const keys = await new KeysOnStage().derive('Fähre im Regen 7', KDF)
    expect(await people.session.sealForPassword(keys)).toMatch(/^[\w-]{80}$/)
    const reloaded = page()
    expect(await opened(reloaded)).toEqual({ v: 1, meetings: [] })
    expect(await reloaded.session.sealForPassword(keys)).toBe('locked')
    expect(reloaded.session.canSeal(HANNA)).toBe(false)
    await reloaded.session.unlockByPassword(PASSWORD, false)
    expect(await reloaded.session.sealForPassword(keys)).toMatch(/^[\w-]{80}$/)
  })

  it('on another device finds it locked, and what opens it', async () => {
    await withPassword()
    const phone = page(new FakeDatabases())
    expect(await phone.session.openVault()).toBe('locked')
    expect(await phone.session.lockedBy()).toEqual({ kinds: ['password', 'recovery'] })
    expect(await phone.session.unlockByPassword('Fähre im Regen 7', false)).toBe('wrong_key')
    expect(await phone.session.unlockByRecovery('no key', false)).toBe('wrong_key')
    expect(await phone.session.openVault()).toBe('locked')
    expect(await phone.session.unlockByPassword(PASSWORD, false)).toBe('open')
    expect(await opened(phone)).toEqual({ v: 1, meetings: [] })
  })

  it('on another device opens it by the recovery key', async () => {
    const recovery = await withPassword()
    const phone = page(new FakeDatabases())
    expect(await phone.session.unlockByRecovery(recovery.toLowerCase(), false)).toBe('open')
    expect(await opened(phone)).toEqual({ v: 1, meetings: [] })
  })
})

describe('signing out', () => {
  it('takes the key along', async () => {
    await withPassword()
    const people = page()
    await people.session.signOut()
    expect(await people.session.openVault()).toBe('signed-out')
    server.enter()
    expect(await page().session.openVault()).toBe('locked')
  })

  it('leaves it on a device that is trusted, for that account only', async () => {
    await withPassword()
    const people = page()
    await signInByPassword(people, true)
    await people.session.signOut()
    server.enter()
    expect(await opened(page())).toEqual({ v: 1, meetings: [] })
    server.session = { ...server.enter(), account: { id: OTTO, name: 'otto', role: 'organiser' } }
    expect(await page().session.openVault()).toBe('locked')
  })

  it('is told to the pages that listen', async () => {
    const people = page()
    await withPassword(people)
    const told: (string | undefined)[] = []
    people.session.subscribe(({ account }) => told.push(account?.name))
    await people.session.signOut()
    expect(told).toEqual(['hanna', undefined])
  })
})

describe('after everything was lost', () => {
  it('a new way in and the recovery key give all of it back, and the new password opens it from then on', async () => {
    const recovery = await withPassword()
    server.vault.wraps = server.vault.wraps.filter(({ kind }) => kind === 'recovery')
    const people = page(new FakeDatabases())
    const accepted = await people.invitations.byPassword(
      { ...LINK, kind: 'reset', token: 't' },
      'hanna',
      'Neue Fähre 8',
    )
    expect(accepted.recovery).toBeUndefined()
    expect(await people.session.openVault()).toBe('locked')
    expect(await people.session.unlockByRecovery(recovery, false)).toBe('open')
    expect(server.vault.wraps.map(({ kind }) => kind)).toEqual(['recovery', 'password'])
    expect(await signInByPassword(page(new FakeDatabases()), false, 'Neue Fähre 8')).toBe('in')
  })

  it('without the recovery key a new vault begins, where the old one’s key opens nothing', async () => {
    const old = await withPassword()
    const people = page(new FakeDatabases())
    await signInByPassword(people)
    const fresh = await people.session.beginAnew(false)
    expect(server.vault.version).toBe(1)
    await fresh.save()
    expect(server.vault.version).toBe(2)
    expect(await opened(people)).toEqual({ v: 1, meetings: [] })
    expect(await page(new FakeDatabases()).session.unlockByRecovery(old, false)).toBe('wrong_key')
    expect(await page(new FakeDatabases()).session.unlockByRecovery(fresh.text, false)).toBe('open')
    expect(await page(new FakeDatabases()).session.unlockByPassword(PASSWORD, false)).toBe('open')
  })

  it('a device that has the key of the vault before is asked anew, and takes the new one', async () => {
    await withPassword()
    expect(await opened(page())).toEqual({ v: 1, meetings: [] })
    const phone = page(new FakeDatabases())
    await signInByPassword(phone)
    await (await phone.session.beginAnew(false)).save()
    const behind = page()
    expect(await behind.session.openVault()).toBe('locked')
    expect(await behind.session.unlockByPassword(PASSWORD, false)).toBe('open')
    expect(await opened(page())).toEqual({ v: 1, meetings: [] })
  })

  it('a new vault of which only the blob arrived is completed by trying again', async () => {
    await withPassword()
    const people = page(new FakeDatabases())
    await signInByPassword(people)
    const fresh = await people.session.beginAnew(false)
    const full = () => ({ status: 503, body: { code: 'storage_unavailable' } })
    server.meanwhile = async () => server.instead.set('PUT /api/vault/wraps', full)
    await expect(fresh.save()).rejects.toMatchObject({ code: 'storage_unavailable' })
    server.instead.clear()
    await fresh.save()
    expect(server.puts).toEqual([2])
    expect(await page(new FakeDatabases()).session.unlockByRecovery(fresh.text, false)).toBe('open')
  })

  it('a new vault gives way to what another device has written meanwhile', async () => {
    await withPassword()
    const [people, phone] = [page(new FakeDatabases()), page(new FakeDatabases())]
    await signInByPassword(people)
    await signInByPassword(phone)
    const fresh = await people.session.beginAnew(false)
    await (await vaultOf(phone)).change((content) => content)
    const held = structuredClone(server.vault)
    await expect(fresh.save()).rejects.toMatchObject({ code: 'vault_outdated' })
    expect(server.vault).toEqual(held)
  })

  it('nor does it win over what another device writes at the same moment', async () => {
    await withPassword()
    const people = page(new FakeDatabases())
    await signInByPassword(people)
    const fresh = await people.session.beginAnew(false)
    const blob = 'of the phone'
    server.meanwhile = async () => Object.assign(server.vault, { version: 2, blob })
    await expect(fresh.save()).rejects.toMatchObject({ code: 'vault_outdated' })
    expect(server.vault).toMatchObject({ version: 2, blob })
  })

  it('no new vault is begun by a session too weak to replace what opens the old one', async () => {
    await withPassword()
    const people = page(new FakeDatabases())
    await signInByPassword(people)
    const held = structuredClone(server.vault)
    server.instead.set('PUT /api/vault/wraps', () => ({ status: 403, body: { code: 'second_factor_required' } }))
    const fresh = await people.session.beginAnew(false)
    await expect(fresh.save()).rejects.toMatchObject({ code: 'second_factor_required' })
    expect(server.vault).toEqual(held)
  })

  it('asking for a new vault and leaving it changes nothing, not even back what another tab has just changed', async () => {
    const people = page()
    await withPassword(people)
    const changed: Wrap = { kind: 'password', id: '', wrapped: 'by the new password' }
    server.vault.wraps.sort(({ kind }) => (kind === 'password' ? -1 : 1))
    server.onTheWay = async () => server.api.putWraps(HANNA, [changed])
    await people.session.beginAnew(false)
    expect(server.vault.wraps).toContainEqual(changed)
  })

  it('a new vault in place of an old one that the server showed is no old one', async () => {
    const people = page()
    await withPassword(people)
    const old = structuredClone(server.vault)
    for (const _ of [2, 3, 4]) await (await vaultOf(people)).change((content) => content)
    server.vault = old
    await expect(opened(people)).rejects.toMatchObject({ kind: 'rolled_back' })
    await (await people.session.beginAnew(false)).save()
    expect(await opened(page())).toEqual({ v: 1, meetings: [] })
  })

  it('a restored backup is gone on with when Hanna says so', async () => {
    const people = page()
    await withPassword(people)
    const old = structuredClone(server.vault)
    await (await vaultOf(people)).change((content) => content)
    server.vault = old
    await expect(opened(page())).rejects.toMatchObject({ kind: 'rolled_back' })
    await page().session.acceptOlderVault()
    expect(await opened(page())).toEqual({ v: 1, meetings: [] })
  })

  it('what the password opened is sealed for it anew, once the vault is open by other means', async () => {
    const recovery = await withPassword()
    const elsewhere = await sealedElsewhere()
    server.vault.wraps = server.vault.wraps.map((wrap) => (wrap.kind === 'password' ? elsewhere : wrap))
    const people = page(new FakeDatabases())
    await signInByPassword(people)
    expect(await people.session.openVault()).toBe('locked')
    expect(await people.session.unlockByRecovery(recovery, false)).toBe('open')
    expect(await page(new FakeDatabases()).session.unlockByPassword(PASSWORD, false)).toBe('open')
  })

  it('the vault is open also for a session that may not seal it anew', async () => {
    const recovery = await withPassword()
    const elsewhere = await sealedElsewhere()
    server.vault.wraps = server.vault.wraps.map((wrap) => (wrap.kind === 'password' ? elsewhere : wrap))
    const people = page(new FakeDatabases())
    await signInByPassword(people)
    server.instead.set('PUT /api/vault/wraps', () => ({ status: 403, body: { code: 'second_factor_required' } }))
    expect(await people.session.unlockByRecovery(recovery, false)).toBe('open')
  })

  /** A wrap of the same password that holds another vault's key. */
  async function sealedElsewhere(): Promise<Wrap> {
    const keys = await new KeysOnStage().derive(PASSWORD, server.kdf)
    return wrapFor(passwordMeans(keys), HANNA, newVaultKey())
  }

  it('a page with the key of the vault before seals nothing with it', async () => {
    const people = page()
    await withPassword(people)
    const phone = page(new FakeDatabases())
    await signInByPassword(phone)
    await (await phone.session.beginAnew(false)).save()
    expect(await people.session.newRecoveryKey()).toBe('locked')
    expect(people.session.canSeal(HANNA)).toBe(false)
  })

  it('a password that is no more is sealed for no more', async () => {
    const people = page()
    await withPassword(people)
    const changed = await new KeysOnStage().derive('Neue Fähre 8', server.kdf)
    people.session.passwordIs(changed)
    await (await people.session.beginAnew(false)).save()
    const phone = page(new FakeDatabases())
    expect(await phone.session.unlockByPassword(PASSWORD, false)).toBe('wrong_key')
    expect(await phone.session.unlockByPassword('Neue Fähre 8', false)).toBe('open')
  })

  it('without password and passkey only the recovery key opens a new vault, and it says so', async () => {
    const people = page()
    await withPassword(people)
    expect((await people.session.beginAnew(false)).only).toBe(false)
    people.session.passwordIs(undefined)
    expect((await people.session.beginAnew(false)).only).toBe(true)
  })

  it('nor is it for a passkey that was removed', async () => {
    const people = page()
    await people.invitations.byPasskey({ ...LINK, token: 't' }, 'hanna', 'Laptop')
    people.session.passkeyIsGone('another')
    expect((await people.session.beginAnew(false)).only).toBe(false)
    people.session.passkeyIsGone('key-1')
    expect((await people.session.beginAnew(false)).only).toBe(true)
  })

  it('a new recovery key makes the old one void', async () => {
    const people = page()
    const old = await withPassword(people)
    const fresh = await people.session.newRecoveryKey()
    if (fresh === 'locked') throw new Error(fresh)
    await fresh.save()
    expect(await page(new FakeDatabases()).session.unlockByRecovery(old, false)).toBe('wrong_key')
    expect(await page(new FakeDatabases()).session.unlockByRecovery(fresh.text, false)).toBe('open')
  })

  it('one that was shown before her phone began the vault anew does not replace the new vault’s', async () => {
    const people = page()
    await withPassword(people)
    const old = await people.session.newRecoveryKey()
    if (old === 'locked') throw new Error(old)
    const phone = page(new FakeDatabases())
    await signInByPassword(phone)
    const anew = await phone.session.beginAnew(false)
    await anew.save()
    await expect(old.save()).rejects.toMatchObject({ name: 'VaultTrouble', kind: 'unreadable' })
    expect(await page(new FakeDatabases()).session.unlockByRecovery(anew.text, false)).toBe('open')
  })
})

it('an account without a vault is offered one', async () => {
  server.enter()
  const people = page()
  expect(await people.session.openVault()).toBe('locked')
  expect(await people.session.lockedBy()).toBe('none')
  const fresh = await people.session.beginAnew(false)
  await fresh.save()
  expect(await opened(people)).toEqual({ v: 1, meetings: [] })
  expect(await people.session.lockedBy()).toEqual({ kinds: ['recovery'] })
})
