import { describe, expect, it } from 'vitest'
import { pastedLink, routeOf } from './routes'

const here = 'https://meet.example'

describe('the address', () => {
  it('leads Gustav to the meeting, whatever its id looks like', () => {
    expect(routeOf('/m/AAAAAAAAAAAAAAAAAAAAAA')).toEqual({ page: 'meeting', meeting: 'AAAAAAAAAAAAAAAAAAAAAA' })
    expect(routeOf('/m/')).toEqual({ page: 'meeting', meeting: '' })
  })

  it('knows the pages and says so when there is none', () => {
    expect(routeOf('/')).toEqual({ page: 'home' })
    expect(routeOf('/privacy')).toEqual({ page: 'notice' })
    expect(routeOf('/imprint')).toEqual({ page: 'imprint' })
    for (const page of ['signin', 'setup', 'invite', 'account', 'admin', 'schedule', 'proof'])
      expect(routeOf(`/${page}`)).toEqual({ page })
    expect(routeOf('/admin/x')).toEqual({ page: 'unknown' })
    expect(routeOf('/m/a/b')).toEqual({ page: 'unknown' })
  })
})

describe('a pasted link', () => {
  it('keeps path and fragment, with or without scheme and spaces', () => {
    expect(pastedLink(' https://meet.example/m/M#S.H ', here)).toEqual({ address: '/m/M#S.H' })
    expect(pastedLink('meet.example/m/M#S.H', here)).toEqual({ address: '/m/M#S.H' })
  })

  it('is mended before it goes anywhere when its # is escaped', () => {
    expect(pastedLink('https://meet.example/m/M%23S.H', here)).toEqual({ address: '/m/M#S.H' })
  })

  it('is never followed to another server or another kind of address', () => {
    expect(pastedLink('https://evil.example/m/M#S.H', here)).toEqual({ wrong: 'other-server' })
    expect(pastedLink('javascript:alert(1)', here)).toEqual({ wrong: 'no-link' })
    expect(pastedLink('https://meet.example/privacy', here)).toEqual({ wrong: 'no-link' })
    expect(pastedLink('', here)).toEqual({ wrong: 'no-link' })
  })
})
