/** Milliseconds before the next attempt: quick at first, capped, jittered so that not everybody comes at once. */
export type Backoff = { first: number; cap: number }

export const QUICK: Backoff = { first: 100, cap: 2000 }

/** Between half of and the whole step; steps double from `first` up to `cap`. `attempt` counts from 0. */
export function delayBefore(attempt: number, { first, cap }: Backoff = QUICK, random = Math.random): number {
  const step = Math.min(cap, first * 2 ** Math.min(attempt, 20))
  return step * (0.5 + random() / 2)
}
