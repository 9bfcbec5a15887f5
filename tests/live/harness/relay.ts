/** A TCP relay between browser and server that a test can cut, as a network does. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export type Relay = {
  url: string
  /** ends all connections that stand; new ones get through */
  cut(): void
  /** from now on new connections are refused (true) or pass again */
  block(blocked: boolean): void
  /** paths, without query, of all requests that began on a fresh connection, with their time (performance.now) */
  opened: { path: string; at: number }[]
  /** everything the browsers said, byte for byte (latin1): request lines, headers, bodies, masked WebSocket frames */
  heard(): string
  close(): Promise<void>
}

/** `from`: the loopback address that the server sees the browsers come from */
export async function startRelay(port: number, from?: string): Promise<Relay> {
  const pairs = new Set<[Socket, Socket]>()
  const opened: Relay['opened'] = []
  const heard: Buffer[] = []
  let blocked = false
  const server = createServer((near) => {
    if (blocked) return void near.destroy()
    const far = connect({ port, host: '127.0.0.1', ...(from ? { localAddress: from } : {}) })
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    near.on('data', (bytes) => {
      heard.push(bytes)
      const [, path] = /^[A-Z]+ ([^ ?]+)/.exec(bytes.subarray(0, 300).toString('latin1')) ?? []
      if (path) opened.push({ path, at: performance.now() })
    })
    near
      .pipe(renamed(`localhost:${ownPort()}`, `localhost:${port}`))
      .pipe(far)
      .pipe(near)
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => drop(pair))
      socket.on('close', () => drop(pair))
    }
  })
  const ownPort = () => (server.address() as AddressInfo).port
  const drop = (pair: [Socket, Socket]) => {
    pairs.delete(pair)
    for (const socket of pair) socket.destroy()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${ownPort()}`,
    opened,
    heard: () => Buffer.concat(heard).toString('latin1'),
    cut: () => [...pairs].forEach(drop),
    block: (now) => {
      blocked = now
    },
    close: async () => {
      for (const pair of [...pairs]) drop(pair)
      server.close()
      await once(server, 'close')
    },
  }
}

/** Host and Origin name the relay; the server is asked by its own name. Of the same length, as ports of five digits are. */
function renamed(from: string, to: string): Transform {
  return new Transform({
    transform(bytes: Buffer, _, done) {
      done(null, bytes.includes(from) ? Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1') : bytes)
    },
  })
}
