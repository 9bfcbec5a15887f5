/** The server's time, whatever the clock of this machine says: certificates and hands are judged and dated by it. */
export class ServerClock {
  private ahead = 0

  constructor(private readonly here: () => number) {}

  /** `time`: RFC 3339; anything else changes nothing. */
  heard(time: unknown): void {
    const told = typeof time === 'string' ? Date.parse(time) : Number.NaN
    if (Number.isFinite(told)) this.ahead = told - this.here()
  }

  /** epoch ms */
  now(): number {
    return Math.round(this.here() + this.ahead)
  }

  /** The same instant by this machine's clock; `undefined` for what is no time. */
  atHere(time: string): number | undefined {
    const told = Date.parse(time)
    return Number.isFinite(told) ? told - this.ahead : undefined
  }
}
