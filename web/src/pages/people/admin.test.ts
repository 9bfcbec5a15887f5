// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { de } from '../../i18n/admin.de'
import { en } from '../../i18n/admin.en'
import { en as refusals } from '../../i18n/refusals.en'
import type { Person, RunningMeeting } from '../../people/wire'
import { eventually, House, see, type } from '../pages.stage'
import {
  ADA,
  agree,
  choose,
  click,
  HANNA,
  named,
  OLGA,
  peopleAt,
  Registry,
  reads,
  region,
  SIGNED_IN,
} from './people.stage'

let house: House
let registry: Registry
let people: Person[]
let meetings: RunningMeeting[]

const INVITED = { id: 'i', kind: 'invitation', role: 'organiser', name: 'gustav', expires_at: '2026-11-29T14:05:00Z' }
const MADE = { id: 'i', token: 'T'.repeat(43), expires_at: '2026-11-29T14:05:00Z' }
const LINK = `/invite#${MADE.token}`

beforeEach(() => {
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  people = [ADA, HANNA, OLGA]
  meetings = []
  registry = new Registry()
    .answer('GET /api/session', SIGNED_IN)
    .answer('GET /api/admin/people', () => ({ people, invitations: [] }))
    .answer('GET /api/admin/meetings', () => ({ meetings }))
    .answer('GET /api/admin/settings', { settings: [] })
    .answer('GET /api/admin/engine', { kind: 'embedded', healthy: true, version: '1.9.0', nodes: 1, rooms: 2 })
    .answer('GET /api/proof/facts', { facts: [] })
  house = new House()
  house.people = peopleAt(registry)
})
afterEach(() => house.close())

/** What the server says from now on about somebody, once asked to. */
function onChange(what: string, id: string, change: (person: Person) => Person | undefined): void {
  registry.answer(what, () => {
    people = people.flatMap((person) => (person.id === id ? (change(person) ?? []) : person))
  })
}

function rowsOf(part: HTMLElement): string[] {
  return [...part.querySelectorAll('tbody tr')].map((row) =>
    [...row.children].map((cell) => cell.textContent?.replace(/\s+/g, ' ').trim()).join(' | '),
  )
}

async function wish(name: string, role: string): Promise<HTMLSelectElement> {
  const select = await named<HTMLSelectElement>('select', en.people.roleOf(name))
  select.value = role
  select.dispatchEvent(new Event('change', { bubbles: true }))
  return select
}

