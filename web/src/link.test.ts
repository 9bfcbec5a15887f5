import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64url } from './call/bytes'
import { type MeetingLink, meetingOfPath, parseLink, pathOf, printHostLink, printLink } from './link'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toBase64url)
const links: fc.Arbitrary<MeetingLink> = fc.record({ meeting: bytes(16), secret: bytes(32), host: bytes(16) })

describe('an invitation link', () => {
  it('comes back whole from its text, its path, and whatever a mail program adds', () => {
    fc.assert(
      fc.property(links, fc.constantFrom('', ' ', '.', '>', '),', '\n'), (link, after) => {
        expect(parseLink(printLink(link, 'https://meet.example') + after)).toEqual(link)
        expect(parseLink(pathOf(link))).toEqual(link)
      }),
    )
  })

  it('is refused when a character is missing, changed to a foreign one, or added', () => {
    fc.assert(
      fc.property(links, fc.nat(), fc.constantFrom('', '%', '=', 'ä', 'AA'), (link, place, instead) => {
        const text = pathOf(link)
        const at = 3 + (place % (text.length - 3))
        if (text[at] === '#' && instead === '') return
        expect(parseLink(text.slice(0, at) + instead + text.slice(at + 1))).toBeUndefined()
      }),
    )
  })

  it('is refused once its # is escaped: the secret has been sent to the server then', () => {
    fc.assert(
      fc.property(links, (link) => {
        expect(parseLink(pathOf(link).replace('#', '%23'))).toBeUndefined()
      }),
    )
  })

  it('has one spelling only: spare bits of the last character are zero', () => {
    const link = {
      meeting: toBase64url(new Uint8Array(16)),
      secret: toBase64url(new Uint8Array(32)),
      host: 'A'.repeat(22),
    }
    expect(parseLink(pathOf(link))).toEqual(link)
    expect(parseLink(pathOf({ ...link, secret: `${'A'.repeat(42)}B` }))).toBeUndefined()
    expect(parseLink(pathOf({ ...link, meeting: `${'A'.repeat(21)}B` }))).toBeUndefined()
  })

  it('of a host carries the seed, which no other spelling of the link shows again', () => {
    fc.assert(
      fc.property(links, bytes(32), fc.constantFrom('', ' ', '.', '\n'), (link, seed, after) => {
        const text = printHostLink(link, seed, 'https://meet.example') + after
        const parsed = parseLink(text) as MeetingLink
        expect(parsed).toEqual({ ...link, seed })
        expect(pathOf(parsed)).toBe(pathOf(link))
        expect(printLink(parsed, 'https://meet.example')).not.toContain(seed)
      }),
    )
  })

  it('of a host is refused when its seed is not whole', () => {
    fc.assert(
      fc.property(links, bytes(32), (link, seed) => {
        for (const broken of [seed.slice(1), `${seed}A`, `${seed}.${seed}`, `.${seed}`, link.host]) {
          expect(parseLink(`${pathOf(link)}.${broken}`)).toBeUndefined()
        }
      }),
    )
  })

  it('takes nothing that is not a link for one', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseLink(text)).toBeUndefined()
      }),
    )
    expect(parseLink('https://meet.example/m/#.')).toBeUndefined()
    expect(meetingOfPath('/m/abc')).toBe('abc')
    expect(meetingOfPath('/x/abc')).toBeUndefined()
  })
})
