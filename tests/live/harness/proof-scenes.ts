/** The page that says how everything is proven, for everybody and for those who read its rows; and the facts. */
import type { Click, Scene } from './scenes.ts'

const button = (en: string, de: string): Click => ['button', en, de]
const DIALOG = 'dialog[open]'
const row = (id: string) => ({ press: `#${id} summary` })
const body = (id: string) => `#${id} .body`

const NOT_MET = 'DSK-T-3\\.5\\.1-16'
const MET = 'DSK-T-4\\.4-02'
const ATTESTED = 'DSK-L-1-04'
const OPEN = 'DSK-L-3\\.5\\.1-03'

export const PROOF_SCENES: Scene[] = [
  ...['proof-public', 'proof-stale'].map((story) => ({ name: story, story, shows: '#summary li' })),
  { name: 'proof-none', story: 'proof-none', shows: '#summary .empty' },
  ...['proof-invalid', 'proof-outdated', 'proof-unreachable'].map((story) => ({
    name: story,
    story,
    shows: '#summary [role=alert]',
  })),
  ...['proof', 'proof-auditor', 'proof-running'].map((story) => ({ name: story, story, shows: '#checklist li' })),
  { name: 'proof-met', story: 'proof', steps: [row(MET)], shows: body(MET) },
  {
    name: 'proof-evidence',
    story: 'proof',
    steps: [row(MET), { press: `${body(MET)} [aria-controls]` }],
    shows: `${body(MET)} pre`,
  },
  { name: 'proof-attested', story: 'proof', steps: [row(ATTESTED)], shows: body(ATTESTED) },
  { name: 'proof-not-met', story: 'proof', steps: [row(NOT_MET)], shows: body(NOT_MET) },
  {
    name: 'proof-propose',
    story: 'proof',
    steps: [row(NOT_MET), button('Propose a deviation: DSK-T-3.5.1-16', 'Abweichung vorschlagen: DSK-T-3.5.1-16')],
    shows: DIALOG,
  },
  {
    name: 'proof-approve',
    story: 'proof',
    steps: [
      row(NOT_MET),
      button('Approve as second person: DSK-T-3.5.1-16', 'Als zweite Person genehmigen: DSK-T-3.5.1-16'),
    ],
    shows: DIALOG,
  },
  { name: 'proof-tasks', story: 'proof', steps: [{ press: '#tasks summary' }], shows: '#tasks li' },
  {
    name: 'proof-attest',
    story: 'proof',
    steps: [row(OPEN), button('Answer DSK-L-3.5.1-03.a', 'DSK-L-3.5.1-03.a beantworten')],
    shows: DIALOG,
  },
  {
    name: 'proof-attest-missing',
    story: 'proof',
    steps: [
      row(OPEN),
      button('Answer DSK-L-3.5.1-03.a', 'DSK-L-3.5.1-03.a beantworten'),
      button('Attest', 'Bestätigen'),
    ],
    shows: '.wrong',
  },
  { name: 'proof-filters', story: 'proof-many', steps: [button('Filters', 'Filter')], shows: '#checklist select' },
  { name: 'facts', story: 'admin', shows: '#facts form' },
  {
    name: 'facts-contradiction',
    story: 'admin',
    steps: [button('Who else is involved', 'Wer sonst beteiligt ist')],
    shows: '#facts [role=alert]',
  },
]
