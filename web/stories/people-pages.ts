import type { Operator } from '../src/pages/backstage'
import type { People } from '../src/people/people'
import {
  invitationUnread,
  invited,
  newcomer,
  noticed,
  refusing,
  settledIn,
  signedIn,
  unreachable,
  weaklySignedIn,
  withoutLink,
  withoutPasskey,
} from './accounts'
import { administration, emptyHouse } from './administration'
import { PLANNED, planner, rolledBack, signedOut, withoutMeetings } from './planning'

type Page<Story> = (path: string, operator: Operator, people?: People) => Story

/** `house`: where only those with an account start meetings. */
export function peopleStories<Story>(page: Page<Story>, house: Operator): Record<string, () => Story> {
  const at = (path: string, people: () => People) => () => page(path, house, people())
  const plain: Operator = { ...house, signIn: { passkeys: false, provider: null } }
  return {
    'home-closed': () => page('/', house),
    'home-organiser': at('/', () => signedIn('organiser', { account: { vault: { version: 0, bytes: 0 } } })),
    'home-administrator': () => page('/', { ...house, open: true }, signedIn('administrator')),
    'home-locked': at('/', () => signedIn('organiser')),
    'home-meetings': at('/', planner),
    'home-no-meetings': at('/', withoutMeetings),
    'home-notices': at('/', noticed),
    'home-older-vault': at('/', rolledBack),
    'sign-in': () => page('/signin', house),
    'sign-in-refused': () => page('/signin#provider-refused', plain),
    'sign-in-unavailable': () => page('/signin#provider-unavailable', house),
    'sign-in-no-account': () => page('/signin#no-account', house),
    'sign-in-wrong': at('/signin', () => refusing({ status: 401, code: 'signin_refused' })),
    'sign-in-code': at('/signin', () =>
      refusing({ status: 401, code: 'code_needed' }, { status: 401, code: 'code_refused' }),
    ),
    'sign-in-many': at('/signin', () => refusing({ status: 429, code: 'too_many_attempts' })),
    'sign-in-unreachable': at('/signin', unreachable),
    'sign-in-no-passkey': at('/signin', withoutPasskey),
    'set-up': at('/setup#token', () => invited('setup', 'administrator')),
    'set-up-late': at('/setup#token', withoutLink),
    invited: at('/invite#token', () => invited('invitation', 'organiser')),
    'invited-administrator': at('/invite#token', () => invited('invitation', 'administrator')),
    'invited-again': at('/invite#token', () => invited('reset', 'organiser')),
    'invited-late': at('/invite#token', withoutLink),
    'invited-incomplete': at('/invite', withoutLink),
    'invited-unreachable': at('/invite#token', invitationUnread),
    account: at('/account', settledIn),
    'account-noticed': at('/account', noticed),
    'account-new': at('/account', newcomer),
    'account-plain': () => page('/account', plain, signedIn('organiser')),
    'account-signed-out': at('/account', withoutLink),
    'second-factor': at('/account', () => signedIn('organiser')),
    admin: at('/admin', administration),
    'admin-empty': at('/admin', emptyHouse),
    'admin-not-allowed': at('/admin', () => signedIn('organiser')),
    'admin-weak': at('/admin', weaklySignedIn),
    'admin-signed-out': at('/admin', withoutLink),
    plan: at('/schedule', withoutMeetings),
    'plan-guestless': () => page('/schedule', { ...house, guests: false }, withoutMeetings()),
    planned: at(PLANNED, planner),
    'plan-locked': at('/schedule', () => signedIn('organiser')),
    'plan-gone': at('/schedule#ZZZZ', planner),
    'plan-signed-out': at('/schedule', signedOut),
    'plan-older-vault': at('/schedule', rolledBack),
  }
}
