// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { en } from '../../i18n/account.en'
import { en as people } from '../../i18n/people.en'
import { en as refusals } from '../../i18n/refusals.en'
import { parseRecoveryKey } from '../../people/recovery-key'
import { recoveryMeans, unwrap } from '../../people/vault'
import type { NewPasskey, NewPassword, Wrap } from '../../people/wire'
import { eventually, see, type } from '../pages.stage'
import {
  AdaOnStage,
  alertReads,
  authenticator,
  KDF,
  openedByPasskey,
  openedByPassword,
  openVault,
  PASSWORD,
  PRF,
} from './account.stage'
import { agree, click, named, reads, region } from './people.stage'

let ada: AdaOnStage

const told = refusals.refusals
const NEW_PASSWORD = 'velvet anchor mosquito eleven'
const EXISTING = 'Office laptop'

beforeEach(async () => {
  ada = await AdaOnStage.open()
})
afterEach(() => ada.house.close())

describe('passkeys', () => {
  it('are listed with their day, and whether they open the vault', async () => {
    ada.house.enter('/account')
    const part = await region(en.passkeys.heading)
    await reads(`${EXISTING} since November 3, 2026 · ${en.passkeys.opens} · ${en.passkeys.backedUp}`, part)
  })

  it('are none, in words', async () => {
    ada.account = { ...ada.account, passkeys: [] }
    ada.house.enter('/account')
    await reads(en.passkeys.none, await region(en.passkeys.heading))
  })

  it('a new one opens the vault: its key is sealed for it once the vault was opened on this page', async () => {
    ada.house.enter('/account')
    type(await named('input', en.passkeys.name), 'Phone')
    await click(en.passkeys.add)
    await openVault()
    await reads(en.passkeys.added('Phone'))
    const sent = ada.changed<NewPasskey>('POST /api/account/passkeys')
    expect(sent?.label).toBe('Phone')
    expect(await openedByPasskey('a', 'new', sent?.wrap ?? '')).toEqual(ada.raw)
    expect(JSON.stringify(ada.registry.asked)).not.toContain('"prf"')
  })

  it('a new one that makes nothing for the vault signs in, and the page says what that means', async () => {
    ada.come(authenticator(undefined))
    ada.house.enter('/account')
    await click(en.passkeys.add)
    await openVault()
    await reads(en.passkeys.addedOnly('Firefox'))
    expect(ada.changed<NewPasskey>('POST /api/account/passkeys')?.wrap).toBeNull()
  })

  it('a new one can be added without the vault', async () => {
    ada.house.enter('/account')
    await click(en.passkeys.add)
    await click(en.unlock.without)
    await reads(en.passkeys.addedOnly('Firefox'))
    expect(ada.changed<NewPasskey>('POST /api/account/passkeys')?.wrap).toBeNull()
  })

  it('none is added when Ada gives up, and nothing is said', async () => {
    ada.house.enter('/account')
    await click(en.passkeys.add)
    await see('h2', en.unlock.heading)
    await agree(en.cancel)
    await eventually(() => expect(document.querySelector('dialog')).toBeNull())
    await named('button', en.passkeys.add)
    expect(ada.registry.changes).toEqual([])
    expect(document.querySelector('[role=alert]')).toBeNull()
  })

  it('none can be added where the server’s address cannot have any', async () => {
    const { operator } = ada.house
    if (operator) ada.house.operator = { ...operator, signIn: { passkeys: false, provider: null } }
    ada.house.enter('/account')
    const part = await region(en.passkeys.heading)
    await reads(en.passkeys.impossible, part)
    expect([...part.querySelectorAll('button')].map(({ textContent }) => textContent?.trim())).not.toContain(
      en.passkeys.add,
    )
  })

  it('a new one comes too late for the server, which is told as that', async () => {
    ada.registry.refuse('POST /api/account/passkeys', 'malformed', { status: 400 })
    ada.house.enter('/account')
    await click(en.passkeys.add)
    await click(en.unlock.without)
    await alertReads(told.passkeyExpired.heading, await region(en.passkeys.heading))
  })

  it.for([
    ['NotAllowedError', told.noPasskey.heading],
    ['InvalidStateError', told.passkeyExists.heading],
    ['SecurityError', told.passkeysImpossible.heading],
  ] as const)('the browser may refuse one (%s), which is told beside the button', async ([name, words]) => {
    ada.come(authenticator(PRF, name))
    ada.house.enter('/account')
    await click(en.passkeys.add)
    await click(en.unlock.without)
    await alertReads(words, await region(en.passkeys.heading))
    expect(ada.changed('POST /api/account/passkeys')).toBeUndefined()
  })

  it('one is renamed', async () => {
    ada.house.enter('/account')
    await click(en.passkeys.rename(EXISTING))
    const field = await named<HTMLInputElement>('input', en.passkeys.newName)
    expect(field.value).toBe(EXISTING)
    type(field, ' Kitchen ')
    await click(en.passkeys.save)
    await reads(en.passkeys.renamed('Kitchen'))
    expect(ada.changed('PUT /api/account/passkeys/pk')).toEqual({ label: 'Kitchen' })
  })

  it('the last one that opens the vault goes after a warning that says so', async () => {
    ada.registry.answer('DELETE /api/account/passkeys/pk', () => {
      ada.account = { ...ada.account, passkeys: [] }
    })
    ada.house.enter('/account')
    await click(en.passkeys.remove(EXISTING))
    await reads(en.passkeys.asks.vault)
    await reads(en.othersEnd)
    expect(ada.registry.changes).toEqual([])
    await agree(en.passkeys.asks.confirm)
    await reads(en.passkeys.removed(EXISTING))
    await reads(en.passkeys.none)
  })

  it('one of two goes without that warning', async () => {
    const [first] = ada.account.passkeys
    ada.account = { ...ada.account, passkeys: first ? [first, { ...first, id: 'two', label: 'Phone' }] : [] }
    ada.house.enter('/account')
    await click(en.passkeys.remove('Phone'))
    await reads(en.passkeys.asks.help)
    expect(document.body.textContent).not.toContain(en.passkeys.asks.vault)
  })

  it.for([
    ['last_means', told.lastMeans.heading],
    ['not_found', told.gone.heading],
    ['second_factor_required', told.secondFactor.heading],
  ] as const)('removing one is refused: %s', async ([code, words]) => {
    ada.registry.refuse('DELETE /api/account/passkeys/pk', code)
    ada.house.enter('/account')
    await click(en.passkeys.remove(EXISTING))
    await agree(en.passkeys.asks.confirm)
    await alertReads(words, await region(en.passkeys.heading))
  })
})

