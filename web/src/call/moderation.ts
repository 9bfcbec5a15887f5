import type { ProblemCode } from '../api/problems'
import { mayAct, type Op } from './acts'
import { type Certificate, certify, type Place } from './admission'
import type { ServerMessage } from './events-socket'
import type { MeetingLaw } from './meeting-law'
import type { Meetings, Opened } from './meetings'
import type { Outbox } from './outbox'
import type { Room } from './room'
import type { Member } from './roster'
import { DENIED_LIMIT, type Rules } from './rules'
import type { OwnSeat } from './seat'

/** The server takes 50 messages a second of one socket. */
const AT_ONCE = 20
const BREATH_MS = 1000
/** Until everybody has been seen with a new certificate. */
const CERTIFIED_MS = 3000

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
  failed(): void
}

/** What hosts and co-hosts do. What the role does not allow is not even tried. */
export class Moderation {
  /** the waiting room is being switched on: whoever comes by the link meanwhile stays */
  private closing = false

  constructor(private readonly parts: Parts) {}

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
    const waiting = this.room('cohost')?.knocks.unanswered() ?? []
    await inBatches(waiting, (id) => this.admit(id))
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
    const others = this.dependents(member, true)
    room.dismiss(member, '')
    await this.seal(member, others)
  }

  /** A co-host has removed somebody: what follows from it only the host can sign. */
  async follow(removed: Member): Promise<void> {
    if (this.room('host')) await this.seal(removed, this.dependents(removed, true))
  }

  async makeCohost(id: string, on: boolean): Promise<void> {
    const member = this.room('host')?.roster.get(id)
    if (!member || member.role === 'host') return
    if (!on) await this.recertify(this.dependents(member, false))
    await this.amend(({ cohosts, ...rules }) => ({ ...rules, cohosts: toggled(cohosts, member.key, on) }))
  }

  async setWaitingRoom(on: boolean): Promise<void> {
    if (!this.room('host')) return
    this.closing = on
    if (on) await this.recertify(this.byLink())
    const done = await this.amend((rules) => ({ ...rules, waitingRoom: on }))
    this.closing = false
    if (done && !on) await this.admitAll()
  }

  async setEveryoneShares(on: boolean): Promise<void> {
    await this.amend((rules) => ({ ...rules, everyoneShares: on }))
  }

  async hostLink(origin: string): Promise<string | undefined> {
    return this.room('host') && this.parts.meetings.hostLink(this.parts.opened, origin)
  }

  /** The law is about to be applied anew; those who count are still those of before. */
  lawChanges(): void {
    if (this.closing && this.parts.law.rules.waitingRoom) void this.recertify(this.byLink())
  }

  refused({ what, target, code }: Extract<ServerMessage, { type: 'refused' }>): void {
    const room = this.parts.room()
    if (!room) return
    if ((what === 'admit' || what === 'decline') && target) room.knocks.answer(target, false)
    if (what === 'lock' || what === 'unlock') room.locked = what === 'unlock'
    if (!HARMLESS.includes(code) && what !== 'certify') this.parts.failed()
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

  /** The host's word against a removed key. Without a waiting room the removed would be back by the link at once. */
  private async seal({ key }: Member, others: readonly Member[]): Promise<void> {
    if (!this.room('host')) return
    await this.recertify(others)
    await this.amend((rules) =>
      rules.waitingRoom && rules.denied.includes(key)
        ? rules
        : {
            ...rules,
            waitingRoom: true,
            cohosts: rules.cohosts.filter((cohost) => cohost !== key),
            denied: toggled(rules.denied, key, true).slice(-DENIED_LIMIT),
          },
    )
  }

  /** Who would not count any more: let in by that co-host, or, when the waiting room comes on, by the link. */
  private dependents({ id, key }: Member, closing: boolean): readonly Member[] {
    const byThem = this.members().filter(
      ({ admission }) => 'certificate' in admission && admission.certificate.issuer === key,
    )
    return [...byThem, ...(closing ? this.byLink() : [])].filter((member) => member.id !== id)
  }

  private byLink(): readonly Member[] {
    return this.members().filter(({ admission }) => 'mac' in admission)
  }

  private members(): readonly Member[] {
    return this.parts.room()?.roster.members() ?? []
  }

  /** Gives them the host's certificate, and waits until everybody can have seen it. */
  private async recertify(members: readonly Member[]): Promise<void> {
    const { meeting, session } = this.parts.seat.place
    await inBatches(members, async ({ id, key }) => {
      const certificate = await this.certificate({ meeting, session, pseudonym: id, key })
      if (certificate) this.send({ type: 'certify', pseudonym: id, certificate })
    })
    const ids = new Set(members.map(({ id }) => id))
    const done = (): boolean =>
      this.members().every(({ id, admission }) => {
        const issuer = 'certificate' in admission ? admission.certificate.issuer : undefined
        return !ids.has(id) || issuer === 'host'
      })
    if (ids.size > 0) await this.parts.room()?.until(done, CERTIFIED_MS)
  }

  /** False when it could not be done. */
  private async amend(change: (rules: Rules) => Rules): Promise<boolean> {
    const { meetings, opened, law, seat, failed } = this.parts
    if (!this.room('host')) return false
    try {
      await meetings.amend(opened, law, seat.place.session, change)
      return true
    } catch {
      failed()
      return false
    }
  }
}

function toggled(keys: readonly string[], key: string, on: boolean): string[] {
  const others = keys.filter((it) => it !== key)
  return on ? [...others, key] : others
}

async function inBatches<T>(items: readonly T[], step: (item: T) => Promise<void>): Promise<void> {
  for (const [place, item] of items.entries()) {
    if (place > 0 && place % AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve, BREATH_MS))
    await step(item)
  }
}
