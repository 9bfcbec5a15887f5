// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { de } from '../../i18n/account.de'
import { en } from '../../i18n/account.en'
import { de as peopleDe } from '../../i18n/people.de'
import { en as people } from '../../i18n/people.en'
import { en as refusals } from '../../i18n/refusals.en'
import { eventually, see, type } from '../pages.stage'
import { AdaOnStage, alertReads } from './account.stage'
import { agree, click, named, press, reads, region, SIGNED_IN } from './people.stage'

let ada: AdaOnStage

const told = refusals.refusals

beforeEach(async () => {
  ada = await AdaOnStage.open()
})
afterEach(() => ada.house.close())

describe('the page', () => {
  it.for([
    ['en', en, people.recovery.heading],
    ['de', de, peopleDe.recovery.heading],
  ] as const)('has its parts under their names (%s)', async ([language, words, recovery]) => {
    ada.house.enter('/account', language)
    for (const { heading } of [words.passkeys, words.password, words.totp, words.sessions, words.stored])
      await region(heading)
    await region(recovery)
  })

  it('says to whoever is signed out where to sign in, and shows nothing', async () => {
    ada.session = { ...SIGNED_IN, account: null }
    ada.house.enter('/account')
    await see('h2', en.signedOut.heading)
    expect(ada.registry.asked.map(({ what }) => what)).toEqual(['GET /api/session'])
    expect(document.querySelector<HTMLAnchorElement>('a.main')?.pathname).toBe('/signin')
    expect(document.body.textContent).not.toContain(en.passkeys.heading)
  })

  it('asks again when the server did not answer', async () => {
    ada.registry.refuse('GET /api/account', 'storage_unavailable', { status: 503 })
    ada.house.enter('/account')
    await see('[role=alert] strong', told.unreachable.heading)
    ada.registry.relent()
    await click(en.again)
    await region(en.passkeys.heading)
  })

  it('shows what others did to the account until it was read; then the heading has the focus', async () => {
    ada.session = {
      ...SIGNED_IN,
      notices: [
        { id: 'n1', kind: 'second_factor_reset', day: '2026-11-20' },
        { id: 'n2', kind: 'credentials_reset', day: '2026-11-21' },
        { id: 'n3', kind: 'role_changed', day: '2026-11-22' },
      ],
    }
    for (const id of ['n1', 'n2', 'n3'])
      ada.registry.answer(`DELETE /api/account/notices/${id}`, () => {
        ada.session = { ...ada.session, notices: ada.session.notices.filter((notice) => notice.id !== id) }
      })
    ada.house.enter('/account')
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
    ada.house.enter('/account')
    await region(en.totp.heading)
    expect(document.body.textContent).not.toContain(en.provider.heading)
  })

  it.for([true, false])('can be connected once (is: %s)', async (provider) => {
    ada.account = { ...ada.account, provider }
    if (ada.house.operator) ada.house.operator.signIn = { passkeys: true, provider: 'Example ID' }
    ada.house.enter('/account')
    const part = await region(en.provider.heading)
    const link = part.querySelector('a')
    expect(part.textContent?.includes(en.provider.connected)).toBe(provider)
    expect(link?.getAttribute('href')).toBe(provider ? undefined : '/api/signin/provider?connect=true&to=/account')
  })
})

