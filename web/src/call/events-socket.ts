import type { SealedCard } from '../api/types'
import { delayBefore } from './backoff'

/** The part of a WebSocket that is used. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'readyState'> & {
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
}

export type ServerMessage =
  | {
      type: 'welcome'
      session: string
      server_time: string
      began_at: string
      card: SealedCard | null
      roster: unknown[]
    }
  | { type: 'seat'; pseudonym: string; announcement: string; away: boolean }
  | { type: 'left'; pseudonym: string }
  | { type: 'card'; version: number; sealed: string }
  | { type: 'pong'; server_time: string }
  | { type: 'restarting' }
  | { type: 'ended' }

/** Why the socket is over for good; everything else is tried again. */
export type SocketEnd = 'not-your-seat' | 'replaced' | 'ended'

export type SocketEvents = {
  message(message: ServerMessage): void
  /** the socket is gone; another one is on its way */
  interrupted(): void
  over(end: SocketEnd): void
}

const ENDS: Record<number, SocketEnd> = { 4401: 'not-your-seat', 4409: 'replaced', 4410: 'ended' }

const MESSAGE_LIMIT = 64 * 1024
/** The welcome of a full meeting carries everybody's announcement. */
const WELCOME_LIMIT = 16 * 1024 * 1024
const PING_MS = 3000
const TYPES: ReadonlySet<unknown> = new Set(['welcome', 'seat', 'left', 'card', 'pong', 'restarting', 'ended'])

/** The events socket of one seat: says hello, asks for signs of life, and comes back by itself until it is over. */
export class EventsSocket {
  private socket: Socket | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private attempt = 0
  private heard = true
  private closed = false

  constructor(
    private readonly connect: () => Socket,
    private readonly seat: { pseudonym: string; secret: string },
    private readonly events: SocketEvents,
  ) {}

  open(): void {
    if (this.closed) return
    this.stopTimer()
    const socket = this.connect()
    this.socket = socket
    socket.onopen = () => this.hello()
    socket.onmessage = (event) => this.receive(event.data)
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code)
    }
  }

  /** Sent now if there is a socket; the next `hello` of a new one brings nothing, the server holds the last. */
  announce(announcement: string): void {
    this.send({ type: 'announce', announcement })
  }

  /** The network is back, or the page woke up: no reason to wait for the timer. */
  hurry(): void {
    if (!this.closed && this.socket === undefined) this.open()
  }

  close(): void {
    this.closed = true
    this.stopTimer()
    const socket = this.socket
    this.socket = undefined
    socket?.close(1000)
  }

  private hello(): void {
    this.send({ type: 'hello', ...this.seat })
    this.heard = true
    this.timer = setTimeout(() => this.beat(), PING_MS)
  }

  /** Two beats without a word in between: the connection is dead, whatever the network stack still believes. */
  private beat(): void {
    const socket = this.socket
    if (!this.heard) {
      this.lost(1006)
      socket?.close()
      return
    }
    this.heard = false
    this.send({ type: 'ping' })
    this.timer = setTimeout(() => this.beat(), PING_MS)
  }

  private receive(data: unknown): void {
    this.heard = true
    const message = parse(data)
    if (!message || this.closed) return
    if (message.type === 'welcome') this.attempt = 0
    this.events.message(message)
  }

  private lost(code: number): void {
    this.stopTimer()
    this.socket = undefined
    if (this.closed) return
    const end = ENDS[code]
    if (end) {
      this.closed = true
      this.events.over(end)
      return
    }
    this.timer = setTimeout(() => this.open(), delayBefore(this.attempt++))
    this.events.interrupted()
  }

  private send(message: object): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message))
  }

  private stopTimer(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }
}

/** `undefined` for what is not a message of the protocol: dropped, because nothing good can follow from it. */
function parse(data: unknown): ServerMessage | undefined {
  if (typeof data !== 'string' || data.length > WELCOME_LIMIT) return undefined
  try {
    const message = JSON.parse(data) as ServerMessage
    if (!TYPES.has(message?.type)) return undefined
    if (message.type !== 'welcome') return data.length <= MESSAGE_LIMIT ? message : undefined
    return Array.isArray(message.roster) ? message : undefined
  } catch {
    return undefined
  }
}
