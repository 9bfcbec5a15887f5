import { type Admission, type Law, type Place, readAdmission, roleOf } from './admission'
import { isId, isSized } from './bytes'
import { type KeyReference, RING_SIZE } from './group-keys'
import { InOrder } from './in-order'
import { announcementContext, signText, verifyText } from './keys'
import type { Role } from './model'
import { cleanName } from './names'

/** Seats that a roster follows at most: a bound on what a hostile server can make this page hold. */
export const ROSTER_LIMIT = 1000

/** `key` says under which media key the frames are; `hand`: since when it is up, epoch ms by the server's time. */
export type Announcement = { v: 1; seq: number; name: string; key: KeyReference; hand?: number }
export type SignedAnnouncement = Announcement & { sig: string }

export type Member = {
  id: string
  /** cleaned */
  name: string
  away: boolean
  /** `K`, the seat's raw public key */
  key: string
  /** which media key its frames are under */
  media: KeyReference
  admission: Admission
  role: Role
  hand?: number
}

/** Opens a sealed announcement of `pseudonym` or throws; the context binds it to meeting, session and pseudonym. */
export type Opener = (pseudonym: string, sealed: string) => Promise<unknown>

type RosterEntry = { pseudonym: string; key: string; admission: Admission; announcement: string; away: boolean }

/** Announced, and signed by its own key; without a role for as long as its admission does not hold. */
export type Seat = Omit<Member, 'role'> & { role: Role | undefined }

/** What a seat has said of itself last. `raised`: since when its hand is up, as it says. */
type Spoken = Pick<Member, 'id' | 'name' | 'media' | 'hand'> & { raised: number | undefined }

/**
 * Who is in the meeting by what they can show themselves: an announcement of their own seat key and an admission that
 * holds by the law. What the server says about anybody else is not taken in. Sans-I/O: messages of the events socket
 * in, members out. Messages are taken one after the other, in order.
 */
export class Roster {
  private readonly present = new Map<string, Seat>()
  /**
   * Key and highest number per pseudonym; outlive the member, so that neither changes nor comes again. `last`: until it
   * is said to have left, so that a roster that was made before it came does not take it away for good.
   */
  private readonly seen = new Map<string, { key: string; seq: number; last: Spoken | undefined }>()
  /** by the server's time: who raises a hand now, cannot have done so before this */
  private looked = 0
  private readonly steps = new InOrder()

  constructor(
    private readonly at: { meeting: string; session: string; me: string },
    private readonly opener: Opener,
    private readonly law: () => Law,
    private readonly changed: () => void,
  ) {}

  /** In order of arrival. */
  members(): readonly Member[] {
    return [...this.present.values()].filter(counts)
  }

  /** Also those who do not count. */
  seats(): readonly Seat[] {
    return [...this.present.values()]
  }

  /** Those whose admission holds by the law `before`, but not by the one `after`, without being denied by it. */
  async losing(before: Law, after: Law): Promise<readonly Seat[]> {
    const { meeting, session } = this.at
    const holds = async ({ id, key, admission }: Seat, law: Law): Promise<boolean> =>
      (await roleOf({ meeting, session, pseudonym: id, key }, admission, law)) !== undefined
    const lost = this.seats().map(async (seat) => {
      const issuer = 'certificate' in seat.admission ? seat.admission.certificate.issuer : undefined
      // The host's word holds by any rules, and for the denied none does.
      const stays = issuer === 'host' || after.rules.denied.includes(seat.key)
      return !stays && (await holds(seat, before)) && !(await holds(seat, after)) ? [seat] : []
    })
    return (await Promise.all(lost)).flat()
  }

  get(id: string): Member | undefined {
    const seat = this.present.get(id)
    return seat && counts(seat) ? seat : undefined
  }

  /** The whole roster, as `welcome` and the answer to a new seat bring it; who is not in it has left. */
  welcome(entries: readonly unknown[]): Promise<void> {
    return this.inOrder(async () => {
      const valid = entries.slice(0, ROSTER_LIMIT).flatMap((entry) => readEntry(entry) ?? [])
      const named = new Set(valid.map((entry) => entry.pseudonym))
      for (const id of this.present.keys()) if (!named.has(id)) this.present.delete(id)
      for (const entry of valid) await this.take(entry, this.looked)
      this.looked = this.law().serverNow
    })
  }

  seat(entry: unknown): Promise<void> {
    return this.inOrder(async () => {
      const valid = readEntry(entry)
      this.looked = this.law().serverNow
      if (valid) await this.take(valid, this.looked)
    })
  }

