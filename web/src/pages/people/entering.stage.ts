import { vi } from 'vitest'
import { FakeDatabases } from '../../call/key-store.stage'
import { en } from '../../i18n/people.en'
import { type Authenticator, Passkeys } from '../../people/passkeys'
import { People } from '../../people/people'
import { HANNA, KeysOnStage, type ServerOnStage } from '../../people/server.stage'
import type { AccountRole, InvitationAnswer } from '../../people/wire'
import { eventually, House, see, type } from '../pages.stage'

export const PASSWORD = 'Gabelstapler moos 7 Kontrabass'

/** Its passkeys open no vault. */
const sensor = {
  supported: () => true,
  create: async () => ({ id: 'key-1', clientExtensionResults: { prf: { enabled: false } } }),
  get: async () => ({ id: 'key-1', clientExtensionResults: {} }),
} as unknown as Authenticator

/** A house where only those with an account start meetings, in a browser that nobody has used yet. */
export function houseAt(server: ServerOnStage): House {
  sessionStorage.clear()
  history.replaceState(null, '', '/')
  vi.spyOn(window, 'scrollTo').mockReturnValue()
  const house = new House()
  house.operator = { ...(house.operator as NonNullable<typeof house.operator>), open: false }
  house.people = peopleIn(server)
  return house
}

function peopleIn(server: ServerOnStage): People {
  return new People(server.api, new KeysOnStage(), new Passkeys(sensor), new FakeDatabases().factory, () => 0)
}

export function linkAt(
  server: ServerOnStage,
  kind: InvitationAnswer['kind'],
  role: AccountRole,
  name: string | null = null,
): void {
  const body: InvitationAnswer = { kind, role, name, account: HANNA, expires_at: '2026-11-29T10:00:00Z' }
  server.instead.set('POST /api/invitations/look', () => ({ status: 200, body }))
}

/** Hanna has an account with a password, and is signed out. */
export async function accountAt(server: ServerOnStage, code?: string): Promise<void> {
  const elsewhere = peopleIn(server)
  const link = { kind: 'invitation', role: 'organiser', name: null, account: HANNA, expires_at: '' } as const
  await elsewhere.invitations.byPassword({ ...link, token: 't' }, 'hanna', PASSWORD)
  await elsewhere.session.signOut()
  server.code = code
}

export const text = () => document.body.textContent ?? ''

export async function field(label: string): Promise<HTMLInputElement> {
  return eventually(() => {
    const found = [...document.querySelectorAll('label')].find((each) => each.textContent?.trim() === label)
    const input =
      found?.querySelector('input') ?? document.querySelector<HTMLInputElement>(`#${found?.htmlFor || 'none'}`)
    if (!input) throw new Error(`no field ${label} in: ${text()}`)
    return input
  })
}

export async function fill(label: string, value: string): Promise<void> {
  type(await field(label), value)
}

export const click = async (name: string) => (await see('button', name)).click()

export async function givesPassword(password = PASSWORD): Promise<void> {
  await fill(en.signIn.name, 'hanna')
  await fill(en.signIn.password, password)
  await click(en.signIn.submit)
}
