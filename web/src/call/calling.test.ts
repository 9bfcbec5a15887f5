import { afterEach, describe, expect, it, vi } from 'vitest'
import { Calling } from './calling'

afterEach(() => void vi.unstubAllGlobals())

describe('Hanna’s browser that cannot encrypt', () => {
  it('starts no meeting: the server is not even asked', async () => {
    const fetch = vi.fn()
    vi.stubGlobal('fetch', fetch)
    vi.stubGlobal('isSecureContext', false)
    expect(await new Calling().start()).toEqual({ refused: 'cannot-encrypt' })
    expect(fetch).not.toHaveBeenCalled()
  })
})
