import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** Contrasts as WCAG 2.2 computes them, from the tokens as they are written. */
const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

type Tokens = Record<string, string>

function tokensIn(block: string | undefined): Tokens {
  if (!block) throw new Error('tokens.css has another shape than this test expects')
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]))
}

const light = tokensIn(/^:root \{([^}]*)\}/m.exec(css)?.[1])
const dark = { ...light, ...tokensIn(/prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}/.exec(css)?.[1]) }
const call = { ...light, ...tokensIn(/^\.call \{([^}]*)\}/m.exec(css)?.[1]) }

function luminance(hex: string): number {
  const channels = /^#(..)(..)(..)$/.exec(hex)?.slice(1)
  if (!channels) throw new Error(`${hex} is no colour of six digits`)
  const [red = 0, green = 0, blue = 0] = channels
    .map((channel) => Number.parseInt(channel, 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(tokens: Tokens, one: string, other: string): number {
  const [a, b] = [luminance(tokens[one] ?? ''), luminance(tokens[other] ?? '')]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

const TEXTS = [
  ...['paper', 'surface', 'sunk'].flatMap((ground) => [
    ['ink', ground],
    ['ink-soft', ground],
    ['accent', ground],
    ['danger-text', ground],
  ]),
  ['accent-ink', 'accent'],
  ['danger-ink', 'danger'],
  ['accent', 'accent-wash'],
  ['ink', 'accent-wash'],
  ['ink', 'warn-wash'],
  ['danger-text', 'danger-wash'],
] as [string, string][]
const EDGES = [
  ['edge', 'paper'],
  ['edge', 'surface'],
  ['focus', 'paper'],
  ['focus', 'surface'],
  ['warn', 'warn-wash'],
  ['accent', 'paper'],
] as [string, string][]
const ON_STAGE = [1, 2, 3, 4, 5, 6].map((n) => ['ink', `tile-${n}`] as [string, string])

describe.each([
  ['light', light, TEXTS],
  ['dark', dark, TEXTS],
  ['call', call, [...TEXTS, ...ON_STAGE]],
] as const)('the colours of %s', (_name, tokens, texts) => {
  it.each(texts)('let one read %s on %s', (text, ground) => {
    expect(contrast(tokens, text, ground)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(EDGES)('let one see %s on %s', (edge, ground) => {
    expect(contrast(tokens, edge, ground)).toBeGreaterThanOrEqual(3)
  })
})

describe('the stage before joining', () => {
  it.each([
    ['light', light],
    ['dark', dark],
  ])('is readable in %s', (_name, tokens) => {
    expect(contrast(tokens, 'stage-ink', 'stage')).toBeGreaterThanOrEqual(4.5)
  })
})
