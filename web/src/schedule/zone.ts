const DAY_MS = 24 * 3_600_000

/** One time zone, by what the browser knows of it: which instant a wall time is. */
export class Zone {
  private readonly format: Intl.DateTimeFormat

  /** Throws RangeError for what is no zone. */
  constructor(name: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** The wall's clock at an instant, as ms as if it were UTC. */
  wallAt(instant: number): number {
    const parts = this.format.formatToParts(instant).map(({ type, value }) => [type, Number(value)])
    const { year, month, day, hour, minute, second } = Object.fromEntries(parts)
    return Date.UTC(year, month - 1, day, hour, minute, second) + (instant % 1000)
  }

  /**
   * The instant of a wall time, epoch ms. As RFC 5545, section 3.3.5: of an hour that comes twice the first one; in an
   * hour that is skipped, by the offset from before the gap, which is as much later as the gap is long.
   */
  instantOf(wall: number): number {
    // Far enough apart that no zone's offset reaches across, and no zone changes twice within it.
    const [before, after] = [this.offsetAt(wall - DAY_MS), this.offsetAt(wall + DAY_MS)]
    const right = [wall - before, wall - after].filter((instant) => this.wallAt(instant) === wall)
    return right.length > 0 ? Math.min(...right) : wall - before
  }

  private offsetAt(instant: number): number {
    return this.wallAt(instant) - instant
  }
}
