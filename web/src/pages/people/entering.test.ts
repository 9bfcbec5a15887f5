// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { en as pages } from '../../i18n/en'
import { de } from '../../i18n/people.de'
import { en } from '../../i18n/people.en'
import { HANNA, ServerOnStage } from '../../people/server.stage'
import type { AccountRole, InvitationAnswer } from '../../people/wire'
import { eventually, type House, LINK, see } from '../pages.stage'
import { accountAt, click, field, fill, givesPassword, houseAt, linkAt, PASSWORD, text } from './entering.stage'

const SECRET = 'JBSWY3DPEHPK3PXP'

let house: House
let server: ServerOnStage

beforeEach(() => {
  server = new ServerOnStage()
  house = houseAt(server)
})
afterEach(() => house.close())

function linkFor(kind: InvitationAnswer['kind'], role: AccountRole, name: string | null = null): void {
  linkAt(server, kind, role, name)
}
const withAccount = (code?: string) => accountAt(server, code)

describe('the start page where accounts are needed', () => {
  it('offers to sign in, and no meeting', async () => {
    house.enter('/')
    await see('button', 'Sign in')
    expect(text()).not.toContain(pages.home.start)
  })

  it('offers Hanna, who is signed in, to start and to schedule, and to sign out', async () => {
    server.enter('hanna')
    house.enter('/')
    await see('button', 'Start a meeting')
    await see('button', 'Schedule a meeting')
    await see('h2', 'Your meetings')
    expect(text()).toContain('Signed in as hanna')
    expect(text()).not.toContain('Administration')
    await click('Sign out')
    await see('button', 'Sign in')
    expect(text()).not.toContain('Your meetings')
  })

  it('offers an auditor neither, and an administrator the administration', async () => {
    server.session = { ...server.enter('ada'), account: { id: HANNA, name: 'ada', role: 'auditor' } }
    house.enter('/')
    await see('button', 'Sign out')
    expect(text()).not.toContain('Schedule a meeting')
    await house.close()
    server.session = { ...server.enter('ada'), account: { id: HANNA, name: 'ada', role: 'administrator' } }
    await house.people.session.whoAmI(true)
    house.enter('/')
    await see('a', 'Administration')
  })
})

