import type { Person, PictureOf } from '../../call/model'

/** One picture's place: a person, or the screen that a person shares. */
export type Tile = PictureOf & { key: string; of: Person }

/** What the person at the page has chosen; `undefined`: the system decides. */
export type View = {
  choice: 'grid' | 'speaker' | undefined
  /** key of the pinned tile */
  pin: string | undefined
  /** screens that were there when last looked at, oldest first */
  screens: string[]
}

export const FIRST_VIEW: View = { choice: undefined, pin: undefined, screens: [] }

/** Screens first, then the others in order of arrival, oneself last. One's own screen is not shown to oneself. */
export function tilesOf(people: readonly Person[]): Tile[] {
  const others = people.filter(({ me }) => !me)
  return [
    ...others.filter(({ screen }) => screen).map((of) => tile(of, 'screen')),
    ...others.map((of) => tile(of, 'camera')),
    ...people.filter(({ me }) => me).map((of) => tile(of, 'camera')),
  ]
}

function tile(of: Person, source: 'camera' | 'screen'): Tile {
  return { key: source === 'screen' ? `${of.id}/screen` : of.id, person: of.id, source, of }
}

/** A new screen lets the system choose again; a pin ends with what was pinned. */
export function viewAfter(view: View, tiles: readonly Tile[]): View {
  const present = tiles.filter(({ source }) => source === 'screen').map(({ key }) => key)
  const begun = present.filter((key) => !view.screens.includes(key))
  const screens = [...view.screens.filter((key) => present.includes(key)), ...begun]
  const pin = tiles.some(({ key }) => key === view.pin) ? view.pin : undefined
  return { choice: begun.length > 0 ? undefined : view.choice, pin, screens }
}

/** Key of the big picture, or `undefined` for the grid. What is pinned comes first, then the newest screen, then who speaks. */
export function stageOf(view: View, tiles: readonly Tile[], speakers: readonly string[]): string | undefined {
  if (view.pin) return view.pin
  const screen = view.screens.at(-1)
  if (view.choice === 'grid' || (!view.choice && !screen)) return undefined
  const speaker = speakers.find((id) => tiles.some(({ key }) => key === id))
  return screen ?? speaker ?? tiles[0]?.key
}

/**
 * Keys in the order in which they are shown. Nobody changes place but for one reason: who speaks and is not on the
 * first of `places` changes places with whoever there has been silent longest. Oneself is not among them.
 */
export function orderAfter(
  previous: readonly string[],
  tiles: readonly Tile[],
  speakers: readonly string[],
  places: number,
): string[] {
  const others = tiles.filter(({ of }) => !of.me)
  const order = settled(previous, others)
  if (order.length > places) promote(order, screensOf(others), speakers, places)
  return order
}

/** The tiles beside the big one, in this order; oneself last on the first page. */
export function inOrder(
  tiles: readonly Tile[],
  order: readonly string[],
  big: string | undefined,
  perPage: number,
): Tile[] {
  const sorted = order.flatMap((key) => tiles.filter((tile) => tile.key === key && key !== big))
  const me = tiles.filter(({ of, key }) => of.me && key !== big)
  // Where only one fits, the others come first.
  return sorted.toSpliced(perPage > 1 ? perPage - 1 : sorted.length, 0, ...me)
}

function screensOf(tiles: readonly Tile[]): Set<string> {
  return new Set(tiles.filter(({ source }) => source === 'screen').map(({ key }) => key))
}

/** Those who were there where they were, new people at the end, new screens at the front. */
function settled(previous: readonly string[], tiles: readonly Tile[]): string[] {
  const keys = new Set(tiles.map(({ key }) => key))
  const known = previous.filter((key) => keys.has(key))
  const added = tiles.filter(({ key }) => !known.includes(key))
  const screens = added.filter(({ source }) => source === 'screen')
  const people = added.filter(({ source }) => source === 'camera')
  return [...screens.map(({ key }) => key), ...known, ...people.map(({ key }) => key)]
}

function promote(order: string[], fixed: ReadonlySet<string>, speakers: readonly string[], places: number): void {
  const [speaker] = speakers
  const from = speaker === undefined ? -1 : order.indexOf(speaker)
  if (from < places) return
  const silence = (key: string) => (speakers.includes(key) ? speakers.indexOf(key) : Number.POSITIVE_INFINITY)
  let to = -1
  for (let place = 0; place < places; place++) {
    const key = order[place] ?? ''
    if (!fixed.has(key) && (to < 0 || silence(key) >= silence(order[to] ?? ''))) to = place
  }
  if (to < 0) return
  const [here, there] = [order[to], order[from]]
  if (here === undefined || there === undefined) return
  order[to] = there
  order[from] = here
}
