/**
 * The lying proxy: stands where klausur believes its media engine to be. Everything passes through to the real engine
 * unchanged, except what a lie changes. What a lie can do here, the owner of a server can do in the engine itself.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { SignalRequest, SignalResponse } from '@livekit/protocol'
import { decodeJwt } from 'jose'
import { type RawData, WebSocket, WebSocketServer } from 'ws'

/** One person's signalling connection, as the liar sees it. */
export type Wire = {
  /** pseudonym, from the token klausur minted */
  identity: string
  room: string
  token: string
  /** says something to the browser that the engine never said */
  say(message: SignalResponse): void
}

/** Changes a message in place. */
export type Lie = {
  toBrowser?(message: SignalResponse, wire: Wire): void
  toEngine?(message: SignalRequest, wire: Wire): void
}

/** Two peer connections, and on the receiving one it is the engine that offers, so that it names the tracks. */
const OLD_SIGNALLING = `/rtc?${new URLSearchParams({ auto_subscribe: '0', adaptive_stream: '1', sdk: 'js', protocol: '17' })}`

export class LyingProxy {
  /** what every connection is told from now on */
  readonly lies = new Set<Lie>()
  /** false: the engine keeps those whom klausur wants removed, as an owner's own engine would */
  obedient = true
  /** true: whoever comes is connected as a browser that knows only the engine's old signalling */
  oldSignalling = false
  /** connections standing now */
  readonly wires = new Set<Wire>()
  private readonly doors = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 4 << 20 })
  private readonly sockets = new Set<Duplex>()

  private constructor(
    private readonly server: Server,
    private readonly engine: string,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  static async start(engine: string): Promise<LyingProxy> {
    // klausur passes join requests on unpacked, offers and all: Node's own limit of 16 KB is too little for them.
    const server = createServer({ maxHeaderSize: 256 * 1024 })
    const liar = new LyingProxy(server, engine)
    server.on('request', (incoming, answer) => liar.pass(incoming, answer))
    server.on('upgrade', (incoming, socket, head) => liar.connect(incoming, socket, head))
    server.on('connection', (socket: Socket) => liar.keep(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return liar
  }

  /** Tells `lie` while `during` runs. */
  async telling<T>(lie: Lie, during: () => Promise<T>): Promise<T> {
    this.lies.add(lie)
    try {
      return await during()
    } finally {
      this.lies.delete(lie)
    }
  }

  wiresOf(room: string): Wire[] {
    return [...this.wires].filter((wire) => wire.room === room)
  }

  wireOf(identity: string): Wire {
    const wire = [...this.wires].reverse().find((candidate) => candidate.identity === identity)
    if (!wire) throw new Error('nobody of that pseudonym is connected through the liar')
    return wire
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private keep(socket: Duplex): void {
    this.sockets.add(socket)
    socket.once('close', () => this.sockets.delete(socket))
  }

  private pass(incoming: IncomingMessage, answer: ServerResponse): void {
    if (!this.obedient && incoming.url?.endsWith('/RemoveParticipant')) {
      pretendDone(incoming, answer)
      return
    }
    const upstream = request(`${this.engine}${incoming.url}`, { method: incoming.method, headers: incoming.headers })
    upstream.on('response', (real) => {
      answer.writeHead(real.statusCode ?? 502, real.headers)
      real.pipe(answer)
    })
    upstream.on('error', () => answer.writeHead(502).end())
    incoming.pipe(upstream)
  }

  private connect(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const token = tokenOf(incoming)
    const path = this.oldSignalling ? OLD_SIGNALLING : incoming.url
    const upstream = new WebSocket(`${this.engine.replace('http', 'ws')}${path}`, {
      headers: onlyWhatMatters(incoming),
      perMessageDeflate: false,
    })
    upstream.once('unexpected-response', (_request, response) => {
      socket.end(`HTTP/1.1 ${response.statusCode} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    })
    upstream.on('error', () => socket.destroy())
    upstream.once('open', () => {
      this.doors.handleUpgrade(incoming, socket, head, (downstream) => this.bridge(token, downstream, upstream))
    })
  }

  private bridge(token: string, downstream: WebSocket, upstream: WebSocket): void {
    const wire = wireFor(token, downstream)
    this.wires.add(wire)
    upstream.on('message', (data, binary) => {
      downstream.send(binary ? this.toBrowser(data, wire) : data, { binary })
    })
    downstream.on('message', (data, binary) => {
      upstream.send(binary ? this.toEngine(data, wire) : data, { binary })
    })
    downstream.on('error', () => upstream.terminate())
    downstream.on('close', () => {
      this.wires.delete(wire)
      upstream.close()
    })
    upstream.on('close', (code, reason) => downstream.close(closable(code), reason))
  }

  private toBrowser(data: RawData, wire: Wire): Uint8Array {
    const message = SignalResponse.fromBinary(bytes(data))
    for (const lie of this.lies) lie.toBrowser?.(message, wire)
    return message.toBinary()
  }

  private toEngine(data: RawData, wire: Wire): Uint8Array {
    const message = SignalRequest.fromBinary(bytes(data))
    for (const lie of this.lies) lie.toEngine?.(message, wire)
    return message.toBinary()
  }
}

/** An empty protobuf message is the whole answer of RemoveParticipant. */
function pretendDone(incoming: IncomingMessage, answer: ServerResponse): void {
  incoming.resume()
  answer.writeHead(200, { 'content-type': 'application/protobuf' }).end()
}

function wireFor(token: string, downstream: WebSocket): Wire {
  const claims = decodeJwt<{ video?: { room?: string } }>(token)
  return {
    identity: claims.sub ?? '',
    room: claims.video?.room ?? '',
    token,
    say: (message) => downstream.send(message.toBinary(), { binary: true }),
  }
}

function tokenOf(incoming: IncomingMessage): string {
  const bearer = incoming.headers.authorization?.replace(/^Bearer /, '')
  return bearer ?? new URL(incoming.url ?? '/', 'http://liar').searchParams.get('access_token') ?? ''
}

function onlyWhatMatters(incoming: IncomingMessage): Record<string, string> {
  const { authorization, 'user-agent': agent } = incoming.headers
  return { ...(authorization && { authorization }), ...(agent && { 'user-agent': agent }) }
}

function bytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}

/** Codes a peer may report but nobody may send. */
function closable(code: number): number {
  return code === 1005 || code === 1006 || code === 1015 ? 1000 : code
}
