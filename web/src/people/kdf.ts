import { isSized } from '../call/bytes'
import type { Kdf } from './wire'

/** Less would make a stolen verifier cheap to guess, more would let a server stop browsers. */
const MEMORY_KIB = { least: 65_536, most: 1_048_576 }
const PASSES = { least: 3, most: 10 }
const LANES = { least: 1, most: 4 }

/** What a server named for turning a password into keys is not what may be used. */
export class UnsafeKdf extends Error {}

/** Throws {@link UnsafeKdf}. */
export function checkKdf(kdf: Kdf): void {
  const { v, salt, memory_kib, passes, lanes } = kdf
  const safe =
    v === 1 && isSized(salt, 16) && within(memory_kib, MEMORY_KIB) && within(passes, PASSES) && within(lanes, LANES)
  if (!safe) throw new UnsafeKdf('unsafe parameters')
}

function within(value: number, { least, most }: { least: number; most: number }): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
