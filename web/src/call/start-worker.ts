import { MEDIA_WORKER, workerScript } from '../worker-scripts'
import { HardenedWorker, type WorkerLike } from './hardened-worker'

/** Never throws: where the browser refuses, the worker's own `ready` tells so. */
export function startWorker(): HardenedWorker {
  return new HardenedWorker(started())
}

function started(): WorkerLike {
  const script = workerScript(MEDIA_WORKER)
  try {
    return new Worker(script, { type: 'module', name: 'media' })
  } catch {
    return new RefusedWorker()
  }
}

/** Fails like a worker whose script could not be loaded. */
class RefusedWorker extends EventTarget implements WorkerLike {
  constructor() {
    super()
    queueMicrotask(() => this.dispatchEvent(new Event('error')))
  }

  postMessage(): void {}

  terminate(): void {}
}
