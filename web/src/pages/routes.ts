export type Route =
  | { page: 'home' }
  | { page: 'meeting'; meeting: string }
  | { page: 'notice' }
  | { page: 'imprint' }
  | { page: PeoplePage }
  | { page: 'unknown' }

/** Of those who have an account, or are about to, and the proof; each at the address of its name. */
export type PeoplePage = (typeof PEOPLE_PAGES)[number]

const PEOPLE_PAGES = ['signin', 'setup', 'invite', 'account', 'admin', 'schedule', 'proof'] as const

export function routeOf(path: string): Route {
  const meeting = /^\/m\/([^/]*)\/?$/.exec(path)
  if (meeting) return { page: 'meeting', meeting: meeting[1] ?? '' }
  switch (path) {
    case '/':
      return { page: 'home' }
    case '/privacy':
      return { page: 'notice' }
    case '/imprint':
      return { page: 'imprint' }
    default:
      return { page: PEOPLE_PAGES.find((page) => path === `/${page}`) ?? 'unknown' }
  }
}

export type PastedLink = { address: string } | { wrong: 'no-link' | 'other-server' }

/** What somebody pasted into the field on the first page; whether the link is whole, its own page says. */
export function pastedLink(text: string, origin: string): PastedLink {
  // Some programs escape it. Here the secret has not left the browser yet.
  const trimmed = text.trim().replace('%23', '#')
  const url = parsed(trimmed) ?? parsed(`https://${trimmed}`)
  if (!url || !routeIsMeeting(url)) return { wrong: 'no-link' }
  if (url.host !== new URL(origin).host) return { wrong: 'other-server' }
  return { address: url.pathname + url.hash }
}

function parsed(text: string): URL | null {
  try {
    const url = new URL(text)
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
  } catch {
    return null
  }
}

function routeIsMeeting(url: URL): boolean {
  return routeOf(url.pathname).page === 'meeting'
}
