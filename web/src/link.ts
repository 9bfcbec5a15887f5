import { fromBase64url, isId } from './call/bytes'

/** An invitation: `https://host/m/M#S.HK`. Nothing behind `#` ever leaves the browser. */
export type MeetingLink = {
  /** `M`, 22 characters */
  meeting: string
  /** `S`, 43 characters */
  secret: string
  /** `HK`, 22 characters */
  host: string
}

/** What mail programs and people leave behind a link. */
const TRAILING = /[\s.,;:!?>)\]}"'’”»]+$/u

function isSecret(text: string): boolean {
  return fromBase64url(text, 32) !== undefined
}

/**
 * `undefined` for everything that is not a whole, undamaged invitation. Only a literal `#` counts: behind any other
 * spelling of it the secret has already been sent to the server.
 */
export function parseLink(text: string): MeetingLink | undefined {
  const found = /\/m\/([^/#?\s]{1,64})\/?#([^\s]{1,200})/u.exec(text.trim())
  const [meeting, fragment] = [found?.[1], found?.[2]?.replace(TRAILING, '')]
  const [secret, host, ...rest] = fragment?.split('.') ?? []
  if (!isId(meeting) || !isId(host) || !secret || !isSecret(secret) || rest.length > 0) return undefined
  return { meeting, secret, host }
}

/** The meeting a path names, whatever stands behind it; `undefined` when the path is not a meeting's. */
export function meetingOfPath(pathname: string): string | undefined {
  return /^\/m\/([^/]*)\/?$/.exec(pathname)?.[1]
}

export function pathOf(link: MeetingLink): string {
  return `/m/${link.meeting}#${link.secret}.${link.host}`
}

export function printLink(link: MeetingLink, origin: string): string {
  return origin + pathOf(link)
}
