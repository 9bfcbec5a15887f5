import { type Refused, refusalOf } from './refusals'

/** The person thought better of it: nothing is to be said. */
export class GivenUp extends Error {}

/** What a part of the page is doing, one thing at a time: what was refused stays until the next is begun. */
export class Acting {
  busy = $state(false)
  refused = $state.raw<Refused>()
  /** said politely once it is done */
  told = $state('')

  /** Whether it was done. `act` answers with what is to be said. */
  async run(act: () => Promise<string>): Promise<boolean> {
    if (this.busy) return false
    this.begin()
    try {
      this.told = await act()
      return true
    } catch (error) {
      if (!(error instanceof GivenUp)) this.refused = refusalOf(error)
      return false
    } finally {
      this.busy = false
    }
  }

  private begin(): void {
    this.busy = true
    this.refused = undefined
    this.told = ''
  }
}

/** Something the server is asked for. While it is asked again, what it said before stays. */
export class Loaded<T> {
  value = $state.raw<T>()
  refused = $state.raw<Refused>()

  constructor(private readonly ask: () => Promise<T>) {}

  async load(): Promise<void> {
    try {
      this.value = await this.ask()
      this.refused = undefined
    } catch (error) {
      this.refused = refusalOf(error)
    }
  }
}
