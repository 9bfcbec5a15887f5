// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bytes } from '../../call/bytes'
import { de } from '../../i18n/account.de'
import { en } from '../../i18n/account.en'
import { de as peopleDe } from '../../i18n/people.de'
import { en as people } from '../../i18n/people.en'
import { en as refusals } from '../../i18n/refusals.en'
import { parseRecoveryKey } from '../../people/recovery-key'
import { recoveryMeans, unwrap } from '../../people/vault'
import type { AccountAnswer, NewPasskey, NewPassword, SessionAnswer, Wrap } from '../../people/wire'
import { eventually, House, see, type } from '../pages.stage'
import { authenticator, openedByPasskey, openedByPassword, PASSWORD, PRF, QuickKeys, vaultOf } from './account.stage'
import { ADAS_ACCOUNT, agree, click, named, peopleAt, press, Registry, reads, region, SIGNED_IN } from './people.stage'

let house: House
let registry: Registry
let account: AccountAnswer
let session: SessionAnswer
let raw: Bytes

const told = refusals.refusals
const NEW_PASSWORD = 'velvet anchor mosquito eleven'
const EXISTING = 'Office laptop'

beforeEach(async () => {
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  account = ADAS_ACCOUNT
  session = SIGNED_IN
  registry = new Registry()
    .answer('GET /api/session', () => session)
    .answer('GET /api/account', () => account)
    .answer('POST /api/account/passkeys/options', {
      challenge: 'c',
      options: { challenge: 'AAAA', rp: { id: 'localhost', name: 'Klausur' } },
    })
    .answer('POST /api/account/passkeys', { id: 'new' })
  raw = (await vaultOf(account, registry)).raw
  house = new House()
  come(authenticator(PRF))
})
afterEach(() => house.close())

function come(passkeys = authenticator(PRF)): void {
  house.people = peopleAt(registry, new QuickKeys(), passkeys)
}

function changed<T>(what: string): T | undefined {
  return registry.changes.find((change) => change.what === what)?.body as T | undefined
}

async function alertReads(words: string, where: HTMLElement): Promise<void> {
  await eventually(() => expect(where.querySelector('[role=alert]')?.textContent).toContain(words))
}

/** What the page asks for where it does not have the vault's key. */
async function openVault(): Promise<void> {
  await see('h2', en.unlock.heading)
  const dialog = document.querySelector<HTMLElement>('dialog[open]') ?? undefined
  type(await named('input', people.vault.password, dialog), PASSWORD)
  await click(people.vault.byPassword, dialog)
}

describe('the page', () => {
  it.for([
    ['en', en, people.recovery.heading],
    ['de', de, peopleDe.recovery.heading],
  ] as const)('has its parts under their names (%s)', async ([language, words, recovery]) => {
    house.enter('/account', language)
    for (const { heading } of [words.passkeys, words.password, words.totp, words.sessions, words.stored])
      await region(heading)
    await region(recovery)
  })

  it('says to whoever is signed out where to sign in, and shows nothing', async () => {
    session = { ...SIGNED_IN, account: null }
    house.enter('/account')
    await see('h2', en.signedOut.heading)
    expect(registry.asked.map(({ what }) => what)).toEqual(['GET /api/session'])
    expect(document.querySelector<HTMLAnchorElement>('a.main')?.pathname).toBe('/signin')
    expect(document.body.textContent).not.toContain(en.passkeys.heading)
  })

  it('asks again when the server did not answer', async () => {
    registry.refuse('GET /api/account', 'storage_unavailable', { status: 503 })
    house.enter('/account')
    await see('[role=alert] strong', told.unreachable.heading)
    registry.relent()
    await click(en.again)
    await region(en.passkeys.heading)
  })

  it('shows what others did to the account until it was read; then the heading has the focus', async () => {
    session = {
      ...SIGNED_IN,
      notices: [
        { id: 'n1', kind: 'second_factor_reset', day: '2026-11-20' },
        { id: 'n2', kind: 'credentials_reset', day: '2026-11-21' },
        { id: 'n3', kind: 'role_changed', day: '2026-11-22' },
      ],
    }
    for (const id of ['n1', 'n2', 'n3'])
      registry.answer(`DELETE /api/account/notices/${id}`, () => {
        session = { ...session, notices: session.notices.filter((notice) => notice.id !== id) }
      })
    house.enter('/account')
    const notices = await region(en.notices.heading)
    expect(notices.compareDocumentPosition(await region(en.passkeys.heading))).toBe(Node.DOCUMENT_POSITION_FOLLOWING)
    await reads(en.notices.secondFactorReset('November 20, 2026'), notices)
    await reads(en.notices.credentialsReset('November 21, 2026'), notices)
    await reads(en.notices.roleChanged('November 22, 2026'), notices)
    for (const left of [2, 1, 0]) {
      await click(en.notices.acknowledge, notices)
      await eventually(() => expect(document.querySelectorAll('#notices li')).toHaveLength(left))
    }
    await eventually(() => expect(document.activeElement?.tagName).toBe('H1'))
  })
})

