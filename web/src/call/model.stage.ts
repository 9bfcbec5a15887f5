import type { InCall, Person } from './model'

/** A call in which nobody is and nothing happens. */
export const QUIET: InCall = {
  kind: 'in',
  people: [],
  speakers: [],
  shield: 'on',
  alarms: [],
  connection: 'steady',
  soundBlocked: false,
  incomingVideo: true,
  troubles: [],
  devices: { camera: [], microphone: [], speaker: [] },
  chosen: {},
  title: '',
  since: undefined,
  role: 'participant',
  hostPresent: true,
  waitingRoom: true,
  everyoneShares: true,
  locked: false,
  mayShare: true,
  knocks: [],
  reactions: [],
  happenings: [],
  talkingMuted: false,
}

/** A participant who sits there and sends nothing. */
export function somebody(name: string, more: Partial<Person> = {}): Person {
  return {
    id: name.padEnd(22, 'x').slice(0, 22),
    name,
    me: false,
    microphone: false,
    camera: false,
    screen: false,
    speaking: false,
    reconnecting: false,
    quality: 'good',
    blocked: false,
    role: 'participant',
    noPicture: false,
    ...more,
  }
}
