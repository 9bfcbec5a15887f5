// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { JoinWish } from '../call/model'
import { de } from '../i18n/call.de'
import { en as call } from '../i18n/call.en'
import { en } from '../i18n/en'
import { eventually, House, LINK, nameField, see, type } from './pages.stage'

let house: House

beforeEach(() => {
  sessionStorage.clear()
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  house = new House()
})
afterEach(() => house.close())

const GUSTAV: JoinWish = { name: 'Gustav', chosen: {}, incomingVideo: false }

it('Gustav, whose connection was lost, tries again and comes back to his own seat in the full meeting', async () => {
  house.enter(LINK)
  type(await nameField(), 'Gustav')
  ;(await see('button', en.before.join)).click()
  await eventually(() => expect(document.querySelector('.joining')).not.toBeNull())
  house.held = GUSTAV
  house.found = { refused: 'meeting_full' }
  house.calls[0]?.end({ why: 'connection-lost' })
  ;(await see('button', en.trouble.again)).click()
  await eventually(() => expect(house.joined[1]).toEqual(GUSTAV))
  // Another visit could not have the lock on the seat, which this tab holds.
  expect(house.visits).toBe(1)
})

it('Gustav, who never had a seat, tries again and finds the page before joining', async () => {
  house.found = { refused: 'unreachable' }
  house.enter(LINK)
  const again = await see('button', en.trouble.again)
  house.found = { title: '', host: false, waitingRoom: true }
  again.click()
  await nameField()
  expect(house.joined).toEqual([])
})

it('Gustav, whose browser could not encrypt, tries again and is looked at anew', async () => {
  house.visited = 'cannot-encrypt'
  house.enter(LINK)
  const again = await see('button', en.trouble.again)
  house.visited = undefined
  again.click()
  await nameField()
})

it('Gustav can leave while the call is still connecting', async () => {
  house.held = GUSTAV
  house.enter(LINK)
  ;(await see('button', 'Leave')).click()
  expect(house.calls[0]?.left).toBe(true)
})

it.for([
  ['left', call.after.stored],
  ['removed', call.after.stored],
  ['replaced', call.after.stored],
  ['ended', call.after.storedEnded],
] as const)('who comes out of a call, because: %s, reads what is still stored then', async ([why, stored]) => {
  house.held = GUSTAV
  house.enter(LINK)
  await eventually(() => expect(house.calls).toHaveLength(1))
  await see('button', 'Leave')
  house.calls[0]?.end({ why })
  const line = await eventually(() => {
    const found = document.querySelector('.statement .small')?.textContent
    if (!found) throw new Error('not yet')
    return found
  })
  expect(line).toContain(stored)
})

it('of a meeting that has ended, no seat, no coming and going and no title is said to be stored', () => {
  expect(call.after.storedEnded).not.toMatch(/seat|came|title/)
  expect(de.after.storedEnded).not.toMatch(/Platz|gekommen|Titel/)
})

it.for([
  ['incomplete', LINK, en.trouble.incomplete.heading, en.trouble.otherLink],
  ['none', LINK, en.trouble.none.heading, en.trouble.otherLink],
  ['unknownPage', '/nowhere', en.trouble.unknownPage.heading, en.trouble.home],
  ['notOpen', '/', en.trouble.notOpen.heading, en.trouble.home],
] as const)('where there is no way on (%s), a button leads to the start page', async ([kind, at, heading, words]) => {
  if (kind === 'incomplete') house.visited = 'incomplete'
  if (kind === 'none') house.found = { refused: 'no_meeting' }
  house.start = { refused: 'meetings_not_open' }
  house.enter(at)
  if (kind === 'notOpen') (await see('button', en.home.start)).click()
  await see('h1', heading)
  ;(await see('button.main', words)).click()
  const start = await see('h1', en.home.heading)
  expect(location.pathname).toBe('/')
  expect(document.activeElement).toBe(start)
})

it('the name that Gustav has typed is there when he comes back from the privacy notice', async () => {
  house.enter(LINK)
  type(await nameField(), 'Gustav')
  ;(await see('main a', en.footer.privacy)).click()
  await see('h1', 'Privacy notice')
  history.replaceState(null, '', LINK)
  dispatchEvent(new PopStateEvent('popstate'))
  expect((await nameField()).value).toBe('Gustav')
})

it.for([
  ['en', 'it is deleted the next time you open a meeting here after 24 hours'],
  ['de', 'er wird gelöscht, sobald Sie nach Ablauf von 24 Stunden hier wieder ein Meeting öffnen'],
] as const)('the notice says when the host key goes, as the browser keeps it (%s)', async ([language, words]) => {
  house.enter('/privacy', language)
  await eventually(() => expect(document.body.textContent).toContain(words))
})
