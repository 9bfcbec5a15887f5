import { createHash, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64url, randomId, toBase64url } from './bytes'
import {
  actsKey,
  admissionKey,
  announcementContext,
  announcementKey,
  cardContext,
  cardKey,
  fingerprint,
  importSecret,
  isHostKey,
  linkProof,
  lobbyKey,
  mediaKey,
  NotOpened,
  newHostKey,
  newSecret,
  open,
  proofHash,
  publicKeyOf,
  SEALED_LIMIT,
  seal,
  signCard,
  signText,
  verifyText,
} from './keys'

/** The same derivation by another implementation, as docs/protocol.md writes it. */
function reference(secret: string, info: string, session?: string): Buffer {
  const salt = session ? Buffer.from(session, 'base64url') : Buffer.alloc(0)
  return Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64url'), salt, info, 32))
}

describe('keys from the link', () => {
  it('are those of the protocol', async () => {
    const [text, session, gustav, salt] = [newSecret(), randomId(), randomId(), randomId()]
    const secret = await importSecret(text)
    const proof = await linkProof(secret)
    expect(proof).toBe(reference(text, 'klausur link proof').toString('base64url'))
    expect(await proofHash(proof)).toBe(
      createHash('sha256').update(Buffer.from(proof, 'base64url')).digest().toString('base64url'),
    )
    const media = await mediaKey(secret, session, gustav, salt)
    const expected = await crypto.subtle.importKey(
      'raw',
      Uint8Array.from(reference(text, `klausur media v1|${gustav}|${salt}`, session)),
      'HKDF',
      false,
      ['deriveBits'],
    )
    expect(await bits(media)).toEqual(await bits(expected))
    expect(media.extractable).toBe(false)
  })

  it('differ by secret, opening, sender and connection', async () => {
    const [secret, other] = [await importSecret(newSecret()), await importSecret(newSecret())]
    const [session, later, gustav, hanna, salt, next] = Array.from({ length: 6 }, randomId) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    const all = await Promise.all([
      mediaKey(secret, session, gustav, salt),
      mediaKey(other, session, gustav, salt),
      mediaKey(secret, later, gustav, salt),
      mediaKey(secret, session, hanna, salt),
      mediaKey(secret, session, gustav, next),
    ])
    expect(new Set(await Promise.all(all.map(bits))).size).toBe(5)
  })

  it('of the lobby, of acts and of announcements open nothing of each other', async () => {
    const [secret, session] = [await importSecret(newSecret()), randomId()]
    const keys = await Promise.all([lobbyKey, actsKey, announcementKey].map((derive) => derive(secret, session)))
    keys.push(await lobbyKey(secret, randomId()), await lobbyKey(await importSecret(newSecret()), session))
    for (const key of keys) {
      const sealed = await seal(key, 'context', 1)
      for (const other of keys.filter((it) => it !== key)) {
        await expect(open(other, 'context', sealed)).rejects.toThrow(NotOpened)
      }
    }
    expect((await admissionKey(secret, session)).extractable).toBe(false)
  })

  it('refuse a secret that is not whole', async () => {
    await expect(importSecret('short')).rejects.toThrow(TypeError)
  })
})

async function bits(key: CryptoKey): Promise<string> {
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new Uint8Array() }
  return toBase64url(new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256)))
}

