/**
 * Which test guards which guard: each row removes one, and names the test that must then fail and what it must say.
 * Where two guards stand behind each other, a row removes both.
 */
export type Cut = { file: string; find: string; replace: string }

export type Sabotage = {
  guard: string
  cuts: readonly Cut[]
  /** `name` is the end of the test's full name */
  test: { file: string; name: string }
  /** what the failing test says: a meeting that merely broke down would say something else */
  notices: RegExp
}

export const sabotages: readonly Sabotage[] = []