describe('the password', () => {
  async function fill(current: string | undefined, fresh = NEW_PASSWORD, repeat = fresh): Promise<HTMLElement> {
    const part = await region(en.password.heading)
    await click(ada.account.password ? en.password.change : en.password.set, part)
    if (current !== undefined) type(await named('input', en.password.current, part), current)
    type(await named('input', en.password.fresh, part), fresh)
    type(await named('input', people.password.repeat, part), repeat)
    await click(en.password.save, part)
    return part
  }

  it('says before it is changed that the other sessions end', async () => {
    ada.house.enter('/account')
    const part = await region(en.password.heading)
    expect(part.textContent).not.toContain(en.othersEnd)
    await click(en.password.change, part)
    await reads(en.othersEnd, part)
  })

  it('is changed with the current one, and the vault opens by the new one', async () => {
    ada.house.enter('/account')
    const part = await fill(PASSWORD)
    await reads(en.password.saved, part)
    const sent = ada.changed<NewPassword>('PUT /api/account/password')
    expect(sent?.current).toBe(`signs-in-with-${PASSWORD}`)
    expect(sent?.key).toBe(`signs-in-with-${NEW_PASSWORD}`)
    if (!sent?.wrap) throw new Error('nothing was sealed')
    expect(await openedByPassword('a', NEW_PASSWORD, sent.kdf, sent.wrap)).toEqual(ada.raw)
    expect(part.querySelector('input')).toBeNull()
  })

  it('that is the first begins at its field', async () => {
    ada.account = { ...ada.account, password: false, totp: false }
    ada.house.enter('/account')
    const part = await region(en.password.heading)
    await click(en.password.set, part)
    const fresh = await named('input', en.password.fresh, part)
    await eventually(() => expect(document.activeElement).toBe(fresh))
  })

  it('that is wrong changes nothing, and its field has the focus', async () => {
    ada.house.enter('/account')
    const part = await fill('not this one at all')
    await alertReads(told.wrongPassword.heading, part)
    expect(ada.changed('PUT /api/account/password')).toBeUndefined()
    expect(document.activeElement).toBe(await named('input', en.password.current, part))
  })

  it('that opens no vault yet is for the server to judge', async () => {
    const { wraps, ...vault } = ada.vault
    ada.registry
      .answer('GET /api/vault', { ...vault, wraps: wraps.filter(({ kind }) => kind === 'recovery') })
      .refuse('PUT /api/account/password', 'signin_refused', { status: 401 })
    ada.house.enter('/account')
    const part = await fill('not this one at all')
    await click(en.unlock.without)
    await alertReads(told.wrongPassword.heading, part)
    expect(ada.changed<NewPassword>('PUT /api/account/password')?.wrap).toBeNull()
  })

  it('has to be entered', async () => {
    ada.house.enter('/account')
    const part = await fill(undefined)
    await reads(en.password.missing, part)
    expect(ada.registry.changes).toEqual([])
  })

  it.for([
    ['repeated wrongly', NEW_PASSWORD, 'velvet anchor mosquito twelve', people.password.differ],
    ['too short', 'short', 'short', people.password.short],
    ['too easy', 'passwordpassword', 'passwordpassword', people.password.weak],
  ] as const)('is not changed to one that is %s', async ([_, fresh, repeat, words]) => {
    ada.house.enter('/account')
    const part = await fill(PASSWORD, fresh, repeat)
    await reads(words, part)
    expect(ada.changed('PUT /api/account/password')).toBeUndefined()
  })

  it.for([
    ['too_many_attempts', 429, told.tooMany.wait(4)],
    ['second_factor_required', 403, told.secondFactor.heading],
    ['signin_needed', 401, told.signedOut.heading],
  ] as const)('is not changed: %s', async ([code, status, words]) => {
    ada.registry.refuse('PUT /api/account/password', code, { status, retryAfter: 4 })
    ada.house.enter('/account')
    await alertReads(words, await fill(PASSWORD))
  })

  it('is not used where the server wants it weakly protected', async () => {
    ada.registry.answer('POST /api/signin/password/kdf', { kdf: { ...KDF, passes: 1 } })
    ada.house.enter('/account')
    await alertReads(told.unsafe.heading, await fill(PASSWORD))
    expect(ada.changed('PUT /api/account/password')).toBeUndefined()
  })

  it('can be set by whoever had none', async () => {
    ada.account = { ...ada.account, password: false, totp: false }
    ada.house.enter('/account')
    const part = await fill(undefined)
    await openVault()
    await reads(en.password.saved, part)
    expect(ada.changed<NewPassword>('PUT /api/account/password')?.current).toBeNull()
  })

  it('and what was typed are gone when Ada cancels', async () => {
    ada.house.enter('/account')
    const part = await region(en.password.heading)
    await click(en.password.change, part)
    type(await named('input', en.password.current, part), PASSWORD)
    await click(en.cancel, part)
    await click(en.password.change, part)
    expect((await named<HTMLInputElement>('input', en.password.current, part)).value).toBe('')
  })

  it('is removed after one question, which says that the second factor goes too', async () => {
    ada.registry.answer('DELETE /api/account/password', () => {
      ada.account = { ...ada.account, password: false, totp: false }
    })
    ada.house.enter('/account')
    const part = await region(en.password.heading)
    await click(en.password.remove, part)
    await reads(en.password.asks.factor)
    await reads(en.othersEnd)
    expect(ada.registry.changes).toEqual([])
    await agree(en.password.asks.confirm)
    await reads(en.password.removed, part)
    await reads(en.password.none, part)
    await reads(en.totp.needsPassword)
  })

  it('stays where it is the last way to sign in', async () => {
    ada.registry.refuse('DELETE /api/account/password', 'last_means')
    ada.house.enter('/account')
    const part = await region(en.password.heading)
    await click(en.password.remove, part)
    await agree(en.password.asks.confirm)
    await alertReads(told.lastMeans.heading, part)
  })
})

