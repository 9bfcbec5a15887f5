/** What runs came to, as far as a page can tell. Functions of the report's list, whose newest comes first. */
import type { Run } from './wire'

/** Of a run that was waited for. `broken`: it has no end, or judged nothing. `none`: there is no such run. */
export type Outcome = 'done' | 'broken' | 'none'

/** `before`: the newest that was there before it. */
export function outcomeOf(before: Run | undefined, [newest]: readonly Run[]): Outcome {
  if (!newest || (newest.id === before?.id && newest.endedAt === before.endedAt)) return 'none'
  return newest.endedAt !== null && newest.counts !== null ? 'done' : 'broken'
}

/** Whether there is one before the `n`th, by the same list and of all its rows, that it could differ from. */
export function isComparable(runs: readonly Run[], n: number): boolean {
  const profile = runs[n]?.profile
  return runs
    .slice(n + 1)
    .some((one) => one.profile === profile && one.endedAt !== null && one.counts !== null && one.only === null)
}
