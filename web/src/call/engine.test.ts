// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest'
import { silence } from './engine'

afterEach(() => localStorage.clear())

test('nothing of the levels at which livekit-client logs is kept in the browser', () => {
  const left = { 'loglevel:livekit': 'SILENT', 'loglevel:livekit-room': 'SILENT', 'loglevel:lk-e2ee': 'SILENT' }
  for (const [name, level] of Object.entries(left)) localStorage.setItem(name, level)
  silence()
  expect(Object.keys(localStorage)).toEqual([])
})
