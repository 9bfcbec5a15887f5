import url from './e2ee.worker.ts?worker&url'
import { HardenedWorker } from './hardened-worker'

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

export function startWorker(): HardenedWorker {
  const script = policy ? policy.createScriptURL(url) : url
  return new HardenedWorker(new Worker(script, { type: 'module', name: 'media' }))
}