describe('something sealed', () => {
  it('opens to what it was, and its length tells nothing below 256 bytes', async () => {
    const key = await cardKey(await importSecret(newSecret()))
    const lengths = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 20 }), async (title) => {
        const sealed = await seal(key, 'context', { v: 1, title })
        lengths.add(sealed.length)
        expect(await open(key, 'context', sealed)).toEqual({ v: 1, title })
      }),
      { numRuns: 30 },
    )
    expect(lengths.size).toBe(1)
  })

  it('does not open after any change of a byte', async () => {
    const key = await cardKey(await importSecret(newSecret()))
    const sealed = fromBase64url(await seal(key, 'context', { v: 1 }))
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const tampered = Uint8Array.from(sealed ?? [], (byte, place) =>
          place === at % (sealed?.length ?? 1) ? byte ^ change : byte,
        )
        await expect(open(key, 'context', toBase64url(tampered))).rejects.toThrow(NotOpened)
      }),
      { numRuns: 50 },
    )
  })

  it('of Gustav does not open as Hanna’s, nor in another opening or meeting, nor with another link', async () => {
    const [secret, other] = [await importSecret(newSecret()), await importSecret(newSecret())]
    const [meeting, session, later, gustav, hanna] = Array.from({ length: 5 }, randomId) as [
      string,
      string,
      string,
      string,
      string,
    ]
    const key = await announcementKey(secret, session)
    const sealed = await seal(key, announcementContext(meeting, session, gustav), { name: 'Gustav' })
    const attempts: Array<[CryptoKey, string]> = [
      [key, announcementContext(meeting, session, hanna)],
      [await announcementKey(secret, later), announcementContext(meeting, later, gustav)],
      [key, announcementContext(randomId(), session, gustav)],
      [await announcementKey(other, session), announcementContext(meeting, session, gustav)],
      [await cardKey(secret), cardContext(meeting)],
    ]
    for (const [wrong, context] of attempts) await expect(open(wrong, context, sealed)).rejects.toThrow(NotOpened)
    expect(await open(key, announcementContext(meeting, session, gustav), sealed)).toEqual({ name: 'Gustav' })
  })

  it('is neither made nor opened beyond its limit, and garbage is told apart from nothing', async () => {
    const key = await cardKey(await importSecret(newSecret()))
    await expect(seal(key, '', 'x'.repeat(SEALED_LIMIT))).rejects.toThrow(RangeError)
    for (const garbage of ['', '***', 'A', 'A'.repeat(SEALED_LIMIT + 1), null, 7, {}]) {
      await expect(open(key, '', garbage)).rejects.toThrow(NotOpened)
    }
  })
})

describe('the host key', () => {
  it('is the one the link speaks of, and no other', async () => {
    const [hanna, otto] = [await newHostKey(), await newHostKey()]
    const host = await fingerprint(await publicKeyOf(hanna))
    expect(await isHostKey(await publicKeyOf(hanna), host)).toBe(true)
    expect(await isHostKey(await publicKeyOf(otto), host)).toBe(false)
    for (const wrong of ['', 'AAAA', null, 5, host]) expect(await isHostKey(wrong, host)).toBe(false)
    expect(await isHostKey(await publicKeyOf(hanna), '')).toBe(false)
  })

  it('signs a card so that meeting, version and content are bound', async () => {
    const pair = await newHostKey()
    const [meeting, sealed] = [randomId(), 'sealed']
    const signature = fromBase64url(await signCard(pair.privateKey, meeting, 3, sealed), 64)
    const verify = (text: string) =>
      crypto.subtle.verify('Ed25519', pair.publicKey, signature as BufferSource, new TextEncoder().encode(text))
    expect(await verify(`klausur card v1|${meeting}|3|sealed`)).toBe(true)
    expect(await verify(`klausur card v1|${meeting}|4|sealed`)).toBe(false)
  })
})

describe('a signature', () => {
  it('is of one key under one text', async () => {
    const [hanna, otto] = [await newHostKey(), await newHostKey()]
    const signature = await signText(hanna.privateKey, 'text')
    const key = await publicKeyOf(hanna)
    expect(signature).toHaveLength(86)
    expect(await verifyText(key, signature, 'text')).toBe(true)
    expect(await verifyText(key, signature, 'text ')).toBe(false)
    expect(await verifyText(await publicKeyOf(otto), signature, 'text')).toBe(false)
  })

  it('that is malformed, or of a malformed key, is none', async () => {
    const pair = await newHostKey()
    const [key, signature] = [await publicKeyOf(pair), await signText(pair.privateKey, '')]
    for (const broken of [
      undefined,
      null,
      7,
      {},
      '',
      'AAAA',
      `${key}A`,
      key.slice(1),
      toBase64url(new Uint8Array(64)),
    ]) {
      expect(await verifyText(broken, signature, '')).toBe(false)
      expect(await verifyText(key, broken, '')).toBe(false)
    }
    // No point of the curve has this second coordinate.
    expect(await verifyText(toBase64url(new Uint8Array(32).fill(2, 0, 1)), signature, '')).toBe(false)
  })
})
