import { isPassing, Problem } from '../api/problems'
import type { Connection } from './connection'
import { endingOf } from './endings'
import { type ClientMessage, EventsSocket, type ServerMessage, type SocketEnd } from './events-socket'
import { InOrder } from './in-order'
import type { Ending, Waiting } from './model'
import { Recovery } from './recovery'
import type { Room } from './room'
import type { Held, OwnSeat, Taken, Waits } from './seat'
import type { Services } from './services'

export type AttendanceEvents = {
  /** until the call is over */
  isOn(): boolean
  /** there is a seat */
  seated(): void
  makeRoom(): Room
  /** in front of the door again; the room of before is still there */
  outside(): void
  /** from inside; before the room has taken it in */
  heard(message: ServerMessage): void
  /** connected to the engine, or in front of the door, or on the way from there to inside */
  become(state: Waiting | { kind: 'joining' }): void
  changed(): void
  /** to be found again after a reload */
  remember(): void
  /** there is a connection again, on which what could not be said may be said */
  settle(): Promise<void>
  lost(): void
  end(ending: Ending): void
}

/** Longer than the server lets a seat stand empty, nobody waits for it, whatever the server asks. */
const LONGEST_WAIT_MS = 5 * 60_000
/** What the server closes a lost seat's socket for may pass before the next try. */
const AFTER_LOSS_MS = 1000
/** The seat in front of the door is of no use any more; another one is. */
const KNOCK_ANEW: readonly unknown[] = ['not_your_seat', 'session_changed', 'admission_changed']

/**
 * One's being there: in front of the door or inside, with a seat, its events socket and a connection to the engine; and
 * the way back when any of them is lost.
 */
export class Attendance {
  room: Room | undefined
  door: Waiting | undefined
  private socket: EventsSocket | undefined
  private steady = true
  /** the socket has brought the roster, and brings what changes in it */
  private live = false
  private restarting = false
  private hidden = false
  private readonly inbox = new InOrder()
  private readonly recovery: Recovery

  constructor(
    private readonly services: Services,
    private readonly meeting: string,
    private readonly seat: OwnSeat,
    private readonly connection: Connection,
    private readonly events: AttendanceEvents,
  ) {
    this.recovery = new Recovery(
      () => this.attempt(),
      () => events.isOn(),
      () => events.end({ why: this.restarting ? 'restarting' : 'connection-lost' }),
      services.now,
    )
  }

  get isSteady(): boolean {
    return this.steady && this.connection.isSteady
  }

  /** Takes the seat, or the one of before a reload, and connects. */
  async start(held: Held | undefined): Promise<void> {
    try {
      await this.comeIn(await (held ? this.seat.comeBack(held) : this.seat.take()))
    } catch (problem) {
      // A server that restarts has not given up the seat of before a reload.
      const mayPass = !(problem instanceof Problem) || (held && isPassing(problem))
      if (mayPass) await this.recover()
      else this.events.end(endingOf(problem))
    }
  }

  /** False when it could not be sent. */
  send(message: ClientMessage): boolean {
    return this.socket?.send(message) ?? false
  }

  /** After having been declined. */
  async knockAgain(): Promise<void> {
    if (this.door?.is !== 'declined') return
    try {
      await this.seat.knockAgain()
      await this.wait()
    } catch (problem) {
      await this.notHeard(problem)
    }
  }

  /** Comes back with a new ticket, a new key and a new connection, for as long as that may take. */
  async recover(after = 0): Promise<void> {
    if (!this.events.isOn() || !this.connection.claimRecovery()) return
    this.events.lost()
    await this.recovery.run(after)
    this.connection.releaseRecovery()
    this.events.changed()
  }

  /** The page is being left, or frozen. */
  hide(): void {
    this.hidden = true
    this.events.remember()
    void this.connection.rest()
  }

  awake(): void {
    this.socket?.hurry()
    this.recovery.hurry()
    if (this.hidden && !this.door) void this.recover()
    this.hidden = false
  }

  end(): void {
    this.dropSocket()
    this.recovery.hurry()
  }

  private async attempt(): Promise<'done' | number> {
    try {
      await this.comeIn(await this.seat.again())
      return this.door || this.connection.engine ? 'done' : 0
    } catch (problem) {
      if (!(problem instanceof Problem)) return 0
      if (isPassing(problem)) return Math.min((problem.retryAfter ?? 0) * 1000, LONGEST_WAIT_MS)
      this.events.end(endingOf(problem))
      return 'done'
    }
  }

