import { beforeEach, describe, expect, it } from 'vitest'
import { HostKeys } from '../call/host-keys'
import { FakeDatabases } from '../call/key-store.stage'
import { newHostKey } from '../call/keys'
import type { People } from './people'
import { HANNA, KDF, KeysOnStage, OTTO, ServerOnStage } from './server.stage'
import { invitedByPassword, opened, PASSWORD, pageAt, signInByPassword, vaultOf } from './session.stage'

const NEW_PASSWORD = { kdf: KDF, key: 'K', current: null, wrap: null }

/** What a browser keeps of whoever was signed in, and does not keep. */
const MONTH_MS = 30 * 24 * 3_600_000

let server: ServerOnStage
let laptop: FakeDatabases

beforeEach(() => {
  server = new ServerOnStage()
  laptop = new FakeDatabases()
})

const page = (browser = laptop) => pageAt(server, browser)
const withPassword = (people = page()) => invitedByPassword(people)

describe('a device that Hanna trusts', () => {
  beforeEach(() => withPassword())

  it('stays so when she leaves the box alone the next time', async () => {
    await signInByPassword(page(), true)
    await page().session.signOut()
    const people = page()
    await signInByPassword(people, 'as-before')
    expect(await people.session.trustsDevice()).toBe(true)
    await people.session.signOut()
    server.enter()
    expect(await opened(page())).toEqual({ v: 1, meetings: [] })
  })

  it('is none any more once she says so', async () => {
    await signInByPassword(page(), true)
    const people = page()
    expect(await people.session.unlockByPassword(PASSWORD, false)).toBe('open')
    expect(await people.session.trustsDevice()).toBe(false)
    await people.session.signOut()
    server.enter()
    expect(await page().session.openVault()).toBe('locked')
  })

  it('becomes so also when the vault is open already', async () => {
    const people = page()
    await signInByPassword(people)
    expect(await people.session.trustsDevice()).toBe(false)
    await people.session.trustDevice()
    await people.session.signOut()
    server.enter()
    expect(await opened(page())).toEqual({ v: 1, meetings: [] })
  })
})

describe('a device that Hanna trusts as soon as she has her account', () => {
  it('is so though the server did not answer for a moment', async () => {
    const people = page()
    const unwell = () => ({ status: 503, body: { code: 'storage_unavailable' } })
    server.instead.set('GET /api/vault', unwell)
    await withPassword(people)
    server.instead.clear()
    await people.session.trustDevice()
    await people.session.signOut()
    server.enter()
    expect(await opened(page())).toEqual({ v: 1, meetings: [] })
  })

  it('notices when the server shows none of the vault that it was given', async () => {
    await withPassword()
    server.vault = { ...server.vault, version: 0, blob: null }
    await expect(opened(page())).rejects.toMatchObject({ kind: 'rolled_back' })
  })

  it('is not while the vault is closed, and it says so', async () => {
    server.enter()
    await expect(page().session.trustDevice()).rejects.toMatchObject({ name: 'VaultTrouble' })
  })
})

describe('two tabs with one cookie', () => {
  const BEHIND = { code: 'signin_needed' }

  /** In the other tab Hanna signs out, and Otto in. */
  function ottoSignsIn(): ServerOnStage['vault'] {
    server.session = { ...server.enter('otto'), account: { id: OTTO, name: 'otto', role: 'organiser' } }
    server.vault = { version: 1, blob: 'Otto’s', wraps: [{ kind: 'recovery', id: '', wrapped: 'Otto’s' }] }
    return structuredClone(server.vault)
  }

  it('in Hanna’s nothing is written over what is Otto’s, and nothing of his is taken for hers', async () => {
    const people = page()
    await withPassword(people)
    const { session } = people
    const keys = await new KeysOnStage().derive('Neue Fähre 8', KDF)
    const vault = await vaultOf(people)
    const anew = await session.beginAnew(false)
    const recovery = await session.newRecoveryKey()
    if (recovery === 'locked') throw new Error(recovery)
    const his = ottoSignsIn()
    await expect(vault.change((content) => content)).rejects.toMatchObject(BEHIND)
    await expect(session.sealForPassword(keys)).rejects.toMatchObject(BEHIND)
    await expect(anew.save()).rejects.toMatchObject(BEHIND)
    await expect(recovery.save()).rejects.toMatchObject(BEHIND)
    expect(server.vault).toEqual(his)
  })

  it('Hanna’s learns who is signed in by now', async () => {
    const people = page()
    await withPassword(people)
    ottoSignsIn()
    await expect(people.session.lockedBy()).rejects.toMatchObject(BEHIND)
    expect((await people.session.whoAmI()).account?.name).toBe('otto')
  })

  it('what Hanna’s does to her account does not reach Otto’s: not even its deletion', async () => {
    const people = page()
    await withPassword(people)
    ottoSignsIn()
    await expect(people.session.erase(HANNA)).rejects.toMatchObject(BEHIND)
    await expect(people.api.setPassword({ ...NEW_PASSWORD })).rejects.toMatchObject(BEHIND)
    await expect(people.session.lockedBy()).rejects.toMatchObject(BEHIND)
    await people.session.whoAmI()
    await expect(people.session.erase(HANNA)).rejects.toMatchObject(BEHIND)
    expect(server.deleted).toEqual([])
  })

  it('signing out in one while the other asks for the vault: no key stays', async () => {
    await withPassword()
    const [one, other] = [page(), page()]
    await other.session.openVault()
    server.onTheWay = () => other.session.signOut()
    expect(await one.session.openVault()).toBe('locked')
    expect(laptop.rows('vault-keys').size).toBe(0)
  })

  it.each([
    ['asks for the vault', (one: People) => one.session.openVault()],
    ['signs in once more', (one: People) => signInByPassword(one, 'as-before')],
  ])('trust withdrawn in one while the other %s stays withdrawn', async (_, act) => {
    const first = page()
    await withPassword(first)
    await first.session.trustDevice()
    const [one, other] = [page(), page()]
    server.onTheWay = () => other.session.unlockByPassword(PASSWORD, false)
    await act(one)
    expect(await page().session.trustsDevice()).toBe(false)
  })

  it('Otto’s own page deletes his', async () => {
    await withPassword()
    ottoSignsIn()
    await page().session.erase(OTTO)
    expect(server.deleted).toEqual(['otto'])
  })

  it('every request about an account or its vault says whose the page takes it for, and no other does', async () => {
    const people = page()
    await withPassword(people)
    server.named.length = 0
    await people.session.lockedBy()
    await people.api.removeNotice('n').catch(() => undefined)
    await people.api.session()
    await people.api.people().catch(() => undefined)
    expect(server.named).toEqual([
      `GET /api/vault ${HANNA}`,
      `DELETE /api/account/notices/n ${HANNA}`,
      'GET /api/session undefined',
      'GET /api/admin/people undefined',
    ])
  })
})

