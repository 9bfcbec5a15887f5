import type { RosterEntry } from '../api/types'
import { isId } from './bytes'
import { type KeyReference, RING_SIZE } from './group-keys'
import { cleanName } from './names'

/** Seats that a roster follows at most: a bound on what a hostile server can make this page hold. */
export const ROSTER_LIMIT = 1000

export type Announcement = { v: 1; seq: number; name: string; key: KeyReference }

export type Member = {
  id: string
  /** cleaned */
  name: string
  away: boolean
  key: KeyReference
}

/** Opens a sealed announcement of `pseudonym` or throws; the context binds it to meeting, session and pseudonym. */
export type Opener = (pseudonym: string, sealed: string) => Promise<unknown>

/**
 * Who is in the meeting by their own, opened announcement: what the server says about anybody else is not taken in.
 * Sans-I/O: messages of the events socket in, members out. Messages are taken one after the other, in order.
 */
export class Roster {
  private readonly present = new Map<string, Member>()
  /** Highest sequence number seen per pseudonym; outlives the member, so that old announcements stay refused. */
  private readonly seen = new Map<string, number>()
  private queue: Promise<void> = Promise.resolve()

  constructor(
    private readonly me: string,
    private readonly opener: Opener,
    private readonly changed: () => void,
  ) {}

  /** In order of arrival. */
  members(): readonly Member[] {
    return [...this.present.values()]
  }

  get(id: string): Member | undefined {
    return this.present.get(id)
  }

  /** The whole roster, as `welcome` and the answer to a new seat bring it; who is not in it has left. */
  welcome(entries: readonly unknown[]): Promise<void> {
    return this.inOrder(async () => {
      const valid = entries.filter(isEntry).slice(0, ROSTER_LIMIT)
      const named = new Set(valid.map((entry) => entry.pseudonym))
      for (const id of this.present.keys()) if (!named.has(id)) this.present.delete(id)
      for (const entry of valid) await this.take(entry)
    })
  }

  seat(entry: unknown): Promise<void> {
    return this.inOrder(async () => {
      if (isEntry(entry)) await this.take(entry)
    })
  }

  left(pseudonym: unknown): Promise<void> {
    return this.inOrder(async () => {
      if (typeof pseudonym === 'string') this.present.delete(pseudonym)
    })
  }

  private inOrder(step: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(step).then(this.changed)
    return this.queue
  }

  private async take(entry: RosterEntry): Promise<void> {
    const { pseudonym, away } = entry
    if (pseudonym === this.me || (!this.seen.has(pseudonym) && this.seen.size >= ROSTER_LIMIT)) return
    const announcement = await this.opened(entry)
    const known = this.present.get(pseudonym)
    if (announcement && announcement.seq > (this.seen.get(pseudonym) ?? 0)) {
      this.seen.set(pseudonym, announcement.seq)
      this.present.set(pseudonym, memberOf(pseudonym, announcement, away))
    } else if (known) {
      this.present.set(pseudonym, { ...known, away })
    }
  }

  private async opened({ pseudonym, announcement }: RosterEntry): Promise<Announcement | undefined> {
    try {
      const value = await this.opener(pseudonym, announcement)
      return isAnnouncement(value) ? value : undefined
    } catch {
      return undefined
    }
  }
}

function memberOf(id: string, { name, key }: Announcement, away: boolean): Member {
  // A name of nothing visible: the beginning of the pseudonym speaks no language.
  return { id, name: cleanName(name, id.slice(0, 4)), away, key: { index: key.index, salt: key.salt } }
}

function isEntry(value: unknown): value is RosterEntry {
  const entry = value as Partial<RosterEntry> | null
  return (
    typeof entry === 'object' &&
    entry !== null &&
    isId(entry.pseudonym) &&
    typeof entry.announcement === 'string' &&
    typeof entry.away === 'boolean'
  )
}

export function isAnnouncement(value: unknown): value is Announcement {
  const { v, seq, name, key } = (value ?? {}) as Partial<Announcement>
  return (
    v === 1 &&
    Number.isSafeInteger(seq) &&
    (seq as number) > 0 &&
    typeof name === 'string' &&
    Number.isInteger(key?.index) &&
    (key as KeyReference).index >= 0 &&
    (key as KeyReference).index < RING_SIZE &&
    isId(key?.salt)
  )
}