describe('the identity provider', () => {
  it('is not spoken of where there is none', async () => {
    house.enter('/account')
    await region(en.totp.heading)
    expect(document.body.textContent).not.toContain(en.provider.heading)
  })

  it.for([true, false])('can be connected once (is: %s)', async (provider) => {
    account = { ...account, provider }
    if (house.operator) house.operator.signIn = { passkeys: true, provider: 'Example ID' }
    house.enter('/account')
    const part = await region(en.provider.heading)
    const link = part.querySelector('a')
    expect(part.textContent?.includes(en.provider.connected)).toBe(provider)
    expect(link?.getAttribute('href')).toBe(provider ? undefined : '/api/signin/provider?connect=true&to=/account')
  })
})

describe('passkeys', () => {
  it('are listed with their day, and whether they open the vault', async () => {
    house.enter('/account')
    const part = await region(en.passkeys.heading)
    await reads(`${EXISTING} since November 3, 2026 · ${en.passkeys.opens} · ${en.passkeys.backedUp}`, part)
  })

  it('are none, in words', async () => {
    account = { ...account, passkeys: [] }
    house.enter('/account')
    await reads(en.passkeys.none, await region(en.passkeys.heading))
  })

  it('a new one opens the vault: its key is sealed for it once the vault was opened on this page', async () => {
    house.enter('/account')
    type(await named('input', en.passkeys.name), 'Phone')
    await click(en.passkeys.add)
    await openVault()
    await reads(en.passkeys.added('Phone'))
    const sent = changed<NewPasskey>('POST /api/account/passkeys')
    expect(sent?.label).toBe('Phone')
    expect(await openedByPasskey('a', 'new', sent?.wrap ?? '')).toEqual(raw)
    expect(JSON.stringify(registry.asked)).not.toContain('"prf"')
  })

  it('a new one that makes nothing for the vault signs in, and the page says what that means', async () => {
    come(authenticator(undefined))
    house.enter('/account')
    await click(en.passkeys.add)
    await openVault()
    await reads(en.passkeys.addedOnly('Firefox'))
    expect(changed<NewPasskey>('POST /api/account/passkeys')?.wrap).toBeNull()
  })

  it('a new one can be added without the vault', async () => {
    house.enter('/account')
    await click(en.passkeys.add)
    await click(en.unlock.without)
    await reads(en.passkeys.addedOnly('Firefox'))
    expect(changed<NewPasskey>('POST /api/account/passkeys')?.wrap).toBeNull()
  })

  it('none is added when Ada gives up, and nothing is said', async () => {
    house.enter('/account')
    await click(en.passkeys.add)
    await see('h2', en.unlock.heading)
    await agree(en.cancel)
    await eventually(() => expect(document.querySelector('dialog')).toBeNull())
    await named('button', en.passkeys.add)
    expect(registry.changes).toEqual([])
    expect(document.querySelector('[role=alert]')).toBeNull()
  })

  it.for([
    ['NotAllowedError', told.noPasskey.heading],
    ['InvalidStateError', told.passkeyExists.heading],
    ['SecurityError', told.passkeysImpossible.heading],
  ] as const)('the browser may refuse one (%s), which is told beside the button', async ([name, words]) => {
    come(authenticator(PRF, name))
    house.enter('/account')
    await click(en.passkeys.add)
    await click(en.unlock.without)
    await alertReads(words, await region(en.passkeys.heading))
    expect(changed('POST /api/account/passkeys')).toBeUndefined()
  })

  it('one is renamed', async () => {
    house.enter('/account')
    await click(en.passkeys.rename(EXISTING))
    const field = await named<HTMLInputElement>('input', en.passkeys.newName)
    expect(field.value).toBe(EXISTING)
    type(field, ' Kitchen ')
    await click(en.passkeys.save)
    await reads(en.passkeys.renamed('Kitchen'))
    expect(changed('PUT /api/account/passkeys/pk')).toEqual({ label: 'Kitchen' })
  })

  it('the last one that opens the vault goes after a warning that says so', async () => {
    registry.answer('DELETE /api/account/passkeys/pk', () => {
      account = { ...account, passkeys: [] }
    })
    house.enter('/account')
    await click(en.passkeys.remove(EXISTING))
    await reads(en.passkeys.asks.vault)
    expect(registry.changes).toEqual([])
    await agree(en.passkeys.asks.confirm)
    await reads(en.passkeys.removed(EXISTING))
    await reads(en.passkeys.none)
  })

  it('one of two goes without that warning', async () => {
    const [first] = account.passkeys
    account = { ...account, passkeys: first ? [first, { ...first, id: 'two', label: 'Phone' }] : [] }
    house.enter('/account')
    await click(en.passkeys.remove('Phone'))
    await reads(en.passkeys.asks.help)
    expect(document.body.textContent).not.toContain(en.passkeys.asks.vault)
  })

  it.for([
    ['last_means', told.lastMeans.heading],
    ['not_found', told.gone.heading],
    ['second_factor_required', told.secondFactor.heading],
  ] as const)('removing one is refused: %s', async ([code, words]) => {
    registry.refuse('DELETE /api/account/passkeys/pk', code)
    house.enter('/account')
    await click(en.passkeys.remove(EXISTING))
    await agree(en.passkeys.asks.confirm)
    await alertReads(words, await region(en.passkeys.heading))
  })
})

