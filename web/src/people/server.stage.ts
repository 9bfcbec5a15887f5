import { toBase64url, utf8 } from '../call/bytes'
import { PeopleApi } from './api'
import type { DerivedKeys } from './derivation'
import { hkdf, wrappingKey } from './hkdf'
import { checkKdf } from './kdf'
import { PasswordKeys } from './password-keys'
import type { Acceptance, Kdf, SessionAnswer, VaultAnswer, Wrap } from './wire'

export const NOBODY: SessionAnswer = {
  account: null,
  strong: false,
  has_password: false,
  has_totp: false,
  notices: [],
}

export const HANNA = 'HannaxxxxxxxxxxxxxxxxA'
export const OTTO = 'OttoxxxxxxxxxxxxxxxxxA'
export const KDF: Kdf = { v: 1, salt: 'AAAAAAAAAAAAAAAAAAAAAA', memory_kib: 65_536, passes: 3, lanes: 1 }

type Written = { account: string; version: number; blob: string }
type Answer = { status: number; body?: unknown }

const BEHIND: Answer = { status: 401, body: { code: 'signin_needed' } }

/** The server as far as it keeps an account and its vault; it notes every body that reaches it. */
export class ServerOnStage {
  readonly bodies: string[] = []
  vault: Omit<VaultAnswer, 'account'> = { version: 0, blob: null, wraps: [] }
  /** whose the server says the vault is, in place of who is signed in */
  whose: string | undefined
  session: SessionAnswer = NOBODY
  kdf: Kdf = KDF
  /** the sign-in key that is right, once an account has one */
  key: string | undefined
  code: string | undefined
  /** what happens just before the next vault is taken, such as another device being faster */
  meanwhile: (() => Promise<unknown>) | undefined
  /** what happens while the next answer with the vault is on its way */
  onTheWay: (() => Promise<unknown>) | undefined
  /** in place of the ordinary answer to `METHOD /path` */
  readonly instead = new Map<string, () => Answer>()
  readonly puts: number[] = []
  /** every request, and whose account it says that it is about */
  readonly named: string[] = []
  /** the sign-in names of accounts that are no more */
  readonly deleted: (string | undefined)[] = []

  readonly fetch: typeof globalThis.fetch = async (url, init) => {
    const asked = `${init?.method ?? 'GET'} ${url}`
    const text = String(init?.body ?? '')
    this.bodies.push(text)
    const named = new Headers(init?.headers).get('klausur-account') ?? undefined
    this.named.push(`${asked} ${named}`)
    const answer = async () => this.instead.get(asked)?.() ?? this.answer(asked, text ? JSON.parse(text) : {})
    const { status, body } = this.isOfAnother(asked, named) ? BEHIND : await answer()
    return status === 204 ? new Response(null, { status }) : Response.json(body, { status })
  }

  readonly api = new PeopleApi(this.fetch)

  enter(name = 'hanna'): SessionAnswer {
    this.session = { ...NOBODY, account: { id: HANNA, name, role: 'organiser' }, has_password: true }
    return this.session
  }

  private async answer(asked: string, body: Record<string, unknown>): Promise<Answer> {
    switch (asked) {
      case 'GET /api/session':
        return { status: 200, body: this.session }
      case 'DELETE /api/session':
        this.session = NOBODY
        return { status: 200, body: { provider_logout: null } }
      case 'DELETE /api/account':
        this.deleted.push(this.session.account?.name)
        this.session = NOBODY
        return { status: 204 }
      case 'POST /api/signin/password/kdf':
        return { status: 200, body: { kdf: this.kdf } }
      case 'POST /api/signin/password':
        return this.signIn(body as { key: string; code?: string })
      case 'POST /api/signin/passkey/options':
        return { status: 200, body: { challenge: 'c', options: { challenge: 'AAAA' } } }
      case 'POST /api/signin/passkey':
        return { status: 200, body: this.enter() }
      case 'GET /api/vault':
        return this.getVault()
      case 'PUT /api/vault':
        return this.putVault(body as Written)
      case 'PUT /api/vault/wraps':
        return this.putWraps(body as { account: string; wraps: Wrap[] })
      case 'POST /api/invitations/passkey':
        return {
          status: 200,
          body: { challenge: 'c', options: { challenge: 'AAAA', rp: { id: 'localhost', name: 'Klausur' } } },
        }
      case 'POST /api/invitations/accept':
        return this.accept(body as unknown as Acceptance)
      default:
        return { status: 404, body: { code: 'not_found' } }
    }
  }

  /** What changes an account has to say which one its page shows. */
  private isOfAnother(asked: string, named: string | undefined): boolean {
    const { account } = this.session
    if (asked.startsWith('GET ') || !asked.includes(' /api/account')) return false
    return account !== null && named !== account.id
  }

  private signIn({ key, code }: { key: string; code?: string }): Answer {
    if (key !== this.key) return { status: 401, body: { code: 'signin_refused' } }
    if (this.code && code === undefined) return { status: 401, body: { code: 'code_needed' } }
    if (this.code && code !== this.code) return { status: 401, body: { code: 'code_refused' } }
    return { status: 200, body: this.enter() }
  }

  private get account(): string {
    return this.whose ?? this.session.account?.id ?? HANNA
  }

  private async getVault(): Promise<Answer> {
    const body: VaultAnswer = { account: this.account, ...structuredClone(this.vault) }
    const after = this.onTheWay
    this.onTheWay = undefined
    await after?.()
    return { status: 200, body }
  }

  private putWraps({ account, wraps }: { account: string; wraps: Wrap[] }): Answer {
    if (account !== this.account) return BEHIND
    this.keepWraps(wraps)
    return { status: 204 }
  }

  private async putVault({ account, version, blob }: Written): Promise<Answer> {
    if (account !== this.account) return BEHIND
    const before = this.meanwhile
    this.meanwhile = undefined
    await before?.()
    this.puts.push(version)
    if (version !== this.vault.version + 1) return { status: 409, body: { code: 'vault_outdated' } }
    this.vault = { ...this.vault, version, blob }
    return { status: 204 }
  }

  private keepWraps(wraps: Wrap[]): void {
    const others = this.vault.wraps.filter((old) => !wraps.some((one) => one.kind === old.kind && one.id === old.id))
    this.vault = { ...this.vault, wraps: [...others, ...wraps] }
  }

  private accept({ name, password, passkey, vault }: Acceptance): Answer {
    this.key = password?.key
    this.kdf = password?.kdf ?? this.kdf
    if (vault) {
      this.vault = { version: 1, blob: vault.blob, wraps: vault.wraps }
      const id = passkey?.credential.id ?? ''
      if (passkey?.wrap) this.keepWraps([{ kind: 'passkey', id, wrapped: passkey.wrap }])
    }
    return { status: 201, body: this.enter(name) }
  }
}

/** Without a worker, and without the work: what slows down guessing would slow down the tests. */
export class KeysOnStage extends PasswordKeys {
  override async derive(password: string, kdf: Kdf): Promise<DerivedKeys> {
    checkKdf(kdf)
    const root = utf8(`${password} ${kdf.salt}`)
    return { signIn: toBase64url(await hkdf(root, 'sign-in')), wrapping: await wrappingKey(root, 'vault') }
  }
}
