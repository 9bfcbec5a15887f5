import type { Op } from './acts'
import type { ClientMessage } from './events-socket'
import { InOrder } from './in-order'
import type { OwnSeat } from './seat'

/** The server takes ten announcements a second of one seat. */
const LATER_MS = 1000

/**
 * What one says to the meeting. One after the other: whatever carries a lower number than what others have heard is not
 * heard any more.
 */
export class Outbox {
  private readonly acts = new InOrder()
  private owed = false
  private later: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly seat: OwnSeat,
    /** false when it could not be sent */
    readonly send: (message: ClientMessage) => boolean,
    /** a number that was used must outlive the page */
    private readonly used: () => void,
  ) {}

  /** False when it could not be sent. */
  act(op: Op, target: string | null, detail = ''): Promise<boolean> {
    return this.acts.run(async () => {
      const sealed = await this.seat.act(op, target, detail)
      this.used()
      return this.send({ type: 'act', op, target, sealed })
    })
  }

  announce(change: { name?: string; hand?: number | undefined }): Promise<void> {
    // In one line with those that go with a ticket: the last one made has to be the last one heard.
    return this.seat.announcing.run(async () => {
      const announcement = await this.seat.announce(change)
      this.used()
      this.owed = !this.send({ type: 'announce', announcement })
    })
  }

  /** It was too much at once. However often that is said, one announcement says how things stand then. */
  announceLater(): void {
    this.later ??= setTimeout(() => {
      this.later = undefined
      void this.announce({}).catch(() => undefined)
    }, LATER_MS)
  }

  /** There is a connection again: what was announced in vain is announced now. */
  async settle(): Promise<void> {
    if (this.owed) await this.announce({})
  }
}
