import type { Session } from '../../people/session'

/**
 * `none`: this account has no vault. `without`: the person goes on though the vault stays closed. Whoever is asked and
 * says neither has given up.
 */
export type VaultAnswer = 'open' | 'none' | 'without' | 'given-up'

type Asked = { optional: boolean; answer: (answer: VaultAnswer) => void }

/**
 * Some acts seal the vault's key anew, for which this page must have it: after a reload the browser gives it only for
 * opening the vault. Then the person is asked to open it once more.
 */
export class VaultQuestion {
  asked = $state.raw<Asked>()

  constructor(private readonly session: Pick<Session, 'canSeal' | 'lockedBy'>) {}

  /** `optional`: it can also be done without the vault. Throws `Problem`. */
  async ask(account: string, optional: boolean): Promise<VaultAnswer> {
    if (this.session.canSeal(account)) return 'open'
    if ((await this.session.lockedBy()) === 'none') return 'none'
    return new Promise((resolve) => {
      this.asked = {
        optional,
        answer: (answer) => {
          this.asked = undefined
          resolve(answer)
        },
      }
    })
  }
}
