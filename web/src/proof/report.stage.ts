import { DAY_MS } from './filtering'
import page from './report.stage.json'

type Rows = { waivers: { until: string }[] }[]

/** A copy of what the server tells; its deviations have not come to their end, whenever this is read. */
export function reportOnStage(): typeof page {
  const copy = structuredClone(page)
  const until = new Date(Date.now() + 60 * DAY_MS).toISOString()
  const rows = copy.chapters.flatMap((chapter): Rows => chapter.rows)
  for (const waiver of rows.flatMap(({ waivers }) => waivers)) waiver.until = until
  return copy
}
