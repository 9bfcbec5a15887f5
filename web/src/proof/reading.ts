/**
 * From the server's JSON to what the pages show. What is missing or of another shape becomes the most harmless value
 * there is: text becomes empty, and a verdict that is not on the list "not verified". Nothing unknown is ever met.
 */
import { Problem } from '../api/problems'
import {
  type Attestation,
  type Binding,
  type Chapter,
  type Counts,
  type Fact,
  type FactValue,
  type LabelCount,
  type Named,
  type Objective,
  type Observation,
  type Probe,
  type Report,
  type Row,
  type Run,
  type Summary,
  type Text,
  VERBS,
  VERDICTS,
  type Verdict,
  type Waiver,
} from './wire'

type Plain = Record<string, unknown>

/** Throws {@link Problem} where it is no page about the proof at all. */
export function readSummary(json: unknown): Summary {
  const its = plain(json)
  const state = (['none', 'ready', 'invalid', 'outdated'] as const).find((one) => one === its.state)
  if (!state) throw new Problem('unintelligible')
  const catalogue = plain(its.catalogue)
  return {
    state,
    at: timeOrNull(its.at),
    release: words(its.release),
    catalogue: catalogue.id
      ? { id: words(catalogue.id), version: words(catalogue.version), digest: words(catalogue.digest) }
      : null,
    rows: amount(its.rows),
    counts: counts(its.counts),
    must: counts(its.must),
    labels: list(its.labels, labelCount),
    running: its.running === true,
    invalid: textOrNull(its.invalid),
  }
}

/** Throws as `readSummary`. */
export function readReport(json: unknown): Report {
  const its = plain(json)
  return {
    ...readSummary(json),
    chapters: list(its.chapters, chapter),
    probes: new Map(Object.entries(plain(its.probes)).map(([id, one]) => [id, probe(one)])),
    grades: new Map(Object.entries(plain(its.grades)).map(([grade, name]) => [Number(grade), text(name)])),
    runs: list(its.runs, run),
    factsOpen: amount(its.facts_open),
    contradictions: list(its.contradictions, (one) => ({ key: words(plain(one).key), text: text(plain(one).text) })),
  }
}

export function readFacts(json: unknown): Fact[] {
  const its = plain(json)
  if (!Array.isArray(its.facts)) throw new Problem('unintelligible')
  return list(its.facts, readFact)
}

export function readFact(json: unknown): Fact {
  const its = plain(json)
  const choices = list(its.choices, (one) => ({ value: words(plain(one).value), name: text(plain(one).name) }))
  return {
    key: words(its.key),
    group: text(its.group),
    question: text(its.question),
    help: textOrNull(its.help),
    kind: (['bool', 'choice'] as const).find((one) => one === its.kind) ?? 'text',
    choices,
    maxLength: amount(its.max_length) || null,
    value: factValue(its.value),
    origin: (['declared', 'config', 'observed'] as const).find((one) => one === its.origin) ?? null,
    editable: its.editable === true,
    at: timeOrNull(its.at),
    by: wordsOrNull(its.by),
    contradiction: textOrNull(its.contradiction),
  }
}

export function readText(json: unknown): Text | null {
  return textOrNull(json)
}

function factValue(value: unknown): FactValue | null {
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}

function chapter(json: unknown): Chapter {
  const its = plain(json)
  return {
    id: words(its.id),
    title: text(its.title),
    source: text(its.source),
    section: words(its.section),
    rows: list(its.rows, row),
  }
}

function row(json: unknown): Row {
  const its = plain(json)
  return {
    id: words(its.id),
    verb: VERBS.find((one) => one === its.verb) ?? 'MUST',
    verbNote: textOrNull(its.verb_note),
    label: textOrNull(its.label),
    gradeNote: textOrNull(its.grade_note),
    title: text(its.title),
    statement: text(its.statement),
    sources: list(its.sources, (one) => ({ name: text(plain(one).name), section: wordsOrNull(plain(one).section) })),
    goals: list(its.goals, text),
    verdict: verdict(its.verdict),
    reasons: list(its.reasons, text),
    answer: (['yes', 'n/a'] as const).find((one) => one === its.answer) ?? 'no',
    roles: list(its.roles, named),
    waivers: list(its.waivers, waiver),
    history: list(its.history, (one) => ({
      run: words(plain(one).run),
      at: words(plain(one).at),
      verdict: verdict(plain(one).verdict),
    })),
    objectives: list(its.objectives, objective),
  }
}