describe('the password', () => {
  async function fill(current: string | undefined, fresh = NEW_PASSWORD, repeat = fresh): Promise<HTMLElement> {
    const part = await region(en.password.heading)
    await click(account.password ? en.password.change : en.password.set, part)
    if (current !== undefined) type(await named('input', en.password.current, part), current)
    type(await named('input', en.password.fresh, part), fresh)
    type(await named('input', people.password.repeat, part), repeat)
    await click(en.password.save, part)
    return part
  }

  it('is changed with the current one, and the vault opens by the new one', async () => {
    house.enter('/account')
    const part = await fill(PASSWORD)
    await reads(en.password.saved, part)
    const sent = changed<NewPassword>('PUT /api/account/password')
    expect(sent?.current).toBe(`signs-in-with-${PASSWORD}`)
    expect(sent?.key).toBe(`signs-in-with-${NEW_PASSWORD}`)
    if (!sent?.wrap) throw new Error('nothing was sealed')
    expect(await openedByPassword('a', NEW_PASSWORD, sent.kdf, sent.wrap)).toEqual(raw)
    expect(part.querySelector('input')).toBeNull()
  })

  it('that is wrong changes nothing, and its field has the focus', async () => {
    registry.refuse('PUT /api/account/password', 'signin_refused', { status: 401 })
    house.enter('/account')
    const part = await fill('not this one at all')
    // It opens no vault either: the page asks for something that does, and is told to go on without.
    await click(en.unlock.without)
    await alertReads(told.wrongPassword.heading, part)
    expect(document.activeElement).toBe(await named('input', en.password.current, part))
  })

  it('has to be entered', async () => {
    house.enter('/account')
    const part = await fill(undefined)
    await reads(en.password.missing, part)
    expect(registry.changes).toEqual([])
  })

  it.for([
    ['repeated wrongly', NEW_PASSWORD, 'velvet anchor mosquito twelve', people.password.differ],
    ['too short', 'short', 'short', people.password.short],
    ['too easy', 'passwordpassword', 'passwordpassword', people.password.weak],
  ] as const)('is not changed to one that is %s', async ([_, fresh, repeat, words]) => {
    house.enter('/account')
    const part = await fill(PASSWORD, fresh, repeat)
    await reads(words, part)
    expect(changed('PUT /api/account/password')).toBeUndefined()
  })

  it.for([
    ['too_many_attempts', 429, told.tooMany.wait(4)],
    ['second_factor_required', 403, told.secondFactor.heading],
    ['signin_needed', 401, told.signedOut.heading],
  ] as const)('is not changed: %s', async ([code, status, words]) => {
    registry.refuse('PUT /api/account/password', code, { status, retryAfter: 4 })
    house.enter('/account')
    await alertReads(words, await fill(PASSWORD))
  })

  it('can be set by whoever had none', async () => {
    account = { ...account, password: false, totp: false }
    house.enter('/account')
    const part = await fill(undefined)
    await openVault()
    await reads(en.password.saved, part)
    expect(changed<NewPassword>('PUT /api/account/password')?.current).toBeNull()
  })

  it('and what was typed are gone when Ada cancels', async () => {
    house.enter('/account')
    const part = await region(en.password.heading)
    await click(en.password.change, part)
    type(await named('input', en.password.current, part), PASSWORD)
    await click(en.cancel, part)
    await click(en.password.change, part)
    expect((await named<HTMLInputElement>('input', en.password.current, part)).value).toBe('')
  })

  it('is removed after one question, which says that the second factor goes too', async () => {
    registry.answer('DELETE /api/account/password', () => {
      account = { ...account, password: false, totp: false }
    })
    house.enter('/account')
    const part = await region(en.password.heading)
    await click(en.password.remove, part)
    await reads(en.password.asks.factor)
    expect(registry.changes).toEqual([])
    await agree(en.password.asks.confirm)
    await reads(en.password.removed, part)
    await reads(en.password.none, part)
    await reads(en.totp.needsPassword)
  })

  it('stays where it is the last way to sign in', async () => {
    registry.refuse('DELETE /api/account/password', 'last_means')
    house.enter('/account')
    const part = await region(en.password.heading)
    await click(en.password.remove, part)
    await agree(en.password.asks.confirm)
    await alertReads(told.lastMeans.heading, part)
  })
})

