import { type Certificate, certify, type Law, newSeatKey, type Place } from './admission'
import { randomId } from './bytes'
import { importSecret, type MeetingSecret, newHostKey, newSecret, publicKeyOf } from './keys'
import { DEFAULT_RULES, type Rules } from './rules'

/** Somebody with a seat key in an opening. */
export type Actor = { place: Place; privateKey: CryptoKey }

/** An opening of a meeting, its host's key, and the seats of whoever comes. */
export class Room {
  readonly meeting = randomId()
  readonly session = randomId()
  /** epoch ms by the server's clock; ours may say anything */
  serverNow = Date.parse('2026-11-22T10:00:00Z')

  private constructor(
    readonly secret: MeetingSecret,
    readonly host: CryptoKey,
    readonly hostKey: string,
  ) {}

  static async open(): Promise<Room> {
    const pair = await newHostKey()
    return new Room(await importSecret(newSecret()), pair.privateKey, await publicKeyOf(pair))
  }

  async seat(elsewhere: Partial<Place> = {}): Promise<Actor> {
    const pair = await newSeatKey()
    const { meeting, session } = this
    const place = { meeting, session, pseudonym: randomId(), key: await publicKeyOf(pair), ...elsewhere }
    return { place, privateKey: pair.privateKey }
  }

  rules(rules: Partial<Rules> = {}): Rules {
    return { ...DEFAULT_RULES, version: 1, session: this.session, ...rules }
  }

  law(rules: Partial<Rules> = {}): Law {
    const { hostKey, secret, serverNow } = this
    return { hostKey, secret, rules: this.rules(rules), serverNow }
  }

  /** Of the host's. */
  admitted({ place }: Actor, role: Certificate['role'] = 'participant'): Promise<Certificate> {
    return certify(this.host, 'host', place, role, this.serverNow)
  }

  /** Of a co-host's, as it says. */
  admittedBy(cohost: Actor, { place }: Actor): Promise<Certificate> {
    return certify(cohost.privateKey, cohost.place.key, place, 'participant', this.serverNow)
  }
}
