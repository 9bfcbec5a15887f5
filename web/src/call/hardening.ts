/**
 * Makes livekit-client's media worker fail closed, from inside. What its source (2.23.0, src/e2ee/worker) does that we
 * do not accept, and what is done here instead:
 *
 * - A sender's frames go out in clear while nobody posted `enable` for its identity, or after `enable: false`; received
 *   frames are rendered in clear after `enable: false`, which the page derives from what the *server* says.
 *   → `enable: false` becomes true, and every transform is preceded by an `enable` of our own.
 * - The sender's identity comes from the server's join answer and updates. → Only the identity the page named encrypts.
 * - Cryptors are found by track id alone, and a remote track's id comes from the server: one that carries the id of our
 *   own camera takes over our *sending* cryptor, and its end leaves that one without identity, which means in clear.
 *   → Sent and received tracks have separate names here.
 * - Nothing looks at what leaves. → A frame without the trailer of an encrypted one is dropped and reported.
 */
import { ENABLE, ENABLED, FLOW, type Flow, type FromWorker, OWN, PLAINTEXT, READY } from './worker-protocol'

type Frame = { data: ArrayBuffer }
type Data = Record<string, unknown>
type Message = { kind: string; data: Data }

/** livekit-client's handlers look at these parts only. */
type Handler<E> = ((event: E) => void) | null
export type TransformEvent = { transformer: { options: Data; readable: ReadableStream; writable: WritableStream } }
export type WorkerScope = {
  onmessage: Handler<{ data: Message }>
  onrtctransform?: Handler<TransformEvent>
  postMessage(message: unknown): void
}

const KEY_PROVIDER = {
  sharedKey: false,
  ratchetWindowSize: 0,
  failureTolerance: -1,
  keyringSize: 256,
  keySize: 256,
}

/** Bytes at the end of an encrypted frame: tag, nonce, nonce length, key index. */
const TRAILER_BYTES = 16 + 12 + 2
const NONCE_LENGTH = 12

/** Call once, after livekit-client's worker has been imported. Throws when its handlers are not where they were. */
export function harden(scope: WorkerScope): Hardening {
  const { onmessage, onrtctransform } = scope
  if (typeof onmessage !== 'function') throw new Error('livekit-client put its handler elsewhere')
  const post = scope.postMessage.bind(scope)
  const hardening = new Hardening((message) => onmessage({ data: message }), post)
  scope.onmessage = (event) => hardening.message(event.data)
  if (onrtctransform) scope.onrtctransform = (event) => hardening.transform(event, onrtctransform)
  scope.postMessage = (message) => hardening.answer(message)
  post({ kind: READY } satisfies FromWorker)
  return hardening
}

export class Hardening {
  private own: string | undefined
  /** by the received track's name in here */
  private readonly flows = new Map<string, Flow>()
  /** our own `enable` messages, whose acknowledgements livekit-client's manager must not see: it throws on them */
  private readonly injected = new WeakSet<object>()
  private readonly rules: Record<string, (data: Data) => Data | undefined>

  constructor(
    private readonly inner: (message: Message) => void,
    private readonly post: (message: unknown) => void,
  ) {
    const same = (data: Data): Data => data
    this.rules = {
      init: (data) => ({ ...data, keyProviderOptions: { ...(data.keyProviderOptions as Data), ...KEY_PROVIDER } }),
      setLogLevel: same,
      setKey: same,
      setRTPMap: same,
      setSifTrailer: same,
      decryptDataRequest: same,
      encryptDataRequest: (data) => (this.own ? { ...data, participantIdentity: this.own } : undefined),
      enable: (data) => ({ ...data, enabled: true }),
      encode: (data) => this.sending(data),
      decode: (data) => this.receiving(data),
      updateCodec: (data) => this.codec(data),
      removeTransform: (data) => this.ended(data),
    }
  }

  /** From the page. Kinds without a rule (a ratchet nobody uses, and whatever is new) are not let through. */
  message(message: Message): void {
    const { kind, data } = message
    const allowed = this.rules[kind]?.(data)
    if (kind === OWN || kind === ENABLE) this.expect(kind, String(data.participantIdentity))
    else if (allowed) this.inner({ kind, data: allowed })
  }

  /** From the browser, where transforms run as scripts (Firefox, Safari). */
  transform(event: TransformEvent, inner: (event: TransformEvent) => void): void {
    const { options, readable, writable } = event.transformer
    const rule = options.kind === 'encode' || options.kind === 'decode' ? this.rules[options.kind] : undefined
    const allowed = rule?.({ ...options, readableStream: readable, writableStream: writable })
    if (!allowed) return
    const { readableStream, writableStream, ...rest } = allowed
    inner({
      transformer: {
        options: rest,
        readable: readableStream as ReadableStream,
        writable: writableStream as WritableStream,
      },
    })
  }