describe('Ada, who administers,', () => {
  it('sees who has an account, in which role, and how they sign in', async () => {
    house.enter('/admin')
    const part = await region(en.people.heading)
    await reads('ada (you)', part)
    const rows = rowsOf(part)
    expect(rows[0]).toContain('one passkey, password and code')
    expect(rows[1]).toMatch(/^hanna since November 2, 2026 \| .* \| 2 passkeys \| Active/)
    expect(rows[2]).toMatch(/password and code, identity provider \| Disabled/)
  })

  it.for([
    ['en', en.people.heading, en.meetings.heading, en.settings.heading, en.engine.heading],
    ['de', de.people.heading, de.meetings.heading, de.settings.heading, de.engine.heading],
  ] as const)('finds the four parts under their names (%s)', async ([language, ...headings]) => {
    house.enter('/admin', language)
    for (const heading of headings) await region(heading)
  })

  it('gives Hanna another role once she has agreed to what it means', async () => {
    onChange('PUT /api/admin/people/h', 'h', (person) => ({ ...person, role: 'administrator' }))
    house.enter('/admin')
    const select = await wish('hanna', 'administrator')
    expect(select.value).toBe('organiser')
    expect(registry.changes).toEqual([])
    await reads(en.ask.role.administrator)
    await agree(en.ask.role.confirm)
    await reads(en.told.role('hanna', 'Administrator'))
    expect(select.value).toBe('administrator')
    expect(registry.changes).toEqual([
      { what: 'PUT /api/admin/people/h', body: { role: 'administrator', disabled: false } },
    ])
  })

  it('changes nothing when she cancels', async () => {
    house.enter('/admin')
    const select = await wish('hanna', 'auditor')
    await agree(en.cancel)
    await eventually(() => expect(document.querySelector('dialog')).toBeNull())
    expect(select.value).toBe('organiser')
    expect(registry.changes).toEqual([])
  })

  it('cannot give up her own role as the last one who has it, and reads why beside her name', async () => {
    registry.refuse('PUT /api/admin/people/a', 'last_administrator')
    house.enter('/admin')
    await wish('ada', 'organiser')
    await agree(en.ask.role.confirm)
    await see('[role=alert] strong', refusals.refusals.lastAdministrator.heading)
    const row = document.querySelector('[role=alert]')?.closest('tr')
    expect(row?.previousElementSibling?.textContent).toContain('ada (you)')
  })

  it('disables Hanna, and enables Olga', async () => {
    onChange('PUT /api/admin/people/h', 'h', (person) => ({ ...person, disabled: true }))
    onChange('PUT /api/admin/people/o', 'o', (person) => ({ ...person, disabled: false }))
    house.enter('/admin')
    await choose(en.people.actionsFor('hanna'), en.people.disable('hanna'))
    await agree(en.ask.disable.confirm)
    await reads(en.told.disabled('hanna'))
    await choose(en.people.actionsFor('olga'), en.people.enable('olga'))
    await reads(en.told.enabled('olga'))
    expect(registry.changes.map(({ body }) => body)).toEqual([
      { role: 'organiser', disabled: true },
      { role: 'auditor', disabled: false },
    ])
  })

  it('makes a reset link, sees it once, and is told what it will do', async () => {
    registry.answer('POST /api/admin/people/h/reset', MADE)
    house.enter('/admin')
    await choose(en.people.actionsFor('hanna'), en.people.reset('hanna'))
    await reads(location.origin + LINK)
    await reads(en.link.resetHelp)
    const dialog = document.querySelector('dialog')
    const pressed = new Event('cancel', { cancelable: true })
    dialog?.dispatchEvent(pressed)
    expect(pressed.defaultPrevented).toBe(true)
    // Of two in a row browsers let only the first be refused, unless it is refused as a key.
    const key = new KeyboardEvent('keydown', { key: 'Escape', cancelable: true, bubbles: true })
    dialog?.dispatchEvent(key)
    expect(key.defaultPrevented).toBe(true)
    expect(dialog?.getAttribute('closedby')).toBe('none')
    await agree(en.link.done)
    await eventually(() => expect(document.body.textContent).not.toContain(LINK))
  })

  it('resets a second factor, where there is one', async () => {
    house.enter('/admin')
    await click(en.people.actionsFor('hanna'))
    await named('[role=menuitem]', en.people.remove('hanna'))
    expect(document.body.textContent).not.toContain(en.people.resetSecondFactor('hanna'))
    await click(en.people.actionsFor('hanna'))
    await choose(en.people.actionsFor('olga'), en.people.resetSecondFactor('olga'))
    await agree(en.ask.secondFactor.confirm)
    await reads(en.told.secondFactor('olga'))
    expect(registry.changes).toEqual([{ what: 'DELETE /api/admin/people/o/second-factor', body: undefined }])
  })

  it('removes Hanna after one question, and the focus stays where the list is', async () => {
    onChange('DELETE /api/admin/people/h', 'h', () => undefined)
    house.enter('/admin')
    await choose(en.people.actionsFor('hanna'), en.people.remove('hanna'))
    expect(registry.changes).toEqual([])
    await agree(en.ask.remove.confirm)
    await reads(en.told.removed('hanna'))
    const part = await region(en.people.heading)
    await eventually(() => expect(part.contains(document.activeElement)).toBe(true))
    expect(part.querySelector('table')?.textContent).not.toContain('hanna')
  })

  it.for([
    ['not_found', {}, refusals.refusals.gone.heading],
    ['too_many_attempts', { status: 429, retryAfter: 8 }, refusals.refusals.tooMany.wait(8)],
    ['signin_needed', { status: 401 }, refusals.refusals.signedOut.help],
    ['second_factor_required', { status: 403 }, refusals.refusals.secondFactor.help],
    ['not_allowed', { status: 403 }, refusals.refusals.notAllowed.help],
    ['storage_unavailable', { status: 503 }, refusals.refusals.unreachable.heading],
    ['internal', { status: 500 }, refusals.refusals.failed.heading],
    ['nothing that is known', { status: 418 }, refusals.refusals.failed.heading],
  ] as const)('reads what it means that removing was refused: %s', async ([code, how, words]) => {
    registry.refuse('DELETE /api/admin/people/h', code, how)
    house.enter('/admin')
    await choose(en.people.actionsFor('hanna'), en.people.remove('hanna'))
    await agree(en.ask.remove.confirm)
    await eventually(() => expect(document.querySelector('[role=alert]')?.textContent).toContain(words))
  })
})

