import type { SignedRules } from '../api/types'
import { type Act, ActBook, mayAct } from './acts'
import type { ServerMessage, Welcome } from './events-socket'
import type { News } from './happenings'
import { Knocks } from './knocks'
import type { MeetingLaw } from './meeting-law'
import type { Role } from './model'
import { NameOrder } from './name-order'
import { type Member, Roster } from './roster'
import type { OwnSeat } from './seat'

export type RoomEvents = {
  /** law, acts, knocks or the lock */
  changed(): void
  /** who counts, or what they announce */
  members(): void
  happened(news: News): void
  reacted(person: string, detail: string): void
  /** somebody who may has done this to oneself */
  ordered(what: 'mute' | 'stop_video' | 'stop_screen', by: string): void
  /** oneself */
  removed(): void
  /** somebody else, by another's act */
  dismissed(member: Member): void
  ended(): void
}

/**
 * The inside of the meeting as one seat sees it: who is there and with which power, what they do to each other, who
 * knocks. Everything is judged by signatures; an act that does not verify, or that its actor had no power to, is nothing.
 */
export class Room {
  locked = false
  readonly roster: Roster
  readonly knocks: Knocks
  private readonly acts: ActBook
  private readonly names = new NameOrder()
  private before = new Map<string, Member>()
  /** what the law said about oneself and everybody, when it was last looked at; nothing before the first welcome */
  private last: { cohost: boolean; shares: boolean } | undefined
  private judged: Promise<void> = Promise.resolve()
  /** the highest version of rules that came by the socket: what it brought before that, came before they held */
  private ruled = 0
  private readonly watching = new Set<() => void>()

  constructor(
    private readonly seat: OwnSeat,
    private readonly law: MeetingLaw,
    private readonly events: RoomEvents,
    /** the last number taken of each seat's acts, by its key */
    seen: Record<string, number> = {},
  ) {
    const { meeting, session, pseudonym: me } = seat.place
    this.roster = new Roster(
      { meeting, session, me },
      (pseudonym, sealed) => seat.open(pseudonym, sealed),
      () => law.in(session),
      () => this.rosterChanged(),
    )
    this.knocks = new Knocks(
      seat.lobbyKey,
      { meeting, session },
      () => law.removed(session).map(({ name }) => name),
      () => [seat.name, ...this.roster.members().map(({ name }) => name)],
    )
    this.acts = new ActBook(meeting, session, seat.actsKey, seen)
  }

  get me(): string {
    return this.seat.place.pseudonym
  }

  get role(): Role {
    if (this.seat.current.host) return 'host'
    return this.rules.cohosts.includes(this.seat.place.key) ? 'cohost' : 'participant'
  }

  get isModerator(): boolean {
    return this.role !== 'participant'
  }

  get rules() {
    return this.law.in(this.seat.place.session).rules
  }

  get mayShare(): boolean {
    return this.rules.everyoneShares || this.isModerator
  }

  get hostPresent(): boolean {
    return this.role === 'host' || this.roster.members().some(({ role }) => role === 'host')
  }

  get seen(): Record<string, number> {
    return this.acts.seen
  }

  roleOf(person: string): Role | undefined {
    return person === this.me ? this.role : this.roster.get(person)?.role
  }

  /** The name of somebody else, whom this one imitates as far as this page can tell. */
  imitates(person: string): string | undefined {
    return this.names.imitates(person)
  }

  /** Who is there already, as the answer to a new seat or ticket tells. */
  async enter(entries: readonly unknown[]): Promise<void> {
    this.renamed()
    await this.roster.welcome(entries)
  }

  /** Messages must come one after the other: an act counts by the law and the roster that came before it. */
  async take(message: ServerMessage): Promise<void> {
    switch (message.type) {
      case 'welcome':
        await this.welcome(message)
        break
      case 'seat':
        await this.roster.seat(message)
        break
      case 'left':
        await this.roster.left(message.pseudonym)
        break
      case 'rules':
        await this.law.take(message)
        await this.judged
        this.hasRuled(message)
        break
      case 'act':
        await this.act(message)
        break
      case 'knock':
        if (this.isModerator) await this.knocks.come(message)
        break
      case 'knock_over':
        this.knocks.over(message.pseudonym)
        break
      default:
        return
    }
    this.events.changed()
  }

  /** New rules, or somebody denied: others may count now, or not any more. */
  lawChanged(): void {
    if (this.rules.denied.includes(this.seat.place.key)) return this.events.removed()
    if (!this.isModerator) this.knocks.clear()
    if (this.last) this.tellChanges(this.last)
    this.judged = this.roster.judgeAgain()
  }

