import type { Peer } from './media-engine'
import type { Quality } from './model'
import type { Member } from './roster'

/** Somebody gone for this long is no longer shown; their seat still waits for them. */
const AWAY_MS = 30_000
const SPEAKERS = 20

export type Presence = { speaking: boolean; quality: Quality; reconnecting: boolean }

/**
 * Who is really there, from the roster (who has a seat) and the engine (who is connected): speaks, hangs, is away.
 * Sans-I/O; nothing here decides what may be received.
 */
export class Presences {
  /** most recent first */
  speakers: string[] = []
  private peers = new Map<string, Peer>()
  private readonly met = new Set<string>()
  private readonly awaySince = new Map<string, number>()

  constructor(private readonly now: () => number) {}

  hear(peers: readonly Peer[]): void {
    this.peers = new Map(peers.map((peer) => [peer.id, peer]))
    for (const { id } of peers) this.met.add(id)
    const now = peers.filter(({ speaking }) => speaking).map(({ id }) => id)
    const [going, started] = [new Set(now), now.filter((id) => !this.wasSpeaking.has(id))]
    this.wasSpeaking = going
    if (started.length === 0) return
    this.speakers = [...started, ...this.speakers.filter((id) => !started.includes(id))].slice(0, SPEAKERS)
  }

  /** Those of the roster who are worth showing. */
  shown(members: readonly Member[]): Member[] {
    const now = this.now()
    for (const { id, away } of members) {
      if (!away) this.awaySince.delete(id)
      else if (!this.awaySince.has(id)) this.awaySince.set(id, now)
    }
    return members.filter(({ id }) => now - (this.awaySince.get(id) ?? now) < AWAY_MS)
  }

  of({ id, away }: Member): Presence {
    const peer = this.peers.get(id)
    const gone = away || (!peer && this.met.has(id)) || peer?.quality === 'lost'
    return { speaking: !gone && (peer?.speaking ?? false), quality: peer?.quality ?? 'unknown', reconnecting: gone }
  }

  peer(id: string): Peer | undefined {
    return this.peers.get(id)
  }

  private wasSpeaking: ReadonlySet<string> = new Set()
}
