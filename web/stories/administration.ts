import type { People } from '../src/people/people'
import { HANNA } from '../src/people/server.stage'
import type {
  EngineAnswer,
  MadeInvitation,
  PendingInvitation,
  Person,
  RunningMeeting,
  ShownSetting,
} from '../src/people/wire'
import { ago, signedIn } from './accounts'
import { FACTS } from './facts'

const ADA: Person = {
  id: HANNA,
  name: 'hanna.schulz',
  role: 'administrator',
  created_day: '2026-11-02',
  disabled: false,
  password: true,
  totp: true,
  passkeys: 1,
  provider: false,
}
const PEOPLE: Person[] = [
  ADA,
  { ...ADA, id: 'g', name: 'gustav', role: 'organiser', totp: true, passkeys: 0 },
  { ...ADA, id: 'k', name: 'katharina-friederike.oberhausen-müller', role: 'organiser', totp: false, provider: true },
  { ...ADA, id: 'o', name: 'olga', role: 'auditor', password: false, totp: false, passkeys: 0, disabled: true },
]
const INVITATIONS: PendingInvitation[] = [
  { id: 'i1', kind: 'invitation', role: 'organiser', name: null, expires_at: ago(-6) },
  { id: 'i2', kind: 'reset', role: 'organiser', name: 'gustav', expires_at: ago(-1) },
]
const MEETINGS: RunningMeeting[] = [
  { id: 'mJ3kQx9_vT2hLw8ZpYc5Rg', began_at: ago(0.03), seats: 5 },
  { id: 'Zt7nB4sVq1-XeKd0uHfOaA', began_at: ago(0.2), seats: 1 },
]
const SETTINGS: ShownSetting[] = [
  ['URL', 'http://localhost:8000', 'environment', false, 'Where browsers reach this server.'],
  ['OPERATOR_NAME', 'Kanzlei Nord, Rechtsanwältinnen und Rechtsanwälte', 'file', false, 'Who runs this server.'],
  ['OPEN_MEETINGS', 'accounts', 'option', false, 'Who may start meetings: anyone, accounts or nobody.'],
  ['DATABASE_URL', null, 'default', false, 'PostgreSQL in place of the file in the data folder.'],
  ['SECRET', null, 'generated', true, 'Seals what the server keeps about second factors.'],
  ['OIDC_CLIENT_SECRET', null, 'default', true, 'Given by the identity provider.'],
].map(([name, value, origin, secret, help]) => ({ name, value, origin, secret, help }) as ShownSetting)
const ENGINE: EngineAnswer = { kind: 'embedded', healthy: true, version: '1.13.2', nodes: 1, rooms: 2 }
const LINK: MadeInvitation = { id: 'i3', token: 'Q'.repeat(43), expires_at: ago(-7) }

/** The administration of a house in use. */
export function administration(): People {
  return inside(PEOPLE, INVITATIONS, MEETINGS, ENGINE)
}

/** Of one that was set up just now, and whose engine is down. */
export function emptyHouse(): People {
  return inside([ADA], [], [], { ...ENGINE, healthy: false, version: null, rooms: null })
}

function inside(
  people: Person[],
  invitations: PendingInvitation[],
  meetings: RunningMeeting[],
  engine: EngineAnswer,
): People {
  return signedIn('administrator', {
    answers: {
      'GET /api/admin/people': { people, invitations },
      'GET /api/admin/meetings': { meetings },
      'GET /api/admin/settings': { settings: SETTINGS },
      'GET /api/admin/engine': engine,
      'GET /api/proof/facts': { facts: FACTS },
      'POST /api/admin/invitations': LINK,
      'POST /api/admin/people/g/reset': LINK,
    },
  })
}
