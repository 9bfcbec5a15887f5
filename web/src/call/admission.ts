import { fromBase64url, isSized, toBase64url, utf8 } from './bytes'
import { admissionKey, type MeetingSecret, newSigningKey, signText, verifyText } from './keys'
import type { Role } from './model'
import { inSession, type Rules } from './rules'

/** `issuer`: `host` for the host key, else the seat key of the co-host who signed. `not_after`: seconds since 1970. */
export type Certificate = { role: 'host' | 'participant'; not_after: number; issuer: string; signature: string }

/** What lets somebody in: the host's or a co-host's word, or, without a waiting room, the link. */
export type Admission = { certificate: Certificate } | { mac: string }

/** Where and to whom a signature belongs. `key`: `K`, the seat's raw public key, base64url. */
export type Place = { meeting: string; session: string; pseudonym: string; key: string }

/** What admissions are judged by. */
export type Law = {
  /** raw public key, which the link's fingerprint has confirmed */
  hostKey: string
  secret: MeetingSecret
  rules: Rules
  /** epoch ms by the server's clock; this machine's may be a day wrong */
  serverNow: number
}

const HOUR_MS = 3_600_000
/** An hour less than what is taken, so that no delay and no rounding can make it too long. */
const LIFETIME_MS = 23 * HOUR_MS
const LONGEST_LIFETIME_MS = 24 * HOUR_MS

/** Crockford's base 32: without I, L, O and U, which are easily misheard or misread. */
const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export function newSeatKey(): Promise<CryptoKeyPair> {
  return newSigningKey(false)
}

/** For the server: a certificate copied from the roster opens nothing. */
export function proofOfPossession(privateKey: CryptoKey, place: Place): Promise<string> {
  return signText(privateKey, words('seat', place))
}

/** `issuer`: `host`, or the co-host's own seat key. */
export async function certify(
  signer: CryptoKey,
  issuer: string,
  place: Place,
  role: Certificate['role'],
  serverNowMs: number,
): Promise<Certificate> {
  const not_after = Math.floor((serverNowMs + LIFETIME_MS) / 1000)
  return { role, not_after, issuer, signature: await signText(signer, statement(place, role, not_after)) }
}

export async function admissionMac(secret: MeetingSecret, place: Place): Promise<string> {
  const key = await admissionKey(secret, place.session)
  return toBase64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(words('admission', place)))))
}

/** `ABC DEF`, the same on both sides of the door, to be compared by voice. */
export async function codeOf(place: Place): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', utf8(words('code', place)))
  const bits = new DataView(hash).getUint32(0)
  const at = [27, 22, 17, 12, 7, 2].map((shift) => CODE_ALPHABET[(bits >>> shift) & 31])
  return `${at.slice(0, 3).join('')} ${at.slice(3).join('')}`
}

/**
 * What somebody is by the signatures they can show; the server's word is not asked. `undefined`: does not count, as
 * nobody whom nobody announced does.
 */
export async function roleOf(place: Place, admission: unknown, law: Law): Promise<Role | undefined> {
  const rules = inSession(law.rules, place.session)
  const given = readAdmission(admission)
  if (!given || rules.denied.includes(place.key)) return undefined
  const role =
    'mac' in given ? await byLink(given.mac, place, law) : await byCertificate(given.certificate, place, law, rules)
  return role === 'participant' && rules.cohosts.includes(place.key) ? 'cohost' : role
}

/** Only what belongs to it, each part of its size; nothing is said about whether it holds. */
export function readAdmission(value: unknown): Admission | undefined {
  const { mac, certificate } = (value ?? {}) as { mac?: unknown; certificate?: Partial<Certificate> }
  if (certificate === undefined) return isSized(mac, 32) ? { mac } : undefined
  const { role, not_after, issuer, signature } = certificate ?? {}
  const whole =
    mac === undefined &&
    (role === 'host' || role === 'participant') &&
    Number.isSafeInteger(not_after) &&
    (issuer === 'host' || (role === 'participant' && isSized(issuer, 32))) &&
    isSized(signature, 64)
  return whole ? { certificate: { role, not_after, issuer, signature } as Certificate } : undefined
}

async function byLink(mac: string, place: Place, { rules, secret }: Law): Promise<Role | undefined> {
  const bytes = fromBase64url(mac)
  if (rules.waitingRoom || !bytes) return undefined
  const key = await admissionKey(secret, place.session)
  const right = await crypto.subtle.verify('HMAC', key, bytes, utf8(words('admission', place)))
  return right ? 'participant' : undefined
}

async function byCertificate(
  { role, not_after, issuer, signature }: Certificate,
  place: Place,
  { hostKey, serverNow }: Law,
  { cohosts }: Rules,
): Promise<Role | undefined> {
  const left = not_after * 1000 - serverNow
  if (!(left > 0 && left <= LONGEST_LIFETIME_MS)) return undefined
  if (issuer !== 'host' && !cohosts.includes(issuer)) return undefined
  const signer = issuer === 'host' ? hostKey : issuer
  return (await verifyText(signer, signature, statement(place, role, not_after))) ? role : undefined
}

function statement(place: Place, role: Certificate['role'], notAfter: number): string {
  return `${words('certificate', place)}|${role}|${notAfter}`
}

function words(what: string, { meeting, session, pseudonym, key }: Place): string {
  return `klausur ${what} v1|${meeting}|${session}|${pseudonym}|${key}`
}
