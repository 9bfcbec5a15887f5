import type { PeopleApi } from './api'
import { inTime, type Passkeys } from './passkeys'
import { newKdf, type PasswordKeys } from './password-keys'
import type { Session } from './session'
import { FIRST_VERSION, type FreshVault, freshVault, type Means, passkeyMeans, passwordMeans, wrapFor } from './vault'
import type { Acceptance, InvitationAnswer } from './wire'

/** A link that somebody was given: for a new account, or for a new way into one. */
export type Invitation = InvitationAnswer & { token: string }

/**
 * `recovery`: of the vault that was made with the account. A new way into an old account leaves its vault as it is.
 * `opens`: whether the new way can open a vault, which not every passkey can.
 */
export type Accepted = { recovery: string | undefined; opens: boolean }

type Way = Pick<Acceptance, 'password' | 'passkey'>

/** Methods throw `Problem`; with a passkey also `PasskeyTrouble`. */
export class Invitations {
  constructor(
    private readonly api: PeopleApi,
    private readonly passwords: PasswordKeys,
    private readonly passkeys: Passkeys,
    private readonly session: Session,
  ) {}

  async look(token: string): Promise<Invitation> {
    return { ...(await this.api.invitation(token)), token }
  }

  /** `label`: what the passkey is called among others. */
  async byPasskey(invitation: Invitation, name: string, label: string): Promise<Accepted> {
    const { account, token } = invitation
    const made = await this.passkeys.create(await this.api.invitedPasskey({ token, name }))
    const means = made.prf && (await passkeyMeans(made.id, made.prf))
    const vault = await newVaultFor(invitation)
    const wrap = means && vault ? (await wrapFor(means, account, vault.raw)).wrapped : null
    const passkey = { challenge: made.challenge, credential: made.credential, label, wrap }
    return this.accept(invitation, name, { password: null, passkey }, vault, means ? [means] : [])
  }

  async byPassword(invitation: Invitation, name: string, password: string): Promise<Accepted> {
    const kdf = newKdf()
    const keys = await this.passwords.derive(password, kdf)
    const means = [passwordMeans(keys)]
    const vault = await newVaultFor(invitation, means)
    return this.accept(invitation, name, { password: { kdf, key: keys.signIn }, passkey: null }, vault, means)
  }

  private async accept(
    { token }: Invitation,
    name: string,
    way: Way,
    fresh: FreshVault | null,
    means: Means[],
  ): Promise<Accepted> {
    const vault = fresh && { blob: fresh.blob, wraps: fresh.wraps }
    const sent = this.api.accept({ token, name, ...way, vault })
    const told = await (way.passkey ? inTime(sent) : sent)
    await this.session.enter(told, 'as-before', means, fresh?.raw)
    return { recovery: fresh?.recovery.text, opens: means.length > 0 }
  }
}

async function newVaultFor({ kind, account }: Invitation, means: Means[] = []): Promise<FreshVault | null> {
  return kind === 'reset' ? null : freshVault(account, FIRST_VERSION, means)
}
