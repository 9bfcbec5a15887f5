import { describe, expect, it } from 'vitest'
import { type Authenticator, Passkeys } from './passkeys'
import type { PasskeyCreation, PasskeyRequest } from './wire'

const OUTPUT = Uint8Array.from({ length: 32 }, (_, at) => at + 1)
const REQUEST: PasskeyRequest = { challenge: 'c1', options: { challenge: 'AAAA' } }
const CREATION = {
  challenge: 'c2',
  options: { challenge: 'AAAA', rp: { id: 'meet.example', name: 'Klausur' } },
} as PasskeyCreation

type Wishes = { onCreation?: boolean; later?: boolean; enabled?: boolean; refuse?: string }

/** A passkey provider: tells its output at once, only later, or never. */
function authenticator({ onCreation = false, later = true, enabled = true, refuse }: Wishes = {}) {
  const asked: PasskeyRequest['options'][] = []
  const prf = (told: boolean) => ({ enabled, ...(told ? { results: { first: OUTPUT.slice().buffer } } : {}) })
  const refusal = () => {
    if (refuse) throw Object.assign(new Error('no'), { name: refuse })
  }
  const browser = {
    supported: () => true,
    create: async () => {
      refusal()
      return { id: 'key-1', clientExtensionResults: { credProps: { rk: true }, prf: prf(onCreation) } }
    },
    get: async ({ optionsJSON }: { optionsJSON: PasskeyRequest['options'] }) => {
      refusal()
      asked.push(optionsJSON)
      return { id: 'key-1', clientExtensionResults: { prf: prf(later) } }
    },
  } as unknown as Authenticator
  return { passkeys: new Passkeys(browser), asked }
}

describe('a passkey that opens the vault', () => {
  it('gives its output to the page and to nobody else', async () => {
    const { passkeys, asked } = authenticator()
    const { answer, id, prf } = await passkeys.ask(REQUEST)
    expect(prf).toEqual(OUTPUT)
    expect(id).toBe('key-1')
    expect(answer.credential.clientExtensionResults).toEqual({})
    expect(asked[0]?.extensions?.prf?.eval?.first).toEqual(new TextEncoder().encode('klausur vault v1'))
  })

  it('tells it when it is made', async () => {
    const { passkeys, asked } = authenticator({ onCreation: true })
    const made = await passkeys.create(CREATION)
    expect(made).toMatchObject({ prf: OUTPUT, credential: { clientExtensionResults: {} } })
    expect(asked).toEqual([])
  })

  it('or is asked once more, with a challenge of the page’s own', async () => {
    const { passkeys, asked } = authenticator()
    expect((await passkeys.create(CREATION)).prf).toEqual(OUTPUT)
    expect(asked).toMatchObject([
      { rpId: 'meet.example', userVerification: 'required', allowCredentials: [{ id: 'key-1' }] },
    ])
    expect(asked[0]?.challenge).not.toBe(CREATION.options.challenge)
  })
})

describe('a passkey that opens no vault', () => {
  it('is made all the same, without a second question when it says so', async () => {
    const { passkeys, asked } = authenticator({ enabled: false, later: false })
    expect(await passkeys.create(CREATION)).toMatchObject({ id: 'key-1', prf: undefined })
    expect(asked).toEqual([])
  })

  it('tells nothing when it is asked', async () => {
    const { passkeys } = authenticator({ later: false })
    expect((await passkeys.ask(REQUEST)).prf).toBeUndefined()
    expect(await passkeys.prf(['key-1'])).toBeUndefined()
  })
})

describe('Hanna, who', () => {
  it.for([
    ['NotAllowedError', 'refused'],
    ['InvalidStateError', 'exists'],
    ['SecurityError', 'unsupported'],
  ] as const)('meets %s, is told “%s”', async ([refuse, kind]) => {
    const { passkeys } = authenticator({ refuse })
    await expect(passkeys.create(CREATION)).rejects.toMatchObject({ kind })
    await expect(passkeys.ask(REQUEST)).rejects.toMatchObject({ kind })
  })

  it('has a browser without passkeys, is told so', async () => {
    const passkeys = new Passkeys({ supported: () => false } as Authenticator)
    await expect(passkeys.ask(REQUEST)).rejects.toMatchObject({ kind: 'unsupported' })
  })
})
