import type { Api } from '../api/client'
import { Problem, type ProblemCode } from '../api/problems'
import type { Seat, SeatWish } from '../api/types'
import { type Op, sealAct } from './acts'
import { admissionMac, certify, codeOf, newSeatKey, type Place, proofOfPossession } from './admission'
import { randomId } from './bytes'
import { LinkKeys } from './group-keys'
import { InOrder } from './in-order'
import { actsKey, announcementContext, announcementKey, lobbyKey, open, publicKeyOf, seal } from './keys'
import { sealKnock } from './lobby'
import type { MeetingLaw } from './meeting-law'
import type { Meetings, Opened } from './meetings'
import { type Announcement, signedAnnouncement } from './roster'
import type { SeatKeys } from './seat-keys'

/** What has to be known to come back to a seat; its key pair is kept apart. */
export type Held = {
  pseudonym: string
  secret: string
  session: string
  /** of the last announcement or act */
  seq: number
  /** of the last media key */
  index: number
  /** in front of the door */
  waiting: boolean
  /** let in by the host key */
  host: boolean
  /** when one's own hand was raised, epoch ms by the server's time */
  hand?: number
}

/** A seat taken or returned to, with a ticket for one connection to the engine. */
export type Taken = { ticket: string; roster: unknown[]; fresh: boolean }

/** There is a seat, but it is in front of the door. */
export type Waits = { waits: true }

/** The keys that belong to one seat, and to the opening it is in. */
type Keys = {
  pair: CryptoKeyPair
  place: Place
  media: LinkKeys
  sealing: CryptoKey
  acts: CryptoKey
  lobby: CryptoKey
}

/** Another look at the meeting tells what has changed since the last one. */
const LOOK_AGAIN: readonly ProblemCode[] = ['session_changed', 'pseudonym_taken', 'admission_changed']
const LOOKS_AT_MOST = 3

/**
 * One's own seat: takes it, knocks where there is a waiting room, comes back to it, gets tickets for it, and signs with
 * its key. Each ticket goes with a new announcement that names a fresh media key. Methods throw `Problem`.
 */
export class OwnSeat {
  /** announcements and what carries them: one after the other */
  readonly announcing = new InOrder()
  private held: Held | undefined
  private keyring: Keys | undefined
  private over = false
  private entering = false
  /** as the server said at the last look */
  private mustKnock = false

