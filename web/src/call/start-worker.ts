import url from './e2ee.worker.ts?worker&url'
import { HardenedWorker, type WorkerLike } from './hardened-worker'

/** lib.dom knows no Trusted Types yet; this is the part of them that is used. */
type TrustedTypes = {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string
  }
}

const OURS: ReadonlySet<string> = new Set([url])

/** The one policy of the page's own code: it admits the URLs of our own workers and nothing else. */
const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('klausur', {
  createScriptURL(wanted) {
    if (!OURS.has(wanted)) throw new TypeError('not one of our workers')
    return wanted
  },
})

/** Never throws: where the browser refuses, the worker's own `ready` tells so. */
export function startWorker(): HardenedWorker {
  return new HardenedWorker(started())
}

function started(): WorkerLike {
  const script = policy ? policy.createScriptURL(url) : url
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
