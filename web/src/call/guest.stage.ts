import type { RosterEntry } from '../api/types'
import { type Op, sealAct } from './acts'
import { admissionMac, certify, type Place } from './admission'
import { randomId } from './bytes'
import type { ServerMessage } from './events-socket'
import { actsKey, announcementContext, announcementKey, lobbyKey, seal } from './keys'
import { sealKnock } from './lobby'
import { type Announcement, signedAnnouncement } from './roster'
import type { Stage } from './session.stage'

/** Somebody else, with a key of their own; what they say is what their client would. */
export class Guest {
  constructor(
    private readonly at: Stage,
    readonly name: string,
    readonly pair: CryptoKeyPair,
    readonly place: Place,
    private seq = 0,
  ) {}

  get id(): string {
    return this.place.pseudonym
  }

  get key(): string {
    return this.place.key
  }

  /** As the roster shows them: by default let in by the host. */
  async entry(admission?: RosterEntry['admission'], more: Partial<Announcement> = {}): Promise<RosterEntry> {
    this.seq += 1
    const told = { v: 1 as const, seq: this.seq, name: this.name, key: { index: 1, salt: randomId() }, ...more }
    const signed = await signedAnnouncement(this.pair.privateKey, this.place, told)
    const key = await announcementKey(this.at.opened.secret, this.place.session)
    const { meeting, session, pseudonym } = this.place
    const announcement = await seal(key, announcementContext(meeting, session, pseudonym), signed)
    const by = admission ?? { certificate: await this.at.certificate(this) }
    return { pseudonym, key: this.key, admission: by, announcement, away: false }
  }

  async byLink(): Promise<RosterEntry['admission']> {
    return { mac: await admissionMac(this.at.opened.secret, this.place) }
  }

  /** Lets somebody else in, as co-hosts do. */
  async admission(of: Guest): Promise<RosterEntry['admission']> {
    const { pair, key } = this
    return { certificate: await certify(pair.privateKey, key, of.place, 'participant', this.at.serverNow()) }
  }

  async act(op: Op, target: string | null = null, detail = '', seq = this.seq + 1): Promise<ServerMessage> {
    this.seq = seq
    const key = await actsKey(this.at.opened.secret, this.place.session)
    const sealed = await sealAct(key, this.pair.privateKey, this.place, { op, target, detail, seq })
    return { type: 'act', from: this.id, op, target, sealed }
  }

  async knock(returning?: true): Promise<ServerMessage> {
    const key = await lobbyKey(this.at.opened.secret, this.place.session)
    const text = { v: 1 as const, name: this.name, key: this.key, ...(returning && { returning }) }
    return { type: 'knock', pseudonym: this.id, knock: await sealKnock(key, this.place, text), since: '' }
  }
}
