/** How many pictures fit, and how big: plain arithmetic in CSS pixels. */

export type Size = { width: number; height: number }
export type Grid = { columns: number; rows: number; tile: Size }
export type Strip = { side: 'right' | 'below'; tile: Size; perPage: number; stage: Size }

export const GAP = 8
/** Height kept for the page buttons when there is more than one page. */
export const PAGER = 52

const SMALLEST: Size = { width: 132, height: 84 }
const WIDEST = 16 / 9
const PHONE_WIDTH = 600
const MOST_ON_PHONE = 6
const MOST = 16

/** The arrangement of `count` equal tiles that shows them biggest. */
export function gridOf(count: number, area: Size): Grid {
  // The shape that is aimed at: faces fit well into it.
  const aim = area.width > area.height ? 4 / 3 : 1
  let best: Grid = arranged(1, 1, area)
  for (let columns = 1, most = -1; columns <= Math.max(1, count); columns++) {
    const grid = arranged(columns, Math.ceil(Math.max(1, count) / columns), area)
    const shown = Math.min(grid.tile.width, grid.tile.height * aim)
    if (shown > most) [best, most] = [grid, shown]
  }
  return best
}

/** Tiles on one page: as many as stay recognisable, six at most on a phone. */
export function perPage(area: Size): number {
  const most = area.width < PHONE_WIDTH ? MOST_ON_PHONE : MOST
  for (let count = most; count > 1; count--) {
    const { tile } = gridOf(count, area)
    if (tile.width >= SMALLEST.width && tile.height >= SMALLEST.height) return count
  }
  return 1
}

/** The speaker view: one big picture and a strip of small ones at its right, or below where the area is upright. */
export function stripOf(count: number, area: Size): Strip {
  const side = area.width > area.height * 1.2 ? 'right' : 'below'
  const tile = side === 'right' ? sideTile(area) : belowTile(area)
  const [along, length] = side === 'right' ? [area.height, tile.height] : [area.width, tile.width]
  const fitting = (room: number) => Math.max(1, Math.floor((room + GAP) / (length + GAP)))
  const all = count <= fitting(along)
  // At the side the page buttons stand in the strip; below it they take height from the stage.
  const perPage = all || side === 'below' ? fitting(along) : fitting(along - PAGER)
  const taken = side === 'right' ? tile.width + GAP : tile.height + GAP + (all ? 0 : PAGER)
  const stage =
    count === 0
      ? area
      : side === 'right'
        ? { width: area.width - taken, height: area.height }
        : { width: area.width, height: area.height - taken }
  return { side, tile, perPage, stage: positive(stage) }
}

export type Page<T> = { number: number; pages: number; shown: T[] }

/** Page `wanted` (from 1) of a list, or the nearest there is. */
export function pageOf<T>(list: readonly T[], wanted: number, size: number): Page<T> {
  const pages = Math.max(1, Math.ceil(list.length / size))
  const number = Math.min(Math.max(1, wanted), pages)
  return { number, pages, shown: list.slice((number - 1) * size, number * size) }
}

function arranged(columns: number, rows: number, area: Size): Grid {
  const width = (area.width - GAP * (columns - 1)) / columns
  const height = (area.height - GAP * (rows - 1)) / rows
  // Cameras are wide on desks and upright on phones: a tile of the other shape would cut the face off.
  const tallest = area.width > area.height ? 4 / 3 : 3 / 4
  const tile = { width: Math.min(width, height * WIDEST), height: Math.min(height, width / tallest) }
  return { columns, rows, tile: positive(tile) }
}

function sideTile(area: Size): Size {
  const width = Math.min(240, Math.max(112, area.width * 0.19))
  return positive({ width, height: width / WIDEST })
}

function belowTile(area: Size): Size {
  const width = Math.min(200, (area.width - GAP * 2) / 3)
  return positive({ width, height: Math.min(width / (4 / 3), area.height * 0.3) })
}

function positive({ width, height }: Size): Size {
  return { width: Math.max(0, Math.floor(width)), height: Math.max(0, Math.floor(height)) }
}
