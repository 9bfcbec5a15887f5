/** What is told about the proof, after it was read (`reading.ts`): nothing in here is trusted further than its shape. */

/** What the server says to people, in both languages. */
export type Text = { de: string; en: string }

/** The worst first. */
export const VERDICTS = [
  'not-met',
  'deviation-accepted',
  'not-verified',
  'outside-engine',
  'needs-attention',
  'attested',
  'met',
  'not-applicable',
] as const
export type Verdict = (typeof VERDICTS)[number]
export type Counts = Record<Verdict, number>

export const VERBS = ['MUST', 'SHOULD', 'MAY'] as const
export type Verb = (typeof VERBS)[number]

/**
 * Times are RFC 3339; digests are SHA-256, in hex. `outdated`: settings, release or age have changed since it was
 * judged, and nothing is counted until it is judged anew.
 */
export type Summary = {
  state: 'none' | 'ready' | 'invalid' | 'outdated'
  at: string | null
  release: string
  catalogue: { id: string; version: string; digest: string } | null
  rows: number
  counts: Counts
  /** of the rows that somebody must meet */
  must: Counts
  /** the rows that are not, or not wholly, in the authorities' own words */
  labels: LabelCount[]
  running: boolean
  /** why nothing was judged */
  invalid: Text | null
}

/** `must`: how many of them somebody must meet. */
export type LabelCount = { label: Text; rows: number; must: number }

export type Named = { id: string; name: Text }

export type Attestation = {
  id: string
  answer: boolean
  statement: string
  person: string
  role: string
  at: string
  until: string
  files: { name: string; digest: string }[]
}

/**
 * `second`: null while it waits for the second person, and has no effect. `at`: when it was proposed; once there is a
 * second person, when that one approved it.
 */
export type Waiver = {
  id: string
  target: string
  reason: string
  risk: string
  compensation: string
  first: string
  second: string | null
  at: string
  until: string
}

/** `entry`: number of its evidence, which may have been erased since. */
export type Observation = {
  at: string
  status: string
  statusName: Text
  grade: number
  says: Text
  entry: number | null
}

export type Binding = {
  how: string
  probe: string | null
  question: Text | null
  minGrade: number
  maxAgeDays: number
  /** what the verdict rests on, or failed by */
  observation: Observation | null
  /** a newer attempt that decides nothing */
  later: Observation | null
  attestation: Attestation | null
}

export type Objective = {
  id: string
  text: Text
  role: Named
  verdict: Verdict
  reasons: Text[]
  waivers: Waiver[]
  bindings: Binding[]
}

export type Row = {
  id: string
  verb: Verb
  verbNote: Text | null
  label: Text | null
  /** which part of it is ours, or was read at second hand only */
  gradeNote: Text | null
  title: Text
  statement: Text
  sources: { name: Text; section: string | null }[]
  goals: Text[]
  verdict: Verdict
  reasons: Text[]
  answer: 'yes' | 'no' | 'n/a'
  roles: Named[]
  waivers: Waiver[]
  history: { run: string; at: string; verdict: Verdict }[]
  objectives: Objective[]
}

export type Chapter = { id: string; title: Text; source: Text; section: string; rows: Row[] }

export type Probe = {
  version: string
  proves: Text
  provesNot: Text
  vantage: Text
  maySee: Text | null
  /** whether it may be pointed at what somebody else runs; null where nobody says so */
  thirdParties: boolean | null
  built: boolean
}

/**
 * `profile`: of the catalogue, which list it went by. `only`: the rows it was limited to. `counts`: null where it was
 * broken off, or judged nothing.
 */
export type Run = {
  id: string
  begunAt: string
  endedAt: string | null
  release: string
  profile: string
  only: string[] | null
  counts: Counts | null
  changes: { row: string; from: Verdict; to: Verdict }[]
}

export type Report = Summary & {
  chapters: Chapter[]
  probes: Map<string, Probe>
  grades: Map<number, Text>
  runs: Run[]
  factsOpen: number
  contradictions: { key: string; text: Text }[]
}

export type FactValue = string | boolean

export type Fact = {
  key: string
  group: Text
  question: Text
  help: Text | null
  kind: 'text' | 'choice' | 'bool'
  choices: { value: string; name: Text }[]
  /** characters of a text */
  maxLength: number | null
  value: FactValue | null
  origin: 'declared' | 'config' | 'observed' | null
  editable: boolean
  at: string | null
  by: string | null
  contradiction: Text | null
}

/** The longest name that the server takes, of people, of what they do, and of files. */
export const NAME_CHARACTERS = 120

/** What somebody answers for an objective. `body`: base64. `until`: a day, `YYYY-MM-DD`. */
export type NewAttestation = {
  objective: string
  answer: boolean
  statement: string
  person: string
  role: string
  until: string
  files: { name: string; media_type: string; body: string }[]
}

export type NewWaiver = Pick<Waiver, 'target' | 'reason' | 'risk' | 'compensation' | 'until'> & { person: string }
