/** The pages of those who have an account, or are about to: every state and every dialog. */
import type { Click, Fill, Scene } from './scenes.ts'

const DIALOG = 'dialog[open]'
const PASSWORD = 'Gabelstapler moos 7 Kontrabass'

const button = (en: string, de: string): Click => ['button', en, de]
const fill = (en: string, de: string, text: string): Fill => ({ fill: [en, de], text })
/** Shown as the page is. */
const plain = (...stories: string[]): Scene[] => stories.map((story) => ({ name: story, story }))
const about = (word: string, scenes: Scene[]): Scene[] =>
  scenes.map(({ name, ...scene }) => ({ name: `${word}-${name}`, ...scene }))

const SIGN_IN = button('Sign in', 'Anmelden')
const NAME = fill('Sign-in name', 'Anmeldename', 'hanna.schulz')
const byPassword = [NAME, fill('Password', 'Passwort', PASSWORD), SIGN_IN]

const signIn: Scene[] = about('sign-in', [
  { name: 'missing', story: 'sign-in', steps: [SIGN_IN], shows: '[aria-invalid=true]' },
  { name: 'wrong', story: 'sign-in-wrong', steps: byPassword, shows: '[role=alert]' },
  { name: 'code', story: 'sign-in-code', steps: byPassword, shows: 'input.numbers' },
  {
    name: 'code-wrong',
    story: 'sign-in-code',
    steps: [...byPassword, fill('Code', 'Code', '123456'), SIGN_IN],
    shows: '[role=alert]',
  },
  {
    name: 'backup-code',
    story: 'sign-in-code',
    steps: [...byPassword, ['link', 'Use a backup code', 'Backup-Code verwenden']],
    shows: 'input[inputmode=text]',
  },
  { name: 'many', story: 'sign-in-many', steps: byPassword, shows: '[role=alert]' },
  { name: 'unreachable', story: 'sign-in-unreachable', steps: byPassword, shows: '[role=alert]' },
  ...(['sign-in-wrong', 'sign-in-no-passkey'] as const).map((story) => ({
    name: story === 'sign-in-wrong' ? 'passkey-unknown' : 'passkey-refused',
    story,
    steps: [button('Sign in with a passkey', 'Mit Passkey anmelden')],
    shows: '[role=alert]',
  })),
  { name: 'help', story: 'sign-in', steps: [{ press: 'summary' }], shows: 'details[open]' },
])

const MAKE_PASSKEY = button('Create a passkey', 'Passkey anlegen')
const newPassword = (label: [en: string, de: string], text: string, again = text): Fill[] => [
  fill(...label, text),
  fill('Repeat password', 'Passwort wiederholen', again),
]
const PASSWORD_LABEL: [string, string] = ['Password', 'Passwort']
const toSecondFactor = [
  ...newPassword(PASSWORD_LABEL, PASSWORD),
  button('Continue', 'Weiter'),
  button('I have stored it', 'Ich habe ihn aufbewahrt'),
]

const invitation: Scene[] = about('invited', [
  { name: 'nameless', story: 'set-up', steps: [MAKE_PASSKEY], shows: '[aria-invalid=true]' },
  {
    name: 'weak-password',
    story: 'invited',
    steps: [...newPassword(PASSWORD_LABEL, 'hanna.schulz1'), button('Continue', 'Weiter')],
    shows: '[aria-invalid=true]',
  },
  {
    name: 'unlike-passwords',
    story: 'invited',
    steps: [...newPassword(PASSWORD_LABEL, PASSWORD, 'Kontrabass'), button('Continue', 'Weiter')],
    shows: '[aria-invalid=true]',
  },
  { name: 'recovery-key', story: 'invited', steps: [MAKE_PASSKEY], shows: '.key' },
  {
    name: 'recovery-key-leaving',
    story: 'invited',
    steps: [MAKE_PASSKEY, button('Copy key', 'Schlüssel kopieren'), ['link', 'Imprint', 'Impressum']],
    shows: DIALOG,
  },
  { name: 'vault', story: 'invited-again', steps: [MAKE_PASSKEY], shows: '.door form' },
  { name: 'second-factor', story: 'invited-administrator', steps: toSecondFactor, shows: 'svg[role=img]' },
  {
    name: 'backup-codes',
    story: 'invited-administrator',
    steps: [...toSecondFactor, fill('Code', 'Code', '123456'), button('Confirm', 'Bestätigen')],
    shows: 'ol.numbers',
  },
])

