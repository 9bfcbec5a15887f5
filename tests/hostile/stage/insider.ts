/** Somebody with the link and a seat key of their own: seals what every member can seal, signs what only they can. */
import { type Op, sealAct } from '../../../web/src/call/acts.ts'
import {
  type Admission,
  admissionMac,
  newSeatKey,
  type Place,
  proofOfPossession,
} from '../../../web/src/call/admission.ts'
import { randomId } from '../../../web/src/call/bytes.ts'
import {
  actsKey,
  announcementContext,
  announcementKey,
  importSecret,
  type MeetingSecret,
  publicKeyOf,
  seal,
} from '../../../web/src/call/keys.ts'
import { signedAnnouncement } from '../../../web/src/call/roster.ts'
import { parseLink } from '../../../web/src/link.ts'

/** As the events socket tells of a seat. */
export type SeatMessage = {
  type: 'seat'
  pseudonym: string
  key: string
  admission: Admission
  announcement: string
  away: boolean
}

export class Insider {
  private constructor(
    private readonly secret: MeetingSecret,
    readonly place: Place,
    private readonly privateKey: CryptoKey,
  ) {}

  static async with(link: string, session: string): Promise<Insider> {
    const { meeting, secret } = parseLink(link) ?? { meeting: '', secret: '' }
    const pair = await newSeatKey()
    const place = { meeting, session, pseudonym: randomId(), key: await publicKeyOf(pair) }
    return new Insider(await importSecret(secret), place, pair.privateKey)
  }

  possession(): Promise<string> {
    return proofOfPossession(this.privateKey, this.place)
  }

  /** What lets in whoever has the link, where there is no waiting room. */
  mac(): Promise<string> {
    return admissionMac(this.secret, this.place)
  }

  /** As if said in `where`: under somebody else's pseudonym, or in another opening. */
  async announcement(name: string, seq = 1, where: Partial<Place> = {}): Promise<string> {
    const place = { ...this.place, ...where }
    const words = { v: 1, seq, name, key: { index: 0, salt: randomId() } } as const
    const key = await announcementKey(this.secret, place.session)
    const context = announcementContext(place.meeting, place.session, place.pseudonym)
    return seal(key, context, await signedAnnouncement(this.privateKey, place, words))
  }

  async seat(announcement: string, admission?: Admission): Promise<SeatMessage> {
    const { pseudonym, key } = this.place
    return {
      type: 'seat',
      pseudonym,
      key,
      admission: admission ?? { mac: await this.mac() },
      announcement,
      away: false,
    }
  }

  /** As the server passes an act on; `from` somebody else, if need be. */
  async act(op: Op, target: string, from = this.place.pseudonym) {
    const place = { ...this.place, pseudonym: from }
    const key = await actsKey(this.secret, place.session)
    const sealed = await sealAct(key, this.privateKey, place, { op, target, detail: '', seq: 1_000_000 })
    return { type: 'act', from, op, target, sealed }
  }
}