describe('the second factor', () => {
  const CODES = Array.from({ length: 10 }, (_, n) => `ABCD-000${n}`)

  it('is set up with an app, and the backup codes are shown once', async () => {
    account = { ...account, totp: false, passkeys: [], backup_codes: 0 }
    registry
      .answer('POST /api/account/totp', {
        secret: 'JBSWY3DPEHPK3PXP',
        address: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP',
      })
      .answer('PUT /api/account/totp', () => {
        account = { ...account, totp: true, backup_codes: 10 }
        return { backup_codes: CODES }
      })
    house.enter('/account')
    const part = await region(en.totp.heading)
    await click(en.totp.setUp, part)
    type(await named('input', people.totp.code, part), '123 456')
    await click(people.totp.confirm, part)
    await see('dialog h2', people.totp.codes)
    expect([...document.querySelectorAll('dialog li')].map((code) => code.textContent)).toEqual(CODES)
    await agree(people.totp.stored)
    await eventually(() => expect(document.body.textContent).not.toContain(CODES[0]))
    await reads(en.totp.left(10), part)
    expect(changed('PUT /api/account/totp')).toEqual({ code: '123456' })
  })

  it('is not set up with a wrong code', async () => {
    account = { ...account, totp: false, passkeys: [] }
    registry
      .answer('POST /api/account/totp', { secret: 'JBSWY3DP', address: 'otpauth://totp/x?secret=JBSWY3DP' })
      .refuse('PUT /api/account/totp', 'code_refused', { status: 401 })
    house.enter('/account')
    const part = await region(en.totp.heading)
    await click(en.totp.setUp, part)
    type(await named('input', people.totp.code, part), '000000')
    await click(people.totp.confirm, part)
    await alertReads(people.totp.wrong.heading, part)
    await click(en.cancel, part)
    await named('button', en.totp.setUp, part)
  })

  it('is not set up in a session of the password alone where there is a passkey', async () => {
    const [here, ...others] = account.sessions
    account = { ...account, totp: false, sessions: here ? [{ ...here, strong: false }, ...others] : [] }
    house.enter('/account')
    const part = await region(en.totp.heading)
    await click(en.totp.setUp, part)
    await alertReads(told.secondFactor.heading, part)
    expect(registry.changes).toEqual([])
  })

  it('gets new backup codes, which the old ones give way to', async () => {
    registry.answer('POST /api/account/backup-codes', { backup_codes: CODES })
    const written: string[] = []
    vi.stubGlobal('navigator', {
      ...navigator,
      language: 'en',
      clipboard: { writeText: async (text: string) => written.push(text) },
    })
    house.enter('/account')
    await click(en.totp.fresh)
    await reads(en.totp.asksFresh.help)
    await agree(en.totp.asksFresh.confirm)
    await see('dialog h2', people.totp.codes)
    await agree(people.totp.copy)
    await reads(people.totp.copied)
    expect(written).toEqual([CODES.join('\n')])
    vi.unstubAllGlobals()
  })

  it.for([
    [
      en.totp.fresh,
      en.totp.asksFresh.confirm,
      'POST /api/account/backup-codes',
      'second_factor_required',
      told.secondFactor,
    ],
    [en.totp.remove, en.totp.asks.confirm, 'DELETE /api/account/totp', 'last_means', told.lastMeans],
  ] as const)('“%s” may be refused', async ([button, confirm, what, code, { heading }]) => {
    registry.refuse(what, code)
    house.enter('/account')
    const part = await region(en.totp.heading)
    await click(button, part)
    await agree(confirm)
    await alertReads(heading, part)
    expect(document.querySelector('dialog')).toBeNull()
  })

  it('is removed after one question', async () => {
    registry.answer('DELETE /api/account/totp', () => {
      account = { ...account, totp: false, backup_codes: 0 }
    })
    house.enter('/account')
    const part = await region(en.totp.heading)
    await click(en.totp.remove, part)
    await agree(en.totp.asks.confirm)
    await reads(en.totp.removed, part)
    await reads(en.totp.off, part)
  })
})

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
    house.enter('/account')
    const text = await make()
    expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4} ?){8}$/)
    expect(registry.changes.filter(({ what }) => what.startsWith('PUT'))).toEqual([])
    await agree(people.recovery.stored)
    await reads(en.recovery.saved)
    const wraps = changed<{ wraps: Wrap[] }>('PUT /api/vault/wraps')?.wraps ?? []
    const bytes = parseRecoveryKey(text)
    if (!bytes) throw new Error('not a key')
    expect(await unwrap(await recoveryMeans(bytes), 'a', wraps)).toEqual(raw)
    expect(document.body.textContent).not.toContain(text)
    expect(JSON.stringify(registry.asked)).not.toContain(text.slice(0, 9))
  })

  it('that was not stored leaves the old one', async () => {
    house.enter('/account')
    await make()
    await agree(en.cancel)
    await eventually(() => expect(document.querySelector('dialog')).toBeNull())
    expect(changed('PUT /api/vault/wraps')).toBeUndefined()
  })

  it('stays on screen when it could not be saved', async () => {
    registry.refuse('PUT /api/vault/wraps', 'storage_unavailable', { status: 503 })
    house.enter('/account')
    const text = await make()
    await agree(people.recovery.stored)
    await see('dialog [role=alert] strong', told.unreachable.heading)
    await reads(text)
    registry.relent()
    await agree(people.recovery.stored)
    await reads(en.recovery.saved)
  })

  it('comes with a first vault for whoever has none', async () => {
    registry.answer('GET /api/vault', { version: 0, blob: null, wraps: [] })
    house.enter('/account')
    await click(en.recovery.make)
    await agree(en.recovery.asks.confirm)
    await see('dialog h2', people.recovery.heading)
    await agree(people.recovery.stored)
    await eventually(() => expect(changed<{ version: number }>('PUT /api/vault')?.version).toBe(1))
    await eventually(() => expect(changed('PUT /api/vault/wraps')).toBeDefined())
  })
})

