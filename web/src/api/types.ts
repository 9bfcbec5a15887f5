/** Bodies of the HTTP API as docs/protocol.md describes them. */

export type NewMeeting = { host_public_key: string; link_proof_hash: string }
export type OpenedMeeting = { meeting: string; closes_at: string }

export type SealedCard = { version: number; sealed: string }
export type SignedCard = SealedCard & { signature: string }

export type MeetingView = {
  meeting: string
  state: 'scheduled' | 'open'
  session: string
  host_public_key: string
  card: SealedCard | null
  closes_at: string
  server_time: string
}

export type RosterEntry = { pseudonym: string; announcement: string; away: boolean }

export type SeatWish = { pseudonym: string; session: string; announcement: string }
export type TicketWish = { session: string; announcement: string }

/** `secret` comes with a new seat only. */
export type Seat = {
  pseudonym: string
  secret?: string | null
  ticket: string
  session: string
  roster: RosterEntry[]
  server_time: string
}

export type Operator = {
  name: string
  contact: string
  language: string
  open_meetings: string
  max_participants: number
  retention: unknown
}
