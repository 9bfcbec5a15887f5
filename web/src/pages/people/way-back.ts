import { routeOf } from '../routes'

const KEY = 'way-back'

/** Where somebody came from who is to sign in: a page of ours, never another address. */
export function wayBack(): string {
  const from: unknown = (history.state as { from?: unknown } | null)?.from
  return ours(from) ?? '/'
}

/** Over the provider's pages, for as long as the tab lives. The secret of a meeting's link is not sent there. */
export function keepWayBack(): void {
  try {
    sessionStorage.setItem(KEY, wayBack())
  } catch {
    // a browser without storage comes back to the start page
  }
}

/** Once: where to go after the provider, `undefined` when nobody was there. */
export function takeWayBack(): string | undefined {
  try {
    const kept = sessionStorage.getItem(KEY)
    sessionStorage.removeItem(KEY)
    return kept === null ? undefined : (ours(kept) ?? '/')
  } catch {
    return undefined
  }
}

function ours(address: unknown): string | undefined {
  if (typeof address !== 'string' || !address.startsWith('/') || /^\/[/\\]/.test(address)) return undefined
  const { page } = routeOf(address.split('#')[0] ?? '')
  return ['unknown', 'signin', 'setup', 'invite'].includes(page) ? undefined : address
}