  private async comeIn(taken: Taken | Waits): Promise<void> {
    if ('waits' in taken) return this.wait()
    this.services.mark('ticket')
    await this.enter(taken)
    await this.connection.open(taken.ticket, this.seat.keys)
    this.services.mark('connected')
  }

  private async enter({ roster, fresh }: Taken): Promise<void> {
    this.mustBeOn()
    this.events.seated()
    if (fresh || !this.socket || !this.room) {
      this.room = this.events.makeRoom()
      this.openSocket()
    }
    this.events.remember()
    // An answer over HTTP may be older than what the socket has told since it was made.
    if (!this.live) await this.room.enter(roster)
  }

  /** In front of the door, where nothing of the meeting is to be heard. */
  private async wait(): Promise<void> {
    const code = await this.seat.code()
    this.mustBeOn()
    this.events.seated()
    this.events.outside()
    this.room = undefined
    // The seat of before was lost; a connection that is only warm stays so.
    if (this.connection.engine) void this.connection.rest()
    this.door = { kind: 'waiting', code, is: 'waiting', connection: 'steady' }
    this.openSocket()
    this.events.remember()
    this.events.become(this.door)
  }

  private mustBeOn(): void {
    if (!this.events.isOn()) throw new Error('the call is over')
  }

  private openSocket(): void {
    this.dropSocket()
    const { pseudonym, secret } = this.seat.current
    void this.services.seats.claim(pseudonym)
    const socket = new EventsSocket(
      () => this.services.makeSocket(`/api/meetings/${this.meeting}/events`),
      { pseudonym, secret },
      {
        message: (message) => (this.door ? this.heardOutside(message) : this.heard(message, socket)),
        interrupted: () => this.interrupted(),
        over: (end) => this.socketOver(end),
      },
    )
    this.socket = socket
    socket.open()
  }

  private dropSocket(): void {
    this.live = false
    this.socket?.close()
    this.socket = undefined
  }

  private interrupted(): void {
    this.steady = false
    this.live = false
    this.stand({ connection: 'reconnecting' })
    this.events.changed()
  }

  private socketOver(end: SocketEnd): void {
    if (end === 'removed' || end === 'ended' || end === 'replaced') return this.events.end({ why: end })
    if (this.door && end === 'admitted') return this.letIn()
    if (this.door && end === 'declined') return this.stand({ is: 'declined' })
    // Given up while this machine slept: the next attempt finds out and takes another seat.
    this.dropSocket()
    this.interrupted()
    void this.recover(AFTER_LOSS_MS)
  }

  private stand(change: Partial<Waiting>): void {
    if (!this.door) return
    this.door = { ...this.door, ...change }
    this.events.become(this.door)
  }

  private heardOutside(message: ServerMessage): void {
    switch (message.type) {
      case 'waiting':
        return this.stand({ is: 'waiting', connection: 'steady' })
      // Admitted while there was no socket.
      case 'welcome':
      case 'admitted':
        return this.letIn()
      case 'declined':
        return message.again
          ? this.stand({ is: 'declined', connection: 'steady' })
          : this.events.end({ why: 'declined' })
      case 'removed':
      case 'ended':
        return this.events.end({ why: message.type })
    }
  }

  private letIn(): void {
    this.door = undefined
    this.seat.admitted()
    this.dropSocket()
    this.events.remember()
    this.events.become({ kind: 'joining' })
    void this.recover()
  }

  private async notHeard(problem: unknown): Promise<void> {
    // It may be tried again by the same button.
    if (!(problem instanceof Problem) || isPassing(problem)) return
    if (!KNOCK_ANEW.includes(problem.code)) return this.events.end(endingOf(problem))
    await this.seat.giveBack()
    await this.recover()
  }

  private heard(message: ServerMessage, socket: EventsSocket): void {
    if (message.type === 'removed' || message.type === 'ended') return this.events.end({ why: message.type })
    if (message.type === 'restarting') this.restarting = true
    if (message.type === 'welcome') {
      this.steady = true
      this.live = true
      this.restarting = false
      this.recovery.hurry()
    }
    this.events.heard(message)
    void this.inbox.run(() => this.take(message, socket)).catch(() => undefined)
    this.events.changed()
  }

  private async take(message: ServerMessage, socket: EventsSocket): Promise<void> {
    if (socket !== this.socket) return
    await this.room?.take(message)
    if (message.type === 'welcome') await this.events.settle()
  }
}
