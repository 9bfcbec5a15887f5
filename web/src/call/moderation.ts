import type { ProblemCode } from '../api/problems'
import { mayAct, type Op } from './acts'
import { type Certificate, certify, type Law, type Place } from './admission'
import { Certifying } from './certifying'
import type { ServerMessage } from './events-socket'
import { InOrder } from './in-order'
import type { MeetingLaw } from './meeting-law'
import type { Meetings, Opened } from './meetings'
import type { RefusedBecause } from './model'
import type { Outbox } from './outbox'
import { Pace } from './pace'
import type { Room } from './room'
import type { Member } from './roster'
import { DENIED_LIMIT, inSession, type Rules } from './rules'
import type { OwnSeat } from './seat'

/** After new rules the server lets a seat that does not hold by them be for so long at most. */
const GRACE_MS = 20_000

/** Somebody has left meanwhile, or another host was faster. */
const HARMLESS: readonly ProblemCode[] = ['not_your_seat', 'declined', 'removed']

export type Parts = {
  meetings: Meetings
  opened: Opened
  law: MeetingLaw
  seat: OwnSeat
  outbox: Outbox
  room(): Room | undefined
  /** something could not be done */
  failed(why?: RefusedBecause): void
}

type Change = (rules: Rules) => Rules

/** What hosts and co-hosts do. What the role does not allow is not even tried. */
export class Moderation {
  private readonly pace = new Pace()
  private readonly signing = new InOrder()
  private readonly certifying: Certifying
  /** keys of those who were removed, and not denied by signed rules yet */
  private readonly unsealed = new Set<string>()

  constructor(private readonly parts: Parts) {
    this.certifying = new Certifying({
      pace: this.pace,
      room: () => this.room('host'),
      certificate: (place) => this.certificate(place),
      send: (pseudonym, certificate) => this.send({ type: 'certify', pseudonym, certificate }),
    })
  }

  async admit(id: string): Promise<void> {
    const room = this.room('cohost')
    const knock = room?.knocks.get(id)
    if (!room || !knock || knock.answered) return
    room.knocks.answer(id, true)
    const certificate = await this.certificate(knock.place)
    if (certificate && this.send({ type: 'admit', pseudonym: id, certificate })) return
    room.knocks.answer(id, false)
    this.parts.failed()
  }

  async admitAll(): Promise<void> {
    const room = this.room('cohost')
    const waiting = room?.knocks.unanswered() ?? []
    if (room?.locked && waiting.length > 0) return this.parts.failed('meeting_locked')
    for (const id of waiting) {
      await this.pace.turn()
      await this.admit(id)
    }
  }

  decline(id: string): void {
    const room = this.room('cohost')
    if (!room?.knocks.get(id)) return
    const sent = this.send({ type: 'decline', pseudonym: id })
    room.knocks.answer(id, sent)
    if (!sent) this.parts.failed()
  }

  /** False when it was not done. */
  async act(op: Op, target: string | null = null, detail = ''): Promise<boolean> {
    const room = this.parts.room()
    const against = target === null ? undefined : room?.roleOf(target)
    if (!room || !mayAct(op, room.role, against, room.hostPresent)) return false
    const sent = await this.parts.outbox.act(op, target, detail)
    if (!sent) this.parts.failed()
    return sent
  }

  async lock(on: boolean): Promise<boolean> {
    const room = this.parts.room()
    if (!room || !(await this.act(on ? 'lock' : 'unlock'))) return false
    room.locked = on
    return true
  }

  async remove(id: string): Promise<void> {
    const room = this.room('cohost')
    const member = room?.roster.get(id)
    if (!room || !member || !(await this.act('remove', id))) return
    room.dismiss(member, '')
    await this.seal(member.key)
  }

  /** A co-host has removed somebody: what follows from it only the host can sign. */
  async follow(removed: Member): Promise<void> {
    await this.seal(removed.key)
  }

  /** There is a connection again: what could not be signed can be. */
  async settle(): Promise<void> {
    for (const key of [...this.unsealed]) await this.seal(key)
  }

  async makeCohost(id: string, on: boolean): Promise<void> {
    const member = this.room('host')?.roster.get(id)
    if (!member || member.role === 'host') return
    await this.amend(({ cohosts, ...rules }) => ({ ...rules, cohosts: toggled(cohosts, member.key, on) }))
  }

