/** What of the checklist is shown, and what people have to do about it. Functions of the report, without a clock. */
import type { Binding, Chapter, Named, Objective, Row, Text, Verb, Verdict } from './wire'

type Language = keyof Text

/** Empty: all of them. */
export type Filter = {
  state: '' | 'open' | Verdict
  chapter: string
  role: string
  verb: '' | Verb
  search: string
}

export const EVERYTHING: Filter = { state: '', chapter: '', role: '', verb: '', search: '' }

const SETTLED: readonly Verdict[] = ['met', 'attested', 'not-applicable']

/** Somebody has to see to it, be it only to an approved deviation. */
export function isOpen(verdict: Verdict): boolean {
  return !SETTLED.includes(verdict)
}

/** In the order they came in; chapters without a row left out. */
export function filtered(chapters: readonly Chapter[], filter: Filter, language: Language): Chapter[] {
  const sought = wordsOf(filter.search)
  return chapters
    .filter(({ id }) => !filter.chapter || id === filter.chapter)
    .map((chapter) => ({ ...chapter, rows: chapter.rows.filter((row) => fits(row, filter, sought, language)) }))
    .filter(({ rows }) => rows.length > 0)
}

function fits(row: Row, filter: Filter, sought: string[], language: Language): boolean {
  if (filter.state === 'open' ? !isOpen(row.verdict) : filter.state && row.verdict !== filter.state) return false
  if (filter.verb && row.verb !== filter.verb) return false
  if (filter.role && !row.roles.some(({ id }) => id === filter.role)) return false
  if (sought.length === 0) return true
  const said = saidOf(row, language)
  return sought.every((word) => said.includes(word))
}

function saidOf(row: Row, language: Language): string {
  const probes = row.objectives.flatMap(({ bindings }) => bindings.map(({ probe }) => probe ?? ''))
  const texts = [row.title, row.statement, ...row.objectives.map(({ text }) => text)].map((text) => text[language])
  const sources = row.sources.map(({ name, section }) => `${name[language]} ${section ?? ''}`)
  return [row.id, ...texts, ...sources, ...probes].join('\n').toLowerCase()
}

function wordsOf(search: string): string[] {
  return search.toLowerCase().split(/\s+/).filter(Boolean)
}

export function rowsOf(chapters: readonly Chapter[]): Row[] {
  return chapters.flatMap(({ rows }) => rows)
}

/** Of all rows, each once. */
export function rolesOf(chapters: readonly Chapter[]): Named[] {
  const found = new Map<string, Named>()
  for (const role of rowsOf(chapters).flatMap(({ roles }) => roles)) if (!found.has(role.id)) found.set(role.id, role)
  return [...found.values()]
}

export type Task = { row: Row; objective: Objective; again: boolean }
export type Duty = { role: Named; tasks: Task[] }

/** What only a person can answer and nobody has, or not for now any more, by who should. */
export function duties(chapters: readonly Chapter[], now: number): Duty[] {
  const found = new Map<string, Duty>()
  for (const row of rowsOf(chapters)) {
    if (row.verdict === 'not-applicable') continue
    for (const objective of row.objectives) {
      const open = questionsOf(objective).filter(({ attestation }) => !attestation || isOver(objective, now))
      if (open.length === 0) continue
      const duty = found.get(objective.role.id) ?? { role: objective.role, tasks: [] }
      found.set(objective.role.id, duty)
      duty.tasks.push({ row, objective, again: open.some(({ attestation }) => attestation !== null) })
    }
  }
  return [...found.values()]
}

export function questionsOf({ bindings }: Objective): (Binding & { question: Text })[] {
  return bindings.filter((binding): binding is Binding & { question: Text } => binding.question !== null)
}

function isOver(objective: Objective, now: number): boolean {
  return questionsOf(objective).some((binding) => {
    const until = answeredUntil(binding)
    return until !== null && until <= now
  })
}

/** Milliseconds; null without an answer. Each question has a longest time for which an answer holds. */
export function answeredUntil({ attestation, maxAgeDays }: Binding): number | null {
  if (!attestation) return null
  return Math.min(Date.parse(attestation.until), Date.parse(attestation.at) + maxAgeDays * DAY_MS)
}

export const DAY_MS = 86_400_000
const STALE_MS = 2 * DAY_MS

/** The daily run has failed to come at least once. */
export function isStale(at: string | null, now: number): boolean {
  return at !== null && now - Date.parse(at) > STALE_MS
}

/** When something was last seen or said about it. */
export function latest(row: Row): string | null {
  const times = row.objectives
    .flatMap(({ bindings }) => bindings)
    .flatMap(({ observation, attestation }) => [observation?.at, attestation?.at])
    .filter((at): at is string => at !== undefined && !Number.isNaN(Date.parse(at)))
  return times.sort((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null
}