  /** When rules of this version, or newer ones, have come by the socket: when what came before them is known. */
  untilRuled(version: number, patience: number): Promise<void> {
    return this.until(() => this.ruled >= version, patience)
  }

  /** When the room has become so, or after `patience` ms at the latest. */
  until(done: () => boolean, patience: number): Promise<void> {
    return new Promise((resolve) => {
      const watch = (): void => {
        if (done()) finish()
      }
      const finish = (): void => {
        clearTimeout(late)
        this.watching.delete(watch)
        resolve()
      }
      const late = setTimeout(finish, patience)
      this.watching.add(watch)
      watch()
    })
  }

  renamed(): void {
    this.names.own(this.me, this.seat.name)
  }

  /** They vanish at once, and do not come back with the same key whatever the server says. */
  dismiss({ key, name }: Member, by: string): void {
    this.events.happened({ what: 'removed', by, name })
    this.law.deny({ session: this.seat.place.session, key, name })
  }

  private async welcome({ rules, roster, locked, knocks }: Welcome): Promise<void> {
    await this.law.take(rules)
    await this.judged
    this.locked = locked === true
    await this.roster.welcome(roster)
    if (this.isModerator) await this.knocks.welcome(knocks)
    this.last ??= this.switches()
    this.hasRuled(rules)
  }

  private hasRuled(rules: SignedRules | null): void {
    this.ruled = Math.max(this.ruled, Number(rules?.version) || 0)
    this.look()
  }

  private look(): void {
    for (const watch of this.watching) watch()
  }

  private async act(message: Extract<ServerMessage, { type: 'act' }>): Promise<void> {
    const actor = this.roster.get(message.from)
    const act = actor && (await this.acts.take(message, actor.key))
    if (!actor || !act) return
    const against = act.target === null ? undefined : this.roleOf(act.target)
    if (mayAct(act.op, actor.role, against, this.hostPresent)) this.obey(act, actor)
  }

  private obey({ op, target, detail }: Act, actor: Member): void {
    const by = actor.name
    switch (op) {
      case 'react':
        return this.events.reacted(actor.id, detail)
      case 'mute':
      case 'stop_video':
      case 'stop_screen':
        if (target === this.me) this.events.ordered(op, by)
        return
      case 'mute_all':
        if (!this.isModerator) this.events.ordered('mute', by)
        return
      case 'remove':
        return this.removed(target, by)
      case 'lock':
      case 'unlock':
        this.locked = op === 'lock'
        return this.events.happened({ what: this.locked ? 'locked' : 'unlocked', by })
      case 'end':
        return this.events.ended()
    }
  }

  private removed(target: string | null, by: string): void {
    if (target === this.me) return this.events.removed()
    const member = target === null ? undefined : this.roster.get(target)
    if (!member) return
    this.dismiss(member, by)
    this.events.dismissed(member)
  }

  private switches(): { cohost: boolean; shares: boolean } {
    return { cohost: this.role === 'cohost', shares: this.rules.everyoneShares }
  }

  private tellChanges(last: { cohost: boolean; shares: boolean }): void {
    this.last = this.switches()
    const { cohost, shares } = this.last
    // Which of the host's devices it was, the signature does not tell: to a host it is their own.
    const host = this.role === 'host' ? undefined : this.roster.members().find(({ role }) => role === 'host')
    const by = host?.name ?? ''
    if (cohost !== last.cohost) this.events.happened({ what: cohost ? 'made-cohost' : 'unmade-cohost', by })
    if (shares !== last.shares) this.events.happened({ what: shares ? 'sharing-allowed' : 'sharing-forbidden', by })
  }

  private rosterChanged(): void {
    const members = this.roster.members()
    // Before the first welcome has been taken nobody has been seen to come.
    if (this.last) this.names.next()
    const fresh = this.names.take(members)
    this.knocks.compare(fresh.map(({ name }) => name))
    for (const member of members) {
      const before = this.before.get(member.id)
      if (before) this.tellAbout(member, before)
    }
    this.before = new Map(members.map((member) => [member.id, member]))
    // Who does not count for a moment, comes back to the same place.
    this.names.keep(new Set([this.me, ...this.roster.seats().map(({ id }) => id)]))
    this.look()
    this.events.members()
  }

  private tellAbout({ name, hand }: Member, before: Member): void {
    if (name !== before.name) this.events.happened({ what: 'renamed', by: before.name, name })
    if (hand !== undefined && hand !== before.hand) this.events.happened({ what: 'hand', by: name, name })
  }
}
