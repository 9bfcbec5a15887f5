/** What is left of a probe's answer once it has given one. */
export type Given<T> = Exclude<T, null | undefined | false | 0 | ''>

/** Polls until `probe` gives something truthy and returns it; there are no fixed sleeps in these tests. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  { within = 30_000, every = 100 }: { within?: number; every?: number } = {},
): Promise<Given<T>> {
  const deadline = performance.now() + within
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value) return value as Given<T>
      last = value
    } catch (error) {
      if (error instanceof GivenUp) throw error
      last = error
    }
    if (performance.now() > deadline) {
      const failed = `not within ${within / 1000} s: ${what} (last: ${show(last)})`
      // A test that is tried again swallows the error of the first try.
      console.error(failed)
      throw new Error(failed)
    }
    await pause(every)
  }
}

/** Thrown by a probe when waiting any longer is in vain. */
export class GivenUp extends Error {}

/** True as long as `probe` gives the same answer for `span` milliseconds: for "nobody saw that" in a story. */
export async function stays(what: string, probe: () => unknown, span = 1_500): Promise<void> {
  const end = performance.now() + span
  while (performance.now() < end) {
    if (!(await probe())) throw new Error(`did not stay so: ${what}`)
    await pause(50)
  }
}

/** Seconds since it was made, to one digit more than we report. */
export function stopwatch(): () => number {
  const start = performance.now()
  return () => Math.round(performance.now() - start) / 1000
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function show(value: unknown): string {
  if (value instanceof Error) return value.message.split('\n')[0] ?? ''
  return JSON.stringify(value)?.slice(0, 600) ?? String(value)
}