  constructor(
    private readonly api: Api,
    private readonly meetings: Meetings,
    private readonly seatKeys: SeatKeys,
    private readonly opened: Opened,
    private readonly law: MeetingLaw,
    public name: string,
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

  get isWaiting(): boolean {
    return this.held?.waiting ?? false
  }

  get place(): Place {
    return this.ring.place
  }

  /** Signs with this seat's key. */
  get privateKey(): CryptoKey {
    return this.ring.pair.privateKey
  }

  get keys(): LinkKeys {
    return this.ring.media
  }

  get actsKey(): CryptoKey {
    return this.ring.acts
  }

  get lobbyKey(): CryptoKey {
    return this.ring.lobby
  }

  /** What both sides of the door can read out. */
  code(): Promise<string> {
    return codeOf(this.place)
  }

  /** Opens what others announced in this opening. */
  open(pseudonym: string, sealed: string): Promise<unknown> {
    const { sealing, place } = this.ring
    return open(sealing, announcementContext(place.meeting, place.session, pseudonym), sealed)
  }

  /** A new seat under a new pseudonym. */
  async take(): Promise<Taken | Waits> {
    this.mustBeOn()
    // A page that came back by a reload has not looked at the meeting.
    if (!this.session || !this.law.isKnown) await this.look()
    for (let looks = 1; ; looks += 1) {
      try {
        return await this.announcing.run(() => this.takeIn(this.session))
      } catch (problem) {
        if (looks >= LOOKS_AT_MOST || !isCode(problem, ...LOOK_AGAIN)) throw problem
        await this.look()
      }
    }
  }

  /** The seat of before a reload; a new one when it, or its key, is gone. */
  async comeBack(held: Held): Promise<Taken | Waits> {
    const pair = await this.seatKeys.of(held.pseudonym)
    if (!pair || !this.law.isKnown) {
      this.held = held
      await this.giveBack()
      return this.take()
    }
    await this.enter(held, pair, held.index)
    await this.giveBackWhenOver()
    return held.waiting ? { waits: true } : this.ticket()
  }

  /** Another ticket for the same seat; a new seat when this one is gone. */
  async again(): Promise<Taken | Waits> {
    this.mustBeOn()
    // The one that was asked for last never came, or was given up in front of the door.
    if (!this.isTaken || this.isWaiting) return this.take()
    await this.keys.renew()
    return this.ticket()
  }

  /** The door has been opened: the next ticket is given, and whoever is there was there before. */
  admitted(): void {
    this.held = { ...this.current, waiting: false }
    this.entering = true
  }

  /** After having been declined. */
  async knockAgain(): Promise<void> {
    const { pseudonym, secret } = this.current
    await this.api.knock(this.opened.link.meeting, pseudonym, secret, await this.knock())
  }

  /** Another announcement, with the same media key: a new name, a hand. */
  announce(change: { name?: string; hand?: number | undefined }): Promise<string> {
    const { hand: before, ...held } = this.current
    this.name = change.name ?? this.name
    const hand = 'hand' in change ? change.hand : before
    this.held = { ...held, ...(hand === undefined ? {} : { hand }) }
    return this.announcement()
  }

  /** Sealed and signed, under the next number. */
  async act(op: Op, target: string | null, detail = ''): Promise<string> {
    const { acts, pair, place } = this.ring
    return sealAct(acts, pair.privateKey, place, { op, target, detail, seq: this.nextSeq() })
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

  async giveBack(): Promise<void> {
    const { held } = this
    if (!held?.secret) return
    await this.api.leaveSeat(this.opened.link.meeting, held.pseudonym, held.secret).catch(() => undefined)
  }

  /** Its key serves nothing any more. `removed`: this browser will say so when it knocks at this opening again. */
  forget(removed: boolean): void {
    if (!this.held) return
    void this.seatKeys.forget(this.held.pseudonym)
    if (removed) void this.seatKeys.removedFrom(this.held.session)
  }

  private get ring(): Keys {
    if (!this.keyring) throw new Error('no seat yet')
    return this.keyring
  }

  private async takeIn(session: string): Promise<Taken | Waits> {
    const [pseudonym, pair] = [randomId(), await newSeatKey()]
    await this.enter({ pseudonym, secret: '', session, seq: 0, index: -1, waiting: false, host: false }, pair, -1)
    const admission = await this.admission()
    const wish: SeatWish = {
      pseudonym,
      session,
      announcement: await this.announcement(),
      key: this.place.key,
      possession: await proofOfPossession(pair.privateKey, this.place),
      ...admission,
    }
    this.mustBeOn()
    const seat = await this.api.takeSeat(this.opened.link.meeting, this.opened.proof, wish)
    if (!seat.secret) throw new Problem('unintelligible')
    const waiting = 'knock' in admission
    this.held = { ...this.current, secret: seat.secret, waiting, host: 'certificate' in admission }
    this.law.clock.heard(seat.server_time)
    void this.seatKeys.keep(pseudonym, pair)
    await this.giveBackWhenOver()
    return waiting ? { waits: true } : taken(seat, true)
  }

  /** The host's own word, the link where that is enough, or a knock. */
  private async admission(): Promise<Pick<SeatWish, 'certificate'> | { mac: string } | { knock: string }> {
    const { place, law } = this
    const hostKey = await this.meetings.hostKey(this.opened)
    if (hostKey) return { certificate: await certify(hostKey, 'host', place, 'host', law.clock.now()) }
    // Somebody removed would be back by the link until the host's rules deny them.
    if (law.rules.waitingRoom || this.mustKnock) return { knock: await this.knock() }
    return { mac: await admissionMac(this.opened.secret, place) }
  }

  private async knock(): Promise<string> {
    const { place, lobbyKey, name } = this
    const returning = await this.seatKeys.wasRemovedFrom(place.session)
    return sealKnock(lobbyKey, place, { v: 1, name, key: place.key, ...(returning && { returning }) })
  }

  private mustBeOn(): void {
    if (this.over) throw new Error('the call is over')
  }

  private async giveBackWhenOver(): Promise<void> {
    if (this.over) await this.giveBack()
    this.mustBeOn()
  }

  private async ticket(): Promise<Taken | Waits> {
    this.mustBeOn()
    try {
      const seat = await this.announcing.run(() => this.newTicket())
      this.law.clock.heard(seat.server_time)
      const entering = this.entering
      this.entering = false
      return taken(seat, entering)
    } catch (problem) {
      if (isCode(problem, 'not_admitted')) return this.outside()
      if (!isCode(problem, 'not_your_seat', 'session_changed')) throw problem
      await this.look()
      return this.take()
    }
  }

  private async newTicket(): Promise<Seat> {
    const { pseudonym, secret, session } = this.current
    const wish = { session, announcement: await this.announcement() }
    return this.api.newTicket(this.opened.link.meeting, pseudonym, secret, wish)
  }

  private outside(): Waits {
    this.held = { ...this.current, waiting: true }
    return { waits: true }
  }

  private async look(): Promise<void> {
    const look = await this.meetings.look(this.opened)
    await this.law.learn(look)
    this.session = look.session
    this.mustKnock = look.must_knock
  }

  private async enter(held: Held, pair: CryptoKeyPair, lastIndex: number): Promise<void> {
    const [{ secret, link }, { session, pseudonym }] = [this.opened, held]
    const [media, sealing, acts, lobby, key] = await Promise.all([
      LinkKeys.create(secret, session, pseudonym, lastIndex),
      announcementKey(secret, session),
      actsKey(secret, session),
      lobbyKey(secret, session),
      publicKeyOf(pair),
    ])
    const place = { meeting: link.meeting, session, pseudonym, key }
    this.keyring = { pair, place, media, sealing, acts, lobby }
    this.held = held
  }

  /** One counter for announcements and acts. */
  private nextSeq(): number {
    const seq = this.current.seq + 1
    this.held = { ...this.current, seq }
    return seq
  }

  private async announcement(): Promise<string> {
    const { place, pair, media, sealing } = this.ring
    const { reference } = media
    const seq = this.nextSeq()
    this.held = { ...this.current, index: reference.index }
    const { hand } = this.current
    const announcement: Announcement = { v: 1, seq, name: this.name, key: reference, ...(hand ? { hand } : {}) }
    const signed = await signedAnnouncement(pair.privateKey, place, announcement)
    return seal(sealing, announcementContext(place.meeting, place.session, place.pseudonym), signed)
  }
}

function taken({ ticket, roster }: Seat, fresh: boolean): Taken {
  if (typeof ticket !== 'string' || !Array.isArray(roster)) throw new Problem('unintelligible')
  return { ticket, roster, fresh }
}

function isCode(problem: unknown, ...codes: ProblemCode[]): boolean {
  return problem instanceof Problem && codes.includes(problem.code)
}
