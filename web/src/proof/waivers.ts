/** Deviations as a page lists them. Functions of the report and the time. */
import type { Row, Waiver } from './wire'

const STANDINGS = ['holds', 'waits', 'over'] as const
export type Standing = (typeof STANDINGS)[number]

export function standingOf({ second, until }: Waiver, now: number): Standing {
  if (Date.parse(until) <= now) return 'over'
  return second === null ? 'waits' : 'holds'
}

/** Those of the row and of its objectives, what is in effect first, each once. */
export function waiversOf(row: Row, now: number): Waiver[] {
  const all = [row, ...row.objectives].flatMap(({ waivers }) => waivers)
  const each = [...new Map(all.map((one) => [one.id, one])).values()]
  return STANDINGS.flatMap((standing) => each.filter((one) => standingOf(one, now) === standing))
}
