import { Requests } from './requests'
import type {
  MeetingView,
  NewMeeting,
  OpenedMeeting,
  Operator,
  Seat,
  SeatWish,
  SignedCard,
  SignedRules,
  TicketWish,
} from './types'

/** The HTTP API. Every method throws {@link Problem} and nothing else. */
export class Api extends Requests {
  operator(): Promise<Operator> {
    return this.answer('/api/operator')
  }

  openMeeting(body: NewMeeting): Promise<OpenedMeeting> {
    return this.answer('/api/meetings', { method: 'POST', body })
  }

  meeting(meeting: string, proof: string): Promise<MeetingView> {
    return this.answer(path(meeting), { headers: proven(proof) })
  }

  async putCard(meeting: string, proof: string, body: SignedCard): Promise<void> {
    await this.request(`${path(meeting)}/card`, { method: 'PUT', body, headers: proven(proof) })
  }

  async putRules(meeting: string, proof: string, body: SignedRules): Promise<void> {
    await this.request(`${path(meeting)}/rules`, { method: 'PUT', body, headers: proven(proof) })
  }

  takeSeat(meeting: string, proof: string, body: SeatWish): Promise<Seat> {
    return this.answer(`${path(meeting)}/seats`, { method: 'POST', body, headers: proven(proof) })
  }

  newTicket(meeting: string, pseudonym: string, secret: string, body: TicketWish): Promise<Seat> {
    return this.answer(`${path(meeting)}/seats/${pseudonym}/tickets`, {
      method: 'POST',
      body,
      headers: bearer(secret),
    })
  }

  async knock(meeting: string, pseudonym: string, secret: string, knock: string): Promise<void> {
    await this.request(`${path(meeting)}/seats/${pseudonym}/knock`, {
      method: 'POST',
      body: { knock },
      headers: bearer(secret),
    })
  }

  /** Goes through even while the page is being left. */
  async leaveSeat(meeting: string, pseudonym: string, secret: string): Promise<void> {
    await this.request(`${path(meeting)}/seats/${pseudonym}`, {
      method: 'DELETE',
      headers: bearer(secret),
      keepalive: true,
    })
  }
}

export function path(meeting: string): string {
  return `/api/meetings/${encodeURIComponent(meeting)}`
}

export function proven(proof: string): Record<string, string> {
  return { 'klausur-link-proof': proof }
}

function bearer(secret: string): Record<string, string> {
  return { authorization: `Bearer ${secret}` }
}
