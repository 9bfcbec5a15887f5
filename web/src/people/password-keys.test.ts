import { describe, expect, it } from 'vitest'
import { deriveKeys } from './derivation'
import { checkKdf, UnsafeKdf } from './kdf'
import { newKdf, type PasswordDone, PasswordKeys, type PasswordTask, type PasswordWorker } from './password-keys'
import { KDF } from './server.stage'
import type { Kdf } from './wire'

/** Its end of the page's worker. */
class WorkerOnStage implements PasswordWorker {
  onmessage: PasswordWorker['onmessage'] = null
  onerror: PasswordWorker['onerror'] = null
  ended = false

  constructor(private readonly work: (task: PasswordTask) => PasswordDone) {}

  postMessage(task: PasswordTask): void {
    const data = this.work(task)
    queueMicrotask(() => this.onmessage?.call(this as unknown as Worker, { data } as MessageEvent))
  }

  terminate(): void {
    this.ended = true
  }
}

const LIES: [string, Partial<Kdf>][] = [
  ['less memory', { memory_kib: 65_535 }],
  ['fewer passes', { passes: 2 }],
  ['no lane', { lanes: 0 }],
  ['all the memory there is', { memory_kib: 1_048_577 }],
  ['passes without end', { passes: 11 }],
  ['more lanes', { lanes: 5 }],
  ['half a pass', { passes: 3.5 }],
  ['a text for a number', { memory_kib: '65536' as unknown as number }],
  ['another version', { v: 2 as 1 }],
  ['a short salt', { salt: 'AAAA' }],
  ['no salt', { salt: undefined as unknown as string }],
]

describe('a server that asks for the password with', () => {
  it.for(LIES)('%s gets nothing: no worker is begun', async ([, lie]) => {
    const keys = new PasswordKeys(() => {
      throw new Error('begun')
    })
    await expect(keys.derive('Fähre im Nebel', { ...KDF, ...lie })).rejects.toBeInstanceOf(UnsafeKdf)
    await expect(deriveKeys('Fähre im Nebel', { ...KDF, ...lie })).rejects.toBeInstanceOf(UnsafeKdf)
  })
})

describe('the keys of a password', () => {
  it('are made with parameters that pass, and a salt of their own each time', () => {
    checkKdf(newKdf())
    expect(newKdf().salt).not.toBe(newKdf().salt)
  })

  it('depend on password and salt, and one cannot be read out', async () => {
    const [one, other, salted] = await Promise.all([
      deriveKeys('Fähre im Nebel', KDF),
      deriveKeys('Fähre im Regen', KDF),
      deriveKeys('Fähre im Nebel', newKdf()),
    ])
    expect(new Set([one.signIn, other.signIn, salted.signIn]).size).toBe(3)
    await expect(crypto.subtle.exportKey('raw', one.wrapping)).rejects.toThrow()
  })

  it('come from a worker that ends with them', async () => {
    const done = await deriveKeys('Fähre im Nebel', KDF)
    const worker = new WorkerOnStage(() => done)
    expect(await new PasswordKeys(() => worker).derive('Fähre im Nebel', KDF)).toBe(done)
    expect(worker.ended).toBe(true)
  })

  it('are missed aloud when the worker cannot make them, and it ends too', async () => {
    const worker = new WorkerOnStage(() => ({ failed: true }))
    await expect(new PasswordKeys(() => worker).derive('Fähre im Nebel', KDF)).rejects.toThrow('failed')
    expect(worker.ended).toBe(true)
  })
})
