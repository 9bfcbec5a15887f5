import { isId, isSized } from './call/bytes'

/** An invitation: `https://host/m/M#S.HK`, or a host link: `…#S.HK.X`. Nothing behind `#` ever leaves the browser. */
export type MeetingLink = {
  /** `M`, 22 characters */
  meeting: string
  /** `S`, 43 characters */
  secret: string
  /** `HK`, 22 characters */
  host: string
  /** of the host key, 43 characters, in a host link only; whoever imports it makes sure that it is that of `host` */
  seed?: string
}

/** What mail programs and people leave behind a link. */
const TRAILING = /[\s.,;:!?>)\]}"'’”»]+$/u

/**
 * `undefined` for everything that is not a whole, undamaged invitation. Only a literal `#` counts: behind any other
 * spelling of it the secret has already been sent to the server.
 */
export function parseLink(text: string): MeetingLink | undefined {
  const found = /\/m\/([^/#?\s]{1,64})\/?#([^\s]{1,200})/u.exec(text.trim())
  const [meeting, fragment] = [found?.[1], found?.[2]?.replace(TRAILING, '')]
  const [secret, host, seed, ...rest] = fragment?.split('.') ?? []
  if (!isId(meeting) || !isId(host) || !isSized(secret, 32) || rest.length > 0) return undefined
  if (seed === undefined) return { meeting, secret, host }
  return isSized(seed, 32) ? { meeting, secret, host, seed } : undefined
}

/** The meeting a path names, whatever stands behind it; `undefined` when the path is not a meeting's. */
export function meetingOfPath(pathname: string): string | undefined {
  return /^\/m\/([^/]*)\/?$/.exec(pathname)?.[1]
}

/** Of the invitation, for the address bar: never with the host key's seed. */
export function pathOf(link: MeetingLink): string {
  return `/m/${link.meeting}#${link.secret}.${link.host}`
}

export function printLink(link: MeetingLink, origin: string): string {
  return origin + pathOf(link)
}

/** Hands over the host's power with it. */
export function printHostLink(link: MeetingLink, seed: string, origin: string): string {
  return `${printLink(link, origin)}.${seed}`
}