function objective(json: unknown): Objective {
  const its = plain(json)
  return {
    id: words(its.id),
    text: text(its.text),
    role: named(its.role),
    verdict: verdict(its.verdict),
    reasons: list(its.reasons, text),
    waivers: list(its.waivers, waiver),
    bindings: list(its.bindings, binding),
  }
}

function binding(json: unknown): Binding {
  const its = plain(json)
  return {
    how: words(its.how),
    probe: wordsOrNull(its.probe),
    question: textOrNull(its.question),
    minGrade: amount(its.min_grade),
    maxAgeDays: amount(its.max_age_days),
    observation: orNull(its.observation, observation),
    later: orNull(its.later, observation),
    attestation: orNull(its.attestation, attestation),
  }
}

function observation(json: unknown): Observation {
  const its = plain(json)
  return {
    at: words(its.at),
    status: words(its.status),
    statusName: text(its.status_name),
    grade: amount(its.grade),
    says: text(its.says),
    entry: Number.isSafeInteger(its.entry) ? (its.entry as number) : null,
  }
}

function attestation(json: unknown): Attestation {
  const its = plain(json)
  return {
    id: words(its.id),
    answer: its.answer === true,
    statement: words(its.statement),
    person: words(its.person),
    role: words(its.role),
    at: words(its.at),
    until: words(its.until),
    files: list(its.files, (one) => ({ name: words(plain(one).name), digest: words(plain(one).digest) })),
  }
}

function waiver(json: unknown): Waiver {
  const its = plain(json)
  return {
    id: words(its.id),
    target: words(its.target),
    reason: words(its.reason),
    risk: words(its.risk),
    compensation: words(its.compensation),
    first: words(its.first),
    second: wordsOrNull(its.second),
    at: words(its.at),
    until: words(its.until),
  }
}

function probe(json: unknown): Probe {
  const its = plain(json)
  return {
    version: typeof its.version === 'number' ? String(its.version) : words(its.version),
    proves: text(its.proves),
    provesNot: text(its.proves_not),
    vantage: text(its.vantage),
    maySee: textOrNull(its.may_see),
    thirdParties: typeof its.third_parties === 'boolean' ? its.third_parties : null,
    built: its.built === true,
  }
}

function run(json: unknown): Run {
  const its = plain(json)
  return {
    id: words(its.id),
    begunAt: words(its.begun_at),
    endedAt: timeOrNull(its.ended_at),
    release: words(its.release),
    profile: words(its.profile),
    only: Array.isArray(its.only) ? its.only.map(words) : null,
    counts: orNull(its.counts, counts),
    changes: list(its.changes, (one) => ({
      row: words(plain(one).row),
      from: verdict(plain(one).from),
      to: verdict(plain(one).to),
    })),
  }
}

function verdict(value: unknown): Verdict {
  return VERDICTS.find((one) => one === value) ?? 'not-verified'
}

function counts(json: unknown): Counts {
  const its = plain(json)
  return Object.fromEntries(VERDICTS.map((one) => [one, amount(its[one])])) as Counts
}

function labelCount(json: unknown): LabelCount {
  const its = plain(json)
  return { label: text(its.label), rows: amount(its.rows), must: amount(its.must) }
}

function named(json: unknown): Named {
  return { id: words(plain(json).id), name: text(plain(json).name) }
}

function text(json: unknown): Text {
  return { de: words(plain(json).de), en: words(plain(json).en) }
}

function textOrNull(json: unknown): Text | null {
  const its = text(json)
  return its.de || its.en ? its : null
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function wordsOrNull(value: unknown): string | null {
  return words(value) || null
}

/** A time that nobody can read would stop the whole page where it is put into words. */
function timeOrNull(value: unknown): string | null {
  return Number.isNaN(Date.parse(words(value))) ? null : words(value)
}

function amount(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0
}

function orNull<T>(json: unknown, read: (json: unknown) => T): T | null {
  return json === null || typeof json !== 'object' ? null : read(json)
}

function list<T>(json: unknown, read: (json: unknown) => T): T[] {
  return Array.isArray(json) ? json.map(read) : []
}

function plain(json: unknown): Plain {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Plain) : {}
}
