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
