import { describe, expect, it } from 'vitest'
import vectors from '../../../tests/vectors/rooms.json'
import { ActBook, sealAct } from './acts'
import { admissionMac, certify, codeOf, proofOfPossession, roleOf } from './admission'
import { fits, hostKeyOf, seedOf } from './host-keys'
import { actsKey, announcementContext, announcementKey, importSecret, lobbyKey, open } from './keys'
import { openKnock } from './lobby'
import { type Announcement, isAnnouncement, signedAnnouncement } from './roster'
import { DEFAULT_RULES, readRules, signRules } from './rules'

const { meeting, session, pseudonym, server_now_ms: serverNow } = vectors
const place = { meeting, session, pseudonym, key: vectors.seat.public }
const secret = await importSecret(vectors.secret)
const [host, cohost, seat] = (await Promise.all(
  [vectors.host, vectors.cohost, vectors.seat].map(async ({ seed }) => (await hostKeyOf(seed)).privateKey),
)) as [CryptoKey, CryptoKey, CryptoKey]

/** The server's side compares itself with the same file: tests/domain/test_vectors.py. */
describe('byte for byte as another implementation has it', () => {
  it('are host keys and their seeds', async () => {
    for (const { seed, public: publicKey } of [vectors.host, vectors.cohost, vectors.seat]) {
      const key = await hostKeyOf(seed)
      expect(key.publicKey).toBe(publicKey)
      expect(await seedOf(key.privateKey)).toBe(seed)
    }
    expect(await fits(vectors.host.seed, vectors.host.fingerprint)).toBe(true)
  })

  it('are possession, code and MAC', async () => {
    expect(await proofOfPossession(seat, place)).toBe(vectors.possession.signature)
    expect(await codeOf(place)).toBe(vectors.code)
    expect(await admissionMac(secret, place)).toBe(vectors.mac)
  })

  it('are certificates', async () => {
    const rules = { ...DEFAULT_RULES, session, cohosts: [vectors.cohost.public] }
    const law = { hostKey: vectors.host.public, secret, rules, serverNow }
    for (const { certificate } of vectors.certificates) {
      const signer = certificate.issuer === 'host' ? host : cohost
      const role = certificate.role as 'host' | 'participant'
      expect(await certify(signer, certificate.issuer, place, role, serverNow)).toEqual(certificate)
      expect(await roleOf(place, { certificate }, law)).toBe(role)
    }
  })

  it('are rules', async () => {
    const { version, document, signature } = vectors.rules
    const rules = await readRules(vectors.rules, meeting, vectors.host.public)
    expect(rules).toMatchObject({ version: 7, everyoneShares: false, cohosts: [vectors.cohost.public] })
    expect(await signRules(host, meeting, rules ?? DEFAULT_RULES)).toEqual({ version, document, signature })
  })

  it('are acts', async () => {
    const { act, sealed } = vectors.act
    const key = await actsKey(secret, session)
    const message = { from: pseudonym, op: act.op, target: act.target, sealed }
    expect(await new ActBook(meeting, session, key).take(message, place.key)).toEqual(act)
    const ours = await sealAct(key, seat, place, { ...act, op: 'mute' })
    const context = `klausur act v1|${meeting}|${session}|${pseudonym}`
    expect(await open(key, context, ours)).toEqual(await open(key, context, sealed))
  })

  it('are announcements', async () => {
    const { announcement, sealed, signature } = vectors.announcement
    const signed = await signedAnnouncement(seat, place, announcement as Announcement)
    expect(signed.sig).toBe(signature)
    const key = await announcementKey(secret, session)
    const opened = await open(key, announcementContext(meeting, session, pseudonym), sealed)
    expect(opened).toEqual(signed)
    expect(isAnnouncement(opened)).toBe(true)
  })

  it('are knocks', async () => {
    const knock = await openKnock(await lobbyKey(secret, session), place, vectors.knock.sealed)
    expect(knock).toEqual({ v: 1, name: 'Gustav Gründlich', key: place.key, returning: true })
  })
})