describe('signing in', () => {
  it('brings Hanna back to the page that sent her', async () => {
    await withAccount()
    house.enter(LINK)
    await see('a', pages.footer.imprint)
    history.pushState({ from: '/imprint' }, '', '/signin')
    dispatchEvent(new PopStateEvent('popstate'))
    await givesPassword()
    await see('h1', 'Imprint')
    expect(location.pathname).toBe('/imprint')
  })

  it('brings Gustav, who needs an account for this meeting, back to its whole link', async () => {
    await withAccount()
    house.found = { refused: 'signin_needed' }
    house.enter(LINK)
    const button = await see('button', 'Sign in')
    house.found = { title: 'Budget', host: false, waitingRoom: true }
    button.click()
    await givesPassword()
    await see('h1', 'Budget')
    expect(location.pathname + location.hash).toBe(LINK)
    expect(server.bodies.join()).not.toContain('S'.repeat(43))
  })

  it('asks for a code where there is a second factor, and takes a backup code', async () => {
    await withAccount('K7M2-QX9Z')
    house.enter('/signin')
    await givesPassword()
    await fill('Code', '111 111')
    await click('Sign in')
    await eventually(() => expect(text()).toContain(en.signIn.codeRefused.heading))
    ;(await see<HTMLAnchorElement>('a', 'Use a backup code')).click()
    await eventually(() => expect(text()).toContain(en.signIn.backupHint))
    expect(location.pathname).toBe('/signin')
    await fill('Code', 'k7m2-qx9z')
    await click('Sign in')
    await see('button', 'Sign out')
  })

  it('leads back from the code to name and password', async () => {
    await withAccount('123456')
    house.enter('/signin')
    await givesPassword()
    await field('Code')
    await click(en.signIn.startOver)
    const name = await field('Sign-in name')
    await eventually(() => expect(document.activeElement).toBe(name))
    await givesPassword()
    await fill('Code', '123456')
    await click('Sign in')
    await see('button', 'Sign out')
  })

  it('stands in the order of the ways: passkey, name and password, provider', async () => {
    const operator = house.operator as NonNullable<typeof house.operator>
    house.operator = { ...operator, signIn: { passkeys: true, provider: 'Nordstern' } }
    house.enter('/signin')
    await see('button', 'Sign in with Nordstern')
    const ways = [...document.querySelectorAll('.card button')].map(({ textContent }) => textContent?.trim())
    expect(ways).toEqual(['Sign in with a passkey', 'Sign in', 'Sign in with Nordstern'])
  })

  it('tells Otto nothing but that it does not match', async () => {
    await withAccount()
    house.enter('/signin')
    await givesPassword('something else altogether')
    await eventually(() =>
      expect(document.querySelector('[role=alert]')?.textContent).toContain(en.signIn.refused.help),
    )
    expect((await field('Password')).value).toBe('')
  })

  it('waits when the server wants it to, and says how long', async () => {
    server.instead.set('POST /api/signin/password/kdf', () => ({ status: 429, body: { code: 'too_many_attempts' } }))
    house.enter('/signin')
    await givesPassword()
    await eventually(() => expect(text()).toContain(en.signIn.tooMany.heading))
  })

  it('sends nothing of a password that the server wants to have weakly protected', async () => {
    server.kdf = { ...server.kdf, passes: 1 }
    house.enter('/signin')
    await givesPassword()
    await eventually(() => expect(text()).toContain(en.signIn.unsafe.heading))
    expect(server.bodies.filter(Boolean)).toEqual(['{"name":"hanna"}'])
  })

  it.for([
    ['#provider-refused', en.signIn.providerRefused.heading],
    ['#provider-unavailable', en.signIn.providerUnavailable.heading],
    ['#no-account', en.signIn.noAccount.heading],
  ] as const)('says what came of the provider: %s', async ([hash, heading]) => {
    house.enter(`/signin${hash}`)
    await eventually(() => expect(text()).toContain(heading))
    expect(location.href).not.toContain('#')
  })

  it('offers no passkey where the address cannot have any, and the provider by its name', async () => {
    const operator = house.operator as NonNullable<typeof house.operator>
    house.operator = { ...operator, signIn: { passkeys: false, provider: 'Nordstern' } }
    house.enter('/signin', 'de')
    await see('button', 'Mit Nordstern anmelden')
    await eventually(() => expect(text()).toContain(de.signIn.noPasskeys))
    expect(text()).not.toContain('Mit Passkey anmelden')
  })
})

