import type { Api } from '../api/client'
import type { Devices } from './devices'
import type { Socket } from './events-socket'
import type { MediaEngine } from './media-engine'
import type { Meetings } from './meetings'
import type { PageLife } from './page-life'
import type { SeatKeys } from './seat-keys'
import type { SeatStore } from './seat-store'
import type { Meter } from './talking'

/** What a call needs from outside. */
export type Services = {
  api: Api
  meetings: Meetings
  devices: Devices
  seats: SeatStore
  seatKeys: SeatKeys
  page: PageLife
  /** a connection not yet made, its media worker starting */
  makeEngine(): MediaEngine
  makeSocket(path: string): Socket
  /** where the signalling is */
  engineUrl: string
  /** of this page, for links */
  origin: string
  /** hears a track in this browser; `undefined` where that is not possible */
  listen(track: MediaStreamTrack): Meter | undefined
  now(): number
  mark(name: string): void
}
