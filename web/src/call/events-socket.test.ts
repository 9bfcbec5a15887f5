import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { delayBefore } from './backoff'
import { EventsSocket, type Socket } from './events-socket'

class FakeSocket {
  readyState = 0
  sent: Array<{ type: string }> = []
  closed = false
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.closed = true
  }
  accept(): void {
    this.readyState = 1
    this.onopen?.({} as Event)
  }
  say(data: unknown): void {
    this.onmessage?.({ data } as MessageEvent)
  }
  drop(code: number): void {
    this.readyState = 3
    this.onclose?.({ code } as CloseEvent)
  }
}

const WELCOME = JSON.stringify({ type: 'welcome', session: 's', server_time: 't', roster: [] })

function opened() {
  const sockets: FakeSocket[] = []
  const heard: string[] = []
  const socket = new EventsSocket(
    () => {
      const fake = new FakeSocket()
      sockets.push(fake)
      return fake as unknown as Socket
    },
    { pseudonym: 'P', secret: 'S' },
    {
      message: ({ type }) => void heard.push(type),
      interrupted: () => void heard.push('interrupted'),
      over: (end) => void heard.push(`over ${end}`),
    },
  )
  socket.open()
  return { socket, sockets, heard, latest: () => sockets.at(-1) as FakeSocket }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the events socket', () => {
  it('says hello first and passes on what it hears', () => {
    const { latest, heard } = opened()
    latest().accept()
    latest().say(WELCOME)
    latest().say(JSON.stringify({ type: 'left', pseudonym: 'X' }))
    expect(latest().sent).toEqual([{ type: 'hello', pseudonym: 'P', secret: 'S' }])
    expect(heard).toEqual(['welcome', 'left'])
  })

  it('drops what is no message of the protocol', () => {
    const { latest, heard } = opened()
    latest().accept()
    const large = JSON.stringify({ type: 'seat', announcement: 'x'.repeat(70_000) })
    const noRoster = JSON.stringify({ type: 'welcome', roster: 'everybody' })
    for (const garbage of ['{', 'null', '[]', '{"type":"eval"}', new ArrayBuffer(8), large, noRoster])
      latest().say(garbage)
    expect(heard).toEqual([])
  })

  it('comes back within two seconds each time, and at once when hurried', () => {
    const { socket, sockets, latest } = opened()
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      latest().drop(1006)
      expect(sockets).toHaveLength(attempt)
      vi.advanceTimersByTime(2000)
      expect(sockets).toHaveLength(attempt + 1)
    }
    latest().drop(1012)
    socket.hurry()
    expect(sockets).toHaveLength(14)
  })

  it('notices a connection that died without a word', () => {
    const { sockets, latest, heard } = opened()
    latest().accept()
    latest().say(WELCOME)
    vi.advanceTimersByTime(3000)
    expect(latest().sent.at(-1)).toEqual({ type: 'ping' })
    vi.advanceTimersByTime(3000)
    expect(sockets[0]?.closed).toBe(true)
    expect(heard).toContain('interrupted')
    vi.advanceTimersByTime(2000)
    expect(sockets).toHaveLength(2)
  })

  it('is over when the seat is gone, replaced, or the meeting has ended', () => {
    for (const [code, end] of [
      [4401, 'not-your-seat'],
      [4409, 'replaced'],
      [4410, 'ended'],
    ] as const) {
      const { sockets, latest, heard } = opened()
      latest().drop(code)
      vi.advanceTimersByTime(60_000)
      expect(heard).toEqual([`over ${end}`])
      expect(sockets).toHaveLength(1)
    }
  })

  it('stays closed', () => {
    const { socket, sockets, latest, heard } = opened()
    socket.close()
    latest().drop(1000)
    socket.hurry()
    vi.advanceTimersByTime(60_000)
    expect(sockets).toHaveLength(1)
    expect(heard).toEqual([])
  })
})

describe('the time between attempts', () => {
  it('is jittered, grows, and never exceeds its cap', () => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      for (const random of [0, 0.5, 0.999]) {
        const delay = delayBefore(attempt, { first: 100, cap: 2000 }, () => random)
        expect(delay).toBeGreaterThanOrEqual(50)
        expect(delay).toBeLessThanOrEqual(2000)
      }
    }
    expect(delayBefore(0, undefined, () => 0)).toBeLessThan(delayBefore(3, undefined, () => 0))
  })
})