describe('an invitation', () => {
  it('is a link that is shown once, with or without a name', async () => {
    registry.answer('POST /api/admin/invitations', MADE)
    house.enter('/admin')
    type(await named('input', en.invitations.name), '  gustav ')
    const role = await named<HTMLSelectElement>('select', en.people.role)
    role.value = 'auditor'
    role.dispatchEvent(new Event('change', { bubbles: true }))
    await click(en.invitations.make)
    await see('h2', en.link.invitationFor('gustav'))
    await reads(LINK)
    await agree(en.link.done)
    await eventually(() => expect(document.querySelector('dialog')).toBeNull())
    await click(en.invitations.make)
    await see('h2', en.link.invitation)
    expect(registry.changes.map(({ body }) => body)).toEqual([
      { role: 'auditor', name: 'gustav' },
      { role: 'auditor', name: null },
    ])
  })

  it('is listed without its link, and withdrawn', async () => {
    let open = [INVITED, { ...INVITED, id: 'j', kind: 'reset', name: null }]
    registry
      .answer('GET /api/admin/people', () => ({ people, invitations: open }))
      .answer('DELETE /api/admin/invitations/i', () => {
        open = open.slice(1)
      })
    house.enter('/admin')
    const list = await eventually(() => {
      const found = document.querySelector('ul[aria-labelledby=open-invitations]')
      if (!found) throw new Error('no list')
      return found
    })
    expect(list.textContent).toContain(en.invitations.kind.reset)
    await click(en.invitations.withdrawFor('gustav'))
    await reads(en.told.withdrawn)
    expect(list.textContent).not.toContain('gustav')
    expect(list.textContent).toContain(en.invitations.anyName)
  })

  it('that was used meanwhile cannot be withdrawn, and the list says what there is', async () => {
    registry
      .answer('GET /api/admin/people', () => ({ people, invitations: [INVITED] }))
      .refuse('DELETE /api/admin/invitations/i', 'not_found', { status: 404 })
    house.enter('/admin')
    await click(en.invitations.withdrawFor('gustav'))
    await see('[role=alert] strong', refusals.refusals.gone.heading)
  })

  it('is not made twice by two clicks', async () => {
    registry.answer('POST /api/admin/invitations', MADE)
    house.enter('/admin')
    await named('button', en.invitations.make)
    const go = registry.hold()
    await click(en.invitations.make)
    await click(en.invitations.making)
    go()
    await see('h2', en.link.invitation)
    expect(registry.changes).toHaveLength(1)
  })

  it('that is refused says so beside the form', async () => {
    registry.refuse('POST /api/admin/invitations', 'too_many_attempts', { status: 429, retryAfter: 120 })
    house.enter('/admin')
    await click(en.invitations.make)
    await reads(refusals.refusals.tooMany.wait(120))
    expect(document.querySelector('dialog')).toBeNull()
  })
})

describe('running meetings', () => {
  const RUNNING = { id: 'R'.repeat(22), began_at: new Date(Date.now() - 65 * 60_000).toISOString(), seats: 3 }

  it('are none, in words', async () => {
    house.enter('/admin')
    await reads(en.meetings.none, await region(en.meetings.heading))
  })

  it('show number, duration and seats, and end after one question', async () => {
    meetings = [RUNNING]
    registry.answer(`DELETE /api/admin/meetings/${RUNNING.id}`, () => {
      meetings = []
    })
    house.enter('/admin')
    const part = await region(en.meetings.heading)
    await reads('1:05 h', part)
    await reads(en.meetings.seatsCount(3), part)
    await click(en.meetings.endNamed(RUNNING.id))
    await reads(en.ask.end.help(en.meetings.seatsCount(3)))
    expect(registry.changes).toEqual([])
    await agree(en.ask.end.confirm)
    await reads(en.told.ended, part)
    await reads(en.meetings.none, part)
  })

  it('that ended by themselves are found so, and the list can be asked for anew', async () => {
    meetings = [RUNNING]
    registry.refuse(`DELETE /api/admin/meetings/${RUNNING.id}`, 'not_found', { status: 404 })
    house.enter('/admin')
    await click(en.meetings.endNamed(RUNNING.id))
    await agree(en.ask.end.confirm)
    await see('[role=alert] strong', refusals.refusals.gone.heading)
    meetings = []
    await click(en.refresh)
    await reads(en.told.refreshed)
    await reads(en.meetings.none)
  })
})

