// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeDatabases } from '../../call/key-store.stage'
import { en as pages } from '../../i18n/en'
import { en } from '../../i18n/people.en'
import { en as schedule } from '../../i18n/schedule.en'
import { Passkeys } from '../../people/passkeys'
import { People } from '../../people/people'
import { HANNA, KeysOnStage, ServerOnStage } from '../../people/server.stage'
import { eventually, House } from '../pages.stage'
import { click, named, press, reads } from './people.stage'

let house: House
let server: ServerOnStage

beforeEach(() => {
  sessionStorage.clear()
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  server = new ServerOnStage()
  house = new House()
  house.operator = { ...(house.operator as NonNullable<typeof house.operator>), open: false }
  house.people = new People(server.api, new KeysOnStage(), new Passkeys(), new FakeDatabases().factory, () => 0)
})
afterEach(() => house.close())

/** The next answer to it is an error; then all is well again. */
function failOnce(what: string): void {
  server.instead.set(what, () => {
    server.instead.delete(what)
    return { status: 503, body: { code: 'storage_unavailable' } }
  })
}

const text = () => document.body.textContent ?? ''
const buttons = () => [...document.querySelectorAll('button')].map((button) => button.textContent?.trim())

/** Hanna has an account and a vault that is open here. */
async function withVault(): Promise<void> {
  const link = { kind: 'invitation', role: 'organiser', name: null, account: HANNA, expires_at: '' } as const
  await house.people.invitations.byPassword({ ...link, token: 't' }, 'hanna', 'Gabelstapler moos 7 Kontrabass')
}

describe('the start page of Hanna, who is signed in,', () => {
  it('has what she can do in its order: start, schedule, her meetings, sign out', async () => {
    await withVault()
    house.enter('/')
    await reads(schedule.list.none)
    const order = [pages.home.start, en.home.schedule, schedule.list.heading, en.home.signOut]
    const found = [...document.querySelectorAll('button, h2')].map((one) => one.textContent?.trim() ?? '')
    expect(found.filter((name) => order.includes(name))).toEqual(order)
  })

  it('keeps all of that when signing out fails, and says so', async () => {
    await withVault()
    house.enter('/')
    await reads(schedule.list.none)
    failOnce('DELETE /api/session')
    await click(en.home.signOut)
    await reads(en.home.signedIn.heading)
    expect(buttons()).toEqual(expect.arrayContaining([pages.home.start, en.home.schedule, en.home.signOut]))
    expect(text()).toContain(schedule.list.none)
    await click(en.home.again)
    await named('button', en.home.signIn)
    expect(text()).toContain(en.home.signedOut)
    expect(text()).not.toContain(en.home.signedIn.heading)
  })

  it('says that she is signed out on a line that was there, and leads on to signing in', async () => {
    await withVault()
    house.enter('/')
    await reads(schedule.list.none)
    const lines = [...document.querySelectorAll('.start [role=status]')]
    press(await named('button', en.home.signOut))
    const signIn = await named('button', en.home.signIn)
    expect(lines.map((line) => line.textContent)).toEqual([en.home.signedOut])
    await eventually(() => expect(document.activeElement).toBe(signIn))
  })

  it('leaves the focus where it is when her session ends by itself', async () => {
    await withVault()
    house.enter('/')
    await reads(schedule.list.none)
    const field = await named('input', pages.home.link)
    field.focus()
    await house.people.session.signOut()
    await named('button', en.home.signIn)
    expect(document.activeElement).toBe(field)
  })

  it('looks again when the server did not answer at first', async () => {
    server.enter('hanna')
    failOnce('GET /api/session')
    house.enter('/')
    await reads(en.home.unknown.heading)
    await click(en.home.again)
    await named('button', en.home.signOut)
    expect(text()).not.toContain(en.home.unknown.heading)
  })

  it('offers a vault to somebody whose account has none yet, as one from a provider', async () => {
    server.enter('hanna')
    house.enter('/')
    await reads(en.vault.noneLead)
    expect(text()).not.toContain(schedule.list.locked)
    await click(en.vault.make)
    await eventually(() => expect(document.querySelector('.door h2')?.textContent).toBe(en.vault.none))
    // Its key counts for nothing before it is kept: whoever leaves it loses nothing.
    await click(en.vault.make)
    await eventually(() => expect(document.querySelector('#keep-heading')?.textContent).toBe(en.recovery.heading))
    dispatchEvent(new PopStateEvent('popstate'))
    await reads(en.leaving.newKey)
    expect(server.vault.wraps).toEqual([])
  })

  it('of a vault that is closed here says just that', async () => {
    await withVault()
    house.people = new People(server.api, new KeysOnStage(), new Passkeys(), new FakeDatabases().factory, () => 0)
    house.enter('/')
    await reads(schedule.list.locked)
    expect(text()).not.toContain(en.vault.noneLead)
  })
})
