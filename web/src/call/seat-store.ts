import type { StoredLaw } from './meeting-law'
import type { ChosenDevices } from './model'
import type { Held } from './seat'

/** A seat as a reload finds it again; only in this tab's session storage, gone with the tab. */
export type StoredSeat = Held & {
  meeting: string
  law: StoredLaw
  /** the last number taken of each seat's acts, by its key: none is taken again after a reload */
  seen: Record<string, number>
  name: string
  microphone: boolean
  camera: boolean
  incomingVideo: boolean
  chosen: ChosenDevices
}

const KEY = 'klausur-seat'

/** A reloading page may still hold the lock for a moment when its successor asks. */
const LOCK_MS = 800

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * Remembers the seat of this tab. A duplicated tab gets a copy of the session storage: the lock on the pseudonym tells
 * the two apart, so that the second one takes a seat of its own instead of throwing the first one out.
 */
export class SeatStore {
  private unlock: () => void = () => undefined
  private claimed: { pseudonym: string; granted: Promise<boolean> } | undefined

  constructor(
    private readonly storage: Storage | undefined,
    private readonly locks: Pick<LockManager, 'request'> | undefined,
  ) {}

  read(meeting: string): StoredSeat | undefined {
    try {
      const seat = JSON.parse(this.storage?.getItem(KEY) ?? 'null') as StoredSeat | null
      // One that a version before has stored has no law.
      return seat?.meeting === meeting && seat.law ? seat : undefined
    } catch {
      return undefined
    }
  }

  write(seat: StoredSeat): void {
    try {
      this.storage?.setItem(KEY, JSON.stringify(seat))
    } catch {
      // storage is full or forbidden: a reload takes a new seat then
    }
  }

  forget(): void {
    this.release()
    this.storage?.removeItem(KEY)
  }

  /** Whether this tab alone may use the seat; held until {@link forget} or the page's end. */
  async claim(pseudonym: string): Promise<boolean> {
    // Letting go of a lock to take it again would hand it to a duplicate of this tab that waits for it.
    if (this.claimed?.pseudonym === pseudonym && (await this.claimed.granted)) return true
    this.release()
    if (!this.locks) return true
    const granted = this.lock(this.locks, pseudonym)
    this.claimed = { pseudonym, granted }
    return granted
  }

  private release(): void {
    this.claimed = undefined
    this.unlock()
  }

  private lock(locks: Pick<LockManager, 'request'>, pseudonym: string): Promise<boolean> {
    const patience = AbortSignal.timeout(LOCK_MS)
    return new Promise((resolve) => {
      locks
        .request(`klausur-seat ${pseudonym}`, { signal: patience }, () => {
          resolve(true)
          return new Promise<void>((release) => {
            this.unlock = release
          })
        })
        .catch(() => resolve(false))
    })
  }
}
