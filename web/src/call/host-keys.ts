import { fromBase64url, toBase64url } from './bytes'
import { KeyStore } from './key-store'
import { isHostKey } from './keys'

/** What stands before the seed in the PKCS #8 form of an Ed25519 private key (RFC 8410, section 7). */
const PKCS8 = '302e020100300506032b657004220420'.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []

/** `proofHash` is what the server checks the link by; `account`: whose vault the key is of, and whom it leaves with. */
type Row = { key: CryptoKey; proofHash: string; account?: string }

/** The host's private keys, one per meeting, for as long as the meeting can last: a day unless it is planned. */
export class HostKeys {
  protected readonly rows: KeyStore<Row>

  constructor(databases: IDBFactory | undefined = globalThis.indexedDB, now: () => number = Date.now) {
    this.rows = new KeyStore('host-keys', databases, now)
  }

  /** `lifetime`: ms from now, by the server's time. What an account has put here stays its own, and as long as it said. */
  keep(meeting: string, key: CryptoKey, proofHash: string, lifetime?: number): Promise<void> {
    return this.rows.change(meeting, (held) => (held?.account ? undefined : { key, proofHash }), lifetime)
  }

  async of(meeting: string): Promise<CryptoKey | undefined> {
    return (await this.rows.get(meeting))?.key
  }

  /**
   * The meeting is over, as far as the server says. It says the same of a wrong link, with which anybody could make a
   * host lose the key: so only when that was asked with the right one.
   */
  async forget(meeting: string, proofHash: string): Promise<void> {
    if ((await this.rows.get(meeting))?.proofHash === proofHash) await this.rows.delete(meeting)
  }
}

/** `X` of the host link. Throws for a key of a version before, which cannot leave the browser that made it. */
export async function seedOf(key: CryptoKey): Promise<string> {
  const form = new Uint8Array(await crypto.subtle.exportKey('pkcs8', key))
  return toBase64url(form.slice(-32))
}

/** `publicKey`: raw, base64url. Throws for what is no seed. */
export async function hostKeyOf(seed: string): Promise<{ privateKey: CryptoKey; publicKey: string }> {
  const bytes = fromBase64url(seed, 32)
  if (!bytes) throw new TypeError('a seed has 32 bytes')
  const form = Uint8Array.from([...PKCS8, ...bytes])
  const privateKey = await crypto.subtle.importKey('pkcs8', form, 'Ed25519', true, ['sign'])
  const { x } = await crypto.subtle.exportKey('jwk', privateKey)
  return { privateKey, publicKey: x ?? '' }
}

/** Whether the seed is that of the host key which the link speaks of (`HK`). */
export async function fits(seed: string, host: string): Promise<boolean> {
  try {
    return await isHostKey((await hostKeyOf(seed)).publicKey, host)
  } catch {
    return false
  }
}
