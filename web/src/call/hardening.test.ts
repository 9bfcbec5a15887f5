import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { harden, looksEncrypted, type WorkerScope } from './hardening'
import { ENABLE, ENABLED, FLOW, OWN, PLAINTEXT, READY } from './worker-protocol'

/**
 * The real worker of livekit-client in a scope of our own: frames go in on one side and come out on the other, with no
 * WebRTC in between. Each attack is also made on the bare worker, to show that it is one.
 */
const ME = 'hanna'
const OTHER = 'gustav'

type Posted = { kind: string; data: Record<string, unknown> }
type Scope = WorkerScope & { RTCTransformEvent?: unknown }

const scope = globalThis as unknown as Scope
let posted: Posted[] = []

beforeEach(async () => {
  posted = []
  vi.resetModules()
  Object.assign(globalThis, { onmessage: null, onrtctransform: null, self: globalThis, RTCTransformEvent: class {} })
  scope.postMessage = (message) => void posted.push(message as Posted)
  await import('livekit-client/e2ee-worker')
})

afterEach(() => {
  for (const name of ['onmessage', 'onrtctransform', 'self', 'RTCTransformEvent', 'postMessage']) {
    Reflect.deleteProperty(globalThis, name)
  }
})

function tell(kind: string, data: object): void {
  scope.onmessage?.({ data: { kind, data: data as Record<string, unknown> } })
}

/** Lets the worker's queue, its streams and WebCrypto's threads run: the last one takes several turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function key(byte: number): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new Uint8Array(32).fill(byte), 'HKDF', false, ['deriveBits', 'deriveKey'])
}

async function ready({ hardened }: { hardened: boolean }) {
  const hardening = hardened ? harden(scope) : undefined
  const keyProviderOptions = {
    sharedKey: false,
    ratchetSalt: 'salt',
    ratchetWindowSize: 0,
    failureTolerance: -1,
    keyringSize: 256,
    keySize: 256,
  }
  tell('init', { keyProviderOptions, loglevel: 'silent' })
  tell('setKey', {
    participantIdentity: ME,
    isPublisher: true,
    key: await key(1),
    keyIndex: 3,
    updateCurrentKeyIndex: true,
  })
  tell('setKey', {
    participantIdentity: OTHER,
    isPublisher: false,
    key: await key(2),
    keyIndex: 5,
    updateCurrentKeyIndex: true,
  })
  if (hardened) tell(OWN, { participantIdentity: ME })
  await settled()
  return hardening
}

type Frame = { data: ArrayBuffer; timestamp: number; getMetadata(): object }

function frame(text: string): Frame {
  return {
    data: new TextEncoder().encode(text).buffer as ArrayBuffer,
    timestamp: 90_000,
    getMetadata: () => ({ synchronizationSource: 7 }),
  }
}

/** One track's way through the worker. */
function track(kind: 'encode' | 'decode', trackId: string, participantIdentity: string) {
  const [into, out] = [new TransformStream<Frame, Frame>(), new TransformStream<Frame, Frame>()]
  const [writer, reader] = [into.writable.getWriter(), out.readable.getReader()]
  const received: Frame[] = []
  const read = async (): Promise<void> => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) received.push(next.value)
  }
  void read().catch(() => undefined)
  tell(kind, {
    participantIdentity,
    trackId,
    readableStream: into.readable,
    writableStream: out.writable,
    hasPacketTrailer: false,
  })
  return {
    received,
    async send(sent: Frame): Promise<void> {
      void writer.write(sent).catch(() => undefined)
      for (let turn = 0; turn < 10; turn += 1) await settled()
    },
  }
}

function texts(frames: Frame[]): string[] {
  return frames.map(({ data }) => new TextDecoder().decode(data))
}

const SECRET = 'a secret word'

