/** Accounts, planning and the administration by keyboard alone: Ada has no mouse, and hears what she is told. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setupLinkOf, withPasskeys } from './harness/accounts.ts'
import {
  type Browser,
  type ChromiumPerson,
  focused,
  HEAR,
  hears,
  KEEP_COPIED,
  launchChromium,
  type Role,
  type Server,
  startServer,
  tabTo,
} from './harness/index.ts'

const HOME = 'Meet behind closed doors'
const PASSWORD = 'Kanarienvogel Zement 41 Leuchtturm'

let server: Server
let browser: Browser
let ada: ChromiumPerson

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer({ settings: { OPEN_MEETINGS: 'accounts' } }), launchChromium()])
  ada = (await browser.person('Ada', { init: [HEAR, KEEP_COPIED] })) as ChromiumPerson
  await withPasskeys(ada, true)
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

test('Ada makes her account with a passkey, and does not lose her recovery key by a wrong key', async () => {
  await ada.open(setupLinkOf(server))
  await to('textbox', 'Sign-in name')
  await hearsAfter('Enter', 'Enter a name to sign in with.')
  await focused(ada, 'textbox', 'Sign-in name')
  await ada.type('ada')
  await to('button', 'Create a passkey')
  await ada.press('Enter')

  await arrives('Vault recovery key')
  const key = /([0-9A-HJKMNP-TV-Z]{4}\s+){7}[0-9A-HJKMNP-TV-Z]{4}/.exec(await ada.text())?.[0].replace(/\s+/g, ' ')
  await to('link', 'Klausur', 'Shift+Tab')
  await ada.press('Enter')
  await holds('Leave without having stored it?', 'button', 'Stay')
  await ada.press('Escape')
  await ada.gone('dialog', 'Leave without having stored it?')
  await focused(ada, 'link', 'Klausur')
  await to('button', 'Copy key')
  await hearsAfter('Enter', 'The key is copied.')
  expect(await copied()).toBe(key)
  await to('button', 'I have stored it')
  await ada.press('Enter')
  await arrives(HOME)
})

test('she plans a weekly meeting, finds it among hers, and changes it', async () => {
  await to('button', 'Schedule a meeting')
  await ada.press('Enter')
  await arrives('Schedule a meeting')
  await to('textbox', 'Title')
  await ada.type('Quarterly figures')
  await to('combobox', 'Repeat')
  await choosesBelow('Repeat', 'Every week')
  await to('switch', 'Waiting room')
  await ada.press('Space')
  await ada.waitForAttribute('switch', 'Waiting room', 'aria-checked', 'false')
  await focused(ada, 'switch', 'Waiting room')
  await to('button', 'Save')
  await hearsAfter('Enter', 'The meeting is saved.')
  await focused(ada, 'region', 'Invite people')
  await to('button', 'Copy invitation link')
  await hearsAfter('Enter', 'The invitation link is copied.')
  expect(await copied()).toContain(`${server.url}/m/`)
  await to('button', 'Cancel meeting')
  await ada.press('Enter')
  await holds('Cancel this meeting?', 'button', 'Leave it as it is')
  await ada.press('Enter')
  await ada.gone('dialog', 'Cancel this meeting?')
  await focused(ada, 'button', 'Cancel meeting')

  await goesHome()
  await to('button', 'Edit: Quarterly figures')
  await ada.press('Enter')
  await arrives('Change the meeting', 'Schedule a meeting')
  await to('textbox', 'Title')
  await ada.type('Half-year figures')
  await hearsAfter('Enter', 'The meeting is saved.')
  await focused(ada, 'region', 'Invite people')
  await goesHome()
  await to('button', 'Delete: Half-year figures')
  await ada.press('Space')
  await holds('Delete Half-year figures?', 'button', 'Leave it as it is')
  await ada.press('Escape')
  await ada.gone('dialog', 'Delete Half-year figures?')
  await focused(ada, 'button', 'Delete: Half-year figures')
})

test('she gives her account a password as well', async () => {
  await to('link', 'Account')
  await ada.press('Enter')
  await arrives('Account')
  await to('button', 'Set a password')
  await ada.press('Enter')
  await onSecret('New password')
  await ada.press('Enter')
  await onSecret('New password')
  await hearsAfter('a', 'Too short: at least 12 characters.')
  await ada.press('Backspace')
  await ada.type(PASSWORD)
  await ada.press('Tab')
  await onSecret('Repeat password')
  await ada.type('something else')
  await hearsAfter('Enter', 'The two passwords are not the same.')
  await onSecret('Repeat password')
  await ada.press('Control+A')
  await ada.type(PASSWORD)
  await hearsAfter('Enter', 'The password is saved and your vault opens with it.')
  await focused(ada, 'button', 'Change the password')
  await ada.press('Enter')
  await onSecret('Current password')
  await to('button', 'Cancel')
  await ada.press('Space')
  await focused(ada, 'button', 'Change the password')
})

test('she invites Hanna by a link that is read to her once', async () => {
  await goesHome()
  await to('link', 'Administration')
  await ada.press('Enter')
  await arrives('Administration')
  await to('button', 'Actions for ada')
  await ada.press('Enter')
  await focused(ada, 'menuitem', 'Disable ada')
  await ada.press('ArrowDown')
  await focused(ada, 'menuitem', 'Reset link for ada')
  await ada.press('End')
  await focused(ada, 'menuitem', 'Remove ada')
  await ada.press('Enter')
  await holds('Remove ada?', 'button', 'Cancel')
  await ada.press('Escape')
  await ada.gone('dialog', 'Remove ada?')
  await focused(ada, 'button', 'Actions for ada')

  await to('combobox', 'Role')
  await choosesBelow('Role', 'Administrator')
  await to('textbox', 'Sign-in name (optional)')
  await ada.type('hanna')
  await ada.press('Enter')
  const dialog = 'Invitation link for hanna'
  await holds(dialog, 'heading', dialog)
  const link = /http\S+\/invite#[\w-]{43}/.exec(await ada.textOf('dialog', dialog))?.[0]
  await to('button', 'Copy link')
  await hearsAfter('Enter', 'The link is copied.')
  expect(await copied()).toBe(link)
  await ada.press('Escape')
  await ada.press('Escape')
  await ada.see('dialog', dialog)
  await to('button', 'Done')
  await ada.press('Enter')
  await ada.gone('dialog', dialog)
  await focused(ada, 'textbox', 'Sign-in name (optional)')
  expect(await ada.text()).not.toContain('/invite#')
  await to('button', 'Withdraw: hanna')
  await hearsAfter('Space', 'The invitation is withdrawn.')
  await focused(ada, 'region', 'People')
})

test('she signs out, and in again by password and by passkey, and her vault opens', async () => {
  await goesHome()
  await signsOut()
  await ada.press('Enter')
  await arrives('Sign in')
  await to('textbox', 'Sign-in name')
  await ada.type('ada')
  await ada.press('Tab')
  await onSecret('Password')
  await ada.type('not this one at all')
  await hearsAfter('Enter', 'That is not right')
  await onSecret('Password')
  await ada.type(PASSWORD)
  await ada.press('Enter')
  await arrives(HOME)
  await ada.see('button', 'Edit: Half-year figures')

  await signsOut()
  await ada.press('Enter')
  await arrives('Sign in')
  await to('button', 'Sign in with a passkey')
  await ada.press('Enter')
  await arrives(HOME)
  await ada.see('button', 'Edit: Half-year figures')
  expect(ada.complaints.filter((words) => !words.includes('401'))).toEqual([])
})

/** Out of the list, whose button goes with it, to what can be done next. */
async function signsOut(): Promise<void> {
  await to('button', 'Sign out')
  await hearsAfter('Enter', 'You are signed out.')
  await focused(ada, 'button', 'Sign in')
}