const MAKE_KEY = button('Make a new recovery key', 'Neuen Schlüssel erstellen')
const DELETE = button('Delete account', 'Konto löschen')
/** In German it is called as what opened the dialog. */
const AGREE = { press: 'dialog[open] .danger' }
const CHANGE_PASSWORD = button('Change the password', 'Passwort ändern')

const account: Scene[] = about('account', [
  {
    name: 'rename-passkey',
    story: 'account',
    steps: [button('Rename Laptop', 'Laptop umbenennen')],
    shows: '#passkeys li form',
  },
  {
    name: 'remove-passkey',
    story: 'account',
    steps: [button('Remove Laptop', 'Laptop entfernen')],
    shows: DIALOG,
  },
  { name: 'password', story: 'account', steps: [CHANGE_PASSWORD], shows: '#password form' },
  {
    name: 'password-missing',
    story: 'account',
    steps: [CHANGE_PASSWORD, button('Save password', 'Passwort speichern')],
    shows: '[aria-invalid=true]',
  },
  {
    name: 'remove-password',
    story: 'account',
    steps: [button('Remove the password', 'Passwort entfernen')],
    shows: DIALOG,
  },
  {
    name: 'second-factor',
    story: 'second-factor',
    steps: [button('Set up a second factor', 'Zweiten Faktor einrichten')],
    shows: 'svg[role=img]',
  },
  {
    name: 'remove-second-factor',
    story: 'account',
    steps: [button('Remove the second factor', 'Zweiten Faktor entfernen')],
    shows: DIALOG,
  },
  {
    name: 'new-backup-codes',
    story: 'account',
    steps: [button('New backup codes', 'Neue Backup-Codes')],
    shows: DIALOG,
  },
  {
    name: 'backup-codes',
    story: 'account',
    steps: [button('New backup codes', 'Neue Backup-Codes'), button('Make new codes', 'Neue Codes erstellen')],
    shows: `${DIALOG} ul`,
  },
  { name: 'new-key', story: 'account', steps: [MAKE_KEY], shows: DIALOG },
  { name: 'unlock', story: 'account', steps: [MAKE_KEY, AGREE], shows: `${DIALOG} form` },
  { name: 'recovery-key', story: 'account-new', steps: [MAKE_KEY, AGREE], shows: `${DIALOG} ul` },
  { name: 'delete', story: 'account', steps: [DELETE], shows: DIALOG },
])

const ACTIONS: Click = button('Actions for gustav', 'Aktionen für gustav')
const item = (en: string, de: string): Click => ['menuitem', en, de]

const administration: Scene[] = about('admin', [
  { name: 'menu', story: 'admin', steps: [ACTIONS], shows: '[role=menu]' },
  {
    name: 'role',
    story: 'admin',
    steps: [{ choose: ['Role of gustav', 'Rolle von gustav'], value: 'administrator' }],
    shows: DIALOG,
  },
  { name: 'disable', story: 'admin', steps: [ACTIONS, item('Disable gustav', 'gustav sperren')], shows: DIALOG },
  {
    name: 'second-factor',
    story: 'admin',
    steps: [ACTIONS, item('Reset second factor of gustav', 'Zweiten Faktor von gustav zurücksetzen')],
    shows: DIALOG,
  },
  { name: 'remove', story: 'admin', steps: [ACTIONS, item('Remove gustav', 'gustav entfernen')], shows: DIALOG },
  {
    name: 'reset-link',
    story: 'admin',
    steps: [ACTIONS, item('Reset link for gustav', 'Link zum Zurücksetzen für gustav')],
    shows: DIALOG,
  },
  {
    name: 'invitation-link',
    story: 'admin',
    steps: [button('Make invitation link', 'Einladungslink erstellen')],
    shows: DIALOG,
  },
  {
    name: 'end-meeting',
    story: 'admin',
    steps: [button('End mJ3kQx9_vT2hLw8ZpYc5Rg', 'Beenden: mJ3kQx9_vT2hLw8ZpYc5Rg')],
    shows: DIALOG,
  },
  {
    name: 'refused',
    story: 'admin',
    steps: [button('Withdraw: gustav', 'Zurückziehen: gustav')],
    shows: '[role=alert]',
  },
])