  /** From livekit-client's worker to the page. */
  answer(message: unknown): void {
    const { kind, data } = message as Message
    const ours = kind === 'enable' && this.injected.has(message as object)
    const acknowledged = { kind: ENABLED, data: { participantIdentity: String(data?.participantIdentity) } } as const
    this.post(ours ? (acknowledged satisfies FromWorker) : message)
  }

  /** To be called every second. */
  report(): void {
    this.post({ kind: FLOW, data: [...this.flows.values()] } satisfies FromWorker)
  }

  private expect(kind: string, identity: string): void {
    if (kind === OWN) this.own = identity
    this.enable(identity)
  }

  private enable(participantIdentity: string): void {
    const message = { kind: 'enable', data: { enabled: true, participantIdentity } }
    this.injected.add(message)
    this.inner(message)
  }

  private sending(data: Data): Data | undefined {
    if (!this.own) return undefined
    this.enable(this.own)
    return {
      ...data,
      ...WITHOUT_METADATA,
      participantIdentity: this.own,
      trackId: sent(data.trackId),
      writableStream: this.onlyEncrypted(data.writableStream as WritableStream<Frame>),
    }
  }

  private receiving(data: Data): Data | undefined {
    const sender = String(data.participantIdentity)
    if (!this.own || sender === this.own) return undefined
    this.enable(sender)
    const flow: Flow = { sender, track: String(data.trackId), received: 0, passed: 0 }
    this.flows.set(received(data.trackId), flow)
    return {
      ...data,
      ...WITHOUT_METADATA,
      trackId: received(data.trackId),
      readableStream: countedIn(data.readableStream as ReadableStream<Frame>, flow),
      writableStream: countedOut(data.writableStream as WritableStream<Frame>, flow),
    }
  }

  /** Of a sent track on Safari; of a received one (`previousTrackId`) where a transceiver gets a new track. */
  private codec(data: Data): Data | undefined {
    if (data.previousTrackId === undefined) {
      return this.own
        ? { ...data, ...WITHOUT_METADATA, participantIdentity: this.own, trackId: sent(data.trackId) }
        : undefined
    }
    const sender = String(data.participantIdentity)
    if (!this.own || sender === this.own) return undefined
    this.enable(sender)
    const [previousTrackId, trackId] = [received(data.previousTrackId), received(data.trackId)]
    this.moveFlow(previousTrackId, trackId, { sender, track: String(data.trackId) })
    return { ...data, ...WITHOUT_METADATA, previousTrackId, trackId }
  }

  private ended(data: Data): Data {
    const trackId = received(data.trackId)
    this.flows.delete(trackId)
    return { ...data, trackId }
  }

  private moveFlow(previous: string, next: string, owner: Pick<Flow, 'sender' | 'track'>): void {
    const flow = this.flows.get(previous)
    if (!flow) return
    this.flows.delete(previous)
    // The streams' counters hold this very object.
    this.flows.set(next, Object.assign(flow, owner))
  }

  private onlyEncrypted(writable: WritableStream<Frame>): WritableStream<Frame> {
    return forwarding(writable, (frame) => {
      if (looksEncrypted(frame.data)) return true
      this.post({ kind: PLAINTEXT } satisfies FromWorker)
      return false
    })
  }
}

/** Frame metadata would be parsed before anything is authenticated; nobody here uses it. */
const WITHOUT_METADATA = { hasPacketTrailer: false, packetTrailer: undefined }

function sent(trackId: unknown): string {
  return `sent ${String(trackId)}`
}

function received(trackId: unknown): string {
  return `received ${String(trackId)}`
}

/** Empty frames (pauses in speech) have nothing to encrypt. */
export function looksEncrypted(data: ArrayBuffer): boolean {
  if (data.byteLength === 0) return true
  if (data.byteLength < TRAILER_BYTES) return false
  return new DataView(data).getUint8(data.byteLength - 2) === NONCE_LENGTH
}

function countedIn(readable: ReadableStream<Frame>, flow: Flow): ReadableStream<Frame> {
  return readable.pipeThrough(
    new TransformStream<Frame, Frame>({
      transform(frame, controller) {
        flow.received += 1
        controller.enqueue(frame)
      },
    }),
  )
}

function countedOut(writable: WritableStream<Frame>, flow: Flow): WritableStream<Frame> {
  return forwarding(writable, () => {
    flow.passed += 1
    return true
  })
}

function forwarding(writable: WritableStream<Frame>, may: (frame: Frame) => boolean): WritableStream<Frame> {
  const writer = writable.getWriter()
  return new WritableStream<Frame>({
    write: (frame) => (may(frame) ? writer.write(frame) : undefined),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  })
}
