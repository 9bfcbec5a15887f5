import media from './call/e2ee.worker.ts?worker&url'
import password from './people/password.worker.ts?worker&url'

/** lib.dom knows no Trusted Types yet; this is the part of them that is used. */
type TrustedTypes = {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string
  }
}

const OURS: ReadonlySet<string> = new Set([media, password])

/** The one policy of the page's own code: it admits the URLs of our own workers and nothing else. */
const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('klausur', {
  createScriptURL(wanted) {
    if (!OURS.has(wanted)) throw new TypeError('not one of our workers')
    return wanted
  },
})

/** What the browser takes as the address of a worker. Throws for one that is not ours. */
export function workerScript(url: string): string {
  return policy ? policy.createScriptURL(url) : url
}

export const MEDIA_WORKER = media
export const PASSWORD_WORKER = password
