/** One step after the other, in the order in which they came, however long each takes. */
export class InOrder {
  private last: Promise<unknown> = Promise.resolve()

  run<T>(step: () => Promise<T>): Promise<T> {
    const done = this.last.then(step)
    // What went wrong is its caller's; the steps after it still come.
    this.last = done.catch(() => undefined)
    return done
  }
}
