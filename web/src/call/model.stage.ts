import type { InCall } from './model'

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
}