describe('sessions', () => {
  function endOf(part: HTMLElement): HTMLElement {
    const button = part.querySelector<HTMLElement>('li button')
    if (!button) throw new Error('no session to end')
    return button
  }

  it('are listed, this one marked and not to be ended here', async () => {
    house.enter('/account')
    const part = await region(en.sessions.heading)
    await reads(`Firefox ${en.sessions.here}`, part)
    expect(part.querySelectorAll('li button')).toHaveLength(1)
    await reads(en.sessions.weak, part)
  })

  it.for([
    ['one', 'DELETE /api/account/sessions/s2', en.sessions.ended],
    ['all others', 'DELETE /api/account/sessions', en.sessions.endedOthers],
  ] as const)('%s can be ended', async ([which, what, words]) => {
    registry.answer(what, () => {
      account = { ...account, sessions: account.sessions.filter(({ here }) => here) }
    })
    house.enter('/account')
    const part = await region(en.sessions.heading)
    if (which === 'one') press(await eventually(() => endOf(part)))
    else await click(en.sessions.endOthers, part)
    await reads(words, part)
    await reads(en.sessions.alone, part)
    await eventually(() => expect(part.contains(document.activeElement)).toBe(true))
  })

  it('one that has ended meanwhile is found so', async () => {
    registry.refuse('DELETE /api/account/sessions/s2', 'not_found', { status: 404 })
    house.enter('/account')
    const part = await region(en.sessions.heading)
    press(await eventually(() => endOf(part)))
    await alertReads(told.gone.heading, part)
  })
})

