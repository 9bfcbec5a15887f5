// @vitest-environment happy-dom
/** In front of the door, at the door, and behind it, as people use the pages. */
import { flushSync } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeCall } from '../../stories/fake-call'
import type { InCall, Knock, Person } from '../call/model'
import { somebody } from '../call/model.stage'
import { en } from '../i18n/en'
import { eventually, House, LINK, nameField, see } from './pages.stage'

let house: House

beforeEach(() => {
  sessionStorage.clear()
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  house = new House()
})
afterEach(() => house.close())

const on = { microphone: true, camera: true }
const [jonas, gustav, mira, hanna] = [
  somebody('Jonas', { ...on, me: true }),
  somebody('Gustav', on),
  somebody('Mira', { role: 'cohost' }),
  somebody('Hanna', { ...on, role: 'host' }),
] as [Person, Person, Person, Person]
const OTTO: Knock = { id: 'o', name: 'Otto', code: 'K7M 2QX', returning: false, answered: false }
const VERA: Knock = { ...OTTO, id: 'v', name: 'Vera', code: 'BAD TEA' }

function goIn(call: FakeCall): FakeCall {
  house.held = { name: 'Jonas', chosen: {}, incomingVideo: true }
  house.call = call
  house.enter(LINK)
  return call
}

function inside(role: InCall['role'], more: Partial<InCall> = {}): FakeCall {
  const people = [{ ...jonas, role }, gustav, mira, hanna]
  return goIn(new FakeCall(people, { role, ...more }))
}

/** Buttons, switches and menu items with their names, in order. */
function controls(within: ParentNode = document): { name: string; element: HTMLElement }[] {
  return [...within.querySelectorAll<HTMLElement>('button')].map((element) => ({
    name: element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '',
    element,
  }))
}
const names = (within?: ParentNode | null) => controls(within ?? document).map(({ name }) => name)

async function control(name: string): Promise<HTMLElement> {
  return eventually(() => {
    const found = controls().find((one) => one.name === name)
    if (!found) throw new Error(`no “${name}” among ${names().join(', ')}`)
    return found.element
  })
}

async function click(name: string): Promise<void> {
  const element = await control(name)
  element.focus()
  element.click()
  flushSync()
}

async function panel(): Promise<HTMLElement> {
  return eventually(() => {
    const found = document.getElementById('people')
    if (!found) throw new Error('the panel is not open')
    return found
  })
}

function pressEscape(): void {
  document.activeElement?.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }),
  )
  flushSync()
}

describe('in front of the door', () => {
  it('Jonas reads what he waits for and his code, which can be read out sign by sign', async () => {
    goIn(FakeCall.waiting())
    const heading = await see('h1', 'Waiting to be let in')
    expect(document.activeElement).toBe(heading)
    expect(document.title).toBe('Waiting to be let in · Klausur')
    expect(document.body.textContent).toContain('K7M 2QX')
    expect(document.body.textContent).toContain('K, 7, M, 2, Q, X')
    expect(document.body.classList.contains('call')).toBe(false)
  })

  it('a look at the privacy notice does not cost him his place', async () => {
    goIn(FakeCall.waiting())
    await see('h1', 'Waiting to be let in')
    const links = [...document.querySelectorAll('a')]
    expect(links.length).toBeGreaterThan(0)
    expect(links.every(({ target }) => target === '_blank')).toBe(true)
  })

  it('when he was declined he may ask once more, and a lost connection is told', async () => {
    goIn(FakeCall.waiting({ is: 'declined', connection: 'reconnecting' }))
    await see('h1', 'You were not let in')
    expect(document.title).toBe('You were not let in · Klausur')
    expect(document.querySelector('[role=status]')?.textContent).toContain('The connection was interrupted')
    await click('Ask again')
    await see('h1', 'Waiting to be let in')
  })

  it('he can leave', async () => {
    goIn(FakeCall.waiting())
    await see('h1', 'Waiting to be let in')
    await click('Leave')
    await see('h1', 'You have left the meeting')
  })

  it.for([
    ['meeting_not_started', 'The meeting has not started yet', true],
    ['meeting_locked', 'The meeting is locked', true],
    ['declined', 'You were not let in', false],
    ['not_admitted', 'You were not let in', false],
  ] as const)('at a door that stays closed (%s) he reads why', async ([refused, heading, again]) => {
    house.found = { refused }
    house.enter(LINK)
    await see('h1', heading)
    expect(names().includes(en.trouble.again)).toBe(again)
  })

  it('somebody who was removed is told that, now and at every later try', async () => {
    house.found = { refused: 'removed' }
    house.enter(LINK)
    await see('h1', 'You were removed')
  })
})

