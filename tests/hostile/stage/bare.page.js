/* The outsider's page: livekit-client as it comes, with no key unless one is given, and an eye on every encoded frame. */
const { Room, RoomEvent, ExternalE2EEKeyProvider, createLocalTracks } = globalThis.LivekitClient

const taps = []
let room

/**
 * A sealed frame ends in its 12-byte nonce, the nonce's length and the key's index. A frame in clear has a 12 in that
 * place once in 256.
 */
const looksSealed = (data) => data.length > 30 && data[data.length - 2] === 12

/** Of frames in clear, so that a failure can say what they were. */
const SAMPLES = 3
const beginningOf = (data) =>
  `${data.length}: ${Array.from(data.slice(0, 24), (byte) => byte.toString(16).padStart(2, '0')).join('')}`

/** What LiveKit sends by itself where a track ends or pauses (`pkg/sfu/downtrack.go`): nobody's picture, nobody's voice. */
const FILLERS = [
  [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x08, 0x00, 0x08, 0x00, 0x00, 0x47, 0x08, 0x85, 0x85, 0x88],
  [0xf8, 0xff, 0xfe, ...new Array(77).fill(0)],
]
const isFiller = (data) => FILLERS.some((filler) => filler.every((byte, place) => data[place] === byte))

/** Lets every frame through to the decoder, and remembers what it was. */
const tap = (receiver, kind) => {
  const seen = { kind, frames: 0, sealed: 0, clear: 0, samples: [] }
  taps.push(seen)
  const { readable, writable } = receiver.createEncodedStreams()
  const watch = new TransformStream({
    transform(frame, controller) {
      const data = new Uint8Array(frame.data)
      if (data.length > 0 && !isFiller(data)) {
        seen.frames += 1
        seen[looksSealed(data) ? 'sealed' : 'clear'] += 1
        if (!looksSealed(data) && seen.samples.length < SAMPLES) seen.samples.push(beginningOf(data))
      }
      controller.enqueue(frame)
    },
  })
  readable
    .pipeThrough(watch)
    .pipeTo(writable)
    .catch(() => {})
}

const watchEveryConnection = () => {
  const Real = globalThis.RTCPeerConnection
  globalThis.RTCPeerConnection = class extends Real {
    constructor(config) {
      super(config)
      this.addEventListener('track', ({ receiver, track }) => tap(receiver, track.kind))
    }
  }
}

const encryptionWith = (secret) => {
  const keyProvider = new ExternalE2EEKeyProvider()
  const worker = new Worker('/e2ee-worker.js')
  return keyProvider.setKey(secret).then(() => ({ keyProvider, worker }))
}

globalThis.bare = {
  async listen(url, token) {
    watchEveryConnection()
    room = new Room()
    room.on(RoomEvent.TrackSubscribed, (track) => document.body.append(track.attach()))
    await room.connect(url, token, { rtcConfig: { iceServers: [], encodedInsertableStreams: true } })
  },
  async publish(url, token, { secret } = {}) {
    const encryption = secret ? await encryptionWith(secret) : undefined
    room = new Room({ encryption, publishDefaults: { simulcast: false, videoCodec: 'vp8', red: false } })
    if (encryption) await room.setE2EEEnabled(true)
    await room.connect(url, token, { rtcConfig: { iceServers: [] } })
    for (const track of await createLocalTracks({ audio: true, video: { resolution: { width: 320, height: 180 } } })) {
      await room.localParticipant.publishTrack(track)
    }
  },
  async sendData(text, topic) {
    await room.localParticipant.publishData(new TextEncoder().encode(text), { reliable: true, topic })
  },
  taps: () => taps,
  leave: () => room.disconnect(),
}
