// @vitest-environment happy-dom
import { getLogger, LoggerNames, LogLevel, setLogLevel } from 'livekit-client'
import { afterEach, expect, test } from 'vitest'
import { silence } from './silence'

afterEach(() => localStorage.clear())

test('livekit-client is silent, and nothing of it is kept in the browser', () => {
  setLogLevel(LogLevel.info)
  expect(Object.keys(localStorage)).toContain(`loglevel:${LoggerNames.Room}`)
  silence()
  expect(Object.keys(localStorage)).toEqual([])
  for (const name of Object.values(LoggerNames)) expect(getLogger(name).getLevel()).toBe(LogLevel.silent)
})