describe('a sending track', () => {
  it('goes out in clear from the bare worker that nobody told to encrypt', async () => {
    await ready({ hardened: false })
    const camera = track('encode', 'camera', ME)
    await camera.send(frame(SECRET))
    expect(texts(camera.received)).toEqual([SECRET])
  })

  it('is encrypted although the enable message never came', async () => {
    await ready({ hardened: true })
    const camera = track('encode', 'camera', ME)
    await camera.send(frame(SECRET))
    expect(camera.received).toHaveLength(1)
    expect(texts(camera.received)[0]).not.toContain('secret')
    expect(looksEncrypted(camera.received[0]?.data ?? new ArrayBuffer(1))).toBe(true)
  })

  it('is encrypted although somebody said enable: false', async () => {
    await ready({ hardened: true })
    const camera = track('encode', 'camera', ME)
    tell('enable', { participantIdentity: ME, enabled: false })
    await settled()
    await camera.send(frame(SECRET))
    expect(texts(camera.received)[0]).not.toContain('secret')
  })

  it('is encrypted under one’s own key although the server renamed oneself', async () => {
    await ready({ hardened: true })
    const camera = track('encode', 'camera', 'a name by the server')
    await camera.send(frame(SECRET))
    const bytes = new Uint8Array(camera.received[0]?.data ?? new ArrayBuffer(0))
    expect(bytes.at(-1)).toBe(3)
    expect(texts(camera.received)[0]).not.toContain('secret')
  })

  it('does not go out at all before one’s own identity is known', async () => {
    harden(scope)
    const camera = track('encode', 'camera', ME)
    await camera.send(frame(SECRET))
    expect(camera.received).toEqual([])
  })

  const takeOver = async (): Promise<string[]> => {
    tell('enable', { participantIdentity: ME, enabled: true })
    tell('enable', { participantIdentity: OTHER, enabled: true })
    const camera = track('encode', 'camera', ME)
    await settled()
    // A remote track that the server gave the id of one's own camera, and its end.
    track('decode', 'camera', OTHER)
    await settled()
    tell('removeTransform', { participantIdentity: OTHER, trackId: 'camera' })
    await settled()
    await camera.send(frame(SECRET))
    return texts(camera.received)
  }

  it('of the bare worker is taken over by a remote track of the same id, and goes out in clear', async () => {
    await ready({ hardened: false })
    expect(await takeOver()).toEqual([SECRET])
  })

  it('cannot be taken over', async () => {
    await ready({ hardened: true })
    const [out] = await takeOver()
    expect(out).toBeDefined()
    expect(out).not.toContain('secret')
  })

  it('holds back and reports a frame in clear, wherever it comes from', async () => {
    // A worker that does not encrypt, whatever it is told.
    scope.onmessage = ({ data: { kind, data } }) => {
      if (kind !== 'encode') return
      void (data.readableStream as ReadableStream).pipeTo(data.writableStream as WritableStream).catch(() => undefined)
    }
    harden(scope)
    tell(OWN, { participantIdentity: ME })
    const camera = track('encode', 'camera', ME)
    await camera.send(frame(`${SECRET}, and long enough to be a whole frame`))
    expect(camera.received).toEqual([])
    expect(posted.map(({ kind }) => kind)).toContain(PLAINTEXT)
  })
})

