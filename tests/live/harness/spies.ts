/** Scripts that run in each page before its own. They watch; none changes what the page does. */

/** What the spies keep, on `window`. */
export type Spied = {
  connections: { connection: RTCPeerConnection; configuration: RTCConfiguration | undefined; born: number }[]
  sockets: { url: string; socket: WebSocket }[]
  violations: string[]
}

declare global {
  interface Window {
    spied: Spied
    /** with INSPECT_FRAMES only */
    arrived: { encrypted: number; filler: number; clear: number }
    /** with SPY_SENT only: what went out over WebSockets, bytes as latin1 */
    sent: string[]
    /** with HEAR only: what the live regions said, in order */
    heard: string[]
    /** with KEEP_TRACKS only */
    captured: MediaStreamTrack[]
    /** with KEEP_COPIED only: what was copied last */
    copied: string
  }
}

const WATCH = `(() => {
  if (window.spied) return
  const spied = { connections: [], sockets: [], violations: [] }
  Object.defineProperty(window, 'spied', { value: spied })
  const Connection = window.RTCPeerConnection
  if (Connection) window.RTCPeerConnection = new Proxy(Connection, {
    construct(target, args, as) {
      const connection = Reflect.construct(target, args, as)
      spied.connections.push({ connection, configuration: args[0], born: performance.now() })
      return connection
    },
  })
  window.WebSocket = new Proxy(window.WebSocket, {
    construct(target, args, as) {
      const socket = Reflect.construct(target, args, as)
      spied.sockets.push({ url: String(args[0]), socket })
      return socket
    },
  })
  document.addEventListener('securitypolicyviolation', (event) => {
    spied.violations.push(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ' ' + event.sample)
  })
})()`

export const ALWAYS = [WATCH]

/** getUserMedia for `kind` fails with a DOMException of this name, as with a device that another program holds. */
export function brokenDevice(
  kind: 'audio' | 'video',
  name: 'NotReadableError' | 'NotFoundError' | 'NotAllowedError',
): string {
  return `(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      if (wanted && wanted[${JSON.stringify(kind)}]) throw new DOMException('by the test', ${JSON.stringify(name)})
      return real(wanted)
    }
  })()`
}

/** Keeps the captured tracks on \`window.captured\`, so that a test can pull a plug. */
export const KEEP_TRACKS = `(() => {
  window.captured = []
  for (const name of ['getUserMedia', 'getDisplayMedia']) {
    const real = navigator.mediaDevices[name].bind(navigator.mediaDevices)
    navigator.mediaDevices[name] = async (wanted) => {
      const stream = await real(wanted)
      window.captured.push(...stream.getTracks())
      return stream
    }
  }
})()`

/**
 * Counts each frame that arrives before anything decrypts it (Chromium). LiveKit's encryption ends a frame with the
 * nonce's length, 12, and the key's index; a frame in clear ends so by chance only, once in 256. LiveKit's server
 * itself makes tiny black or silent frames while a picture is paused, and marks them with a trailer of letters and
 * digits, which decrypts to nothing and is dropped by the receiver.
 */
export const INSPECT_FRAMES = `(() => {
  window.arrived = { encrypted: 0, filler: 0, clear: 0 }
  const real = RTCRtpReceiver.prototype.createEncodedStreams
  if (!real) return
  const isLetter = (byte) => (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
  const kindOf = (bytes) => {
    if (bytes[bytes.length - 2] === 12) return 'encrypted'
    return bytes.length < 200 && bytes.slice(-40).every(isLetter) ? 'filler' : 'clear'
  }
  RTCRtpReceiver.prototype.createEncodedStreams = function () {
    const { readable, writable } = real.call(this)
    const inspected = new TransformStream({
      transform(frame, controller) {
        const bytes = new Uint8Array(frame.data)
        if (bytes.length > 0) window.arrived[kindOf(bytes)]++
        controller.enqueue(frame)
      },
    })
    readable.pipeTo(inspected.writable).catch(() => undefined)
    return { readable: inspected.readable, writable }
  }
})()`

/** Keeps what the page sends over its sockets on \`window.sent\`. */
export const SPY_SENT = `(() => {
  window.sent = []
  const latin1 = (buffer) => [...new Uint8Array(buffer)].map((byte) => String.fromCharCode(byte)).join('')
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    if (typeof data === 'string') window.sent.push(data)
    else if (data instanceof ArrayBuffer) window.sent.push(latin1(data))
    else if (ArrayBuffer.isView(data)) window.sent.push(latin1(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)))
    return send.call(this, data)
  }
})()`

/** Keeps what a screen reader would be told by live regions and alerts on \`window.heard\`. */
export const HEAR = `(() => {
  window.heard = []
  const LIVE = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert], [role=log]'
  new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      // An alert is said when it comes, a status only when its line was there before its words.
      for (const added of addedNodes) {
        if (added.nodeType !== 1) continue
        const alerts = [added, ...added.querySelectorAll('[role=alert]')].filter((each) => each.matches('[role=alert]'))
        window.heard.push(...alerts.map((each) => each.textContent.trim()).filter(Boolean))
      }
      const element = target.nodeType === 1 ? target : target.parentElement
      const live = element && element.closest(LIVE)
      if (live && live.textContent.trim()) window.heard.push(live.textContent.trim())
    }
  }).observe(document, { subtree: true, childList: true, characterData: true })
})()`

/**
 * The browser plays no sound before a click on this very page. Chromium's own policy cannot be used for it: it counts
 * clicks from before a reload too.
 */
export const SOUND_AFTER_A_CLICK = `(() => {
  let clicked = false
  addEventListener('pointerdown', (event) => { clicked ||= event.isTrusted }, true)
  const play = HTMLMediaElement.prototype.play
  HTMLMediaElement.prototype.play = function () {
    const silent = this.muted || (this.srcObject instanceof MediaStream && this.srcObject.getAudioTracks().length === 0)
    if (clicked || silent) return play.call(this)
    return Promise.reject(new DOMException('no gesture yet', 'NotAllowedError'))
  }
})()`

/** Keeps what the page copies on `window.copied`: all profiles of a browser share one clipboard. */
export const KEEP_COPIED = `(() => {
  window.copied = ''
  // An empty page, which a tab begins with, may not copy.
  if (navigator.clipboard) navigator.clipboard.writeText = async (text) => { window.copied = text }
})()`

/** The microphone hums without a pause: Chromium's own fake one beeps too shortly to be taken for somebody's talking. */
export const HUM = `(() => {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await real(wanted)
    if (!wanted.audio) return stream
    const context = new AudioContext()
    const [tone, end] = [context.createOscillator(), context.createMediaStreamDestination()]
    tone.connect(end)
    tone.start()
    return new MediaStream([...end.stream.getAudioTracks(), ...stream.getVideoTracks()])
  }
})()`
