import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Admission, admissionMac, certify, codeOf, proofOfPossession, readAdmission, roleOf } from './admission'
import { randomId } from './bytes'
import { importSecret, newSecret, verifyText } from './keys'
import { type Actor, Room } from './room.stage'

const HOUR_MS = 3_600_000

let room: Room
let gustav: Actor
let otto: Actor

beforeAll(async () => {
  room = await Room.open()
  gustav = await room.seat()
  otto = await room.seat()
})

afterEach(() => vi.useRealTimers())

describe('Gustav, whom Hanna lets in', () => {
  it('counts as participant, and Hanna as host by her own key', async () => {
    const hanna = await room.seat()
    expect(await roleOf(gustav.place, { certificate: await room.admitted(gustav) }, room.law())).toBe('participant')
    expect(await roleOf(hanna.place, { certificate: await room.admitted(hanna, 'host') }, room.law())).toBe('host')
  })

  it('counts nowhere else: not in another meeting, opening or seat, nor with another key', async () => {
    const admission = { certificate: await room.admitted(gustav) }
    for (const change of [
      { meeting: randomId() },
      { session: randomId() },
      { pseudonym: randomId() },
      { key: otto.place.key },
    ]) {
      expect(await roleOf({ ...gustav.place, ...change }, admission, room.law())).toBeUndefined()
    }
  })

  it('does not become host by calling himself one', async () => {
    const certificate = { ...(await room.admitted(gustav)), role: 'host' as const }
    expect(await roleOf(gustav.place, { certificate }, room.law())).toBeUndefined()
  })

  it('does not count by the word of another meeting’s host', async () => {
    const other = await Room.open()
    const certificate = await certify(other.host, 'host', gustav.place, 'participant', room.serverNow)
    expect(await roleOf(gustav.place, { certificate }, room.law())).toBeUndefined()
    expect(await roleOf(gustav.place, { certificate }, { ...room.law(), hostKey: '' })).toBeUndefined()
  })

  it('does not count once he is removed, host or not, but does in the next opening', async () => {
    const denied = [gustav.place.key]
    for (const role of ['participant', 'host'] as const) {
      const admission = { certificate: await room.admitted(gustav, role) }
      expect(await roleOf(gustav.place, admission, room.law({ denied }))).toBeUndefined()
      expect(await roleOf(gustav.place, admission, room.law({ denied, session: randomId() }))).toBe(role)
    }
  })
})

describe('a certificate', () => {
  it('holds for 23 hours of the server’s time', async () => {
    const admission = { certificate: await room.admitted(gustav) }
    const inTime = (ms: number) => ({ ...room.law(), serverNow: room.serverNow + ms })
    expect(await roleOf(gustav.place, admission, inTime(23 * HOUR_MS - 1000))).toBe('participant')
    expect(await roleOf(gustav.place, admission, inTime(23 * HOUR_MS))).toBeUndefined()
    // Seen by somebody whom the server has told an earlier time: an hour's delay is the reserve.
    expect(await roleOf(gustav.place, admission, inTime(-HOUR_MS))).toBe('participant')
    expect(await roleOf(gustav.place, admission, inTime(-HOUR_MS - 1000))).toBeUndefined()
  })

  it('is judged alike on machines whose clocks are a day wrong', async () => {
    const certificate = await room.admitted(gustav)
    for (const wrong of [-24 * HOUR_MS, 24 * HOUR_MS]) {
      vi.useFakeTimers({ toFake: ['Date'], now: room.serverNow + wrong })
      expect(await roleOf(gustav.place, { certificate }, room.law())).toBe('participant')
      expect(await room.admitted(gustav)).toEqual(certificate)
    }
  })

  it('of last week’s opening, or for ever, is void', async () => {
    for (const when of [-7 * 24 * HOUR_MS, 365 * 24 * HOUR_MS]) {
      const certificate = await certify(room.host, 'host', gustav.place, 'participant', room.serverNow + when)
      expect(await roleOf(gustav.place, { certificate }, room.law())).toBeUndefined()
    }
  })

  it('of a time that nobody can name is void', async () => {
    const law = { ...room.law(), serverNow: Number.NaN }
    expect(await roleOf(gustav.place, { certificate: await room.admitted(gustav) }, law)).toBeUndefined()
  })

  it('is whole or none', async () => {
    const certificate = await room.admitted(gustav)
    const mac = await admissionMac(room.secret, gustav.place)
    const key = otto.place.key
    const broken: unknown[] = [
      null,
      undefined,
      7,
      'certificate',
      [],
      {},
      { certificate: null },
      { certificate: [] },
      { certificate, mac },
      { mac: 7 },
      { mac: `${mac}A` },
      { certificate: { ...certificate, role: 'cohost' } },
      { certificate: { ...certificate, role: 'host', issuer: key } },
      { certificate: { ...certificate, issuer: 'Host' } },
      { certificate: { ...certificate, issuer: '' } },
      { certificate: { ...certificate, not_after: String(certificate.not_after) } },
      { certificate: { ...certificate, not_after: certificate.not_after + 0.5 } },
      { certificate: { ...certificate, not_after: Number.POSITIVE_INFINITY } },
      { certificate: { ...certificate, signature: 'A'.repeat(85) } },
    ]
    for (const admission of broken) {
      expect(readAdmission(admission)).toBeUndefined()
      expect(await roleOf(gustav.place, admission, room.law({ waitingRoom: false }))).toBeUndefined()
    }
  })

  it('carries nothing along', async () => {
    const certificate = await room.admitted(gustav)
    expect(readAdmission({ certificate: { ...certificate, ballast: 'x' }, more: 1 })).toEqual({ certificate })
  })
})