describe('the second factor', () => {
  const CODES = Array.from({ length: 10 }, (_, n) => `ABCD-000${n}`)

  it('is set up with an app, and the backup codes are shown once', async () => {
    ada.account = { ...ada.account, totp: false, passkeys: [], backup_codes: 0 }
    ada.registry
      .answer('POST /api/account/totp', {
        secret: 'JBSWY3DPEHPK3PXP',
        address: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP',
      })
      .answer('PUT /api/account/totp', () => {
        ada.account = { ...ada.account, totp: true, backup_codes: 10 }
        return { backup_codes: CODES }
      })
    ada.house.enter('/account')
    const part = await region(en.totp.heading)
    await click(en.totp.setUp, part)
    type(await named('input', people.totp.code, part), '123 456')
    await click(people.totp.confirm, part)
    await see('dialog h2', people.totp.codes)
    expect([...document.querySelectorAll('dialog li')].map((code) => code.textContent)).toEqual(CODES)
    await agree(people.totp.stored)
    await eventually(() => expect(document.body.textContent).not.toContain(CODES[0]))
    await reads(en.totp.left(10), part)
    expect(ada.changed('PUT /api/account/totp')).toEqual({ code: '123456' })
  })

  it('is not set up with a wrong code', async () => {
    ada.account = { ...ada.account, totp: false, passkeys: [] }
    ada.registry
      .answer('POST /api/account/totp', { secret: 'JBSWY3DP', address: 'otpauth://totp/x?secret=JBSWY3DP' })
      .refuse('PUT /api/account/totp', 'code_refused', { status: 401 })
    ada.house.enter('/account')
    const part = await region(en.totp.heading)
    await click(en.totp.setUp, part)
    type(await named('input', people.totp.code, part), '000000')
    await click(people.totp.confirm, part)
    await alertReads(people.totp.wrong.heading, part)
    await click(en.cancel, part)
    await named('button', en.totp.setUp, part)
  })

  it('is not set up in a session of the password alone where there is a passkey', async () => {
    const [here, ...others] = ada.account.sessions
    ada.account = { ...ada.account, totp: false, sessions: here ? [{ ...here, strong: false }, ...others] : [] }
    ada.house.enter('/account')
    const part = await region(en.totp.heading)
    await click(en.totp.setUp, part)
    await alertReads(told.secondFactor.heading, part)
    expect(ada.registry.changes).toEqual([])
  })

  it('gets new backup codes, which the old ones give way to', async () => {
    ada.registry.answer('POST /api/account/backup-codes', { backup_codes: CODES })
    const written: string[] = []
    vi.stubGlobal('navigator', {
      ...navigator,
      language: 'en',
      clipboard: { writeText: async (text: string) => written.push(text) },
    })
    ada.house.enter('/account')
    await click(en.totp.fresh)
    await reads(en.totp.asksFresh.help)
    await agree(en.totp.asksFresh.confirm)
    await see('dialog h2', people.totp.codes)
    dispatchEvent(new PopStateEvent('popstate'))
    await reads(people.leaving.codes)
    await click(people.leaving.stay)
    await eventually(() => expect(document.body.textContent).not.toContain(people.leaving.heading))
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
    ada.registry.refuse(what, code)
    ada.house.enter('/account')
    const part = await region(en.totp.heading)
    await click(button, part)
    await agree(confirm)
    await alertReads(heading, part)
    expect(document.querySelector('dialog')).toBeNull()
  })

  it.for([true, false])('goes with a password, and is not missed by whoever has a passkey (%s)', async (has) => {
    const passkeys = has ? ada.account.passkeys : []
    ada.account = { ...ada.account, password: false, totp: false, provider: true, passkeys }
    ada.house.enter('/account')
    const part = await region(en.totp.heading)
    await reads(en.totp.needsPassword, part)
    expect(part.textContent?.includes(en.totp.needsNone)).toBe(has)
  })

  it('is removed after one question', async () => {
    ada.registry.answer('DELETE /api/account/totp', () => {
      ada.account = { ...ada.account, totp: false, backup_codes: 0 }
    })
    ada.house.enter('/account')
    const part = await region(en.totp.heading)
    await click(en.totp.remove, part)
    await reads(en.othersEnd)
    await agree(en.totp.asks.confirm)
    await reads(en.totp.removed, part)
    await reads(en.totp.off, part)
  })
})