describe('before joining', () => {
  const waitingRoom = async () => (await control('Waiting room')).getAttribute('aria-checked')

  it('the host finds the waiting room on, and can switch it off', async () => {
    house.found = { title: '', host: true, waitingRoom: true }
    house.enter(LINK)
    expect(await waitingRoom()).toBe('true')
    await click('Waiting room')
    await eventually(() => expect(document.body.textContent).toContain('Everyone who has the link comes in at once.'))
    expect(house.waitingRoomWishes).toEqual([false])
    expect(await waitingRoom()).toBe('false')
  })

  it('a switch that could not be saved goes back and says so', async () => {
    house.found = { title: '', host: true, waitingRoom: true }
    house.saves = false
    house.enter(LINK)
    await click('Waiting room')
    await eventually(() => expect(document.body.textContent).toContain('This could not be saved.'))
    expect(await waitingRoom()).toBe('true')
  })

  it('guests do not see it, but what it means for them', async () => {
    house.enter(LINK)
    await nameField()
    expect(names()).not.toContain('Waiting room')
    expect(document.body.textContent).toContain('Only those who were let in can see and hear you')
  })
})

describe('at the door', () => {
  const alert = () => document.querySelector('main [role=alert]')?.textContent

  it('the host hears who knocks, with the code, and answers from there', async () => {
    const call = inside('host')
    await control('People')
    expect(alert()).toBe('')
    call.change({ knocks: [OTTO] })
    await eventually(() => expect(alert()).toBe('Otto is waiting to be let in. Code K7M 2QX'))
    const admitted = vi.spyOn(call, 'admit')
    await click('Admit Otto')
    expect(admitted).toHaveBeenCalledWith('o')
    expect(names()).not.toContain('Admit Otto')
  })

  it('hears of Gerda only once it is her who is told of, and nothing of Gustav again, who has been let in', async () => {
    const call = inside('host')
    await control('People')
    call.change({ knocks: [{ ...OTTO, name: 'Gustav' }] })
    await eventually(() => expect(alert()).toBe('Gustav is waiting to be let in. Code K7M 2QX'))
    const told: (string | null | undefined)[] = []
    const region = document.querySelector('main [role=alert]')
    const watch = new MutationObserver(() => told.push(region?.textContent))
    if (region) watch.observe(region, { childList: true, subtree: true, characterData: true })
    call.change({ knocks: [] })
    flushSync()
    call.change({ knocks: [{ ...VERA, name: 'Gerda' }] })
    flushSync()
    expect(alert()).toBe('')
    await eventually(() => expect(alert()).toBe('Gerda is waiting to be let in. Code BAD TEA'))
    watch.disconnect()
    expect(told.join()).not.toContain('Gustav')
  })

  it('the host reads that unlocking comes first, beside the knocks and when it was tried', async () => {
    const call = inside('host', { knocks: [OTTO], locked: true })
    await control('Admit Otto')
    expect(document.querySelector('.knocks')?.textContent).toContain('unlock it before you let somebody in')
    await click('People')
    expect((await panel()).textContent).toContain('unlock it before you let somebody in')
    call.change({ locked: false, happenings: [{ id: '9', by: '', what: 'failed', why: 'meeting_full' }] })
    await eventually(() => expect(document.querySelector('.lines')?.textContent).toContain('The meeting is full.'))
    expect((await panel()).textContent).not.toContain('unlock it')
  })

  it('each answer is in one place only: beside the open list nothing is said twice', async () => {
    inside('host', { knocks: [OTTO, VERA] })
    const door = ['Admit Otto', 'Decline Otto', 'Admit Vera', 'Decline Vera', 'Admit all']
    await control('Admit Otto')
    expect(names().filter((name) => door.includes(name))).toEqual(door)
    await click('People')
    await panel()
    expect(names().filter((name) => door.includes(name))).toEqual(door)
  })

  it('a crowd is counted, with a way to the list, which gives the focus back to “People”', async () => {
    inside('host', { knocks: [OTTO, VERA, { ...OTTO, id: 'w', name: 'Wim' }] })
    await click('See who is waiting')
    const list = await panel()
    expect(names(list)).toContain('Admit Wim')
    pressEscape()
    expect(document.activeElement).toBe(await control('People'))
  })

  it('who answers one by one keeps the place when an answer goes away', async () => {
    inside('host', { knocks: [OTTO, VERA] })
    await click('People')
    const list = await panel()
    await click('Admit Otto')
    await eventually(() => expect(document.activeElement).toBe(list))
  })

  it('an answer that is on its way cannot be given twice', async () => {
    inside('cohost', { knocks: [{ ...OTTO, answered: true }, VERA] })
    await control('Admit Vera')
    expect(names()).not.toContain('Admit Otto')
  })

  it('participants see and hear nothing of it', async () => {
    inside('participant', { knocks: [OTTO] })
    await click('People')
    const list = await panel()
    expect(list.textContent).not.toContain('Otto')
    expect(alert()).toBe('')
  })
})