describe('a co-host', () => {
  let clara: Actor
  let hers: Admission

  beforeAll(async () => {
    clara = await room.seat()
    hers = { certificate: await room.admittedBy(clara, gustav) }
  })

  it('is who was let in and whom the host’s rules of this opening name', async () => {
    const cohosts = [clara.place.key]
    const admission = { certificate: await room.admitted(clara) }
    expect(await roleOf(clara.place, admission, room.law({ cohosts }))).toBe('cohost')
    expect(await roleOf(clara.place, admission, room.law({ cohosts, session: randomId() }))).toBe('participant')
    const byLink = { mac: await admissionMac(room.secret, clara.place) }
    expect(await roleOf(clara.place, byLink, room.law({ cohosts, waitingRoom: false }))).toBe('cohost')
    expect(
      await roleOf(clara.place, { certificate: { ...admission.certificate, signature: 'A' } }, room.law({ cohosts })),
    ).toBeUndefined()
  })

  it('lets others in, for as long as the delegation stands', async () => {
    const cohosts = [clara.place.key]
    expect(await roleOf(gustav.place, hers, room.law({ cohosts }))).toBe('participant')
    expect(await roleOf(gustav.place, hers, room.law())).toBeUndefined()
    expect(await roleOf(gustav.place, hers, room.law({ cohosts, session: randomId() }))).toBeUndefined()
  })

  it('cannot make a host, nor speak as the host', async () => {
    const cohosts = [clara.place.key]
    const asHost = await certify(clara.privateKey, 'host', gustav.place, 'participant', room.serverNow)
    const ofHost = await certify(clara.privateKey, clara.place.key, gustav.place, 'host', room.serverNow)
    for (const certificate of [asHost, ofHost]) {
      expect(await roleOf(gustav.place, { certificate }, room.law({ cohosts }))).toBeUndefined()
    }
  })

  it('does not pass the power on', async () => {
    const paul = await room.seat()
    const certificate = await room.admittedBy(gustav, paul)
    expect(await roleOf(paul.place, { certificate }, room.law({ cohosts: [clara.place.key] }))).toBeUndefined()
  })

  it('is not who merely names one as issuer', async () => {
    const certificate = await certify(otto.privateKey, clara.place.key, otto.place, 'participant', room.serverNow)
    expect(await roleOf(otto.place, { certificate }, room.law({ cohosts: [clara.place.key] }))).toBeUndefined()
  })
})

describe('the link alone', () => {
  it('lets in without a waiting room only', async () => {
    const admission = { mac: await admissionMac(room.secret, gustav.place) }
    expect(await roleOf(gustav.place, admission, room.law({ waitingRoom: false }))).toBe('participant')
    expect(await roleOf(gustav.place, admission, room.law({ waitingRoom: true }))).toBeUndefined()
  })

  it('is not what somebody without it can show, nor what somebody else has shown', async () => {
    const law = room.law({ waitingRoom: false })
    const forged = { mac: await admissionMac(await importSecret(newSecret()), otto.place) }
    const copied = { mac: await admissionMac(room.secret, gustav.place) }
    for (const admission of [forged, copied]) expect(await roleOf(otto.place, admission, law)).toBeUndefined()
    expect(await roleOf({ ...gustav.place, session: randomId() }, copied, law)).toBeUndefined()
  })

  it('does not bring back who was removed', async () => {
    const admission = { mac: await admissionMac(room.secret, gustav.place) }
    const law = room.law({ waitingRoom: false, denied: [gustav.place.key] })
    expect(await roleOf(gustav.place, admission, law)).toBeUndefined()
  })
})

describe('at the door', () => {
  it('a seat key proves that it is held, for this seat only', async () => {
    const proof = await proofOfPossession(gustav.privateKey, gustav.place)
    const { meeting, session, pseudonym, key } = gustav.place
    expect(await verifyText(key, proof, `klausur seat v1|${meeting}|${session}|${pseudonym}|${key}`)).toBe(true)
    expect(await verifyText(key, proof, `klausur seat v1|${meeting}|${session}|${randomId()}|${key}`)).toBe(false)
    expect(gustav.privateKey.extractable).toBe(false)
  })

  it('the code is short, can be read out, and is another for another key', async () => {
    const code = await codeOf(gustav.place)
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{3} [0-9A-HJKMNP-TV-Z]{3}$/)
    expect(await codeOf(gustav.place)).toBe(code)
    expect(await codeOf({ ...gustav.place, key: otto.place.key })).not.toBe(code)
  })
})
