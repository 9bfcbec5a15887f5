import type { Api } from '../api/client'
import { Problem } from '../api/problems'
import type { Seat } from '../api/types'
import { randomId } from './bytes'
import { LinkKeys } from './group-keys'
import { announcementContext, announcementKey, open, seal } from './keys'
import type { Meetings, Opened } from './meetings'
import type { Announcement } from './roster'

/** What has to be known to come back to a seat. */
export type Held = { pseudonym: string; secret: string; session: string; seq: number; index: number }

/** A seat taken or returned to, with a ticket for one connection to the engine. */
export type Taken = { ticket: string; roster: unknown[]; fresh: boolean }

/**
 * One's own seat: takes it, comes back to it, gets tickets for it. Each ticket goes with a new announcement that names
 * a fresh media key. Methods throw `Problem`.
 */
export class OwnSeat {
  private held: Held | undefined
  private groupKeys: LinkKeys | undefined
  private sealing: CryptoKey | undefined
  private over = false

  constructor(
    private readonly api: Api,
    private readonly meetings: Meetings,
    private readonly opened: Opened,
    private readonly name: string,
    /** of the last look; found out anew when it is not the current one any more */
    private session: string,
  ) {}

  get current(): Held {
    if (!this.held) throw new Error('no seat yet')
    return this.held
  }

  get isTaken(): boolean {
    return Boolean(this.held?.secret)
  }

  get keys(): LinkKeys {
    if (!this.groupKeys) throw new Error('no seat yet')
    return this.groupKeys
  }

  /** Opens what others announced in this opening. */
  async open(pseudonym: string, sealed: string): Promise<unknown> {
    if (!this.sealing) throw new Error('no seat yet')
    return open(this.sealing, announcementContext(this.opened.link.meeting, this.current.session, pseudonym), sealed)
  }

  /** A new seat under a new pseudonym. */
  async take(): Promise<Taken> {
    this.mustBeOn()
    // A page that came back by a reload has not looked at the meeting.
    if (!this.session) await this.findSession()
    try {
      return await this.takeIn(this.session)
    } catch (problem) {
      if (!isCode(problem, 'session_changed') && !isCode(problem, 'pseudonym_taken')) throw problem
      await this.findSession()
      return this.takeIn(this.session)
    }
  }

  /** The seat of before a reload; a new one when it is gone. */
  async comeBack(held: Held): Promise<Taken> {
    await this.enter(held, held.index)
    await this.giveBackWhenOver()
    return this.ticket()
  }

  /** Another ticket for the same seat; a new seat when this one is gone. */
  async again(): Promise<Taken> {
    this.mustBeOn()
    // The one that was asked for last never came.
    if (!this.current.secret) return this.take()
    await this.keys.renew()
    return this.ticket()
  }

  /** The call is over: no seat is taken any more, and one that is still on its way is given back. */
  stop(): void {
    this.over = true
  }

  /** Gives the seat up. */
  async leave(): Promise<void> {
    this.stop()
    await this.giveBack()
  }

  private async giveBack(): Promise<void> {
    const { held } = this
    if (!held?.secret) return
    await this.api.leaveSeat(this.opened.link.meeting, held.pseudonym, held.secret).catch(() => undefined)
  }

  private async takeIn(session: string): Promise<Taken> {
    const pseudonym = randomId()
    await this.enter({ pseudonym, secret: '', session, seq: 0, index: -1 }, -1)
    this.mustBeOn()
    const seat = await this.api.takeSeat(this.opened.link.meeting, this.opened.proof, {
      pseudonym,
      session,
      announcement: await this.announcement(),
    })
    if (!seat.secret) throw new Problem('unintelligible')
    this.held = { ...this.current, secret: seat.secret }
    await this.giveBackWhenOver()
    return taken(seat, true)
  }

  private mustBeOn(): void {
    if (this.over) throw new Error('the call is over')
  }

  private async giveBackWhenOver(): Promise<void> {
    if (this.over) await this.giveBack()
    this.mustBeOn()
  }

  private async ticket(): Promise<Taken> {
    this.mustBeOn()
    const { pseudonym, secret, session } = this.current
    try {
      const wish = { session, announcement: await this.announcement() }
      return taken(await this.api.newTicket(this.opened.link.meeting, pseudonym, secret, wish), false)
    } catch (problem) {
      if (!isCode(problem, 'not_your_seat') && !isCode(problem, 'session_changed')) throw problem
      await this.findSession()
      return this.take()
    }
  }

  private async findSession(): Promise<void> {
    this.session = (await this.meetings.look(this.opened)).session
  }

  private async enter(held: Held, lastIndex: number): Promise<void> {
    const { secret } = this.opened
    const [keys, sealing] = await Promise.all([
      LinkKeys.create(secret, held.session, held.pseudonym, lastIndex),
      announcementKey(secret, held.session),
    ])
    this.groupKeys = keys
    this.sealing = sealing
    this.held = held
  }

  private async announcement(): Promise<string> {
    if (!this.sealing) throw new Error('no seat yet')
    const { reference } = this.keys
    this.held = { ...this.current, seq: this.current.seq + 1, index: reference.index }
    const { pseudonym, session, seq } = this.held
    const announcement: Announcement = { v: 1, seq, name: this.name, key: reference }
    return seal(this.sealing, announcementContext(this.opened.link.meeting, session, pseudonym), announcement)
  }
}

function taken(seat: Seat, fresh: boolean): Taken {
  if (typeof seat.ticket !== 'string' || !Array.isArray(seat.roster)) throw new Problem('unintelligible')
  return { ticket: seat.ticket, roster: seat.roster, fresh }
}

function isCode(problem: unknown, code: Problem['code']): boolean {
  return problem instanceof Problem && problem.code === code
}
