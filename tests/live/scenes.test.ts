/** What a real meeting reaches only with many people and some trouble: nothing for axe to find there either. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { AXE, faultless, type Width } from './harness/faultless.ts'
import { type Browser, type Language, launchChromium, type Person, type Scheme } from './harness/index.ts'
import { PEOPLE_SCENES } from './harness/people-scenes.ts'
import { PROOF_SCENES } from './harness/proof-scenes.ts'
import { openScene, SCENES, type Scene, serveStories } from './harness/scenes.ts'

let stories: Awaited<ReturnType<typeof serveStories>>
let browser: Browser

beforeAll(async () => {
  ;[stories, browser] = await Promise.all([serveStories(), launchChromium()])
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await stories?.close()
})

/**
 * Words do not depend on colours, nor colours on words or on the width: two looks hold both languages, both schemes and
 * both widths. The longer words come on the narrow screen.
 */
const LOOKS: { language: Language; scheme: Scheme; width: Width }[] = [
  { language: 'en', scheme: 'light', width: 'wide' },
  { language: 'de', scheme: 'dark', width: 'narrow' },
]

/** A third of the pages of accounts each: a test is to be done in four minutes. */
const THIRDS = [0, 1, 2].map((third) => PEOPLE_SCENES.filter((_, at) => at % 3 === third))
const PARTS: [part: string, scenes: Scene[]][] = [
  ['the call', SCENES],
  ['the proof', PROOF_SCENES],
  ...THIRDS.map((scenes, at): [string, Scene[]] => [`accounts and planning, ${at + 1} of 3`, scenes]),
]

describe.each(PARTS)('%s', (_part, scenes) => {
  // Both looks at once, in two tabs: nobody speaks to anybody here, so nothing is late.
  test.concurrent.for(LOOKS)(
    'every scene in $language, $scheme, $width',
    async ({ language, scheme, width }, { expect }) => {
      const hanna = await browser.person('Hanna', { language, scheme, init: [AXE], width: 1280, height: 800 })
      for (const scene of scenes) {
        await openScene(hanna, stories.url, scene, language)
        await faultless(hanna, scene.name, [width])
        expect(await twiceThere(hanna), scene.name).toEqual([])
      }
      await hanna.close()
    },
  )
})

/** Who is told to click “Admit Otto” finds it once. */
async function twiceThere(person: Person): Promise<string[]> {
  const names = await person.evaluate(() => {
    // All else is out of reach while one is open.
    const within = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.querySelector('main')
    return [...(within?.querySelectorAll('button, [role=switch]') ?? [])].map(
      (each) => each.getAttribute('aria-label') ?? (each as HTMLElement).innerText.trim(),
    )
  }, null)
  return names.filter((name, at) => names.indexOf(name) !== at)
}
