import type { People } from '../src/people/people'
import { reportOnStage } from '../src/proof/report.stage'
import { ago, nobody, signedIn, unreachable } from './accounts'

type Page<Story> = (path: string, operator?: undefined, people?: People) => Story

const report = reportOnStage()
const SUMMARY = { ...report, at: ago(0.3) }
const NONE = { ...SUMMARY, state: 'none', at: null, rows: 0 }
const EVIDENCE = {
  at: ago(0.3),
  probe: 'links.entropy',
  status: 'pass',
  says: { de: '', en: '' },
  evidence: { links: 400, twice: 0, bits: 128 },
  twin: { links: 400, twice: 399, bits: 1 },
}
const ROWS = 211

/** As many rows as the catalogue has. */
function many(): object[] {
  const { chapters } = report
  const rows = chapters.flatMap((chapter): { id: string; objectives: { id: string }[] }[] => chapter.rows)
  const times = Math.ceil(ROWS / rows.length)
  return chapters.map((chapter) => ({
    ...chapter,
    rows: Array.from({ length: times }, (_, n) =>
      (chapter.rows as (typeof rows)[number][]).map((row) => ({
        ...row,
        id: `${row.id}-${n}`,
        objectives: row.objectives.map((one) => ({ ...one, id: `${one.id}-${n}` })),
      })),
    ).flat(),
  }))
}

function reader(role: 'auditor' | 'administrator', more: object = {}): People {
  return signedIn(role, {
    answers: {
      'GET /api/proof': { ...SUMMARY, ...more },
      'GET /api/proof/report': { ...SUMMARY, ...more },
      ...Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`GET /api/proof/evidence/${n}`, EVIDENCE])),
    },
  })
}

function everybody(summary: object): People {
  return nobody({ 'GET /api/proof': { ...SUMMARY, ...summary } })
}

/** The proof, for everybody and for those who read its rows. */
export function proofStories<Story>(page: Page<Story>): Record<string, () => Story> {
  const at = (people: () => People) => () => page('/proof', undefined, people())
  return {
    'proof-public': at(() => everybody({})),
    'proof-none': at(() => everybody(NONE)),
    'proof-stale': at(() => everybody({ at: ago(3) })),
    'proof-invalid': at(() =>
      everybody({
        state: 'invalid',
        invalid: {
          de: 'Der Katalog ist nicht der, den diese Version mitbringt.',
          en: 'The catalogue is not the one that this release carries.',
        },
      }),
    ),
    'proof-outdated': at(() => everybody({ state: 'outdated', at: null, rows: 0 })),
    'proof-unreachable': at(() => unreachable('GET /api/proof')),
    proof: at(() => reader('administrator')),
    'proof-running': at(() => reader('administrator', { running: true })),
    'proof-auditor': at(() => reader('auditor')),
    'proof-many': at(() => reader('auditor', { chapters: many() })),
  }
}