  left(pseudonym: unknown): Promise<void> {
    return this.inOrder(async () => {
      if (typeof pseudonym !== 'string') return
      this.present.delete(pseudonym)
      const seen = this.seen.get(pseudonym)
      if (seen) seen.last = undefined
    })
  }

  /** The law has changed: others may count now, or not any more. */
  judgeAgain(): Promise<void> {
    return this.inOrder(async () => {
      for (const seat of this.present.values()) await this.judge(seat)
    })
  }

  private inOrder(step: () => Promise<void>): Promise<void> {
    return this.steps.run(step).then(this.changed)
  }

  /** `since`: before this no hand was raised that is not known to be up. */
  private async take(entry: RosterEntry, since: number): Promise<void> {
    const { pseudonym, key, admission, away } = entry
    const seen = this.seen.get(pseudonym)
    // A seat has one key for as long as it lasts; another one is somebody else in its place.
    if (pseudonym === this.at.me || (seen ? seen.key !== key : this.seen.size >= ROSTER_LIMIT)) return
    const announcement = await this.opened(entry)
    // What goes with an older announcement is older too.
    if (!announcement || announcement.seq < (seen?.seq ?? 0)) return
    const isNew = announcement.seq > (seen?.seq ?? 0)
    const last = isNew ? this.spoken(pseudonym, announcement, since, seen?.last) : seen?.last
    if (!last) return
    this.seen.set(pseudonym, { key, seq: announcement.seq, last })
    const { raised: _, ...told } = last
    await this.judge({ ...told, key, admission, away })
  }

  private spoken(id: string, { name, key, hand }: Announcement, since: number, before: Spoken | undefined): Spoken {
    const media = { index: key.index, salt: key.salt }
    // A name of nothing visible: the beginning of the pseudonym speaks no language.
    const told = { id, name: cleanName(name, id.slice(0, 4)), media, raised: hand }
    if (hand === undefined) return told
    // Nobody gets ahead in line by the date that they write on it.
    const dated = Math.min(Math.max(hand, since), this.law().serverNow)
    return { ...told, hand: hand === before?.raised ? (before.hand ?? dated) : dated }
  }

  private async judge(seat: Omit<Seat, 'role'>): Promise<void> {
    const { meeting, session } = this.at
    const role = await roleOf({ meeting, session, pseudonym: seat.id, key: seat.key }, seat.admission, this.law())
    this.present.set(seat.id, { ...seat, role })
  }

  private async opened({ pseudonym, key, announcement }: RosterEntry): Promise<Announcement | undefined> {
    try {
      const told = await this.opener(pseudonym, announcement)
      if (!isAnnouncement(told)) return undefined
      return (await verifyText(key, told.sig, words({ ...this.at, pseudonym }, told))) ? told : undefined
    } catch {
      return undefined
    }
  }
}

export async function signedAnnouncement(
  privateKey: CryptoKey,
  place: Omit<Place, 'key'>,
  announcement: Announcement,
): Promise<SignedAnnouncement> {
  return { ...announcement, sig: await signText(privateKey, words(place, announcement)) }
}

/** What is signed: one spelling of it, whatever order the keys came in. */
function words(place: Omit<Place, 'key'>, { v, seq, name, key, hand }: Announcement): string {
  const told = { v, seq, name, key: { index: key.index, salt: key.salt }, hand }
  return `${announcementContext(place.meeting, place.session, place.pseudonym)}|${JSON.stringify(told)}`
}

function counts(seat: Seat): seat is Member {
  return seat.role !== undefined
}

function readEntry(value: unknown): RosterEntry | undefined {
  const { pseudonym, key, announcement, away, ...more } = (value ?? {}) as Partial<RosterEntry>
  const admission = readAdmission(more.admission)
  const whole =
    admission && isId(pseudonym) && isSized(key, 32) && typeof announcement === 'string' && typeof away === 'boolean'
  return whole ? { pseudonym, key, admission, announcement, away } : undefined
}

export function isAnnouncement(value: unknown): value is SignedAnnouncement {
  const { v, seq, name, key, hand, sig } = (value ?? {}) as Partial<SignedAnnouncement>
  return (
    v === 1 &&
    Number.isSafeInteger(seq) &&
    (seq as number) > 0 &&
    typeof name === 'string' &&
    Number.isInteger(key?.index) &&
    (key as KeyReference).index >= 0 &&
    (key as KeyReference).index < RING_SIZE &&
    isId(key?.salt) &&
    (hand === undefined || (Number.isSafeInteger(hand) && hand > 0)) &&
    isSized(sig, 64)
  )
}
