import { type Call, Requests } from '../api/requests'
import type {
  Acceptance,
  AccountAnswer,
  AccountRole,
  BackupCodes,
  EngineAnswer,
  InvitationAnswer,
  Kdf,
  MadeInvitation,
  NewPasskey,
  NewPassword,
  PasskeyAnswer,
  PasskeyCreation,
  PasskeyRequest,
  PeopleAnswer,
  RunningMeeting,
  SessionAnswer,
  ShownSetting,
  TotpSecret,
  VaultAnswer,
  Wrap,
} from './wire'

const OF_AN_ACCOUNT = /^\/api\/(account|vault)(\/|$)/

/** What the server is asked about accounts. Every method throws {@link Problem} and nothing else. */
export class PeopleApi extends Requests {
  /**
   * The account that this page takes itself for: all tabs have one cookie, and in another one somebody else may have
   * signed in. What it asks of an account names it, and is refused with `signin_needed` where it is not the session's.
   */
  whose: string | undefined

  session(): Promise<SessionAnswer> {
    return this.answer('/api/session')
  }

  endSession(): Promise<{ provider_logout: string | null }> {
    return this.answer('/api/session', { method: 'DELETE' })
  }

  async kdf(name: string): Promise<Kdf> {
    return (await this.post<{ kdf: Kdf }>('/api/signin/password/kdf', { name })).kdf
  }

  signInByPassword(body: { name: string; key: string; code?: string }): Promise<SessionAnswer> {
    return this.post('/api/signin/password', body)
  }

  passkeyRequest(): Promise<PasskeyRequest> {
    return this.post('/api/signin/passkey/options')
  }

  signInByPasskey(body: PasskeyAnswer): Promise<SessionAnswer> {
    return this.post('/api/signin/passkey', body)
  }

  vault(): Promise<VaultAnswer> {
    return this.answer('/api/vault')
  }

  /** `account`: whose it is; refused with `signin_needed` where somebody else is signed in by now. */
  putVault(body: { account: string; version: number; blob: string }): Promise<void> {
    return this.put('/api/vault', body)
  }

  /** `account`: as with `putVault` */
  putWraps(account: string, wraps: Wrap[]): Promise<void> {
    return this.put('/api/vault/wraps', { account, wraps })
  }

  invitation(token: string): Promise<InvitationAnswer> {
    return this.post('/api/invitations/look', { token })
  }

  invitedPasskey(body: { token: string; name: string }): Promise<PasskeyCreation> {
    return this.post('/api/invitations/passkey', body)
  }

  accept(body: Acceptance): Promise<SessionAnswer> {
    return this.post('/api/invitations/accept', body)
  }

  account(): Promise<AccountAnswer> {
    return this.answer('/api/account')
  }

  /** All that the server holds of it. */
  exportAccount(): Promise<unknown> {
    return this.answer('/api/account/export')
  }

  deleteAccount(): Promise<void> {
    return this.remove('/api/account')
  }

  setPassword(body: NewPassword): Promise<void> {
    return this.put('/api/account/password', body)
  }

  removePassword(): Promise<void> {
    return this.remove('/api/account/password')
  }

  newTotp(): Promise<TotpSecret> {
    return this.post('/api/account/totp')
  }

  async confirmTotp(code: string): Promise<BackupCodes> {
    return this.answer('/api/account/totp', { method: 'PUT', body: { code } })
  }

  removeTotp(): Promise<void> {
    return this.remove('/api/account/totp')
  }

  newBackupCodes(): Promise<BackupCodes> {
    return this.post('/api/account/backup-codes')
  }

  newPasskey(): Promise<PasskeyCreation> {
    return this.post('/api/account/passkeys/options')
  }

  addPasskey(body: NewPasskey): Promise<{ id: string }> {
    return this.post('/api/account/passkeys', body)
  }

  renamePasskey(id: string, label: string): Promise<void> {
    return this.put(one('account/passkeys', id), { label })
  }

  removePasskey(id: string): Promise<void> {
    return this.remove(one('account/passkeys', id))
  }

  endOtherSession(id: string): Promise<void> {
    return this.remove(one('account/sessions', id))
  }

  endOtherSessions(): Promise<void> {
    return this.remove('/api/account/sessions')
  }

  removeNotice(id: string): Promise<void> {
    return this.remove(one('account/notices', id))
  }

  people(): Promise<PeopleAnswer> {
    return this.answer('/api/admin/people')
  }

  invite(body: { role: AccountRole; name: string | null }): Promise<MadeInvitation> {
    return this.post('/api/admin/invitations', body)
  }

  withdrawInvitation(id: string): Promise<void> {
    return this.remove(one('admin/invitations', id))
  }

  changePerson(id: string, body: { role: AccountRole; disabled: boolean }): Promise<void> {
    return this.put(one('admin/people', id), body)
  }

  removePerson(id: string): Promise<void> {
    return this.remove(one('admin/people', id))
  }

  removeSecondFactorOf(id: string): Promise<void> {
    return this.remove(`${one('admin/people', id)}/second-factor`)
  }

  resetPerson(id: string): Promise<MadeInvitation> {
    return this.post(`${one('admin/people', id)}/reset`)
  }

  async runningMeetings(): Promise<RunningMeeting[]> {
    return (await this.answer<{ meetings: RunningMeeting[] }>('/api/admin/meetings')).meetings
  }

  endMeeting(id: string): Promise<void> {
    return this.remove(one('admin/meetings', id))
  }

  async settings(): Promise<ShownSetting[]> {
    return (await this.answer<{ settings: ShownSetting[] }>('/api/admin/settings')).settings
  }

  engine(): Promise<EngineAnswer> {
    return this.answer('/api/admin/engine')
  }

  protected override request(url: string, call: Call): Promise<Response> {
    const { whose } = this
    if (whose === undefined || !OF_AN_ACCOUNT.test(url)) return super.request(url, call)
    return super.request(url, { ...call, headers: { ...call.headers, 'klausur-account': whose } })
  }

  private post<T>(url: string, body?: unknown): Promise<T> {
    return this.answer(url, { method: 'POST', ...(body === undefined ? {} : { body }) })
  }

  private async put(url: string, body: unknown): Promise<void> {
    await this.request(url, { method: 'PUT', body })
  }

  private async remove(url: string): Promise<void> {
    await this.request(url, { method: 'DELETE' })
  }
}

function one(folder: string, id: string): string {
  return `/api/${folder}/${encodeURIComponent(id)}`
}