const REPEAT = { choose: ['Repeat', 'Wiederholen'] as [string, string] }
const SAVE = button('Save', 'Speichern')

const planning: Scene[] = about('plan', [
  { name: 'weekly', story: 'plan', steps: [{ ...REPEAT, value: 'week' }], shows: 'fieldset' },
  {
    name: 'until',
    story: 'plan',
    steps: [
      { ...REPEAT, value: 'date' },
      { choose: ['Ends', 'Endet'], value: 'until' },
      { choose: ['Time zone', 'Zeitzone'], value: 'America/New_York' },
    ],
    shows: 'input[min]',
  },
  {
    name: 'skipped',
    story: 'plan',
    steps: [
      { choose: ['Time zone', 'Zeitzone'], value: 'Europe/Berlin' },
      fill('Date', 'Datum', '2027-03-28'),
      fill('Start', 'Beginn', '02:30'),
    ],
    shows: '.hints p',
  },
  { name: 'incomplete', story: 'plan', steps: [fill('Date', 'Datum', ''), SAVE], shows: '[role=alert]' },
  { name: 'past', story: 'plan', steps: [fill('Date', 'Datum', '2026-01-05'), SAVE], shows: '[role=alert]' },
  { name: 'saved', story: 'plan', steps: [fill('Title', 'Titel', 'Budget 2027'), SAVE], shows: '#share' },
  { name: 'qr', story: 'planned', steps: [button('QR code', 'QR-Code')], shows: '#share svg[role=img]' },
  { name: 'new-link', story: 'planned', steps: [button('New link', 'Neuer Link')], shows: DIALOG },
  { name: 'cancel', story: 'planned', steps: [button('Cancel meeting', 'Meeting absagen')], shows: DIALOG },
  { name: 'older-vault', story: 'plan-older-vault', steps: [SAVE], shows: '[role=alert]' },
  {
    name: 'older-vault-dialog',
    story: 'plan-older-vault',
    steps: [SAVE, button('Go on with this older vault', 'Mit diesem älteren Tresor weitermachen')],
    shows: DIALOG,
  },
])

const home: Scene[] = about('home', [
  { name: 'organiser', story: 'home-organiser', shows: '.who' },
  { name: 'administrator', story: 'home-administrator', shows: '.who' },
  { name: 'notices', story: 'home-notices', shows: 'a[href="/account"]' },
  ...['locked', 'no-meetings', 'older-vault'].map((name) => ({ name, story: `home-${name}`, shows: '#meetings p' })),
  { name: 'meetings', story: 'home-meetings', shows: '#meetings li' },
  {
    name: 'unlock',
    story: 'home-locked',
    steps: [button('Open the vault', 'Tresor öffnen')],
    shows: '#meetings form',
  },
  {
    name: 'delete-meeting',
    story: 'home-meetings',
    steps: [button('Delete: Meeting', 'Löschen: Meeting')],
    shows: DIALOG,
  },
])

export const PEOPLE_SCENES: Scene[] = [
  ...plain('home-closed', 'sign-in', 'sign-in-refused', 'sign-in-unavailable', 'sign-in-no-account'),
  ...plain('set-up', 'set-up-late', 'invited', 'invited-again', 'invited-late', 'invited-incomplete'),
  ...plain('invited-unreachable', 'account-signed-out', 'admin-not-allowed', 'admin-weak', 'admin-signed-out'),
  ...['account', 'account-noticed', 'account-new', 'account-plain'].map((story) => ({
    name: story,
    story,
    shows: '#stored',
  })),
  ...['admin', 'admin-empty'].map((story) => ({ name: story, story, shows: '#engine strong' })),
  ...['plan', 'plan-guestless', 'planned'].map((story) => ({ name: story, story, shows: 'form' })),
  ...['plan-gone', 'plan-signed-out'].map((story) => ({ name: story, story, shows: '.choices' })),
  { name: 'plan-locked', story: 'plan-locked', shows: '.door form' },
  ...signIn,
  ...invitation,
  ...account,
  ...administration,
  ...planning,
  ...home,
]
