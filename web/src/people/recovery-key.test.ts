import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newRecoveryKey, parseRecoveryKey, printRecoveryKey } from './recovery-key'

it('is eight groups of four characters that can be told apart', () => {
  expect(newRecoveryKey().text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4} ){7}[0-9A-HJKMNP-TV-Z]{4}$/)
})

it('is written as Crockford has it', () => {
  expect(printRecoveryKey(new Uint8Array(20))).toBe('0000 0000 0000 0000 0000 0000 0000 0000')
  expect(printRecoveryKey(new Uint8Array(20).fill(255))).toBe('ZZZZ ZZZZ ZZZZ ZZZZ ZZZZ ZZZZ ZZZZ ZZZZ')
  // RFC 4648's alphabet moved to Crockford's: 'hello' is 'NBSWY3DP' there.
  expect(printRecoveryKey(Uint8Array.from([...Array(4)].flatMap(() => [104, 101, 108, 108, 111])))).toBe(
    'D1JP RV3F D1JP RV3F D1JP RV3F D1JP RV3F',
  )
})

it('comes back from paper, however it was typed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      const text = printRecoveryKey(Uint8Array.from(bytes))
      const typed = text.replaceAll(' ', '-').toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')
      expect(parseRecoveryKey(text)).toEqual(Uint8Array.from(bytes))
      expect(parseRecoveryKey(` ${typed}\n`)).toEqual(Uint8Array.from(bytes))
    }),
  )
})

it.for(['', 'ABCD', `${'0000 '.repeat(8)}0`, `${'0000 '.repeat(7)}00U0`, 'z'.repeat(100_000)])(
  'is not “%s”',
  (text) => {
    expect(parseRecoveryKey(text)).toBeUndefined()
  },
)