describe('the controls', () => {
  it('stand in the order that the house has agreed on', async () => {
    inside('participant')
    await control('Raise hand')
    const toolbar = document.querySelector('[role=toolbar]')
    const shared = house.backstage.devices.canShareScreen ? ['Share screen'] : []
    const expected = ['Microphone', 'Camera', ...shared, 'Raise hand', 'React', 'People', 'More', 'Leave']
    expect(names(toolbar)).toEqual(expected)
  })

  it('show a raised hand as pressed', async () => {
    inside('participant')
    await click('Raise hand')
    expect((await control('Raise hand')).getAttribute('aria-pressed')).toBe('true')
    await click('Raise hand')
    expect((await control('Raise hand')).getAttribute('aria-pressed')).toBe('false')
  })

  it('offer six reactions by name, and give the focus back', async () => {
    const call = inside('participant')
    const react = vi.spyOn(call, 'react')
    await click('React')
    const menu = document.getElementById('react')
    expect(menu?.getAttribute('role')).toBe('menu')
    expect(names(menu)).toEqual(['Thumbs up', 'Applause', 'Heart', 'Laughter', 'Surprise', 'Celebration'])
    await click('Thumbs up')
    expect(react).toHaveBeenCalledWith('👍')
    expect(document.activeElement).toBe(await control('React'))
    await eventually(() => expect(document.querySelector('.lines')?.textContent).toContain('Jonas (you): Thumbs up'))
  })

  it('let a participant leave at once', async () => {
    inside('participant')
    await click('Leave')
    await see('h1', 'You have left the meeting')
  })

  it('ask the host how, where ending for everyone is the second choice', async () => {
    const call = inside('host')
    const end = vi.spyOn(call, 'endForEveryone')
    await click('Leave')
    expect(names(document.getElementById('leave'))).toEqual(['Leave meeting', 'End for everyone'])
    expect(end).not.toHaveBeenCalled()
    await click('End for everyone')
    await see('h1', 'The meeting has ended')
  })

  it.for([
    [true, 1],
    [false, 2],
  ] as const)('let a co-host end only while no host is there (%s)', async ([hostPresent, choices]) => {
    inside('cohost', { hostPresent })
    const leave = await control('Leave')
    expect(leave.getAttribute('aria-haspopup')).toBe(choices === 2 ? 'menu' : null)
  })

  it('say beside the microphone that nobody hears what is said', async () => {
    const call = inside('participant')
    await call.setMicrophone(false)
    await control('Microphone')
    call.change({ talkingMuted: true })
    flushSync()
    expect(document.querySelector('.microphone [role=status]')?.textContent).toContain('You are muted')
  })
})

