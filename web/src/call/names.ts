/** Code points of a name or title at most, ours and others' alike. */
export const NAME_LENGTH = 80

/** Longest run of combining marks that any living script needs; more of them overflow the line ("Zalgo"). */
const MARKS = 4

// Default_Ignorable_Code_Point holds the fillers, variation selectors and the grapheme joiner that Cf misses; the blank
// braille pattern is invisible without being ignorable.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/gu
const MANY_MARKS = new RegExp(`(\\p{M}{${MARKS}})\\p{M}+`, 'gu')

/**
 * A name or title fit for display: without control, bidirectional and invisible formatting characters, in NFC, white
 * space folded, {@link NAME_LENGTH} code points at most. Idempotent. Empty text becomes `fallback`, unchanged.
 */
export function cleanName(raw: string, fallback = ''): string {
  const visible = raw
    .slice(0, NAME_LENGTH * 64)
    .replace(/\p{White_Space}/gu, ' ')
    .replace(INVISIBLE, '')
    .normalize('NFC')
    .replace(MANY_MARKS, '$1')
    .replace(/^[\p{M} ]+/u, '')
    .replace(/ +/g, ' ')
  return [...visible].slice(0, NAME_LENGTH).join('').trimEnd() || fallback
}
