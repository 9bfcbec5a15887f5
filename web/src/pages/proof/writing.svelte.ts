import { Problem } from '../../api/problems'

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
