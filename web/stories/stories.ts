import { Devices } from '../src/call/devices'
import type { Alarm, InCall, JoinWish, Knock, Person } from '../src/call/model'
import type { Backstage, Found, Operator, Refusal, Visit } from '../src/pages/backstage'
import type { People } from '../src/people/people'
import { nobody } from './accounts'
import { FakeCall } from './fake-call'
import { person } from './people'
import { peopleStories } from './people-pages'
import { proofStories } from './proof'

export type Story = { path: string; backstage: Backstage }

const OPERATOR: Operator = {
  name: 'Kanzlei Nord, Rechtsanwältinnen und Rechtsanwälte',
  contact: 'Marktplatz 1\n24103 Kiel\nkontakt@kanzlei-nord.example',
  open: true,
  closed: false,
  retention: { emptyMinutes: 10, instantHours: 24 },
  guests: true,
  signIn: { passkeys: true, provider: 'Nordstern' },
}
const ACCOUNTS: Operator = { ...OPERATOR, open: false }
const NOBODY: Operator = { ...OPERATOR, name: '', contact: '' }
const LINK = '/m/AAAAAAAAAAAAAAAAAAAAAA#S.H'
const FOUND: Found = {
  title: location.search.includes('lang=de') ? 'Personalausschuss' : 'Personnel committee',
  host: false,
  waitingRoom: true,
}
const HOST: Found = { title: '', host: true, waitingRoom: true }
const ALARM: Alarm = {
  id: 'a',
  kind: 'cannot-decrypt',
  person: 'Gustavxxxxxxxxxxxxxxxx',
  name: 'Gustav',
  at: Date.now() - 30_000,
  resolved: false,
}

function people(count: number) {
  return Array.from({ length: count }, (_, n) => person(n))
}

function calls(call: FakeCall): Story {
  call.change({ title: FOUND.title })
  return meeting({ returning: true, found: FOUND, call })
}

function meeting(what: {
  returning?: boolean
  found: Found | Refusal
  call?: FakeCall
  state?: 'incomplete' | 'cannot-encrypt'
}): Story {
  const wish: JoinWish = { name: 'Jonas', chosen: {}, incomingVideo: true }
  const visit: Visit = {
    look: async () => what.found,
    saveTitle: async () => true,
    saveWaitingRoom: async () => true,
    warm: () => undefined,
    returning: async () => (what.returning ? wish : undefined),
    join: async () => what.call ?? new FakeCall(people(4)),
  }
  return { path: LINK, backstage: backstage(OPERATOR, async () => what.state ?? visit) }
}

function backstage(operator: Operator | null, visit: Backstage['visit'], people = nobody()): Backstage {
  return {
    devices: new Devices(),
    operator: async () => operator,
    start: async () => ({ address: LINK }),
    visit,
    people: async () => people,
  }
}

function page(path: string, operator: Operator | null = OPERATOR, people?: People): Story {
  const host = meeting({ found: HOST }).backstage.visit
  return { path, backstage: backstage(operator, host, people) }
}

function call(count: number, more: Partial<InCall> = {}): FakeCall {
  return new FakeCall(people(count), more)
}

const KNOCKS: Knock[] = [
  { id: 'k1', name: 'Otto', code: 'K7M 2QX', returning: false, answered: false },
  { id: 'k2', name: 'Hanná', code: 'BAD TEA', returning: true, imitates: 'Hanna', answered: false },
  { id: 'k3', name: 'Maximiliane von Hohenberg-Scheuerlein', code: '9WZ 0GH', returning: false, answered: false },
]

/** Everything that can be the matter with somebody, once. */
function roomful(mine: Person['role'] = 'host'): Person[] {
  return [
    person(0, { role: mine, hand: 3 }),
    person(1, { role: 'host', hand: 1 }),
    person(2, { role: 'cohost', noPicture: true, camera: true }),
    person(3, { quality: 'poor', hand: 2, microphone: true }),
    person(4, { imitates: 'Mira', name: 'Mirá', screen: true }),
    person(5, { reconnecting: true, quality: 'lost' }),
    person(6),
  ]
}

function asHost(people: Person[], more: Partial<InCall>): FakeCall {
  return new FakeCall(people, { role: 'host', ...more })
}

function id(n: number): string {
  return person(n).id
}