function closingIsAsked(): boolean {
  const closing = new Event('beforeunload', { cancelable: true })
  dispatchEvent(closing)
  return closing.defaultPrevented
}

describe('the vault recovery key', () => {
  async function make(): Promise<string> {
    await click(en.recovery.make)
    await reads(en.recovery.asks.help)
    await agree(en.recovery.asks.confirm)
    await openVault()
    const line = await eventually(() => {
      const shown = document.querySelector('dialog li')?.textContent
      if (!shown) throw new Error('no key')
      return shown
    })
    return line
  }

  it('that is new counts once it was stored, and opens the vault', async () => {
    ada.house.enter('/account')
    const text = await make()
    expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4} ?){8}$/)
    expect(ada.registry.changes.filter(({ what }) => what.startsWith('PUT'))).toEqual([])
    await agree(people.recovery.stored)
    await reads(en.recovery.saved)
    const wraps = ada.changed<{ wraps: Wrap[] }>('PUT /api/vault/wraps')?.wraps ?? []
    const bytes = parseRecoveryKey(text)
    if (!bytes) throw new Error('not a key')
    expect(await unwrap(await recoveryMeans(bytes), 'a', wraps)).toEqual(ada.raw)
    expect(document.body.textContent).not.toContain(text)
    expect(JSON.stringify(ada.registry.asked)).not.toContain(text.slice(0, 9))
  })

  it('that was not stored leaves the old one', async () => {
    ada.house.enter('/account')
    await make()
    await agree(en.cancel)
    await eventually(() => expect(document.querySelector('dialog')).toBeNull())
    expect(ada.changed('PUT /api/vault/wraps')).toBeUndefined()
  })

  it('that is shown is not left by Back or by closing the tab without a question', async () => {
    ada.house.enter('/account')
    const text = await make()
    expect(closingIsAsked()).toBe(true)
    dispatchEvent(new PopStateEvent('popstate'))
    await see('h2', people.leaving.heading)
    await reads(people.leaving.newKey)
    const [, question] = document.querySelectorAll<HTMLElement>('dialog[open]')
    await click(people.leaving.stay, question)
    await eventually(() => expect(document.body.textContent).not.toContain(people.leaving.heading))
    await reads(text)
    expect(location.pathname).toBe('/account')
    await agree(people.recovery.stored)
    await reads(en.recovery.saved)
    expect(closingIsAsked()).toBe(false)
  })

  it('stays the old one for a session that is too weak, and the page says what to do', async () => {
    ada.registry.refuse('PUT /api/vault/wraps', 'second_factor_required', { status: 403 })
    ada.house.enter('/account')
    await make()
    await agree(people.recovery.stored)
    await see('dialog [role=alert] strong', told.secondFactor.heading)
    await named('dialog a', refusals.signIn)
  })

  it('stays on screen when it could not be saved', async () => {
    ada.registry.refuse('PUT /api/vault/wraps', 'storage_unavailable', { status: 503 })
    ada.house.enter('/account')
    const text = await make()
    await agree(people.recovery.stored)
    await see('dialog [role=alert] strong', told.unreachable.heading)
    await reads(text)
    ada.registry.relent()
    await agree(people.recovery.stored)
    await reads(en.recovery.saved)
  })

  it('comes with a first vault for whoever has none', async () => {
    ada.registry.answer('GET /api/vault', { account: 'a', version: 0, blob: null, wraps: [] })
    ada.house.enter('/account')
    await click(en.recovery.make)
    await agree(en.recovery.asks.confirm)
    await see('dialog h2', people.recovery.heading)
    await reads(people.recovery.only)
    await agree(people.recovery.stored)
    await eventually(() => expect(ada.changed<{ version: number }>('PUT /api/vault')?.version).toBe(1))
    await eventually(() => expect(ada.changed('PUT /api/vault/wraps')).toBeDefined())
  })
})
