import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GAP, gridOf, pageOf, perPage, stripOf } from './layout'

const desktop = { width: 1248, height: 660 }
const phone = { width: 344, height: 600 }
const areas = fc.record({ width: fc.integer({ min: 1, max: 3840 }), height: fc.integer({ min: 1, max: 2160 }) })

describe('the grid', () => {
  it('shows Hanna and Gustav side by side on a desk, one above the other on a phone', () => {
    expect(gridOf(2, desktop)).toMatchObject({ columns: 2, rows: 1 })
    expect(gridOf(2, phone)).toMatchObject({ columns: 1, rows: 2 })
  })

  it('shows four people two by two, on a desk as on a phone', () => {
    expect(gridOf(4, desktop)).toMatchObject({ columns: 2, rows: 2 })
    expect(gridOf(4, phone)).toMatchObject({ columns: 2, rows: 2 })
  })

  it('shows six people on one page of a phone, two by three', () => {
    expect(perPage(phone)).toBe(6)
    expect(gridOf(6, phone)).toMatchObject({ columns: 2, rows: 3 })
  })

  it('still shows six at 320 px and somebody at 400 % zoom', () => {
    expect(perPage({ width: 304, height: 440 })).toBe(6)
    expect(perPage({ width: 304, height: 96 })).toBeGreaterThanOrEqual(1)
  })

  it('never asks for more room than there is', () => {
    fc.assert(
      fc.property(areas, fc.integer({ min: 1, max: 40 }), (area, count) => {
        const { columns, rows, tile } = gridOf(count, area)
        expect(columns * rows).toBeGreaterThanOrEqual(count)
        if (tile.width > 0) expect(columns * tile.width + (columns - 1) * GAP).toBeLessThanOrEqual(area.width)
        if (tile.height > 0) expect(rows * tile.height + (rows - 1) * GAP).toBeLessThanOrEqual(area.height)
      }),
    )
  })
})

describe('the speaker view', () => {
  it('keeps the small pictures at the right of a wide window and below in an upright one', () => {
    expect(stripOf(5, desktop).side).toBe('right')
    expect(stripOf(5, phone)).toMatchObject({ side: 'below', perPage: 3 })
  })

  it('gives everything to the only picture', () => {
    expect(stripOf(0, desktop).stage).toEqual(desktop)
  })

  it('never lets stage and strip overlap', () => {
    fc.assert(
      fc.property(areas, fc.integer({ min: 1, max: 40 }), (area, count) => {
        const { side, stage, tile, perPage } = stripOf(count, area)
        expect(perPage).toBeGreaterThanOrEqual(1)
        if (side === 'right' && stage.width > 0) expect(stage.width + GAP + tile.width).toBeLessThanOrEqual(area.width)
        if (side === 'below' && stage.height > 0)
          expect(stage.height + GAP + tile.height).toBeLessThanOrEqual(area.height)
      }),
    )
  })
})

describe('pages', () => {
  it('turn to the nearest one that exists when people leave', () => {
    expect(pageOf([1, 2, 3, 4, 5], 3, 2)).toEqual({ number: 3, pages: 3, shown: [5] })
    expect(pageOf([1, 2, 3], 3, 2)).toEqual({ number: 2, pages: 2, shown: [3] })
    expect(pageOf([], 3, 2)).toEqual({ number: 1, pages: 1, shown: [] })
  })

  it('show everybody exactly once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 16 }), (count, size) => {
        const list = Array.from({ length: count }, (_, n) => n)
        const { pages } = pageOf(list, 1, size)
        const all = Array.from({ length: pages }, (_, n) => pageOf(list, n + 1, size).shown)
        expect(all.flat()).toEqual(list)
      }),
    )
  })
})