describe('sessions', () => {
  function endOf(part: HTMLElement): HTMLElement {
    const button = part.querySelector<HTMLElement>('li button')
    if (!button) throw new Error('no session to end')
    return button
  }

  it('are listed, this one marked and not to be ended here', async () => {
    ada.house.enter('/account')
    const part = await region(en.sessions.heading)
    await reads(`Firefox ${en.sessions.here}`, part)
    expect(part.querySelectorAll('li button')).toHaveLength(1)
    await reads(en.sessions.weak, part)
  })

  it.for([
    ['one', 'DELETE /api/account/sessions/s2', en.sessions.ended],
    ['all others', 'DELETE /api/account/sessions', en.sessions.endedOthers],
  ] as const)('%s can be ended', async ([which, what, words]) => {
    ada.registry.answer(what, () => {
      ada.account = { ...ada.account, sessions: ada.account.sessions.filter(({ here }) => here) }
    })
    ada.house.enter('/account')
    const part = await region(en.sessions.heading)
    if (which === 'one') press(await eventually(() => endOf(part)))
    else await click(en.sessions.endOthers, part)
    await reads(words, part)
    await reads(en.sessions.alone, part)
    await eventually(() => expect(part.contains(document.activeElement)).toBe(true))
  })

  it('one that has ended meanwhile is found so', async () => {
    ada.registry.refuse('DELETE /api/account/sessions/s2', 'not_found', { status: 404 })
    ada.house.enter('/account')
    const part = await region(en.sessions.heading)
    press(await eventually(() => endOf(part)))
    await alertReads(told.gone.heading, part)
  })
})

describe('what is stored', () => {
  it('is listed as the server told it', async () => {
    ada.house.enter('/account')
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
    const everything = { id: 'a', vault_blob: 'sealed' }
    ada.registry.answer('GET /api/account/export', everything)
    ada.house.enter('/account')
    await click(en.stored.export)
    await reads(en.stored.exported)
    expect(names).toEqual([en.stored.file])
    expect(JSON.parse((await files[0]?.text()) ?? '')).toEqual(everything)
  })

  it('cannot be exported while the server does not answer', async () => {
    ada.registry.refuse('GET /api/account/export', 'storage_unavailable', { status: 503 })
    ada.house.enter('/account')
    await click(en.stored.export)
    await alertReads(told.unreachable.heading, await region(en.stored.heading))
  })

  it('goes with the account, after a dialog that says what is lost', async () => {
    ada.registry.answer('DELETE /api/account', undefined)
    ada.house.enter('/account')
    await click(en.stored.delete)
    for (const words of [en.stored.asks.help('ada'), en.stored.asks.lost, en.stored.asks.others]) await reads(words)
    expect(ada.registry.changes).toEqual([])
    await agree(en.stored.asks.confirm)
    await eventually(() => expect(location.pathname).toBe('/'))
    expect(ada.registry.changes.map(({ what }) => what)).toEqual(['DELETE /api/account'])
    expect((await ada.house.people.session.whoAmI()).account).toBeNull()
  })

  it('is another’s once somebody else has signed in in another tab: nothing of Ada’s page stays', async () => {
    ada.house.enter('/account')
    await reads(en.lead('ada', refusals.roles.administrator))
    ada.session = { ...ada.session, account: { id: 'h', name: 'hanna', role: 'organiser' } }
    ada.account = { ...ada.account, id: 'h', name: 'hanna', role: 'organiser' }
    await ada.house.people.session.whoAmI(true)
    await reads(en.lead('hanna', refusals.roles.organiser))
    await click(en.stored.delete)
    await reads(en.stored.asks.help('hanna'))
    expect(document.body.textContent).not.toContain('ada')
  })

  it.for([
    ['last_administrator', told.lastAdministrator.heading],
    ['second_factor_required', told.secondFactor.heading],
  ] as const)('stays where the server refuses it: %s', async ([code, words]) => {
    ada.registry.refuse('DELETE /api/account', code)
    ada.house.enter('/account')
    await click(en.stored.delete)
    await agree(en.stored.asks.confirm)
    await alertReads(words, await region(en.stored.heading))
    expect(location.pathname).toBe('/account')
  })
})
