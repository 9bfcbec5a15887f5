import { FakeDatabases } from '../src/call/key-store.stage'
import { type Authenticator, Passkeys } from '../src/people/passkeys'
import { People } from '../src/people/people'
import { HANNA, KeysOnStage, NOBODY, ServerOnStage } from '../src/people/server.stage'
import type { AccountAnswer, AccountRole, InvitationAnswer, SessionAnswer } from '../src/people/wire'

type Refusal = { status: number; code: string }

const WRAPS = (['passkey', 'password', 'recovery'] as const).map((kind) => ({ kind, id: '', wrapped: '' }))
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const CODES = Array.from({ length: 10 }, (_, n) => `K7M2-QX${n}T`)
const DAY_MS = 86_400_000

/** A device whose passkeys open no vault; `cancelled`: its person wants none. */
function sensor(cancelled: boolean): Passkeys {
  const act = async () => {
    if (cancelled) throw Object.assign(new Error(), { name: 'NotAllowedError' })
    return { id: 'key-1', clientExtensionResults: { prf: { enabled: false } } }
  }
  return new Passkeys({ supported: () => true, create: act, get: act } as unknown as Authenticator)
}

/** Somebody at a server that answers as these say, on a device of their own. */
function at(server: ServerOnStage, cancelled = false): People {
  return new People(server.api, new KeysOnStage(), sensor(cancelled), new FakeDatabases().factory)
}

function serverSaying(answers: Record<string, unknown>): ServerOnStage {
  const server = new ServerOnStage()
  for (const [asked, body] of Object.entries(answers)) server.instead.set(asked, () => ({ status: 200, body }))
  return server
}

export const nobody = (answers: Record<string, unknown> = {}) => at(serverSaying(answers))

/** Whoever signs in with a passkey or a password is told this. */
export function refusing(...refusals: Refusal[]): People {
  const server = new ServerOnStage()
  let next = 0
  const answer = () => {
    const { status, code } = refusals[Math.min(next++, refusals.length - 1)] as Refusal
    return { status, body: { code } }
  }
  for (const way of ['password', 'passkey']) server.instead.set(`POST /api/signin/${way}`, answer)
  return at(server)
}

/** No answer at all to whoever asks for that. */
export function unreachable(asked = 'POST /api/signin/password/kdf'): People {
  const server = new ServerOnStage()
  server.instead.set(asked, () => {
    throw new TypeError('network')
  })
  return at(server)
}

export const withoutPasskey = () => at(new ServerOnStage(), true)

type Of = { account?: Partial<AccountAnswer>; session?: Partial<SessionAnswer>; answers?: Record<string, unknown> }

/** `account`: what there is beside name and password. */
export function signedIn(role: AccountRole, { account, session, answers = {} }: Of = {}): People {
  const own = { id: HANNA, name: 'hanna.schulz', role }
  const told: SessionAnswer = { ...NOBODY, account: own, strong: true, has_password: true, ...session }
  const held: AccountAnswer = {
    ...own,
    created_day: '2026-11-02',
    password: true,
    totp: false,
    backup_codes: 0,
    provider: false,
    passkeys: [],
    sessions: [{ id: 's1', began_at: ago(0.1), seen_hour: ago(0), browser: 'Firefox', strong: true, here: true }],
    vault: { version: 3, bytes: 4096 },
    ...account,
  }
  const server = serverSaying({
    'GET /api/account': held,
    'POST /api/account/totp': {
      secret: SECRET,
      address: `otpauth://totp/Klausur:hanna.schulz?secret=${SECRET}&issuer=Klausur`,
    },
    'PUT /api/account/totp': { backup_codes: CODES },
    'POST /api/account/backup-codes': { backup_codes: CODES },
    ...answers,
  })
  server.session = told
  server.vault = held.vault.version > 0 ? { version: 3, blob: 'AAAA', wraps: WRAPS } : server.vault
  return at(server)
}

/** Everything an account can have, once. */
export function settledIn(role: AccountRole = 'organiser', { session }: Pick<Of, 'session'> = {}): People {
  return signedIn(role, {
    session: { has_totp: true, ...session },
    account: {
      totp: true,
      backup_codes: 7,
      provider: false,
      passkeys: [
        { id: 'p1', label: 'Laptop', created_day: '2026-11-03', opens_vault: true, backed_up: false },
        { id: 'p2', label: 'Telefon, privat', created_day: '2026-11-19', opens_vault: false, backed_up: true },
      ],
      sessions: [
        { id: 's1', began_at: ago(0.1), seen_hour: ago(0), browser: 'Firefox', strong: true, here: true },
        { id: 's2', began_at: ago(1.3), seen_hour: ago(1.3), browser: 'Chromium', strong: false, here: false },
        { id: 's3', began_at: ago(3), seen_hour: ago(2), browser: '', strong: true, here: false },
      ],
    },
  })
}

/** What others did to the account, and has not been read yet. */
export function noticed(): People {
  return settledIn('organiser', { session: { notices: [{ id: 'n1', kind: 'credentials_reset', day: '2026-11-21' }] } })
}

/** By the provider alone: no password, no vault. */
export function newcomer(): People {
  return signedIn('organiser', {
    session: { has_password: false },
    account: { password: false, provider: true, vault: { version: 0, bytes: 0 } },
  })
}

/** Signed in with a password, where there are stronger ways; the server says so to whatever needs them. */
export function weaklySignedIn(): People {
  return signedIn('administrator', { session: { strong: false, has_totp: true } })
}

export function invited(kind: InvitationAnswer['kind'], role: AccountRole, name?: string): People {
  const link: InvitationAnswer = {
    kind,
    role,
    name: kind === 'setup' ? null : (name ?? 'hanna.schulz'),
    account: HANNA,
    expires_at: '2026-11-29T10:00:00Z',
  }
  const server = serverSaying({
    'POST /api/invitations/look': link,
    'POST /api/account/totp': { secret: SECRET, address: `otpauth://totp/Klausur:ada?secret=${SECRET}&issuer=Klausur` },
    'PUT /api/account/totp': { backup_codes: CODES },
  })
  if (kind === 'reset') server.vault = { version: 3, blob: 'AAAA', wraps: WRAPS }
  return at(server)
}

export function withoutLink(): People {
  const server = new ServerOnStage()
  server.instead.set('POST /api/invitations/look', () => ({ status: 404, body: { code: 'no_invitation' } }))
  return at(server)
}

export function invitationUnread(): People {
  const server = new ServerOnStage()
  server.instead.set('POST /api/invitations/look', () => {
    throw new TypeError('network')
  })
  return at(server)
}

/** Days before now, as the server writes instants. */
export function ago(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString()
}
