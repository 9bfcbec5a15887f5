import type { ProblemCode } from '../api/problems'
import type { RosterEntry, SealedCard, SignedRules } from '../api/types'
import type { Certificate } from './admission'
import { delayBefore } from './backoff'

/** The part of a WebSocket that is used. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'readyState'> & {
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
}

export type SealedKnock = { pseudonym: string; knock: string; since: string }

/** To somebody inside. */
export type Welcome = {
  type: 'welcome'
  session: string
  server_time: string
  began_at: string
  card: SealedCard | null
  roster: unknown[]
  locked: boolean
  rules: SignedRules | null
  knocks: SealedKnock[]
}

export type ServerMessage =
  | Welcome
  | ({ type: 'seat' } & RosterEntry)
  | { type: 'left'; pseudonym: string }
  | { type: 'card'; version: number; sealed: string }
  | ({ type: 'rules' } & SignedRules)
  | { type: 'act'; from: string; op: string; target: string | null; sealed: string }
  | ({ type: 'knock' } & SealedKnock)
  | { type: 'knock_over'; pseudonym: string }
  /** what oneself wanted: a message's type or an act's op */
  | { type: 'refused'; what: string; target: string | null; code: ProblemCode }
  /** to somebody in front of the door */
  | { type: 'waiting'; session: string; server_time: string }
  | { type: 'admitted' }
  | { type: 'declined'; again: boolean }
  | { type: 'pong'; server_time: string }
  | { type: 'restarting' }
  | { type: 'removed' }
  | { type: 'ended' }

export type ClientMessage =
  | { type: 'announce'; announcement: string }
  | { type: 'admit' | 'certify'; pseudonym: string; certificate: Certificate }
  | { type: 'decline'; pseudonym: string }
  | { type: 'act'; op: string; target: string | null; sealed: string }

/** Why the socket is over for good; everything else is tried again. */
export type SocketEnd = 'not-your-seat' | 'replaced' | 'ended' | 'admitted' | 'declined' | 'removed'

export type SocketEvents = {
  message(message: ServerMessage): void
  /** the socket is gone; another one is on its way */
  interrupted(): void
  over(end: SocketEnd): void
}

const ENDS: Record<number, SocketEnd> = {
  4200: 'admitted',
  4401: 'not-your-seat',
  4403: 'declined',
  4404: 'removed',
  4409: 'replaced',
  4410: 'ended',
}

const MESSAGE_LIMIT = 64 * 1024
/** The welcome of a full meeting carries everybody's announcement. */
const WELCOME_LIMIT = 16 * 1024 * 1024
const PING_MS = 3000
const TYPES: ReadonlySet<unknown> = new Set<ServerMessage['type']>([
  'welcome',
  'seat',
  'left',
  'card',
  'rules',
  'act',
  'knock',
  'knock_over',
  'refused',
  'waiting',
  'admitted',
  'declined',
  'pong',
  'restarting',
  'removed',
  'ended',
])

/**
 * The events socket of one seat, in front of the door or inside: says hello, asks for signs of life, and comes back by
 * itself until it is over.
 */
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

  /** Now or not at all: false while there is no connection. */
  send(message: ClientMessage | { type: 'hello' | 'ping' }): boolean {
    if (this.socket?.readyState !== 1) return false
    this.socket.send(JSON.stringify(message))
    return true
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
    if (message.type === 'welcome' || message.type === 'waiting') this.attempt = 0
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