describe('what is stored', () => {
  it('is listed as the server told it', async () => {
    house.enter('/account')
    const part = await region(en.stored.heading)
    const { meansParts } = en.stored
    for (const words of [meansParts.password, meansParts.totp, meansParts.codes(10), meansParts.passkeys(1)])
      await reads(words, part)
    await reads(en.stored.vaultHeld('2 kB', 3), part)
    await reads(en.stored.sessionsCount(2), part)
    expect(part.textContent).not.toContain(meansParts.provider)
  })

  it('is exported as a file', async () => {
    const files: Blob[] = []
    vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => {
      files.push(file as Blob)
      return 'blob:x'
    })
    const names: string[] = []
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      names.push(this.download)
    })
    const everything = { id: 'a', vault: { blob: 'sealed' } }
    registry.answer('GET /api/account/export', everything)
    house.enter('/account')
    await click(en.stored.export)
    await reads(en.stored.exported)
    expect(names).toEqual([en.stored.file])
    expect(JSON.parse((await files[0]?.text()) ?? '')).toEqual(everything)
  })

  it('cannot be exported while the server does not answer', async () => {
    registry.refuse('GET /api/account/export', 'storage_unavailable', { status: 503 })
    house.enter('/account')
    await click(en.stored.export)
    await alertReads(told.unreachable.heading, await region(en.stored.heading))
  })

  it('goes with the account, after a dialog that says what is lost', async () => {
    registry.answer('DELETE /api/account', undefined)
    house.enter('/account')
    await click(en.stored.delete)
    for (const words of [en.stored.asks.help, en.stored.asks.lost, en.stored.asks.others]) await reads(words)
    expect(registry.changes).toEqual([])
    await agree(en.stored.asks.confirm)
    await eventually(() => expect(location.pathname).toBe('/'))
    expect(registry.changes.map(({ what }) => what)).toEqual(['DELETE /api/account'])
    expect((await house.people.session.whoAmI()).account).toBeNull()
  })

  it('stays where Ada is the last administrator', async () => {
    registry.refuse('DELETE /api/account', 'last_administrator')
    house.enter('/account')
    await click(en.stored.delete)
    await agree(en.stored.asks.confirm)
    await alertReads(told.lastAdministrator.heading, await region(en.stored.heading))
    expect(location.pathname).toBe('/account')
  })
})
