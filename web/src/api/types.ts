/** Bodies of the HTTP API, by the names the client uses; what they hold is generated from the server's description. */
import type { components } from './schema.gen'

type Schemas = components['schemas']

/** `guests` is true where it is absent. */
export type NewMeeting = Omit<Schemas['NewMeeting'], 'guests'> & { guests?: boolean }
export type OpenedMeeting = Schemas['OpenedMeeting']
export type SealedCard = Schemas['SealedCard']
export type SignedCard = Schemas['SignedCard']
export type SignedRules = Schemas['SignedRules']
export type MeetingView = Schemas['MeetingAnswer']
export type RosterEntry = Schemas['Roster']
/** Exactly one of `certificate`, `mac` and `knock`. */
export type SeatWish = Schemas['SeatWish']
export type TicketWish = Schemas['TicketWish']

/** `secret` comes with a new seat only, ticket and roster not while it waits to be let in. */
export type Seat = Pick<Schemas['SeatTaken'], 'pseudonym' | 'session' | 'server_time'> & Partial<Schemas['SeatTaken']>

export type Operator = Schemas['OperatorAnswer']
