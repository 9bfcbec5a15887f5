/**
 * Scripts that run in a page before its own and take something away from it, or tell it lies. They stand for a browser
 * that cannot, code that failed, and a control plane that is not klausur.
 */

/** Remembers this page's own pseudonym, as it tells the server. */
const OWN_PSEUDONYM = `
  const fetchBefore = window.fetch
  window.fetch = (url, options = {}) => {
    if (/\\/seats$/.test(String(url)) && options.body) window.ownPseudonym = JSON.parse(options.body).pseudonym
    return fetchBefore(url, options)
  }`

export type Lost = 'own' | 'others' | 'all'

/** The worker is never told to encrypt (own) or to decrypt (others): every such message is lost on its way. */
export function losingEnable(whose: Lost): string {
  return wrapped(`${OWN_PSEUDONYM}
  const post = Worker.prototype.postMessage
  window.lostMessages = 0
  Worker.prototype.postMessage = function (message, ...rest) {
    const enabling = ['enable', 'klausur-own', 'klausur-enable'].includes(message?.kind)
    const own = message?.data?.participantIdentity === window.ownPseudonym
    if (enabling && (${JSON.stringify(whose)} === 'all' || own === (${JSON.stringify(whose)} === 'own'))) {
      window.lostMessages += 1
      return
    }
    post.call(this, message, ...rest)
  }`)
}

/** Of the SDK's own words only: what its worker needs to encrypt at all, and what klausur's worker must not need. */
export const LOSING_THE_SDKS_ENABLE = wrapped(`
  const post = Worker.prototype.postMessage
  window.lostMessages = 0
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.kind === 'enable') window.lostMessages += 1
    else post.call(this, message, ...rest)
  }`)

export const WORKER_CANNOT_START = wrapped(`
  window.Worker = new Proxy(window.Worker, {
    construct() {
      throw new DOMException('by the test', 'SecurityError')
    },
  })`)

/** Constructed without complaint; not a word of it is ever heard. */
export const WORKER_IS_DUMB = wrapped(`
  Object.defineProperty(Worker.prototype, 'onmessage', { set() {}, get: () => null })
  const listen = Worker.prototype.addEventListener
  Worker.prototype.addEventListener = function (kind, ...rest) {
    if (kind !== 'message') listen.call(this, kind, ...rest)
  }`)

/** Keeps the workers on \`window.workers\`, so that a test can end one. */
export const KEEP_WORKERS = wrapped(`
  window.workers = []
  window.Worker = new Proxy(window.Worker, {
    construct(target, args, as) {
      const worker = Reflect.construct(target, args, as)
      window.workers.push(worker)
      return worker
    },
  })`)

export const NO_FRAME_TRANSFORMS = wrapped(`
  delete window.RTCRtpScriptTransform
  if (window.RTCRtpSender) delete RTCRtpSender.prototype.createEncodedStreams
  if (window.RTCRtpReceiver) delete RTCRtpReceiver.prototype.createEncodedStreams`)

export const NO_WEBCRYPTO = wrapped(`
  Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })`)

export const COUNTING_CAPTURES = wrapped(`
  window.captures = 0
  const real = MediaDevices.prototype.getUserMedia
  MediaDevices.prototype.getUserMedia = function (wanted) {
    window.captures += 1
    return real.call(this, wanted)
  }`)

/** Everything that comes in over any socket, as text or as Latin-1 of the bytes, on \`window.heard\`. */
export const EAVESDROPPING = wrapped(`
  window.heard = []
  const note = async ({ data }) => {
    if (typeof data === 'string') return void window.heard.push(data)
    const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data)
    window.heard.push(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  }
  window.WebSocket = new Proxy(window.WebSocket, {
    construct(target, args, as) {
      const socket = Reflect.construct(target, args, as)
      socket.addEventListener('message', note)
      return socket
    },
  })
  const fetchBefore = window.fetch
  window.fetch = async (...args) => {
    const answer = await fetchBefore(...args)
    answer.clone().text().then((text) => window.heard.push(text))
    return answer
  }`)

/** The control plane names another host key than the one in the link: \`key\` is 32 bytes as base64url. */
export function namingHostKey(key: string): string {
  return wrapped(`
  const fetchBefore = window.fetch
  window.fetch = async (url, options = {}) => {
    const answer = await fetchBefore(url, options)
    if (!/\\/api\\/meetings\\/[^/]+$/.test(String(url)) || !answer.ok) return answer
    const told = { ...(await answer.json()), host_public_key: ${JSON.stringify(key)} }
    return new Response(JSON.stringify(told), { status: answer.status, headers: answer.headers })
  }`)
}

/** Presents this proof, whatever the page would present: a control plane that lets everybody in. */
export function presenting(proof: string): string {
  return wrapped(`
  const fetchBefore = window.fetch
  window.fetch = (url, options = {}) => {
    const headers = new Headers(options.headers)
    if (headers.has('klausur-link-proof')) headers.set('klausur-link-proof', ${JSON.stringify(proof)})
    return fetchBefore(url, { ...options, headers })
  }`)
}

/**
 * Puts the events socket into the test's hands: \`window.controlPlane\` keeps what the server said, keeps from the page
 * what names \`hiding\`, and says what the server never said.
 */
export const LYING_CONTROL_PLANE = wrapped(`
  const plane = { said: [], hiding: undefined, socket: undefined }
  window.controlPlane = plane
  plane.say = (message) => plane.socket.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  plane.send = (message) => plane.socket.send(JSON.stringify(message))
  const hear = (event) => {
    const message = JSON.parse(event.data)
    if (event.isTrusted) plane.said.push(message)
    if (plane.hiding && event.isTrusted && message.type === 'seat') event.stopImmediatePropagation()
  }
  window.WebSocket = new Proxy(window.WebSocket, {
    construct(target, args, as) {
      const socket = Reflect.construct(target, args, as)
      if (String(args[0]).includes('/events')) {
        plane.socket = socket
        socket.addEventListener('message', hear)
      }
      return socket
    },
  })`)

/**
 * The control plane claims to know only the engine's old signalling, which livekit-client then falls back to. Its words
 * travel on klausur's only way to the engine, so the liar has to speak the old signalling there (`oldSignalling`).
 */
export const ONLY_OLD_SIGNALLING = wrapped(`
  let way
  window.WebSocket = new Proxy(window.WebSocket, {
    construct(target, [address, ...rest], as) {
      const url = new URL(address, location.href)
      const isNew = url.pathname === '/rtc/v1'
      if (isNew) way = String(url)
      if (isNew) url.pathname = '/rtc/unknown'
      return Reflect.construct(target, [url.pathname === '/rtc' ? way : url, ...rest], as)
    },
  })
  const fetchBefore = window.fetch
  window.fetch = (url, ...rest) =>
    String(url).includes('/rtc/v1/validate')
      ? Promise.resolve(new Response('', { status: 404 }))
      : fetchBefore(url, ...rest)`)

function wrapped(body: string): string {
  return `(() => {${body}\n})()`
}
