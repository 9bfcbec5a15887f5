// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest'
import { keepWayBack, takeWayBack, wayBack } from './way-back'

beforeEach(() => {
  sessionStorage.clear()
  history.replaceState(null, '', '/signin')
})

it('leads to the page of ours that somebody came from, with what stands behind its #', () => {
  history.replaceState({ from: '/m/M#S.H' }, '', '/signin')
  expect(wayBack()).toBe('/m/M#S.H')
})

it.for([
  undefined,
  null,
  7,
  '',
  '//evil.example/m/M',
  '/\\evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  '/nowhere',
  '/signin',
  '/setup#token',
  '/invite#token',
])('leads home from %s', (from) => {
  history.replaceState({ from }, '', '/signin')
  expect(wayBack()).toBe('/')
  sessionStorage.setItem('way-back', String(from))
  expect(takeWayBack()).toBe('/')
})

it('is kept over the provider’s pages, once', () => {
  expect(takeWayBack()).toBeUndefined()
  history.replaceState({ from: '/schedule' }, '', '/signin')
  keepWayBack()
  history.replaceState(null, '', '/signin')
  expect(takeWayBack()).toBe('/schedule')
  expect(takeWayBack()).toBeUndefined()
})
