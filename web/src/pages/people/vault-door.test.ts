// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { en } from '../../i18n/people.en'
import { ServerOnStage } from '../../people/server.stage'
import { eventually, type House, see } from '../pages.stage'
import { accountAt, click, field, givesPassword, houseAt, linkAt, text } from './entering.stage'

let house: House
let server: ServerOnStage

beforeEach(() => {
  server = new ServerOnStage()
  house = houseAt(server)
})
afterEach(() => house.close())

describe('a device that Hanna trusts', () => {
  beforeEach(async () => {
    await accountAt(server)
    house.enter('/signin')
    ;(await field(en.signIn.trust)).click()
    await givesPassword()
    await click('Sign out')
  })

  it('is trusted still when she leaves the box alone the next time', async () => {
    await click('Sign in')
    await givesPassword()
    await see('button', 'Sign out')
    expect(await house.people.session.trustsDevice()).toBe(true)
  })

  it('shows that it is where the vault is unlocked', async () => {
    await house.close()
    server.vault = { ...server.vault, wraps: server.vault.wraps.filter(({ kind }) => kind === 'recovery') }
    linkAt(server, 'reset', 'organiser', 'hanna')
    house.enter('/invite#token')
    await click('Create a passkey')
    await field('Vault recovery key')
    await eventually(async () => expect((await field(en.signIn.trust)).checked).toBe(true))
  })
})

describe('a vault that is older than this browser has seen it', () => {
  it('is an alarm, and gone on with only by whoever says so twice', async () => {
    await accountAt(server)
    house.enter('/signin')
    await givesPassword()
    await see('button', 'Sign out')
    await house.close()
    const old = structuredClone(server.vault)
    const vault = await house.people.session.openVault()
    if (typeof vault === 'string') throw new Error(vault)
    await vault.change((content) => content)
    server.vault = old
    house.enter('/')
    await eventually(() => expect(text()).toContain(en.vault.rolledBack.heading))
    await click(en.vault.older.go)
    expect(text()).toContain(en.vault.older.help)
    expect(text()).toContain(en.vault.rolledBack.heading)
    await click(en.vault.older.confirm)
    await eventually(() => expect(text()).not.toContain(en.vault.rolledBack.heading))
    expect((await vault.read()).meetings).toEqual([])
  })
})
