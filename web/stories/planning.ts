import type { VaultContent, VaultMeeting } from '../src/people/content'
import { type OpenVault, VaultTrouble } from '../src/people/content'
import type { People } from '../src/people/people'
import { ServerOnStage, VaultOnStage } from '../src/schedule/schedule.stage'
import { ago, signedIn } from './accounts'

const DAY_MS = 86_400_000
const GERMAN = location.search.includes('lang=de')

/** `id`: one letter; `days` from today on. */
function planned(id: string, title: string, days: number, rule?: string): VaultMeeting {
  const date = new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)
  return {
    ...instant(id, title),
    plan: {
      start: `${date}T10:00`,
      zone: 'Europe/Berlin',
      minutes: 90,
      ...(rule === undefined ? {} : { rule }),
      uid: `uid-${id}`,
      sequence: 1,
      waitingRoom: true,
      guests: true,
      opensAt: `${date}T08:00:00Z`,
      closesAt: new Date(Date.now() + 300 * DAY_MS).toISOString(),
    },
  }
}

function instant(id: string, title: string): VaultMeeting {
  const of = (length: number) => `${id.repeat(length - 1)}A`
  return { meeting: of(22), secret: of(43), host: of(22), seed: of(43), title, created: ago(0.1) }
}

const MEETINGS: VaultMeeting[] = [
  planned('D', GERMAN ? 'Personalausschuss' : 'Personnel committee', 2),
  planned('E', GERMAN ? 'Wochenrunde der Kanzlei' : 'Weekly round of the firm', 1, 'FREQ=WEEKLY;BYDAY=MO,WE'),
  planned('F', '', 9),
  instant(
    'G',
    GERMAN
      ? 'Mandantengespräch Öztürk ./. Bäckerei am Nordufer GmbH'
      : 'Client meeting Öztürk v. Northshore Bakery Ltd',
  ),
]
/** at the address of its page */
export const PLANNED = `/schedule#${MEETINGS[1]?.meeting}`

/** Somebody whose vault is open here, and a server that takes what they plan. */
export function planner(meetings: VaultMeeting[] = MEETINGS): People {
  const vault = new VaultOnStage()
  vault.content = { v: 1, meetings }
  return holding(vault)
}

export const withoutMeetings = () => planner([])

/** The server shows a vault that is older than the one this browser knows. */
export function rolledBack(): People {
  return holding({
    account: 'h',
    read: () => Promise.reject<VaultContent>(new VaultTrouble('rolled_back')),
    change: () => Promise.reject<VaultContent>(new VaultTrouble('rolled_back')),
  })
}

export function signedOut(): People {
  const people = signedIn('organiser')
  people.session.openVault = async () => 'signed-out'
  return people
}

function holding(vault: OpenVault): People {
  const server = new ServerOnStage()
  server.now = Date.now()
  globalThis.fetch = server.fetch
  const people = signedIn('organiser')
  people.session.openVault = async () => vault
  return people
}