  async setWaitingRoom(on: boolean): Promise<void> {
    const done = await this.amend((rules) => ({ ...rules, waitingRoom: on }))
    if (done && !on) await this.admitAll()
  }

  async setEveryoneShares(on: boolean): Promise<void> {
    await this.amend((rules) => ({ ...rules, everyoneShares: on }))
  }

  async hostLink(origin: string): Promise<string | undefined> {
    return this.room('host') && this.parts.meetings.hostLink(this.parts.opened, origin)
  }

  refused({ what, target, code }: Extract<ServerMessage, { type: 'refused' }>): void {
    const room = this.parts.room()
    if (!room) return
    if ((what === 'admit' || what === 'decline') && target) room.knocks.answer(target, false)
    if (what === 'lock' || what === 'unlock') room.locked = what === 'unlock'
    if (HARMLESS.includes(code) || what === 'certify') return
    this.parts.failed(code === 'meeting_locked' || code === 'meeting_full' ? code : undefined)
  }

  /** The room, if one's role is `least` at least. */
  private room(least: 'host' | 'cohost'): Room | undefined {
    const room = this.parts.room()
    return room?.role === 'host' || (least === 'cohost' && room?.role === 'cohost') ? room : undefined
  }

  private send: Outbox['send'] = (message) => this.parts.outbox.send(message)

  /** By the host key, or by the seat's own where the rules have delegated that. */
  private async certificate(place: Place): Promise<Certificate | undefined> {
    const { law, seat, meetings, opened } = this.parts
    const now = law.clock.now()
    if (!seat.current.host) return certify(seat.privateKey, seat.place.key, place, 'participant', now)
    const hostKey = await meetings.hostKey(opened)
    return hostKey && certify(hostKey, 'host', place, 'participant', now)
  }

  /**
   * The host's word against a removed key, which nothing keeps from being given. Without a waiting room they would be
   * back by the link; until this is signed the server asks everybody to knock.
   */
  private async seal(key: string): Promise<void> {
    if (!this.room('host')) return
    this.unsealed.add(key)
    const change: Change = (rules) =>
      rules.waitingRoom && rules.denied.includes(key)
        ? rules
        : {
            ...rules,
            waitingRoom: true,
            cohosts: toggled(rules.cohosts, key, false),
            denied: toggled(rules.denied, key, true).slice(-DENIED_LIMIT),
          }
    if (await this.amend(change, 'anyway')) this.unsealed.delete(key)
  }

  /**
   * Signs other rules, once whoever counts by the old ones alone has the host's word. False when it could not be done,
   * which is told: then nobody has lost anything. `anyway`: does not depend on those, who get it as soon as they can.
   */
  private async amend(change: Change, anyway?: 'anyway'): Promise<boolean> {
    const { meetings, opened, law, seat, failed } = this.parts
    const { session } = seat.place
    if (!this.room('host')) return false
    try {
      const now = law.in(session)
      const kept = await this.keep(now, { ...now, rules: change(inSession(law.rules, session)) })
      if (!kept && !anyway) throw new Error('somebody would be lost')
      let before = now
      await this.signing.run(() =>
        meetings.amend(opened, law, session, (rules) => {
          before = law.in(session)
          return change(rules)
        }),
      )
      void this.catchUp(before).catch(() => undefined)
      return true
    } catch {
      failed()
      return false
    }
  }

  /** Gives the host's word to those who count by one law, but not by the other. False when not all could get it. */
  private async keep(before: Law, after: Law): Promise<boolean> {
    const { meeting, session } = this.parts.seat.place
    const losing = await this.room('host')?.roster.losing(before, after)
    return losing !== undefined && this.certifying.all(losing, { meeting, session })
  }

  /** Those who came in by the old rules while the new ones were being signed, or could not be reached just then. */
  private async catchUp(before: Law): Promise<void> {
    const { law, seat } = this.parts
    const { version } = law.rules
    if (version === before.rules.version) return
    await this.keep(before, law.in(seat.place.session))
    // Their seats may have been told before the new rules, and not have been heard yet.
    await this.room('host')?.untilRuled(version, GRACE_MS)
    await this.keep(before, law.in(seat.place.session))
  }
}

function toggled(keys: readonly string[], key: string, on: boolean): string[] {
  const others = keys.filter((it) => it !== key)
  return on ? [...others, key] : others
}
