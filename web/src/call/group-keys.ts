import { randomBytes, toBase64url } from './bytes'
import { type MeetingSecret, mediaKey } from './keys'

/** Places in the key ring of the media worker; an index travels in each frame's trailer as one byte. */
export const RING_SIZE = 256

/** Which key a sender's frames are under; travels in its announcement. `salt`: 16 random bytes, base64url. */
export type KeyReference = { index: number; salt: string }

/** HKDF key material of one sender at its place in the ring. */
export type SenderKey = { sender: string; index: number; key: CryptoKey }

/**
 * Who belongs to the encrypted group and which media keys they use. Link keys fulfil it now, MLS will: epochs come as
 * changes of the keys, admissions and removals as changes of the members.
 */
export interface GroupKeys {
  readonly me: string
  /** Pseudonyms whose media may be received, oneself left out. */
  members(): readonly string[]
  /** Keys to decrypt with, of all members. */
  receiving(): readonly SenderKey[]
  /** The key to encrypt with. */
  sending(): SenderKey
  /** Called after each change; returns the way to stop. */
  subscribe(listener: (change: KeyChange) => void): () => void
}

export type KeyChange = { kind: 'sending' | 'receiving'; key: SenderKey } | { kind: 'left'; sender: string }

/** Keys from the link's secret: per sender, per opening, per connection of the sender to the engine. */
export class LinkKeys implements GroupKeys {
  private readonly received = new Map<string, SenderKey>()
  private readonly references = new Map<string, KeyReference>()
  private readonly listeners = new Set<(change: KeyChange) => void>()

  private constructor(
    readonly me: string,
    private readonly secret: MeetingSecret,
    private readonly session: string,
    private own: SenderKey,
    /** what the next announcement says */
    public reference: KeyReference,
  ) {}

  static async create(secret: MeetingSecret, session: string, me: string, lastIndex = -1): Promise<LinkKeys> {
    const reference = nextReference(lastIndex)
    const key = await mediaKey(secret, session, me, reference.salt)
    return new LinkKeys(me, secret, session, { sender: me, index: reference.index, key }, reference)
  }

  members(): readonly string[] {
    return [...this.received.keys()]
  }

  receiving(): readonly SenderKey[] {
    return [...this.received.values()]
  }

  sending(): SenderKey {
    return this.own
  }

  subscribe(listener: (change: KeyChange) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** A fresh key for the next connection to the engine, so that no nonce can ever meet the same key again. */
  async renew(): Promise<KeyReference> {
    const reference = nextReference(this.reference.index)
    const key = await mediaKey(this.secret, this.session, this.me, reference.salt)
    this.reference = reference
    this.own = { sender: this.me, index: reference.index, key }
    this.tell({ kind: 'sending', key: this.own })
    return reference
  }

  /** What a member's announcement says; the same again changes nothing. */
  async admit(sender: string, reference: KeyReference): Promise<void> {
    const known = this.references.get(sender)
    if (sender === this.me || (known?.index === reference.index && known.salt === reference.salt)) return
    this.references.set(sender, reference)
    const key = await mediaKey(this.secret, this.session, sender, reference.salt)
    // Somebody faster, or the member's end, may have come in between.
    if (this.references.get(sender) !== reference) return
    const receiving = { sender, index: reference.index, key }
    this.received.set(sender, receiving)
    this.tell({ kind: 'receiving', key: receiving })
  }

  dismiss(sender: string): void {
    this.references.delete(sender)
    if (this.received.delete(sender)) this.tell({ kind: 'left', sender })
  }

  private tell(change: KeyChange): void {
    for (const listener of this.listeners) listener(change)
  }
}

function nextReference(lastIndex: number): KeyReference {
  return { index: (lastIndex + 1) % RING_SIZE, salt: toBase64url(randomBytes(16)) }
}
