/** What a person sees, hears and is told, as the stories put it. */
import { eventually, flow, type Person, stays } from '../../live/harness/index.ts'
import type { Outsider } from './bare.ts'

/** Long enough for frames at the fake camera's rate to come through, had anything let them. */
const WATCH_MS = 2_000
/** Frames of each kind that make a listener's statement worth something. */
const ENOUGH_FRAMES = 40

/** What the network has made this browser decode so far. */
export async function perceived(person: Person): Promise<{ frames: number; energy: number }> {
  const { inbound } = await flow(person)
  const sum = (pick: (entry: (typeof inbound)[number]) => number) =>
    inbound.reduce((all, entry) => all + pick(entry), 0)
  return { frames: sum((entry) => entry.framesDecoded), energy: sum((entry) => entry.energy) }
}

export async function seesAndHearsNothing(person: Person): Promise<void> {
  await stays(
    `${person.name} sees and hears nothing`,
    async () => {
      const { frames, energy } = await perceived(person)
      return frames === 0 && energy < 1e-9 && (await moving(person)) === 0
    },
    WATCH_MS,
  )
}

/** From now on not one more frame: for media that flowed before. */
export async function seesAndHearsNothingMore(person: Person): Promise<void> {
  await eventually(`nothing more is shown to ${person.name}`, async () => {
    const before = await perceived(person)
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS / 2))
    const after = await perceived(person)
    return after.frames === before.frames && after.energy - before.energy < 1e-9
  })
}

/** Pictures of others that have a size, that is, at least one frame. */
function moving(person: Person): Promise<number> {
  return person.evaluate(() => {
    const groups = [...document.querySelectorAll('[role=group]')]
    const others = groups.filter(
      (group) => !/\((you|Sie)\)/.test(group.getAttribute('aria-label') ?? group.textContent ?? ''),
    )
    return others.flatMap((group) => [...group.querySelectorAll('video')]).filter((video) => video.videoWidth > 0)
      .length
  }, null)
}

export async function isAlarmed(person: Person, words: string): Promise<void> {
  await person.waitFor(`an alert tells ${person.name} “${words}”`, async () => (await alerts(person)).includes(words))
}

export function alerts(person: Person): Promise<string> {
  return person.evaluate(
    () => [...document.querySelectorAll<HTMLElement>('[role=alert]')].map((alert) => alert.innerText).join('\n'),
    null,
  )
}

export async function isBlocked(person: Person): Promise<void> {
  await person.see('button', 'Encryption: blocked')
}

/** The whole page, attributes and all: for words that must stand nowhere. */
export function everything(person: Person): Promise<string> {
  return person.evaluate(() => document.documentElement.outerHTML + document.title, null)
}

/** The keyless listener has received plenty, and not one frame of it in clear. */
export async function receivesOnlySealed(
  outsider: Outsider,
  kinds: ('audio' | 'video')[] = ['audio', 'video'],
): Promise<void> {
  await eventually('the keyless listener receives enough to judge by', async () => {
    const taps = await outsider.taps()
    if (kinds.every((kind) => count(taps, kind, 'frames') >= ENOUGH_FRAMES)) return true
    throw new Error(`so far ${JSON.stringify(taps.map(({ kind, frames }) => [kind, frames]))}`)
  })
  await receivesNothingInClear(outsider)
}

/** Of whatever the keyless listener receives for a while, nothing is in clear. */
export async function receivesNothingInClear(outsider: Outsider): Promise<void> {
  await stays('nothing in clear reached the keyless listener', () => isInTheDark(outsider), WATCH_MS)
}

/** Not even sealed frames: for people who must not send at all. */
export async function receivesNothing(outsider: Outsider): Promise<void> {
  await stays(
    'nothing reached the keyless listener',
    async () => (await outsider.taps()).every(({ frames }) => frames === 0),
    WATCH_MS,
  )
}

/**
 * Frames are judged, not pictures: the first bytes of a sealed VP8 frame are in clear so that the engine can choose
 * layers, and some of what follows decodes, to noise.
 */
async function isInTheDark(outsider: Outsider): Promise<boolean> {
  const clear = (await outsider.taps()).filter((tap) => tap.clear > 0)
  if (clear.length > 0) throw new Error(`frames in clear reached the keyless listener: ${JSON.stringify(clear)}`)
  return true
}

function count<T extends { kind: string }>(entries: T[], kind: string, field: keyof T): number {
  return entries.filter((entry) => entry.kind === kind).reduce((sum, entry) => sum + Number(entry[field]), 0)
}
