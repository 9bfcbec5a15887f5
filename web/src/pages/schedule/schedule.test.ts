// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HostKeys } from '../../call/host-keys'
import { de } from '../../i18n/schedule.de'
import { en } from '../../i18n/schedule.en'
import type { Language } from '../../i18n/speech.svelte'
import { parseLink } from '../../link'
import { type OpenVault, VaultTrouble } from '../../people/content'
import type { People } from '../../people/people'
import type { PlannedMeeting } from '../../schedule/planner'
import { ServerOnStage, VaultOnStage } from '../../schedule/schedule.stage'
import { dayText } from '../../schedule/when'
import { eventually, House, LINK } from '../pages.stage'
import * as downloads from '../people/download'
import { agree, click, named, reads } from '../people/people.stage'
import { plannerOf } from './planner-of'

/** A Sunday, in Berlin at one o'clock in the afternoon. */
const NOW = new Date('2026-11-22T12:00:00Z')

let house: House
let server: ServerOnStage
let vault: VaultOnStage
let opened: OpenVault | 'locked' | 'signed-out'
const files: { content: string; name: string }[] = []
let copied = ''
const hostKeysOf = vi.fn((_account: string) => new HostKeys())

beforeEach(() => {
  sessionStorage.clear()
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  vi.spyOn(downloads, 'download').mockImplementation((content, _, name) => void files.push({ content, name }))
  server = new ServerOnStage()
  vault = new VaultOnStage()
  opened = vault
  files.length = 0
  copied = ''
  vi.stubGlobal('fetch', server.fetch)
  vi.stubGlobal('navigator', {
    languages: ['en-GB', 'de-DE'],
    clipboard: {
      writeText: async (text: string) => {
        copied = text
      },
    },
  })
  house = new House()
  const account = { id: 'h', name: 'hanna', role: 'organiser' }
  const told = { account, strong: true, has_password: false, has_totp: false, notices: [] }
  house.people = {
    session: {
      openVault: async () => opened,
      whoAmI: async () => told,
      lockedBy: async () => ({ kinds: ['recovery'] }),
      subscribe: (listen: (answer: unknown) => void) => {
        listen(told)
        return () => undefined
      },
    },
    passkeys: { supported: false },
    hostKeysOf,
  } as unknown as People
})
afterEach(async () => {
  await house.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function field(name: string): Promise<HTMLInputElement> {
  return named<HTMLInputElement>('input, select', name)
}

async function fill(name: string, value: string): Promise<void> {
  const control = await field(name)
  control.value = value
  for (const event of ['input', 'change']) control.dispatchEvent(new Event(event, { bubbles: true }))
}

async function choose(name: string, text: string): Promise<void> {
  const select = (await field(name)) as unknown as HTMLSelectElement
  const option = [...select.options].find((one) => one.textContent?.trim() === text)
  if (!option) throw new Error(`no “${text}” in ${name}: ${[...select.options].map((one) => one.textContent)}`)
  select.value = option.value
  select.dispatchEvent(new Event('change', { bubbles: true }))
}

/** A board meeting on Monday at ten, in Berlin. */
async function fillIn(language: Language = 'en', title = 'Board'): Promise<void> {
  const t = language === 'de' ? de : en
  house.enter('/schedule', language)
  await fill(t.fields.title, title)
  await fill(t.fields.date, '2026-11-23')
  await fill(t.fields.start, '10:00')
  await choose(t.fields.zone, 'Berlin')
}

const held = () => {
  const [first, ...more] = vault.content.meetings
  if (!first || more.length > 0) throw new Error(`${vault.content.meetings.length} meetings`)
  return first
}

describe('Hanna plans a meeting', () => {
  it('and finds sensible things in the form', async () => {
    vi.setSystemTime(new Date('2026-11-22T12:40:00Z'))
    house.enter('/schedule')
    await named('h1', en.heading)
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
    expect((await field(en.fields.zone)).value).toBe(zone)
    expect((await field(en.fields.start)).value).toMatch(/:(00|30)$/)
    expect((await field(en.fields.duration)).value).toBe('60')
    expect((await named('[role=switch]', en.fields.waitingRoom)).getAttribute('aria-checked')).toBe('true')
    expect((await named('[role=switch]', en.fields.guests)).getAttribute('aria-checked')).toBe('true')
  })

  it.each(['en', 'de'] as const)('weekly, and is given all that invites (%s)', async (language) => {
    const t = language === 'de' ? de : en
    await fillIn(language)
    await choose(t.fields.repeat, t.repeats.week)
    await choose(t.fields.ends, t.fields.endsCount)
    await fill(t.fields.count, '3')
    await click(t.fields.save)
    await reads(t.share.saved)
    expect(held()).toMatchObject({
      title: 'Board',
      plan: { rule: 'FREQ=WEEKLY;COUNT=3;BYDAY=MO', zone: 'Europe/Berlin' },
    })
    expect(location.pathname + location.hash).toBe(`/schedule#${held().meeting}`)
    await reads(language === 'de' ? 'Montag, 23. November 2026, 10:00–11:00' : 'Monday, 23 November 2026, 10:00–11:00')

    await click(t.share.copy)
    await eventually(() => expect(parseLink(copied)).toMatchObject({ secret: held().secret }))
    await click(t.share.file)
    await eventually(() => expect(files).toHaveLength(1))
    expect(files[0]?.name).toMatch(/2026-11-23\.ics$/)
    expect(files[0]?.content.replace(/\r\n /g, '')).toContain(copied)
    const mail = document.querySelector<HTMLAnchorElement>('a[href^="mailto:"]')
    expect(mail?.textContent).toBe(t.share.mail)
    expect(decodeURIComponent(mail?.href ?? '')).toContain(copied)
    expect(decodeURIComponent(mail?.href ?? '')).toContain('/privacy')
    await click(t.share.qr)
    await eventually(() => expect(document.querySelector(`svg[aria-label="${t.share.qrLabel}"] path`)).not.toBeNull())
    expect(document.querySelector('svg [style], svg[style]')).toBeNull()
  })

  it('and the host key stands in her browser as hers', async () => {
    hostKeysOf.mockClear()
    await planned()
    expect(hostKeysOf.mock.calls).toContainEqual([vault.account])
  })

  it('and hears that it is saved: the line was there before its words', async () => {
    const said: string[] = []
    const ear = new MutationObserver((records) => {
      const lines = records.map(({ target }) => (target instanceof Element ? target : target.parentElement))
      said.push(...lines.map((line) => line?.closest('[role=status]')?.textContent ?? ''))
    })
    ear.observe(document, { subtree: true, childList: true, characterData: true })
    await fillIn()
    await click(en.fields.save)
    await eventually(() => expect(said).toContain(en.share.saved))
    ear.disconnect()
    await eventually(() => expect(document.activeElement?.id).toBe('share'))
  })

  it('for people who are signed in, without a waiting room', async () => {
    await fillIn()
    ;(await named('[role=switch]', en.fields.waitingRoom)).click()
    ;(await named('[role=switch]', en.fields.guests)).click()
    await reads(en.fields.noGuestsHint)
    await click(en.fields.save)
    await reads(en.share.saved)
    expect(server.theMeeting()).toMatchObject({ guests: false, rules: { version: 1 } })
  })

  it('and cannot ask guests where the installation admits none', async () => {
    if (house.operator) house.operator.guests = false
    house.enter('/schedule')
    await reads(en.fields.guestsOff)
    expect([...document.querySelectorAll('[role=switch]')]).toHaveLength(1)
  })

  it('in an hour that the clock skips, and is told what becomes of it', async () => {
    await fillIn()
    await fill(en.fields.date, '2027-03-28')
    await fill(en.fields.start, '02:30')
    await reads(en.hints.skipped('03:30'))
    await fill(en.fields.date, '2027-10-31')
    await reads(en.hints.doubled)
  })

  it('without end, and is told that it has to be looked after', async () => {
    await fillIn()
    await choose(en.fields.repeat, en.repeats.day)
    await reads(en.hints.renewed)
  })

  it('on a Sunday for Mondays only: it begins on the Monday', async () => {
    await fillIn()
    await fill(en.fields.date, '2026-11-29')
    await choose(en.fields.repeat, en.repeats.week)
    const boxes = [...document.querySelectorAll<HTMLInputElement>('input[type=checkbox]')]
    expect(boxes.map(({ checked }) => checked)).toEqual([false, false, false, false, false, false, true])
    boxes[0]?.click()
    boxes[6]?.click()
    await reads(en.hints.moved(dayText('2026-11-30', 'en-GB')))
    await click(en.fields.save)
    await reads(en.share.saved)
    expect(held().plan).toMatchObject({ start: '2026-11-30T10:00', rule: 'FREQ=WEEKLY;BYDAY=MO' })
  })

  it('on its own day of the week first, then on another one too: what is saved is what the boxes show', async () => {
    await fillIn()
    await choose(en.fields.repeat, en.repeats.week)
    const boxes = [...document.querySelectorAll<HTMLInputElement>('input[type=checkbox]')]
    const ticked = () => boxes.map(({ checked }) => checked)
    boxes[0]?.click()
    expect(ticked()).toEqual([true, false, false, false, false, false, false])
    boxes[1]?.click()
    await eventually(() => expect(ticked()).toEqual([true, true, false, false, false, false, false]))
    await click(en.fields.save)
    await reads(en.share.saved)
    expect(held().plan?.rule).toBe('FREQ=WEEKLY;BYDAY=MO,TU')
  })

  it('but not in the past, nor without a date', async () => {
    await fillIn()
    await fill(en.fields.date, '2026-11-20')
    await click(en.fields.save)
    await reads(en.trouble.over.heading)
    await fill(en.fields.date, '')
    await click(en.fields.save)
    await reads(en.trouble.incomplete.heading)
    expect(server.asked).toEqual([])
  })

  it('and what she has entered is still there when the server is out of reach', async () => {
    await fillIn()
    server.failing = ['POST meeting']
    await click(en.fields.save)
    await reads(en.trouble.unreachable.heading)
    expect((await field(en.fields.title)).value).toBe('Board')
    await click(en.fields.save)
    await reads(en.share.saved)
    expect(held().meeting).toBe(server.theMeeting().meeting)
  })

  it('and is given the link of a meeting that could neither be kept nor undone', async () => {
    await fillIn()
    vault.failing = 1
    server.failing = ['DELETE meeting', 'DELETE meeting']
    await click(en.fields.save)
    await reads(en.trouble.stranded.heading)
    const link = parseLink(document.querySelector('[role=alert] .link')?.textContent ?? '')
    expect(link?.meeting).toBe(server.theMeeting().meeting)
    await click(en.share.copy)
    await eventually(() => expect(parseLink(copied)).toEqual(link))
  })
})

async function planned(title = 'Board'): Promise<void> {
  await fillIn('en', title)
  await click(en.fields.save)
  await reads(en.share.saved)
}

describe('Hanna comes back to a meeting', () => {
  it('and moves it: calendars learn of it by a file with a higher number', async () => {
    await planned()
    await fill(en.fields.start, '15:00')
    await click(en.fields.save)
    await eventually(() => expect(server.theMeeting().times_version).toBe(1))
    await reads(en.share.news)
    await click(en.share.file)
    await eventually(() => expect(files[0]?.content).toContain('SEQUENCE:1'))
    expect(files[0]?.content).toContain('T150000')
  })

  it('and moves a weekly one: its weekday goes with the date', async () => {
    await fillIn()
    await choose(en.fields.repeat, en.repeats.week)
    await click(en.fields.save)
    await reads(en.share.saved)
    await fill(en.fields.date, '2026-11-26')
    await click(en.fields.save)
    await eventually(() =>
      expect(held().plan).toMatchObject({ start: '2026-11-26T10:00', rule: 'FREQ=WEEKLY;BYDAY=TH' }),
    )
  })

  it('by its address, and finds it as it was', async () => {
    await planned()
    await house.close()
    house.enter(`/schedule#${held().meeting}`)
    await named('h1', en.editHeading)
    expect((await field(en.fields.title)).value).toBe('Board')
    expect((await field(en.fields.date)).value).toBe('2026-11-23')
    await reads(`${en.fields.guestsFixed} ${en.fields.guestsHint}`)
  })

  it('from a page that has not seen what her phone did since, and undoes nothing of it', async () => {
    await planned()
    const phone = plannerOf(house.people, vault)
    const before = held() as PlannedMeeting
    const { waitingRoom, guests, ...plan } = before.plan
    const times = { ...plan, start: '2026-11-25T10:00' }
    await phone.change(before, { title: before.title, times, waitingRoom, guests })
    await fill(en.fields.title, 'Budget')
    await click(en.fields.save)
    await eventually(() => expect(held().title).toBe('Budget'))
    expect(held().plan?.start).toBe('2026-11-25T10:00')
    await reads('Wednesday, 25 November 2026, 10:00–11:00')
    await eventually(async () => expect((await field(en.fields.date)).value).toBe('2026-11-25'))
    expect((await field(en.fields.title)).value).toBe('Budget')
  })

  it('which only people who are signed in can join now, whatever its link once said', async () => {
    await planned()
    await house.close()
    if (house.operator) house.operator.guests = false
    house.enter(`/schedule#${held().meeting}`)
    await reads(en.fields.guestsOff)
    expect(document.body.textContent).not.toContain(en.fields.guestsHint)
  })

  it('that is in nobody’s vault any more', async () => {
    house.enter(`/schedule#${'M'.repeat(22)}`)
    await reads(en.trouble.gone.heading)
    expect(document.querySelector('form')).toBeNull()
  })

  it('and makes a new link, after being asked once', async () => {
    await planned()
    const old = held().meeting
    await click(en.share.newLink)
    await agree(en.share.keep)
    expect(held().meeting).toBe(old)
    await click(en.share.newLink)
    await agree(en.share.newLink)
    await reads(en.share.newLinkDone)
    expect(held().meeting).not.toBe(old)
    expect(server.theMeeting().meeting).toBe(held().meeting)
    expect(location.hash).toBe(`#${held().meeting}`)
    await click(en.share.copy)
    await eventually(() => expect(parseLink(copied)?.meeting).toBe(held().meeting))
  })

  it('and makes a new link without losing what she has entered and not saved', async () => {
    await planned()
    const old = held().meeting
    await fill(en.fields.title, 'Budget')
    await click(en.share.newLink)
    await agree(en.share.newLink)
    await reads(en.share.newLinkDone)
    expect((await field(en.fields.title)).value).toBe('Budget')
    expect(held()).toMatchObject({ title: 'Board' })
    await click(en.fields.save)
    await eventually(() => expect(held().title).toBe('Budget'))
    expect(held().meeting).not.toBe(old)
  })

  it('and is told when the old link could not be voided: no file of it can harm the new one', async () => {
    await planned()
    const old = held()
    server.failing = ['DELETE meeting']
    await click(en.share.newLink)
    await agree(en.share.newLink)
    await reads(en.trouble.notVoided.heading)
    expect(vault.content.meetings).toHaveLength(2)
    await named('button', en.share.file)
    await house.close()

    house.enter('/')
    await eventually(() => expect(document.querySelectorAll('#meetings li')).toHaveLength(2))
    const rows = [...document.querySelectorAll('#meetings li')]
    expect(rows.map((row) => row.textContent?.includes(en.list.replaced))).toEqual([true, false])
    await house.close()

    house.enter(`/schedule#${old.meeting}`)
    await reads(en.share.replaced)
    expect(document.body.textContent).not.toContain(en.share.file)
    await click(en.share.cancel)
    await agree(en.share.cancel)
    await reads(en.share.cancelledFileless)
    expect(document.body.textContent).not.toContain(en.share.file)
    expect(held().meeting).not.toBe(old.meeting)
  })

  it('and is told when the old link is void and only her vault still names it', async () => {
    await planned()
    const change = vault.change.bind(vault)
    let times = 0
    vault.change = async (edit) => {
      times += 1
      if (times === 2) throw new VaultTrouble('contended')
      return change(edit)
    }
    await click(en.share.newLink)
    await agree(en.share.newLink)
    await reads(en.trouble.notDropped.heading)
    expect(document.body.textContent).not.toContain(en.trouble.notVoided.heading)
    expect(server.meetings.size).toBe(1)
    expect(vault.content.meetings).toHaveLength(2)
  })

  it('and cancels it, after being asked once, with a file for those who were invited', async () => {
    await planned()
    const { plan } = held()
    await click(en.share.cancel)
    await agree(en.share.cancel)
    await named('h1', en.share.cancelled)
    expect(server.meetings.size).toBe(0)
    expect(vault.content.meetings).toEqual([])
    await click(en.share.file)
    await eventually(() => expect(files).toHaveLength(1))
    const file = files[0]?.content.replace(/\r\n /g, '')
    for (const line of ['METHOD:CANCEL', 'STATUS:CANCELLED', 'SEQUENCE:1', `UID:${plan?.uid}`])
      expect(file).toContain(line)
  })
})

describe('Somebody who cannot plan here', () => {
  it('is signed out', async () => {
    opened = 'signed-out'
    house.enter('/schedule')
    await reads(en.signedOut.help)
    expect(document.querySelector('a[href="/signin"]')).not.toBeNull()
  })

  it('has a closed vault, and opens it in place', async () => {
    opened = 'locked'
    house.enter('/schedule')
    await eventually(() => expect(document.querySelector('.door form')).not.toBeNull())
    expect(document.body.textContent).not.toContain(en.fields.save)
  })
})

describe('Your meetings', () => {
  it('are on the start page, the next one first, to be started, copied, changed and deleted', async () => {
    await planned('Board')
    await house.close()
    await planned('Later').then(() => fill(en.fields.date, '2026-11-25'))
    await click(en.fields.save)
    await eventually(() => expect(vault.content.meetings[1]?.plan?.start).toContain('2026-11-25'))
    await house.close()
    house.enter('/')
    await eventually(() =>
      expect([...document.querySelectorAll('#meetings h3')].map((title) => title.textContent)).toEqual([
        'Board',
        'Later',
      ]),
    )
    await reads('Monday, 23 November 2026, 10:00–11:00 (Europe/Berlin)')
    const board = vault.content.meetings[0]
    await click(`${en.share.copy}: Board`)
    await eventually(() => expect(parseLink(copied)?.meeting).toBe(board?.meeting))
    await click(`${en.list.delete}: Later`)
    await agree(en.list.delete)
    await reads(en.list.deleted)
    expect(server.theMeeting().meeting).toBe(board?.meeting)
    await click(`${en.list.edit}: Board`)
    await named('h1', en.editHeading)
    expect(location.hash).toBe(`#${board?.meeting}`)
  })

  it('are a list of that name', async () => {
    await planned()
    await house.close()
    house.enter('/')
    const list = await eventually(() => {
      const found = document.querySelector('ul[aria-labelledby]')
      if (!found?.querySelector('li')) throw new Error('no list')
      return found
    })
    expect(document.getElementById(list.getAttribute('aria-labelledby') ?? '')?.textContent).toBe('Your meetings')
  })

  it('can be started and deleted while what is over is still being cleared away', async () => {
    await planned('Over')
    await house.close()
    for (const title of ['Second', 'Third']) {
      await fillIn('en', title)
      await fill(en.fields.date, '2026-11-30')
      await click(en.fields.save)
      await reads(en.share.saved)
      await house.close()
    }
    vi.setSystemTime(new Date('2026-11-25T12:00:00Z'))
    server.now = Date.now()
    let answer = (): void => undefined
    const until = new Promise<void>((resolve) => {
      answer = resolve
    })
    server.waiting = { what: 'GET meeting', until }
    house.enter('/')
    await click(`${en.list.delete}: Second`)
    await agree(en.list.delete)
    await reads(en.list.deleted)
    answer()
    await eventually(() => expect(vault.content.meetings.map(({ title }) => title)).toEqual(['Third']))
    await eventually(() => expect(document.querySelectorAll('#meetings li')).toHaveLength(1))
    await house.close()

    server.now = Date.parse('2026-11-22T12:00:00Z')
    vi.setSystemTime(NOW)
    await planned('Over')
    await house.close()
    vi.setSystemTime(new Date('2026-11-25T12:00:00Z'))
    server.now = Date.now()
    server.waiting = { what: 'GET meeting', until: new Promise(() => undefined) }
    house.enter('/')
    await click(`${en.list.start}: Third`)
    await eventually(() => expect(location.pathname).toMatch(/^\/m\//))
  })

  it('start where their host joins', async () => {
    await planned()
    await house.close()
    house.enter('/')
    await click(`${en.list.start}: Board`)
    await eventually(() => expect(location.pathname).toBe(`/m/${held().meeting}`))
    expect(parseLink(location.href)).toMatchObject({ secret: held().secret, host: held().host })
    expect(location.href).not.toContain(held().seed)
  })

  it('are none at first, and say so', async () => {
    house.enter('/')
    await reads(en.list.none)
  })

  it('leave when they are over', async () => {
    await planned()
    await house.close()
    vi.setSystemTime(new Date('2026-11-25T12:00:00Z'))
    server.now = Date.now()
    house.enter('/')
    await reads(en.list.none)
    expect(vault.content.meetings).toEqual([])
  })

  it('are behind the vault’s door while that is closed', async () => {
    opened = 'locked'
    house.enter('/')
    await reads(en.list.locked)
    await click(en.list.open)
    await eventually(() => expect(document.querySelector('.door form')).not.toBeNull())
  })
})

describe('Gustav, who was invited', () => {
  const plan = { start: '2026-11-30T20:00', zone: 'Europe/Berlin', minutes: 60, rule: 'FREQ=WEEKLY;BYDAY=MO' }

  it('sees when it is before he joins', async () => {
    house.found = { title: 'Board', host: false, waitingRoom: true, plan }
    house.enter(LINK)
    await named('h1', 'Board')
    await reads(en.repeats.on(en.repeats.week, 'Monday'))
    await reads('30 November 2026')
  })

  it('and when he comes too early', async () => {
    house.found = { refused: 'meeting_not_started', known: { title: 'Board', plan } }
    house.enter(LINK)
    await reads('Board')
    await reads('30 November 2026')
  })

  it.each([{ start: 'soon' }, 'text', { ...plan, rule: 'FREQ=SECONDLY' }])(
    'and nothing where the card is strange: %j',
    async (strange) => {
      house.found = { title: 'Board', host: false, waitingRoom: true, plan: strange }
      house.enter(LINK)
      await named('h1', 'Board')
      await eventually(() => expect(document.querySelector('input[autocomplete=nickname]')).not.toBeNull())
      expect(document.body.textContent).not.toContain('2026')
    },
  )
})
