import { Problem } from '../../api/problems'
import { Uncertain } from '../../proof/api'

/** One change of the proof at a time: what was refused stays until the next is begun. */
export class Writing {
  busy = $state(false)
  problem = $state.raw<Problem>()
  /** said politely once it is done */
  told = $state('')

  /** Whether it was done. */
  async run(act: () => Promise<unknown>, told: string): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.problem = undefined
    this.told = ''
    try {
      await act()
      this.told = told
      return true
    } catch (error) {
      this.problem = error instanceof Problem ? error : new Problem('unintelligible')
      return false
    } finally {
      this.busy = false
    }
  }
}

/**
 * Acts; where that fails, what there is now is looked at before anything is said about it: it may have been done all the
 * same, or somebody else was faster. `look`: whether it was to be seen.
 */
export async function orLook(act: () => Promise<unknown>, look: () => Promise<boolean>): Promise<void> {
  try {
    await act()
  } catch (error) {
    const shown = await look()
    throw error instanceof Uncertain ? new Uncertain(error.code, shown) : error
  }
}
