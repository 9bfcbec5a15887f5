/**
 * Runs in each page before its own scripts, and only watches: which devices, connections and keys the page asks the
 * browser for, what it says to screen readers, and encoded frames on both sides of the encryption. What it keeps
 * stays in the page until the probe fetches it; see stage.py.
 */
(() => {
  if ('klausurSeen' in window) return
  const FRAMES = 300
  const KEPT = 6
  const seen = {
    clicks: 0,
    asked: [],
    keys: [],
    violations: [],
    heard: [],
    connections: [],
    channels: 0,
    sent: { audio: [], video: [] },
    left: { audio: [], video: [] },
    arrived: { audio: [], video: [] },
    opened: { audio: [], video: [] },
    kept: [],
    signalled: [],
    sockets: [],
  }
  Object.defineProperty(window, 'klausurSeen', { value: seen })

  for (const kind of ['pointerdown', 'keydown'])
    addEventListener(kind, (event) => { if (event.isTrusted) seen.clicks += 1 }, true)

  const base64 = (bytes) => btoa(String.fromCharCode(...bytes))
  const media = navigator.mediaDevices
  for (const name of media ? ['getUserMedia', 'getDisplayMedia'] : []) {
    const real = media[name].bind(media)
    media[name] = (wanted) => {
      const what = { name, clicks: seen.clicks, audio: Boolean(wanted?.audio), video: Boolean(wanted?.video) }
      seen.asked.push({ ...what, source: JSON.stringify((name === 'getDisplayMedia' ? wanted : wanted?.video) ?? null).slice(0, 600) })
      return real(wanted)
    }
  }

  const Connection = window.RTCPeerConnection
  if (Connection) {
    window.RTCPeerConnection = new Proxy(Connection, {
      construct(target, args, as) {
        const connection = Reflect.construct(target, args, as)
        const its = { connection, servers: [], described: [] }
        its.servers.push(...(args[0]?.iceServers ?? []).flatMap(({ urls }) => urls))
        seen.connections.push(its)
        return connection
      },
    })
    const its = (connection) => seen.connections.find((each) => each.connection === connection)
    const set = Connection.prototype.setConfiguration
    Connection.prototype.setConfiguration = function (wanted) {
      its(this)?.servers.push(...(wanted?.iceServers ?? []).flatMap(({ urls }) => urls))
      return set.call(this, wanted)
    }
    const describe = Connection.prototype.setRemoteDescription
    Connection.prototype.setRemoteDescription = function (said) {
      const lines = String(said?.sdp ?? '').split(/\r?\n/)
      its(this)?.described.push(...lines.filter((line) => /^(a=candidate|c=IN|o=)/.test(line)))
      return describe.call(this, said)
    }
    const add = Connection.prototype.addIceCandidate
    Connection.prototype.addIceCandidate = function (candidate) {
      its(this)?.described.push(String(candidate?.candidate ?? ''))
      return add.call(this, candidate)
    }
  }

  window.WebSocket = new Proxy(window.WebSocket, {
    construct(target, args, as) {
      const socket = Reflect.construct(target, args, as)
      if (new URL(args[0], location.href).pathname.startsWith('/rtc/')) {
        seen.sockets.push(socket)
        socket.addEventListener('message', async ({ data }) => {
          const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data)
          if (bytes.length < 4000 && seen.signalled.length < 300) seen.signalled.push(base64(bytes))
        })
      }
      return socket
    },
  })

  const importKey = crypto.subtle?.importKey
  if (importKey)
    crypto.subtle.importKey = function (format, data, ...rest) {
      const name = typeof rest[0] === 'string' ? rest[0] : rest[0]?.name
      if (format === 'raw' && /^(HKDF|AES-GCM)$/i.test(name) && seen.keys.length < 400) {
        const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
        // Zeros are no key: support.ts asks with them what this browser can do.
        if (bytes.some(Boolean)) seen.keys.push(base64(bytes))
      }
      return importKey.call(this, format, data, ...rest)
    }

  addEventListener('securitypolicyviolation', (event) => {
    seen.violations.push(`${event.effectiveDirective} ${event.blockedURI}`.slice(0, 300))
  }, true)

  const LIVE = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert], [role=log]'
  new MutationObserver((records) => {
    for (const { target } of records) {
      const element = target.nodeType === 1 ? target : target.parentElement
      const words = element?.closest(LIVE)?.textContent.trim()
      if (words && seen.heard.at(-1) !== words && seen.heard.length < 200) seen.heard.push(words.slice(0, 200))
    }
  }).observe(document, { subtree: true, childList: true, characterData: true })

  /** A piece out of the middle, where no codec and no encryption leaves anything in clear on purpose. */
  const piece = (bytes) => bytes.length < 48 ? '' : base64(bytes.subarray(16, 40))
  const watching = (into, kind, keeps) =>
    new TransformStream({
      transform(frame, controller) {
        const bytes = new Uint8Array(frame.data)
        const list = into[kind]
        if (list.length >= FRAMES) list.splice(0, FRAMES / 2)
        list.push(piece(bytes))
        if (keeps && bytes.length >= 48 && bytes.length < 30_000) {
          const same = seen.kept.filter((each) => each.kind === kind)
          if (same.length >= KEPT) seen.kept.splice(seen.kept.indexOf(same[0]), 1)
          seen.kept.push({ kind, frame: base64(bytes) })
        }
        controller.enqueue(frame)
      },
    })
  const tap = (prototype, before, after, keeps) => {
    const real = prototype?.createEncodedStreams
    if (!real) return
    prototype.createEncodedStreams = function () {
      const { readable, writable } = real.call(this)
      const kind = this.track?.kind ?? 'video'
      const [into, out] = [watching(before, kind, keeps), watching(after, kind, false)]
      readable.pipeTo(into.writable).catch(() => undefined)
      out.readable.pipeTo(writable).catch(() => undefined)
      return { readable: into.readable, writable: out.writable }
    }
  }
  tap(window.RTCRtpSender?.prototype, seen.sent, seen.left, false)
  tap(window.RTCRtpReceiver?.prototype, seen.arrived, seen.opened, true)
})()