describe('the installation', () => {
  it('shows its settings with their origin, and no secret', async () => {
    registry.answer('GET /api/admin/settings', {
      settings: [
        { name: 'PORT', value: '8000', origin: 'default', secret: false, help: 'Where it listens.' },
        { name: 'DATABASE_URL', value: null, origin: 'environment', secret: true, help: 'Where the rows are.' },
        { name: 'ENGINE_KEY', value: null, origin: 'default', secret: true, help: 'Of outside nodes.' },
        { name: 'OPERATOR_NAME', value: '', origin: 'file', secret: false, help: 'Who runs it.' },
      ],
    })
    house.enter('/admin')
    const part = await region(en.settings.heading)
    await reads('PORT', part)
    const rows = rowsOf(part)
    expect(rows).toEqual([
      'PORT Where it listens. | 8000 | default',
      'DATABASE_URL Where the rows are. | set, not shown | environment',
      'ENGINE_KEY Of outside nodes. | not given | default',
      'OPERATOR_NAME Who runs it. | empty | klausur.toml',
    ])
    expect(part.querySelectorAll('input, button')).toHaveLength(0)
  })

  it.for([
    [
      { kind: 'embedded', healthy: true, version: '1.9.0', nodes: 1, rooms: 0 },
      [en.engine.healthy, en.engine.embedded],
    ],
    [{ kind: 'outside', healthy: true, version: null, nodes: 3, rooms: 1 }, [en.engine.nodes(3), en.engine.rooms(1)]],
    [{ kind: 'embedded', healthy: false, version: null, nodes: 1, rooms: null }, [en.engine.unhealthy]],
  ] as const)('says in words how the engine is (%#)', async ([engine, words]) => {
    registry.answer('GET /api/admin/engine', engine)
    house.enter('/admin')
    for (const each of words) await reads(each, await region(en.engine.heading))
  })

  it('that does not answer in one part says so there, and is asked again by a click', async () => {
    registry.refuse('GET /api/admin/engine', 'storage_unavailable', { status: 503 })
    house.enter('/admin')
    const part = await region(en.engine.heading)
    await reads(refusals.refusals.unreachable.heading, part)
    registry.relent()
    await click(en.again, part)
    await reads(en.engine.healthy, part)
    expect(part.querySelector('[role=alert]')).toBeNull()
  })
})

describe('whoever may not administer', () => {
  const NOBODY = { ...SIGNED_IN, account: null, strong: false }
  const HANNAS_SESSION = { ...SIGNED_IN, account: { id: 'h', name: 'hanna', role: 'organiser' } }

  it.for([
    ['has a second factor: signs in again', true, en.strong.withCode, '/signin'],
    ['has none: sets one up', false, en.strong.without, '/account'],
  ] as const)('signed in with a password alone %s', async ([_, has_totp, words, way]) => {
    registry.answer('GET /api/session', { ...SIGNED_IN, strong: false, has_totp })
    house.enter('/admin')
    await see('h2', en.strong.heading)
    await reads(words)
    expect(document.querySelector<HTMLAnchorElement>('a.main')?.pathname).toBe(way)
    expect(document.querySelector('table')).toBeNull()
  })

  it.for([
    ['is signed out', NOBODY, en.refused.signedOut.heading, '/signin'],
    ['is no administrator', HANNAS_SESSION, en.refused.notAllowed.heading, undefined],
  ] as const)('is told so, and nothing is asked for them: %s', async ([_, session, heading, way]) => {
    registry.answer('GET /api/session', session)
    house.enter('/admin')
    await see('h2', heading)
    expect(document.querySelector<HTMLAnchorElement>('a.main')?.pathname).toBe(way)
    expect(registry.asked.filter(({ what }) => what.includes('/admin/'))).toEqual([])
  })

  it.for([
    ['signin_needed', 401, en.refused.signedOut.heading, '/signin'],
    ['not_allowed', 403, en.refused.notAllowed.heading, undefined],
  ] as const)('is told so, and sees nothing (%s)', async ([code, status, heading, way]) => {
    registry.refuse('GET /api/admin/people', code, { status })
    house.enter('/admin')
    await see('h2', heading)
    expect(document.querySelector<HTMLAnchorElement>('a.main')?.pathname).toBe(way)
    expect(registry.asked.some(({ what }) => what.endsWith('/engine'))).toBe(false)
  })
})
