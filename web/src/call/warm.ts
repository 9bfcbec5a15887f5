import { LiveKitEngine } from './engine'
import type { Socket } from './events-socket'
import type { MediaEngine } from './media-engine'
import type { MeetingLaw } from './meeting-law'
import type { Look, Opened } from './meetings'
import type { Call, JoinWish } from './model'
import { browserPage } from './page-life'
import { SeatKeys } from './seat-keys'
import type { StoredSeat } from './seat-store'
import type { Services } from './services'
import { Session } from './session'
import { startWorker } from './start-worker'
import { meterOf } from './talking'

/** Starts a media worker for the join to come. Takes no seat and opens no connection. */
export function warm(): MediaEngine {
  const engine = makeEngine()
  engine.ready.catch(() => undefined)
  return engine
}

export function join(
  parts: Pick<Services, 'api' | 'meetings' | 'devices' | 'seats'>,
  opened: Opened,
  at: Pick<Look, 'session' | 'title'> & { law: MeetingLaw },
  wish: JoinWish,
  earlier: { engine?: MediaEngine | undefined; held?: StoredSeat | undefined },
): Call {
  const call = new Session({ ...parts, ...ofTheBrowser() }, opened, at, wish, earlier.engine)
  void call.start(earlier.held)
  return call
}

function makeEngine(): MediaEngine {
  return new LiveKitEngine(startWorker())
}

function ofTheBrowser(): Omit<Services, 'api' | 'meetings' | 'devices' | 'seats'> {
  return {
    page: browserPage(),
    makeEngine,
    makeSocket: (path) => new WebSocket(socketUrl(path)) as Socket,
    engineUrl: socketUrl(''),
    origin: location.origin,
    seatKeys: new SeatKeys(),
    listen: meterOf,
    now: () => Date.now(),
    mark: (name) => performance.mark(`klausur:${name}`),
  }
}

function socketUrl(path: string): string {
  return `${location.origin.replace(/^http/, 'ws')}${path}`
}
