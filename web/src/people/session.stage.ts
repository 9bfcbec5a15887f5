import type { FakeDatabases } from '../call/key-store.stage'
import { type Authenticator, Passkeys } from './passkeys'
import { People } from './people'
import { HANNA, KeysOnStage, type ServerOnStage } from './server.stage'
import type { Trust } from './session'
import type { InvitationAnswer } from './wire'

export const PASSWORD = 'Fähre im Nebel 7'
export const LINK: InvitationAnswer = {
  kind: 'invitation',
  role: 'organiser',
  name: null,
  account: HANNA,
  expires_at: '2026-11-29T10:00:00Z',
}

/** A page of that browser, loaded anew. */
export function pageAt(server: ServerOnStage, browser: FakeDatabases, authenticator?: Authenticator): People {
  return new People(server.api, new KeysOnStage(), new Passkeys(authenticator), browser.factory, () => 0)
}

/** Hanna has an account from then on, and is signed in; the recovery key of her vault. */
export async function invitedByPassword(people: People): Promise<string> {
  const { recovery } = await people.invitations.byPassword({ ...LINK, token: 't' }, 'hanna', PASSWORD)
  return recovery ?? ''
}

export async function vaultOf(people: People) {
  const vault = await people.session.openVault()
  if (typeof vault === 'string') throw new Error(vault)
  return vault
}

export const opened = async (people: People) => (await vaultOf(people)).read()

export async function signInByPassword(people: People, trust: Trust = false, password = PASSWORD) {
  return (await people.session.beginPassword('hanna', password, trust))()
}
