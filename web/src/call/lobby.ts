import type { Place } from './admission'
import { isSized } from './bytes'
import { open, seal } from './keys'
import { cleanName } from './names'

/** What somebody says in front of the door. `key`: `K`; `returning`: this browser was removed from this opening before. */
export type KnockText = { v: 1; name: string; key: string; returning?: true }

export function sealKnock(key: CryptoKey, place: Place, knock: KnockText): Promise<string> {
  return seal(key, context(place), knock)
}

/** `undefined` for what was not sealed for this very place, or is not whole. */
export async function openKnock(
  key: CryptoKey,
  at: Omit<Place, 'key'>,
  sealed: unknown,
): Promise<KnockText | undefined> {
  const told = (await open(key, context(at), sealed).catch(() => undefined)) as Partial<KnockText> | undefined | null
  if (told?.v !== 1 || typeof told.name !== 'string' || !isSized(told.key, 32)) return undefined
  const name = cleanName(told.name, at.pseudonym.slice(0, 4))
  return { v: 1, name, key: told.key, ...(told.returning === true && { returning: true }) }
}

function context({ meeting, session, pseudonym }: Omit<Place, 'key'>): string {
  return `klausur lobby v1|${meeting}|${session}|${pseudonym}`
}
