import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { News } from './news.svelte'

let news: News
const shown = () => news.lines.filter(({ unseen }) => !unseen).map(({ text }) => text)

beforeEach(() => {
  vi.useFakeTimers()
  news = new News()
})
afterEach(() => {
  news.stop()
  vi.useRealTimers()
})

it('a line comes and goes, and the newest three are shown', () => {
  for (const text of ['one', 'two', 'three', 'four']) news.say(text)
  expect(shown()).toEqual(['two', 'three', 'four'])
  vi.advanceTimersByTime(6000)
  expect(shown()).toEqual([])
})

it('the same thing said again is a new line, so that it is heard again', () => {
  news.say('Hanna has muted you.')
  const [first] = news.lines
  news.say('Hanna has muted you.')
  expect(shown()).toEqual(['Hanna has muted you.'])
  expect(news.lines[0]?.id).not.toBe(first?.id)
})

it('applause of a whole room is not read out person by person', () => {
  for (let n = 0; n < 20; n++) news.say(`Person ${n}: Applause`, true)
  expect(news.lines).toHaveLength(3)
  expect(shown()).toEqual([])
})
