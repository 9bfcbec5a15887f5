import { randomBytes, toBase64url } from '../call/bytes'
import { PASSWORD_WORKER, workerScript } from '../worker-scripts'
import type { DerivedKeys } from './derivation'
import { checkKdf } from './kdf'
import type { Kdf } from './wire'

/** What a worker is asked, and what comes back; a refusal has no keys. */
export type PasswordTask = { password: string; kdf: Kdf }
export type PasswordDone = DerivedKeys | { failed: true }

/** The part of a Worker that is used. */
export type PasswordWorker = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>

/** For a new password, with a salt of its own. */
export function newKdf(): Kdf {
  return { v: 1, salt: toBase64url(randomBytes(16)), memory_kib: 65536, passes: 3, lanes: 1 }
}

/** Makes the two keys of a password, each time in a worker that ends with it and takes what it knew along. */
export class PasswordKeys {
  constructor(private readonly start: () => PasswordWorker = startPasswordWorker) {}

  /**
   * Rejects with `UnsafeKdf` for parameters that the contract forbids, whoever named them, and with an `Error` where the
   * browser cannot do it (no memory, no WebAssembly).
   */
  async derive(password: string, kdf: Kdf): Promise<DerivedKeys> {
    checkKdf(kdf)
    const worker = this.start()
    try {
      return await answered(worker, { password, kdf })
    } finally {
      worker.terminate()
    }
  }
}

function startPasswordWorker(): PasswordWorker {
  return new Worker(workerScript(PASSWORD_WORKER), { type: 'module', name: 'password' })
}

function answered(worker: PasswordWorker, task: PasswordTask): Promise<DerivedKeys> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<PasswordDone>) => {
      if ('failed' in data) reject(new Error('the password worker failed'))
      else resolve(data)
    }
    worker.onerror = () => reject(new Error('the password worker does not run'))
    worker.postMessage(task)
  })
}
