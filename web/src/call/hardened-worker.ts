import {
  ENABLE,
  ENABLED,
  FLOW,
  type Flow,
  type FromWorker,
  OWN,
  PLAINTEXT,
  READY,
  type ToWorker,
} from './worker-protocol'

export type WorkerEvents = {
  /** about every second */
  flow(flows: Flow[]): void
  /** a frame in clear was held back on its way out */
  plaintext(): void
  /** it died, or gives no sign of life: nothing can be encrypted any more */
  failed(): void
}

/** The part of a Worker that is used. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'addEventListener' | 'terminate'>

/** Without a word for this long while our own clock kept running, a worker counts as dead. */
const SILENCE_MS = 6000
const LOOK_MS = 1000
const START_MS = 10_000
/** A worker that runs answers in milliseconds; one that does not answer has not been told. */
const ANSWER_MS = 5000

/**
 * The page's end of the hardened media worker: livekit-client gets {@link worker}, whose `postMessage` cannot switch
 * encryption off any more, so that neither side's guard stands alone.
 */
export class HardenedWorker {
  /** Settles when the worker runs; rejects when this browser cannot run it. */
  readonly ready: Promise<void>
  private readonly waiting = new Map<string, Array<() => void>>()
  private readonly enabled = new Set<string>()
  private readonly send: Worker['postMessage']
  private readonly watch: ReturnType<typeof setInterval>
  private listener: Partial<WorkerEvents> = {}
  private lastWord = Date.now()
  private lastLook = Date.now()
  private over = false

  constructor(readonly worker: WorkerLike) {
    this.send = worker.postMessage.bind(worker) as Worker['postMessage']
    worker.postMessage = ((message: unknown, transfer?: Transferable[]) =>
      this.send(neverOff(message), transfer ?? [])) as Worker['postMessage']
    this.ready = this.start()
    worker.addEventListener('message', (event) => this.hear((event as MessageEvent<FromWorker>).data))
    worker.addEventListener('messageerror', () => this.fail())
    this.watch = setInterval(() => this.look(), LOOK_MS)
  }

  on(events: Partial<WorkerEvents>): void {
    this.listener = events
    if (this.over) events.failed?.()
  }

  /** Names oneself: the only identity that is ever encrypted for. Rejects when the worker does not acknowledge. */
  own(identity: string): Promise<void> {
    return this.ask(OWN, identity)
  }

  /** To be awaited before anything of `identity` is subscribed. */
  enable(identity: string): Promise<void> {
    return this.enabled.has(identity) ? Promise.resolve() : this.ask(ENABLE, identity)
  }

  isEnabled(identity: string): boolean {
    return this.enabled.has(identity)
  }

  close(): void {
    this.over = true
    clearInterval(this.watch)
    this.worker.terminate()
  }

  private ask(kind: ToWorker['kind'], participantIdentity: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the media worker does not answer')), ANSWER_MS)
      const done = (): void => {
        clearTimeout(late)
        resolve()
      }
      this.waiting.set(participantIdentity, [...(this.waiting.get(participantIdentity) ?? []), done])
      this.send({ kind, data: { participantIdentity } } satisfies ToWorker)
    })
  }

  private start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the media worker does not start')), START_MS)
      this.worker.addEventListener('message', (event) => {
        if ((event as MessageEvent<FromWorker>).data.kind !== READY) return
        clearTimeout(late)
        resolve()
      })
      this.worker.addEventListener('error', () => {
        clearTimeout(late)
        reject(new Error('the media worker failed'))
        this.fail()
      })
    })
  }

  private hear(message: FromWorker): void {
    this.lastWord = Date.now()
    if (message.kind === ENABLED) this.acknowledge(message.data.participantIdentity)
    if (message.kind === FLOW) this.listener.flow?.(message.data)
    if (message.kind === PLAINTEXT) this.listener.plaintext?.()
  }

  private acknowledge(identity: string): void {
    this.enabled.add(identity)
    for (const resolve of this.waiting.get(identity) ?? []) resolve()
    this.waiting.delete(identity)
  }

  /** A page that slept has not listened either: only silence while we were awake counts. */
  private look(): void {
    const now = Date.now()
    if (now - this.lastLook > 3 * LOOK_MS) this.lastWord = now
    this.lastLook = now
    if (now - this.lastWord > SILENCE_MS) this.fail()
  }

  private fail(): void {
    if (this.over) return
    this.over = true
    clearInterval(this.watch)
    this.listener.failed?.()
  }
}

function neverOff(message: unknown): unknown {
  const { kind, data } = (message ?? {}) as { kind?: string; data?: object }
  return kind === 'enable' ? { kind, data: { ...data, enabled: true } } : message
}