describe('people', () => {
  async function openPeople(): Promise<HTMLElement> {
    await click('People')
    return panel()
  }
  const general = ['Close', 'Copy invitation link']

  it('a participant finds nothing to do about others', async () => {
    inside('participant')
    expect(names(await openPeople())).toEqual([...general, 'Rename'])
  })

  it('a co-host finds what co-hosts may do, and nothing against a host', async () => {
    inside('cohost')
    expect(names(await openPeople())).toEqual([
      ...general,
      ...['Mute Gustav', 'Stop video of Gustav', 'Remove Gustav', 'Remove Mira'],
      ...['Mute everyone', 'Lock meeting', 'Rename'],
    ])
  })

  it('a host finds everything, and the link that makes a host with its warning', async () => {
    inside('host')
    const list = await openPeople()
    await eventually(() => expect(names(list)).toContain('Copy host link'))
    expect(names(list)).toEqual([
      ...general,
      ...['Mute Gustav', 'Stop video of Gustav', 'Make Gustav co-host', 'Remove Gustav'],
      ...['Take co-host from Mira', 'Remove Mira'],
      ...['Mute Hanna', 'Stop video of Hanna', 'Remove Hanna'],
      ...['Mute everyone', 'Lock meeting', 'Waiting room', 'Everyone may share', 'Rename', 'Copy host link'],
    ])
    expect(list.textContent).toContain('Whoever opens it is a host')
  })

  it('roles, hands, doubles and problems stand there in words', async () => {
    const call = inside('host')
    const ada = somebody('Adа', { hand: 5, imitates: 'Ada', noPicture: true, quality: 'poor' })
    call.change({ people: [{ ...jonas, role: 'host' }, mira, ada] })
    const rows = [...(await openPeople()).querySelectorAll('ul[aria-label] > li')].map((row) => row.textContent ?? '')
    expect(rows[0]).toContain('Host')
    expect(rows[1]).toContain('Co-host')
    for (const words of ['Hand raised: no. 1', 'Similar name to Ada', 'No picture', 'Bad connection'])
      expect(rows[2]).toContain(words)
  })

  it('removing asks once, says what it does, and can be called off by Escape without closing the list', async () => {
    const call = inside('host', { waitingRoom: false })
    const remove = vi.spyOn(call, 'remove')
    await openPeople()
    await click('Remove Gustav')
    const dialog = document.querySelector('dialog')
    expect(dialog?.textContent).toContain('The waiting room is switched on')
    expect(dialog?.textContent).toContain('stays with them')
    expect(names(dialog)).toEqual(['Remove', 'Cancel'])
    pressEscape()
    expect(document.getElementById('people')).not.toBeNull()
    dialog?.close()
    await eventually(() => expect(document.querySelector('dialog')).toBeNull())
    expect(remove).not.toHaveBeenCalled()
    await click('Remove Gustav')
    await click('Remove')
    expect(remove).toHaveBeenCalledWith(gustav.id)
    await eventually(() => expect(document.body.textContent).toContain('You removed Gustav.'))
  })

  it('removing promises no waiting room while no host is there who could switch it on', async () => {
    const away = { ...hanna, reconnecting: true }
    const call = inside('cohost', { waitingRoom: false })
    await control('People')
    call.change({ people: [{ ...jonas, role: 'cohost' }, gustav, away] })
    await openPeople()
    await click('Remove Gustav')
    const dialog = document.querySelector('dialog')
    expect(dialog?.textContent).toContain('The waiting room stays off until a host is there.')
    call.change({ people: [{ ...jonas, role: 'cohost' }, gustav, hanna] })
    flushSync()
    expect(dialog?.textContent).toContain('The waiting room is switched on')
  })

  it('one’s own name is changed in place, and the focus comes back', async () => {
    const call = inside('participant')
    const rename = vi.spyOn(call, 'rename')
    await openPeople()
    await click('Rename')
    const field = await nameField()
    expect(field.value).toBe('Jonas')
    pressEscape()
    await eventually(async () => expect(document.activeElement).toBe(await control('Rename')))
    expect(document.getElementById('people')).not.toBeNull()
    await click('Rename')
    const again = await nameField()
    again.value = ' Jonas  Weber '
    again.dispatchEvent(new Event('input', { bubbles: true }))
    again.form?.requestSubmit()
    expect(rename).toHaveBeenCalledWith('Jonas Weber')
    expect(sessionStorage.getItem('name')).toBe('Jonas Weber')
  })

  it('the switches ask the call and show what the meeting says', async () => {
    const call = inside('host', { knocks: [OTTO] })
    const list = await openPeople()
    expect(list.textContent).toContain('Switching it off lets in everybody who waits.')
    const state = async (name: string) => (await control(name)).getAttribute('aria-checked')
    expect([await state('Lock meeting'), await state('Waiting room')]).toEqual(['false', 'true'])
    await click('Lock meeting')
    await eventually(async () => expect(await state('Lock meeting')).toBe('true'))
    call.change({ waitingRoom: false, everyoneShares: false })
    flushSync()
    expect([await state('Waiting room'), await state('Everyone may share')]).toEqual(['false', 'false'])
  })
})
