import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HardenedWorker, type WorkerLike } from './hardened-worker'
import { ENABLED, FLOW, OWN, PLAINTEXT, READY } from './worker-protocol'

class FakeWorker extends EventTarget {
  sent: Array<{ kind: string; data: Record<string, unknown> }> = []
  terminated = false
  postMessage(message: unknown): void {
    this.sent.push(message as (typeof this.sent)[number])
  }
  terminate(): void {
    this.terminated = true
  }
  say(data: object): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

function started() {
  const fake = new FakeWorker()
  const worker = new HardenedWorker(fake as unknown as WorkerLike)
  const heard: string[] = []
  worker.on({
    failed: () => void heard.push('failed'),
    plaintext: () => void heard.push('plaintext'),
    flow: () => void heard.push('flow'),
  })
  return { fake, worker, heard }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the page’s end of the media worker', () => {
  it('lets nobody switch encryption off', () => {
    const { fake, worker } = started()
    worker.worker.postMessage({ kind: 'enable', data: { enabled: false, participantIdentity: 'gustav' } })
    expect(fake.sent).toEqual([{ kind: 'enable', data: { enabled: true, participantIdentity: 'gustav' } }])
  })

  it('passes everything else on as it is', () => {
    const { fake, worker } = started()
    worker.worker.postMessage({ kind: 'setKey', data: { key: 1 } }, [])
    expect(fake.sent).toEqual([{ kind: 'setKey', data: { key: 1 } }])
  })

  it('knows somebody as safe only once the worker has said so', async () => {
    const { fake, worker } = started()
    const asked = worker.own('hanna')
    expect(fake.sent).toEqual([{ kind: OWN, data: { participantIdentity: 'hanna' } }])
    expect(worker.isEnabled('hanna')).toBe(false)
    fake.say({ kind: ENABLED, data: { participantIdentity: 'hanna' } })
    await asked
    expect(worker.isEnabled('hanna')).toBe(true)
    expect(worker.isEnabled('gustav')).toBe(false)
  })

  it('does not wait for ever for an answer', async () => {
    const { worker } = started()
    const unanswered = expect(worker.own('hanna')).rejects.toThrow('does not answer')
    vi.advanceTimersByTime(5000)
    await unanswered
    expect(worker.isEnabled('hanna')).toBe(false)
  })

  it('is ready when the worker is, and not when it fails or never speaks', async () => {
    const good = started()
    good.fake.say({ kind: READY })
    await expect(good.worker.ready).resolves.toBeUndefined()
    const bad = started()
    const refused = expect(bad.worker.ready).rejects.toThrow('failed')
    bad.fake.dispatchEvent(new Event('error'))
    await refused
    expect(bad.heard).toEqual(['failed'])
    const silent = started()
    const late = expect(silent.worker.ready).rejects.toThrow('does not start')
    vi.advanceTimersByTime(10_000)
    await late
  })

  it('takes long silence for death, but not after a sleep of its own', () => {
    const { fake, heard } = started()
    fake.say({ kind: READY })
    vi.advanceTimersByTime(5000)
    fake.say({ kind: FLOW, data: [] })
    vi.advanceTimersByTime(5000)
    expect(heard).toEqual(['flow'])
    vi.setSystemTime(Date.now() + 60_000)
    vi.advanceTimersByTime(1000)
    expect(heard).toEqual(['flow'])
    vi.advanceTimersByTime(7000)
    expect(heard).toEqual(['flow', 'failed'])
  })

  it('reports what was held back', () => {
    const { fake, heard } = started()
    fake.say({ kind: PLAINTEXT })
    expect(heard).toEqual(['plaintext'])
  })
})
