/** Pages on invented data (`web/stories`), in the states that a real meeting takes long to reach. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, preview } from 'vite'
import type { Language, Person, Role } from './person.ts'
import { REPOSITORY, temporaryFolder } from './places.ts'

/** What is clicked before one looks, as names in both languages. */
type Click = [role: Role, en: string, de: string]
export type Scene = { name: string; story: string; clicks?: Click[] }

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
  { name: 'people-host', story: 'host', clicks: [PEOPLE] },
  { name: 'people-host-open', story: 'host-open', clicks: [PEOPLE] },
  { name: 'people-cohost', story: 'cohost', clicks: [PEOPLE] },
  { name: 'people-participant', story: 'participant', clicks: [PEOPLE] },
  {
    name: 'people-rename',
    story: 'host-open',
    clicks: [PEOPLE, ['button', 'Rename', 'Umbenennen']],
  },
  {
    name: 'dialog-remove',
    story: 'host-open',
    clicks: [PEOPLE, ['button', 'Remove Gustav', 'Gustav entfernen']],
  },
  { name: 'menu-react', story: 'participant', clicks: [['button', 'React', 'Reagieren']] },
  { name: 'menu-leave', story: 'host-open', clicks: [LEAVE] },
  {
    name: 'dialog-end',
    story: 'cohost-alone',
    clicks: [LEAVE, ['menuitem', 'End for everyone', 'Für alle beenden']],
  },
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
  await still(person)
}

/** The page has come, which its heading shows, and nothing moves any more. */
async function still(person: Person): Promise<void> {
  await person.waitFor('the page has a heading', () =>
    person.evaluate(() => document.querySelector('h1') !== null, null),
  )
  await person.evaluate(async () => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))
  }, null)
}
