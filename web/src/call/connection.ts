import type { GroupKeys } from './group-keys'
import type { MediaEngine, TrackSource } from './media-engine'
import type { Flow } from './worker-protocol'

/** Connected, but without an acknowledged encryption for this long: something is wrong. Nothing is sent meanwhile. */
const ENCRYPTED_MS = 5000

export type ConnectionEvents = {
  changed(): void
  encrypted(engine: MediaEngine): void
  lost(): void
  /** encryption could not be had, or not kept: nothing is sent over this connection any more */
  broken(why: 'self-not-encrypted' | 'worker-failed'): void
  plaintextData(sender: string | undefined): void
  flow(flows: Flow[]): void
  muted(source: TrackSource): void
  soundBlocked(blocked: boolean): void
}

/**
 * The one connection to the media engine that counts now. Each is a new {@link MediaEngine} with a worker of its own;
 * what an old one still says is not heard.
 */
export class Connection {
  private current: MediaEngine | undefined
  private spare: MediaEngine | undefined
  private resuming = false
  private recovering = false
  private closed = false
  private opened = false
  private acknowledged = false
  private late: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly make: () => MediaEngine,
    private readonly url: string,
    warm: MediaEngine | undefined,
    private readonly events: ConnectionEvents,
  ) {
    this.spare = warm ?? make()
  }

  get engine(): MediaEngine | undefined {
    return this.current
  }

  get isSteady(): boolean {
    return !this.resuming && !this.recovering
  }

  /** Rejects when this browser cannot run the media worker. */
  async ready(): Promise<void> {
    await this.next().ready
  }

  /** Throws when no connection comes about. */
  async open(ticket: string, keys: GroupKeys): Promise<void> {
    await this.drop()
    const engine = this.next()
    this.spare = undefined
    this.current = engine
    this.opened = false
    this.acknowledged = false
    this.listen(engine)
    try {
      await engine.ready
      this.mustCount(engine)
      await engine.connect(this.url, ticket, keys)
      this.mustCount(engine)
      this.opened = true
      this.expectEncryption(engine)
    } catch (error) {
      // Also when it has been dropped before: what came about after that must not stay.
      if (this.current === engine) await this.drop()
      else await engine.close()
      throw error
    }
  }

  /** For good: none is opened after this. */
  async close(): Promise<void> {
    this.closed = true
    await this.rest()
  }

  /** Nothing is connected until the next {@link open}. */
  async rest(): Promise<void> {
    const { spare } = this
    this.spare = undefined
    await Promise.all([this.drop(), spare?.close()])
  }

  /** `engine` is of no use any more. */
  giveUp(engine: MediaEngine): void {
    if (this.current !== engine) return
    void this.drop()
    this.events.lost()
  }

  /** True for the one who may recover now. */
  claimRecovery(): boolean {
    if (this.recovering) return false
    this.recovering = true
    return true
  }

  releaseRecovery(): void {
    this.recovering = false
  }

  private next(): MediaEngine {
    if (this.closed) throw new Error('the call is over')
    this.spare ??= this.make()
    return this.spare
  }

  private mustCount(engine: MediaEngine): void {
    if (this.current !== engine) throw new Error('given up meanwhile')
  }

  private async drop(): Promise<void> {
    clearTimeout(this.late)
    const engine = this.current
    this.current = undefined
    this.resuming = false
    await engine?.close()
  }

  private listen(engine: MediaEngine): void {
    const heard =
      <A extends unknown[]>(tell: (...words: A) => void) =>
      (...words: A): void => {
        if (this.current === engine) tell(...words)
      }
    engine.on({
      changed: heard(this.events.changed),
      encrypted: heard(() => {
        this.acknowledged = true
        clearTimeout(this.late)
        this.events.encrypted(engine)
      }),
      resuming: heard((resuming: boolean) => {
        this.resuming = resuming
        this.events.changed()
      }),
      lost: heard(() => this.lose(engine)),
      failed: heard(() => this.break(engine, 'worker-failed')),
      leaking: heard(() => this.break(engine, 'self-not-encrypted')),
      plaintextData: heard(this.events.plaintextData),
      flow: heard(this.events.flow),
      muted: heard(this.events.muted),
      soundBlocked: heard(this.events.soundBlocked),
    })
  }

  /** A slow network alone is no reason for an alarm: the time counts from the connection. */
  private expectEncryption(engine: MediaEngine): void {
    if (this.acknowledged || this.current !== engine) return
    this.late = setTimeout(() => this.break(engine, 'self-not-encrypted'), ENCRYPTED_MS)
  }

  /** While it is being opened, {@link open} tells by throwing. */
  private lose(engine: MediaEngine): void {
    if (!this.opened || this.current !== engine) return
    void this.drop()
    this.events.lost()
  }

  private break(engine: MediaEngine, why: 'self-not-encrypted' | 'worker-failed'): void {
    if (this.current !== engine) return
    void this.drop()
    this.events.broken(why)
  }
}