describe('a received track', () => {
  it('is rendered in clear by the bare worker when the server says it is not encrypted', async () => {
    await ready({ hardened: false })
    tell('enable', { participantIdentity: OTHER, enabled: false })
    const camera = track('decode', 'theirs', OTHER)
    await camera.send(frame(SECRET))
    expect(texts(camera.received)).toEqual([SECRET])
  })

  it('in clear is dropped, whatever the server says', async () => {
    const hardening = await ready({ hardened: true })
    tell('enable', { participantIdentity: OTHER, enabled: false })
    const camera = track('decode', 'theirs', OTHER)
    await camera.send(frame(SECRET))
    expect(camera.received).toEqual([])
    hardening?.report()
    expect(posted.at(-1)).toEqual({ kind: FLOW, data: [{ sender: OTHER, track: 'theirs', received: 1, passed: 0 }] })
  })

  it('under one’s own name is not taken at all', async () => {
    await ready({ hardened: true })
    const camera = track('decode', 'theirs', ME)
    await camera.send(frame(SECRET))
    expect(camera.received).toEqual([])
  })

  it('is decrypted, and counted, when all is well', async () => {
    const hardening = await ready({ hardened: true })
    tell('setKey', {
      participantIdentity: OTHER,
      isPublisher: false,
      key: await key(1),
      keyIndex: 3,
      updateCurrentKeyIndex: true,
    })
    await settled()
    const [mine, theirs] = [track('encode', 'camera', ME), track('decode', 'theirs', OTHER)]
    await mine.send(frame(SECRET))
    await theirs.send({ ...frame(''), data: mine.received[0]?.data ?? new ArrayBuffer(0) })
    expect(texts(theirs.received)).toEqual([SECRET])
    hardening?.report()
    expect(posted.at(-1)?.data).toEqual([{ sender: OTHER, track: 'theirs', received: 1, passed: 1 }])
  })

  it('keeps its count when a transceiver gets another track', async () => {
    const hardening = await ready({ hardened: true })
    const camera = track('decode', 'first', OTHER)
    await camera.send(frame(SECRET))
    tell('updateCodec', {
      participantIdentity: OTHER,
      trackId: 'second',
      previousTrackId: 'first',
      hasPacketTrailer: false,
    })
    await settled()
    await camera.send(frame(SECRET))
    expect(camera.received).toEqual([])
    hardening?.report()
    expect(posted.at(-1)?.data).toEqual([{ sender: OTHER, track: 'second', received: 2, passed: 0 }])
  })
})

describe('a received track that ended', () => {
  it('is counted no longer', async () => {
    const hardening = await ready({ hardened: true })
    track('decode', 'theirs', OTHER)
    tell('removeTransform', { participantIdentity: OTHER, trackId: 'theirs' })
    await settled()
    hardening?.report()
    expect(posted.at(-1)).toEqual({ kind: FLOW, data: [] })
  })
})

describe('a script transform', () => {
  it('is encrypted without any enable message too', async () => {
    await ready({ hardened: true })
    const [into, out] = [new TransformStream<Frame, Frame>(), new TransformStream<Frame, Frame>()]
    const options = { kind: 'encode', participantIdentity: 'another', trackId: 'camera', hasPacketTrailer: true }
    scope.onrtctransform?.({ transformer: { options, readable: into.readable, writable: out.writable } })
    await settled()
    void into.writable.getWriter().write(frame(SECRET))
    const { value } = await out.readable.getReader().read()
    expect(texts(value ? [value] : [])[0]).not.toContain('secret')
  })
})

describe('the words between page and worker', () => {
  it('begin with a sign of life and acknowledge in our own kind only what we asked for', async () => {
    await ready({ hardened: true })
    tell(ENABLE, { participantIdentity: OTHER })
    await settled()
    expect(posted[0]).toEqual({ kind: READY })
    expect(posted.filter(({ kind }) => kind === ENABLED)).toEqual([
      { kind: ENABLED, data: { participantIdentity: ME } },
      { kind: ENABLED, data: { participantIdentity: OTHER } },
    ])
    expect(posted.filter(({ kind }) => kind === 'enable')).toEqual([])
  })

  it('of unknown kind go no further', () => {
    const seen: string[] = []
    scope.onmessage = ({ data }) => void seen.push(data.kind)
    harden(scope)
    for (const kind of ['ratchetRequest', 'exportKeys', 'init']) tell(kind, {})
    expect(seen).toEqual(['init'])
  })

  it('are refused a worker whose handler is not where it was', () => {
    scope.onmessage = null
    expect(() => harden(scope)).toThrow('elsewhere')
  })
})
