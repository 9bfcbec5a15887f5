import { cleanName } from '../call/names'

/** The address of a draft in the person's own mail program, without recipients. `body`: several lines. */
export function mailDraft(subject: string, body: string): string {
  // Encoded, nothing in either can begin a header or name a recipient; line breaks as RFC 6068 wants them.
  // Half a character cannot be encoded at all.
  const text = body.replace(/\r\n?|\n/g, '\r\n').replace(/\p{Cs}/gu, '')
  return `mailto:?subject=${encodeURIComponent(cleanName(subject))}&body=${encodeURIComponent(text)}`
}
