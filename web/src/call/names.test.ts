import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanName, NAME_LENGTH } from './names'

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u202e', '\u200b', '\u0301', ' ', '\n', '\u3164', 'A'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  ),
  maxLength: 200,
})

describe('a name', () => {
  it('does not change when cleaned again', () => {
    fc.assert(
      fc.property(text, (raw) => {
        expect(cleanName(cleanName(raw))).toBe(cleanName(raw))
      }),
      { numRuns: 500 },
    )
  })

  it('holds nothing invisible and at most 80 characters', () => {
    fc.assert(
      fc.property(text, (raw) => {
        const name = cleanName(raw)
        expect(name).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u)
        expect([...name].length).toBeLessThanOrEqual(NAME_LENGTH)
        expect(name).toBe(name.trim())
      }),
    )
  })

  it('keeps what people are called', () => {
    for (const name of ["Hanna O'Neill-Müller", 'فاطمة', '山田太郎', 'Nguyễn Thị Ánh', '<b>Gustav</b>', '😀']) {
      expect(cleanName(name)).toBe(name.normalize('NFC'))
    }
  })

  it('cannot turn the line around, hide, or pile up marks', () => {
    expect(cleanName('Gustav\u202eatsuG\u2066\u0000')).toBe('GustavatsuG')
    expect(cleanName('\u200b\u3164 \u2800\u0301')).toBe('')
    expect([...cleanName(`Z${'\u0335'.repeat(50)}`)]).toHaveLength(5)
    expect(cleanName('  a \n\t b  ')).toBe('a b')
  })

  it('of 10,000 characters is cut, and of none is the fallback', () => {
    expect(cleanName('x'.repeat(10_000))).toBe('x'.repeat(80))
    expect(cleanName('\u202e', 'abcd')).toBe('abcd')
  })
})
