import { reportOnStage } from '../../proof/report.stage'
import type { House } from '../pages.stage'
import { peopleAt, Registry, SIGNED_IN } from '../people/people.stage'

/** Rows that it tells of, by how they stand. */
export const MET = 'DSK-T-4.4-02'
export const NOT_MET = 'DSK-T-3.5.1-16'
export const ATTESTED = 'DSK-L-1-04'
export const OPEN = 'DSK-L-3.5.1-03'

/** As the server tells it; stories change copies of it. */
export const told = () => reportOnStage() as ReturnType<typeof reportOnStage> & Record<string, unknown>

export const NOBODY = { ...SIGNED_IN, account: null, strong: false }
export const AUDITOR = { ...SIGNED_IN, account: { id: 'm', name: 'mira', role: 'auditor' } }
export const ORGANISER = { ...SIGNED_IN, account: { id: 'h', name: 'hanna', role: 'organiser' } }

/** A server with a proof, at which somebody is signed in; `page`: what it tells about the proof, asked anew each time. */
export function proven(house: House, session: object, page: () => object = told): Registry {
  const registry = new Registry()
    .answer('GET /api/session', session)
    .answer('GET /api/proof', page)
    .answer('GET /api/proof/report', page)
  house.people = peopleAt(registry)
  return registry
}

/** As it tells it after one more run. */
export function withRun(run: object): ReturnType<typeof told> {
  const page = told()
  const [last] = page.runs
  if (!last) throw new Error('no run')
  page.runs.unshift({ ...last, id: 'r4', ended_at: '2026-11-23T03:04:00+00:00', changes: [], ...run })
  return page
}

/** What the server tells of one row; changing it changes the page. */
export function rowIn(page: ReturnType<typeof told>, id: string): object {
  const row = page.chapters.flatMap(({ rows }): { id: string }[] => rows).find((one) => one.id === id)
  if (!row) throw new Error(`no row ${id}`)
  return row
}

/** The row with that number, unfolded. */
export function unfold(id: string): HTMLElement {
  const row = document.getElementById(id)
  const details = row?.querySelector('details')
  if (!row || !details) throw new Error(`no row ${id}`)
  details.open = true
  details.dispatchEvent(new Event('toggle'))
  return row
}

/** The tasks of the first role, unfolded. */
export function unfoldTasks(part: HTMLElement): void {
  const details = part.querySelector('details')
  if (!details) throw new Error('no task')
  details.open = true
  details.dispatchEvent(new Event('toggle'))
}

/** What a row says of itself while it is folded. */
export function verdictOf(id: string): HTMLElement {
  const verdict = document.getElementById(id)?.querySelector<HTMLElement>('summary .verdict')
  if (!verdict) throw new Error(`no verdict of ${id}`)
  return verdict
}