describe('an invitation', () => {
  it('leaves the address bar at once, and leads over the recovery key into the account', async () => {
    linkFor('invitation', 'organiser')
    house.enter('/invite#token')
    await see('h1', en.invitation.invitation)
    expect(location.href).not.toContain('token')
    await fill('Sign-in name', 'hanna')
    await click('Create a passkey')
    await see('h1', 'Vault recovery key')
    expect(document.querySelector('.key')?.textContent).toMatch(/(\w{4}\s*){8}/)
    expect(text()).toContain('Nobody can bring them back')
    await click('I have stored it')
    await see('button', 'Sign out')
  })

  it('by a passkey that opens no vault says that only the key does, and offers to trust the device', async () => {
    linkFor('invitation', 'organiser')
    house.enter('/invite#token')
    await fill('Sign-in name', 'hanna')
    await click('Create a passkey')
    await see('h1', 'Vault recovery key')
    expect(text()).toContain(en.recovery.only)
    expect(text()).not.toContain(en.recovery.why)
    ;(await field(en.signIn.trust)).click()
    await click('I have stored it')
    await see('button', 'Sign out')
    expect(await house.people.session.trustsDevice()).toBe(true)
  })

  it('by a password says that the key is for the day when it is lost', async () => {
    linkFor('invitation', 'organiser', 'hanna')
    house.enter('/invite#token')
    await fill('Password', PASSWORD)
    await fill('Repeat password', PASSWORD)
    await click('Continue')
    await see('h1', 'Vault recovery key')
    expect(text()).toContain(en.recovery.why)
    expect(text()).not.toContain(en.recovery.only)
    expect(text()).not.toContain(en.signIn.trust)
    dispatchEvent(new PopStateEvent('popstate'))
    await see('h2', en.leaving.heading)
    expect(text()).toContain(en.leaving.key)
  })

  it.for([
    ['a click on a link', () => document.querySelector<HTMLAnchorElement>('footer a')?.click()],
    ['Back', () => dispatchEvent(new PopStateEvent('popstate'))],
  ] as const)('does not lose the key by %s', async ([, leave]) => {
    linkFor('invitation', 'organiser')
    house.enter('/invite#token')
    await fill('Sign-in name', 'hanna')
    await click('Create a passkey')
    await see('h1', 'Vault recovery key')
    leave()
    await see('h2', en.leaving.heading)
    expect(text()).toContain(en.leaving.onlyKey)
    await click(en.leaving.stay)
    await see('h1', 'Vault recovery key')
    await eventually(() => expect(text()).not.toContain(en.leaving.heading))
    expect(location.pathname).toBe('/invite')
    await click('I have stored it')
    await see('button', 'Sign out')
  })

  it('is left all the same by whoever says so', async () => {
    linkFor('invitation', 'organiser')
    house.enter('/invite#token')
    await fill('Sign-in name', 'hanna')
    await click('Create a passkey')
    await see('h1', 'Vault recovery key')
    document.querySelector<HTMLAnchorElement>('footer a')?.click()
    await click(en.leaving.leave)
    await eventually(() => expect(location.pathname).not.toBe('/invite'))
    await eventually(() => expect(text()).not.toContain('Vault recovery key'))
  })

  it('takes no name of one character, and none that the server does not take', async () => {
    linkFor('invitation', 'organiser')
    house.enter('/invite#token')
    await fill('Sign-in name', 'h ')
    await click('Create a passkey')
    await eventually(() => expect(text()).toContain(en.invitation.unfit))
    expect(server.bodies.join()).not.toContain('"h"')
    server.instead.set('POST /api/invitations/passkey', () => ({ status: 400, body: { code: 'malformed' } }))
    await fill('Sign-in name', 'ha\u200bnna')
    await click('Create a passkey')
    await eventually(() => expect(text()).toContain(en.invitation.unfit))
    expect(text()).not.toContain(en.signIn.passkeyExpired.heading)
  })

  it('by a passkey that came too late says so', async () => {
    linkFor('invitation', 'organiser')
    server.instead.set('POST /api/invitations/accept', () => ({ status: 400, body: { code: 'malformed' } }))
    house.enter('/invite#token')
    await fill('Sign-in name', 'hanna')
    await click('Create a passkey')
    await eventually(() => expect(text()).toContain(en.signIn.passkeyExpired.heading))
    expect(text()).not.toContain(en.invitation.unfit)
  })

  it('wants a name, and says when somebody has it', async () => {
    linkFor('invitation', 'organiser')
    server.instead.set('POST /api/invitations/accept', () => ({ status: 409, body: { code: 'name_taken' } }))
    house.enter('/invite#token')
    await click('Create a passkey')
    await eventually(() => expect(text()).toContain(en.invitation.noName))
    expect(document.activeElement).toBe(await field('Sign-in name'))
    await fill('Sign-in name', 'hanna')
    await click('Create a passkey')
    await eventually(() => expect(text()).toContain(en.invitation.taken))
  })

  it('takes no weak password, and none that was typed in two ways', async () => {
    linkFor('invitation', 'organiser', 'hanna')
    house.enter('/invite#token')
    await fill('Password', 'Passwort1234')
    await click('Continue')
    await eventually(() => expect(text()).toContain(en.password.weak))
    await fill('Password', PASSWORD)
    await fill('Repeat password', `${PASSWORD}!`)
    await click('Continue')
    await eventually(() => expect(text()).toContain(en.password.differ))
    expect(server.bodies.join()).not.toContain('"vault"')
    await fill('Repeat password', PASSWORD)
    await click('Continue')
    await see('h1', 'Vault recovery key')
  })

  it('leads an administrator with a password on to the second factor', async () => {
    linkFor('setup', 'administrator')
    const address = `otpauth://totp/Klausur:ada?secret=${SECRET}`
    server.instead.set('POST /api/account/totp', () => ({ status: 201, body: { secret: SECRET, address } }))
    server.instead.set('PUT /api/account/totp', () => ({ status: 200, body: { backup_codes: ['AAAA-BBBB'] } }))
    house.enter('/setup#token')
    await fill('Sign-in name', 'ada')
    await fill('Password', PASSWORD)
    await fill('Repeat password', PASSWORD)
    await click('Continue')
    await click('I have stored it')
    await see('code', 'JBSW Y3DP EHPK 3PXP')
    expect(document.querySelector('svg[role=img]')?.getAttribute('aria-label')).toBe(en.totp.picture)
    expect(document.querySelectorAll('main [style]')).toHaveLength(0)
    await fill('Code', '123456')
    await click('Confirm')
    await see('li', 'AAAA-BBBB')
    document.querySelector<HTMLAnchorElement>('footer a')?.click()
    await see('h2', en.leaving.heading)
    expect(text()).toContain(en.leaving.codes)
    await click(en.leaving.stay)
    await click('I have stored them')
    await see('button', 'Sign out')
  })

  it('gives another picture where the first one waited too long', async () => {
    linkFor('setup', 'administrator')
    const secrets = [SECRET, 'KRUGS4ZANFZSAYJA']
    server.instead.set('POST /api/account/totp', () => {
      const secret = secrets.shift() ?? ''
      return { status: 201, body: { secret, address: `otpauth://totp/Klausur:ada?secret=${secret}` } }
    })
    server.instead.set('PUT /api/account/totp', () => ({ status: 401, body: { code: 'code_refused' } }))
    house.enter('/setup#token')
    await fill('Sign-in name', 'ada')
    await fill('Password', PASSWORD)
    await fill('Repeat password', PASSWORD)
    await click('Continue')
    await click('I have stored it')
    await see('code', 'JBSW Y3DP EHPK 3PXP')
    await fill('Code', '123456')
    await click('Confirm')
    await eventually(() => expect(text()).toContain(en.totp.wrong.heading))
    await click(en.totp.fresh)
    await see('code', 'KRUG S4ZA NFZS AYJA')
    expect(text()).not.toContain(en.totp.wrong.heading)
    expect((await field('Code')).value).toBe('')
  })

  it('to make a new way in leads to the vault’s door', async () => {
    await withAccount()
    server.vault = { ...server.vault, wraps: server.vault.wraps.filter(({ kind }) => kind === 'recovery') }
    linkFor('reset', 'organiser', 'hanna')
    house.enter('/invite#token')
    await click('Create a passkey')
    await see('h2', en.vault.heading)
    await field('Vault recovery key')
    // This sensor's passkeys open no vault.
    expect(text()).toContain(en.invitation.resetDoneOnly)
    expect(text()).not.toContain(en.vault.byPassword)
  })

  it('to make a new way in asks for the vault again where the server did not answer', async () => {
    await withAccount()
    server.vault = { ...server.vault, wraps: server.vault.wraps.filter(({ kind }) => kind === 'recovery') }
    linkFor('reset', 'organiser', 'hanna')
    server.instead.set('GET /api/vault', () => ({ status: 503, body: { code: 'storage_unavailable' } }))
    house.enter('/invite#token')
    await fill('Password', PASSWORD)
    await fill('Repeat password', PASSWORD)
    await click('Continue')
    await see('h2', en.vault.heading)
    expect(text()).toContain(en.invitation.resetDone)
    await see('button', en.totp.again)
    server.instead.delete('GET /api/vault')
    await click(en.totp.again)
    await field('Vault recovery key')
  })

  it('that was used leads nowhere', async () => {
    server.instead.set('POST /api/invitations/look', () => ({ status: 404, body: { code: 'no_invitation' } }))
    house.enter('/setup#token')
    await see('h1', en.invitation.gone)
    await house.close()
    house.enter('/invite')
    await see('h1', pages.trouble.incomplete.heading)
  })
})
