/** Pages on invented data (`web/stories`), in the states that a real meeting takes long to reach. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, preview } from 'vite'
import type { Language, Person, Role } from './person.ts'
import { REPOSITORY, temporaryFolder } from './places.ts'

/** What is clicked before one looks, as names in both languages. */
type Click = [role: Role, en: string, de: string]
/** `shows`: a selector for what the last click brings, which may have to be fetched first */
export type Scene = { name: string; story: string; clicks?: Click[]; shows?: string }

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
    'home-closed',
    'sign-in',
    'sign-in-refused',
    'set-up',
    'invited-late',
  ].map((story) => ({ name: story, story })),
  { name: 'home-organiser', story: 'home-organiser', shows: '.who' },
  { name: 'home-administrator', story: 'home-administrator', shows: '.who' },
  {
    name: 'invited-recovery-key',
    story: 'invited',
    clicks: [['button', 'Create a passkey', 'Passkey anlegen']],
    shows: '.key',
  },
  {
    name: 'invited-again-vault',
    story: 'invited-again',
    clicks: [['button', 'Create a passkey', 'Passkey anlegen']],
    shows: '.door form',
  },
  {
    name: 'invited-second-factor',
    story: 'second-factor',
    clicks: [['button', 'Set up a second factor', 'Zweiten Faktor einrichten']],
    shows: 'svg[role=img]',
  },
  { name: 'people-host', story: 'host', clicks: [PEOPLE], shows: '#people' },
  { name: 'people-host-open', story: 'host-open', clicks: [PEOPLE], shows: '#people' },
  { name: 'people-cohost', story: 'cohost', clicks: [PEOPLE], shows: '#people' },
  { name: 'people-participant', story: 'participant', clicks: [PEOPLE], shows: '#people' },
  {
    name: 'people-rename',
    story: 'participant',
    clicks: [PEOPLE, ['button', 'Rename', 'Umbenennen']],
    shows: '#people form',
  },
  {
    name: 'dialog-remove',
    story: 'host-open',
    clicks: [PEOPLE, ['button', 'Remove Gustav', 'Gustav entfernen']],
    shows: 'dialog',
  },
  { name: 'menu-react', story: 'participant', clicks: [['button', 'React', 'Reagieren']], shows: '#react' },
  { name: 'menu-leave', story: 'host-open', clicks: [LEAVE], shows: '#leave' },
  { name: 'menu-leave-cohost', story: 'cohost-alone', clicks: [LEAVE], shows: '#leave' },
  { name: 'share-forbidden', story: 'participant', clicks: [['button', 'Share screen', 'Bildschirm teilen']] },
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
  for (const [role, en, de] of scene.clicks ?? []) {
    // Not by the mouse: some of what explains itself when clicked counts as disabled.
    await person.inside(role, language === 'en' ? en : de, (element) => (element as HTMLElement).click(), null)
  }
  await still(person, scene.shows ?? 'h1')
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
