/** Pages on invented data (`web/stories`), in the states that a real meeting takes long to reach. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, preview } from 'vite'
import type { Language, Person, Role } from './person.ts'
import { REPOSITORY, temporaryFolder } from './places.ts'

/** What is clicked before one looks, as names in both languages. */
export type Click = [role: Role, en: string, de: string]
/** Fields by their labels, because those for passwords have no role. */
export type Fill = { fill: Label; text: string }
export type Choice = { choose: Label; value: string }
type Label = [en: string, de: string]
/** By its selector, what has no name of its own. */
export type Press = { press: string }
/** `shows`: a selector for what the last step brings, which may have to be fetched first */
export type Scene = { name: string; story: string; steps?: (Click | Fill | Choice | Press)[]; shows?: string }

const PEOPLE: Click = ['button', 'People', 'Teilnehmende']
const LEAVE: Click = ['button', 'Leave', 'Verlassen']

export const SCENES: Scene[] = [
  ...[
    'before-host-open',
    'waiting',
    'waiting-reconnecting',
    'declined',
    'trouble-not-started',
    'trouble-locked',
    'trouble-declined',
    'removed',
    'host-knock',
    'host-knocks',
    'together',
    'together-6',
  ].map((story) => ({ name: story, story })),
  { name: 'people-host', story: 'host', steps: [PEOPLE], shows: '#people' },
  { name: 'people-host-open', story: 'host-open', steps: [PEOPLE], shows: '#people' },
  { name: 'people-cohost', story: 'cohost', steps: [PEOPLE], shows: '#people' },
  { name: 'people-participant', story: 'participant', steps: [PEOPLE], shows: '#people' },
  {
    name: 'people-rename',
    story: 'participant',
    steps: [PEOPLE, ['button', 'Rename', 'Umbenennen']],
    shows: '#people form',
  },
  {
    name: 'dialog-remove',
    story: 'host-open',
    steps: [PEOPLE, ['button', 'Remove Gustav', 'Gustav entfernen']],
    shows: 'dialog',
  },
  { name: 'menu-react', story: 'participant', steps: [['button', 'React', 'Reagieren']], shows: '#react' },
  { name: 'menu-leave', story: 'host-open', steps: [LEAVE], shows: '#leave' },
  { name: 'menu-leave-cohost', story: 'cohost-alone', steps: [LEAVE], shows: '#leave' },
  { name: 'share-forbidden', story: 'participant', steps: [['button', 'Share screen', 'Bildschirm teilen']] },
]

/** The stories as a site of their own. */
export async function serveStories(): Promise<{ url: string; close: () => Promise<void> }> {
  const configFile = join(REPOSITORY, 'web/stories/vite.config.ts')
  const outDir = temporaryFolder('stories')
  const shared = { configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } } as const
  await build(shared)
  const server = await preview({ ...shared, preview: { host: '127.0.0.1', port: 0 } })
  const address = server.httpServer.address()
  if (!address || typeof address === 'string') throw new Error('the stories have no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      await server.close()
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}

export async function openScene(person: Person, stories: string, scene: Scene, language: Language): Promise<void> {
  await person.open(`${stories}/?story=${scene.story}&lang=${language}`)
  for (const step of scene.steps ?? []) await take(person, step, language === 'en' ? 0 : 1)
  await still(person, scene.shows ?? 'h1')
}

async function take(person: Person, step: Click | Fill | Choice | Press, at: 0 | 1): Promise<void> {
  // Not by the mouse: some of what explains itself when clicked counts as disabled.
  if (Array.isArray(step))
    await person.inside(step[0], step[1 + at] as string, (element) => (element as HTMLElement).click(), null)
  else if ('fill' in step) await setField(person, step.fill[at], step.text)
  else if ('choose' in step) await setField(person, step.choose[at], step.value)
  else await press(person, step.press)
}

/** At once, as a password manager does it. */
async function setField(person: Person, label: string, value: string): Promise<void> {
  await person.waitFor(`the field “${label}”`, () =>
    person.evaluate(
      ([name, text]) => {
        const labelled = [...document.querySelectorAll('label')].find(
          (each) => each.querySelector('span')?.textContent?.trim() === name,
        )
        const field =
          labelled?.querySelector<HTMLInputElement>('input, select') ??
          document.querySelector<HTMLInputElement>(`[aria-label="${name}"]`)
        if (!field) return false
        field.value = text as string
        for (const event of ['input', 'change']) field.dispatchEvent(new Event(event, { bubbles: true }))
        return true
      },
      [label, value],
    ),
  )
}

async function press(person: Person, selector: string): Promise<void> {
  await person.waitFor(selector, () =>
    person.evaluate((wanted) => {
      const found = document.querySelector<HTMLElement>(wanted)
      found?.click()
      return found !== null
    }, selector),
  )
}

/** What is to be seen has come, and nothing moves any more. */
async function still(person: Person, shown: string): Promise<void> {
  await person.waitFor(`the page shows ${shown}`, () =>
    person.evaluate((selector) => document.querySelector(selector) !== null, shown),
  )
  await person.evaluate(async () => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))
  }, null)
}