describe('the host keys of planned meetings', () => {
  const hostKeys = () => new HostKeys(laptop.factory, () => 0)
  const planned = { secret: 'S', host: 'HK', seed: 'X', title: 'Budget', created: '2026-11-22T10:00:00Z' }

  /** `M` is in her vault, and she has started it here; the link to `guest` somebody gave her. */
  async function withMeetings(people: People): Promise<void> {
    const { privateKey } = await newHostKey()
    await (await vaultOf(people)).change((held) => ({ ...held, meetings: [{ ...planned, meeting: 'M' }] }))
    await people.hostKeysOf(HANNA).keep('M', privateKey, 'hash', MONTH_MS)
    await hostKeys().keep('guest', privateKey, 'hash', MONTH_MS)
  }

  it('go with signing out', async () => {
    const people = page()
    await withPassword(people)
    await withMeetings(people)
    await people.session.signOut()
    expect(await hostKeys().of('M')).toBeUndefined()
    expect(await hostKeys().of('guest')).toBeDefined()
  })

  it('go also from a page that has used them', async () => {
    const people = page()
    await withPassword(people)
    await withMeetings(people)
    const used = hostKeys()
    await used.keep('M', (await newHostKey()).privateKey, 'hash', MONTH_MS)
    await people.session.signOut()
    expect(await used.of('M')).toBeUndefined()
  })

  it('go though the server does not show the vault, or an older one, or one without the meeting', async () => {
    const unwell = () => ({ status: 503, body: { code: 'storage_unavailable' } })
    let older = server.vault
    const hindrances = [
      async () => void server.instead.set('GET /api/vault', unwell),
      async () => void Object.assign(server.vault, older),
      async (people: People) => void (await (await vaultOf(people)).change((held) => ({ ...held, meetings: [] }))),
    ]
    for (const hinder of hindrances) {
      const people = page()
      await withPassword(people)
      older = structuredClone(server.vault)
      await withMeetings(people)
      await hinder(people)
      await people.session.signOut()
      expect(await hostKeys().of('M')).toBeUndefined()
      server.instead.clear()
      laptop = new FakeDatabases()
    }
  })

  it('of another account stay', async () => {
    const people = page()
    await withPassword(people)
    await people.hostKeysOf(OTTO).keep('his', (await newHostKey()).privateKey, 'hash', MONTH_MS)
    await people.session.signOut()
    expect(await hostKeys().of('his')).toBeDefined()
  })

  it('stay on a device that is trusted, until the account is deleted', async () => {
    const people = page()
    await withPassword(people)
    await people.session.trustDevice()
    await withMeetings(people)
    await people.session.signOut()
    expect(await hostKeys().of('M')).toBeDefined()
    server.enter()
    await page().session.erase(HANNA)
    expect(await hostKeys().of('M')).toBeUndefined()
    expect(laptop.rows('vault-keys').size).toBe(0)
  })

  it('stay where the account could not be deleted', async () => {
    const people = page()
    await withPassword(people)
    await withMeetings(people)
    server.instead.set('DELETE /api/account', () => ({ status: 403, body: { code: 'second_factor_required' } }))
    await expect(people.session.erase(HANNA)).rejects.toMatchObject({ code: 'second_factor_required' })
    expect(await hostKeys().of('M')).toBeDefined()
    expect(await opened(page())).toMatchObject({ meetings: [{ title: 'Budget' }] })
  })
})