export const STORIES: Record<string, () => Story> = {
  home: () => page('/'),
  ...peopleStories(page, ACCOUNTS),
  ...proofStories(page),
  privacy: () => page('/privacy'),
  'privacy-nobody': () => page('/privacy', NOBODY),
  imprint: () => page('/imprint'),
  'imprint-nobody': () => page('/imprint', NOBODY),
  unknown: () => page('/nowhere'),
  before: () => meeting({ found: FOUND }),
  'before-host': () => meeting({ found: HOST }),
  'before-host-open': () => meeting({ found: { ...HOST, waitingRoom: false } }),
  waiting: () => calls(FakeCall.waiting()),
  'waiting-reconnecting': () => calls(FakeCall.waiting({ connection: 'reconnecting' })),
  declined: () => calls(FakeCall.waiting({ is: 'declined' })),
  'trouble-incomplete': () => meeting({ found: FOUND, state: 'incomplete' }),
  'trouble-cannot-encrypt': () => meeting({ found: FOUND, state: 'cannot-encrypt' }),
  'trouble-none': () => meeting({ found: { refused: 'no_meeting' } }),
  'trouble-not-started': () => meeting({ found: { refused: 'meeting_not_started' } }),
  'trouble-locked': () => meeting({ found: { refused: 'meeting_locked' } }),
  'trouble-declined': () => meeting({ found: { refused: 'declined' } }),
  removed: () => meeting({ found: { refused: 'removed' } }),
  'trouble-full': () => meeting({ found: { refused: 'meeting_full' } }),
  'trouble-many': () => meeting({ found: { refused: 'too_many_attempts', retryAfter: 40 } }),
  'trouble-restarting': () => meeting({ found: { refused: 'engine_unavailable' } }),
  'trouble-lost': () => meeting({ found: { refused: 'unreachable' } }),
  'trouble-storage': () => meeting({ found: { refused: 'storage_unavailable' } }),
  'call-1': () => calls(call(1)),
  'call-2': () => calls(call(2)),
  'call-4': () => calls(call(4)),
  'call-6': () => calls(call(6)),
  'call-20': () => calls(call(20)),
  'call-screen': () =>
    calls(new FakeCall([person(0), person(1, { screen: true }), person(2), person(3), person(4), person(5)])),
  'call-trouble': () =>
    calls(
      new FakeCall(
        [
          person(0, { camera: false, microphone: false, screen: true }),
          person(1, { quality: 'poor' }),
          person(2, { blocked: true, camera: false }),
          person(3, { reconnecting: true, quality: 'lost' }),
        ],
        {
          shield: 'blocked',
          alarms: [ALARM, { ...ALARM, id: 'b', kind: 'plaintext-data', resolved: true }],
          connection: 'reconnecting',
          soundBlocked: true,
          troubles: [{ kind: 'camera', why: 'busy' }],
        },
      ),
    ),
  'host-knock': () => calls(asHost(roomful(), { knocks: KNOCKS.slice(0, 2) })),
  'host-knocks': () => calls(asHost(roomful(), { knocks: KNOCKS })),
  host: () => calls(asHost(roomful(), { knocks: KNOCKS, locked: true })),
  'host-open': () => calls(asHost(roomful(), { waitingRoom: false, everyoneShares: false })),
  cohost: () => calls(new FakeCall(roomful('cohost'), { role: 'cohost', knocks: KNOCKS.slice(0, 1) })),
  'cohost-alone': () => calls(new FakeCall(roomful('cohost'), { role: 'cohost', hostPresent: false })),
  participant: () => calls(new FakeCall(roomful('participant'), { mayShare: false, everyoneShares: false })),
  together: () =>
    calls(
      new FakeCall(
        roomful('participant').map((one) => (one.me ? { ...one, microphone: false } : one)),
        {
          talkingMuted: true,
          reactions: [
            { id: '1', person: id(1), emoji: '👏' },
            { id: '2', person: id(1), emoji: '🎉' },
            { id: '3', person: id(2), emoji: '❤️' },
          ],
          happenings: [
            { id: '4', by: 'Hanna', what: 'muted' },
            { id: '5', by: 'Hanna', what: 'removed', name: 'Otto' },
          ],
        },
      ),
    ),
  'together-6': () =>
    calls(
      new FakeCall(roomful().slice(0, 6), {
        reactions: [{ id: '1', person: id(2), emoji: '👍' }],
        happenings: [{ id: '4', by: 'Hanna', what: 'made-cohost' }],
      }),
    ),
  picture: () =>
    calls(
      new FakeCall([
        person(0, { camera: true, microphone: true }),
        person(1, { camera: true }),
        person(2, { camera: true, microphone: false }),
        person(3, { camera: true, microphone: true }),
      ]),
    ),
}
