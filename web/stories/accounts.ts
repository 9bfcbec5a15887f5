import { type Authenticator, Passkeys } from '../src/people/passkeys'
import { People } from '../src/people/people'
import { HANNA, KeysOnStage, NOBODY, ServerOnStage } from '../src/people/server.stage'
import type { AccountAnswer, AccountRole, InvitationAnswer, SessionAnswer } from '../src/people/wire'

const SENSOR = {
  supported: () => true,
  create: async () => ({ id: 'key-1', clientExtensionResults: { prf: { enabled: false } } }),
  get: async () => ({ id: 'key-1', clientExtensionResults: {} }),
} as unknown as Authenticator

/** Somebody at a server that answers as these say, on a device of their own. */
function at(server: ServerOnStage): People {
  return new People(server.api, new KeysOnStage(), new Passkeys(SENSOR), undefined)
}

export const nobody = () => at(new ServerOnStage())

export function signedIn(role: AccountRole): People {
  const server = new ServerOnStage()
  const told: SessionAnswer = {
    ...NOBODY,
    account: { id: HANNA, name: 'hanna.schulz', role },
    strong: true,
    has_password: true,
  }
  const account: AccountAnswer = {
    id: HANNA,
    name: 'hanna.schulz',
    role,
    created_day: '2026-11-22',
    password: true,
    totp: false,
    backup_codes: 0,
    provider: false,
    passkeys: [],
    sessions: [],
    vault: { version: 3, bytes: 4096 },
  }
  server.session = told
  server.instead.set('GET /api/account', () => ({ status: 200, body: account }))
  server.instead.set('POST /api/account/totp', () => ({
    status: 201,
    body: {
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      address: 'otpauth://totp/Klausur:hanna.schulz?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Klausur',
    },
  }))
  return at(server)
}

export function invited(kind: InvitationAnswer['kind'], role: AccountRole): People {
  const server = new ServerOnStage()
  const link: InvitationAnswer = {
    kind,
    role,
    name: kind === 'setup' ? null : 'hanna.schulz',
    account: HANNA,
    expires_at: '2026-11-29T10:00:00Z',
  }
  server.instead.set('POST /api/invitations/look', () => ({ status: 200, body: link }))
  if (kind === 'reset') {
    const wraps = (['passkey', 'password', 'recovery'] as const).map((kind) => ({ kind, id: '', wrapped: '' }))
    server.vault = { version: 3, blob: 'AAAA', wraps }
  }
  return at(server)
}

export function withoutLink(): People {
  const server = new ServerOnStage()
  server.instead.set('POST /api/invitations/look', () => ({ status: 404, body: { code: 'no_invitation' } }))
  return at(server)
}
