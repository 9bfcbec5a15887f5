import axe from 'axe-core'
import { expect } from 'vitest'
import type { Person } from './person.ts'

/** For the pages of those whom {@link faultless} looks at: goes into `init`. */
export const AXE = axe.source

export type Width = 'wide' | 'narrow'

/**
 * Axe, wide and narrow (or one of them, where somebody else looks at the other), and no horizontal scrolling at 320 px
 * (WCAG 1.4.10), which is also 400 % zoom at 1280.
 */
export async function faultless(person: Person, what: string, axeAt: Width[] = ['wide', 'narrow']): Promise<void> {
  if (axeAt.includes('wide')) expect(await violations(person, true), `${what}, wide`).toEqual([])
  await person.resize(320, 640)
  if (axeAt.includes('narrow')) {
    // Colours do not depend on the width, and to compare them is most of the work.
    expect(await violations(person, !axeAt.includes('wide')), `${what}, narrow`).toEqual([])
  }
  const width = await person.evaluate(() => document.documentElement.scrollWidth, null)
  await person.resize(1280, 800)
  expect(width, `${what}: width at 320 px`).toBeLessThanOrEqual(320)
}

async function violations(person: Person, colours: boolean): Promise<string[]> {
  return person.evaluate(async (enabled) => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      rules: { 'color-contrast': { enabled } },
    })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    )
  }, colours)
}