async function goesHome(): Promise<void> {
  await to('link', 'Klausur', 'Shift+Tab')
  await ada.press('Enter')
  await arrives(HOME)
}

/** Where the focus is can be seen all the way. */
async function to(role: Role, name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await tabTo(ada, role, name, key, async () => expect(await ada.evaluate(unseenFocus, null)).toBe(''))
}

/** What has the focus and cannot be seen to have it. Between the last control and the first it is the browser's own. */
function unseenFocus(): string {
  const it = document.activeElement
  if (!it || it === document.body) return ''
  const { outlineStyle, outlineWidth } = getComputedStyle(it)
  // The button within a date has a ring of the browser's own, and its field then none.
  const within = it.matches(':is([type=date], [type=time]):not(:focus)')
  const ringed = within || (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2)
  const control = it.matches('a[href], button, input, select, summary')
  const { left, top, width, height } = it.getBoundingClientRect()
  const onTop = document.elementFromPoint(left + width / 2, top + height / 2)
  return ringed && control && it.contains(onTop) ? '' : it.outerHTML.slice(0, 200)
}

/** A page within the application begins at its heading, which is read, and its tab is called after it. */
async function arrives(heading: string, tab = heading): Promise<void> {
  await ada.see('heading', heading)
  await focused(ada, 'heading', heading)
  await ada.waitFor(`the tab is called “${tab}”`, async () => (await ada.page.title()) === `${tab} · Klausur`)
  expect(await ada.evaluate(linesToCome, null)).toEqual([])
}

async function hearsAfter(key: string, words: string): Promise<void> {
  await ada.evaluate(() => window.heard.splice(0), null)
  await ada.press(key)
  await hears(ada, words)
  expect(await ada.evaluate(linesToCome, null)).toEqual([])
}

/** Lines that would come together with their words, and not be said. */
function linesToCome(): string[] {
  return [...document.querySelectorAll('[role=status], [aria-live]')]
    .filter((line) => getComputedStyle(line).display === 'none')
    .map((line) => line.outerHTML)
}

/** An open dialog has the focus, first where it does no harm, and Tab does not lead out of it. */
async function holds(dialog: string, role: Role, name: string): Promise<void> {
  await ada.see('dialog', dialog)
  await focused(ada, role, name)
  for (let i = 0; i < 5; i++) {
    await ada.press(i < 3 ? 'Tab' : 'Shift+Tab')
    const behind = () => document.activeElement !== document.body && !document.activeElement?.closest('dialog[open]')
    expect(await ada.evaluate(behind, null), `the focus is behind “${dialog}”`).toBe(false)
  }
  if (role === 'button') await to(role, name)
}

/** With the arrow keys, on a select that stays closed. */
async function choosesBelow(select: string, option: string): Promise<void> {
  const chosen = () =>
    ada.inside('combobox', select, (it) => (it as HTMLSelectElement).selectedOptions[0]?.label ?? '', null)
  for (let i = 0; i < 10 && (await chosen()) !== option; i++) await ada.press('ArrowDown')
  expect(await chosen()).toBe(option)
  await focused(ada, 'combobox', select)
}

/** Password fields have no role of their own. */
async function onSecret(label: string): Promise<void> {
  const hasFocus = (wanted: string) => {
    const it = document.activeElement as HTMLInputElement
    return it.type === 'password' && it.labels?.[0]?.textContent?.trim() === wanted
  }
  await ada.waitFor(`“${label}” has the focus`, () => ada.evaluate(hasFocus, label), { within: 10_000 })
}

function copied(): Promise<string> {
  return ada.evaluate(() => window.copied, null)
}
