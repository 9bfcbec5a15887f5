import type { Alarm, AlarmKind } from './model'

/** Old, resolved alarms beyond this many are forgotten. */
const KEPT = 100
const INSTANT_MS = 10_000

export type Cause = { kind: AlarmKind; person?: string | undefined; name?: string | undefined }

/** Alarms while they last and after: raised once per cause, resolved when it is gone, kept to be read. */
export class Alarms {
  private list: Alarm[] = []
  private count = 0
  private readonly passing = new Map<string, { cause: Cause; at: number }>()

  constructor(
    private readonly now: () => number,
    private readonly changed: () => void,
  ) {}

  /** Active ones first, newest first. */
  all(): Alarm[] {
    return [...this.list].sort((a, b) => Number(a.resolved) - Number(b.resolved) || b.at - a.at)
  }

  raise({ kind, person, name }: Cause): void {
    if (this.active(kind, person)) return
    const who = { ...(person === undefined ? {} : { person }), ...(name === undefined ? {} : { name }) }
    const alarm: Alarm = { id: String(++this.count), kind, ...who, at: this.now(), resolved: false }
    this.list = [alarm, ...this.list].filter(({ resolved }, place) => place < KEPT || !resolved)
    this.changed()
  }

  /** Something that happened in an instant: over when it has not happened again for a while. */
  flash(cause: Cause): void {
    this.passing.set(`${cause.kind} ${cause.person}`, { cause, at: this.now() })
    this.raise(cause)
  }

  /** To be called about once a second. */
  tick(): void {
    for (const [key, { cause, at }] of this.passing) {
      if (this.now() - at < INSTANT_MS) continue
      this.passing.delete(key)
      this.resolve(cause.kind, cause.person)
    }
  }

  resolve(kind: AlarmKind, person?: string): void {
    if (!this.active(kind, person)) return
    this.list = this.list.map((alarm) =>
      alarm.kind === kind && alarm.person === person ? { ...alarm, resolved: true } : alarm,
    )
    this.changed()
  }

  /** Makes the causes of these kinds exactly the active ones. */
  settle(kinds: readonly AlarmKind[], causes: readonly Cause[]): void {
    for (const { kind, person, resolved } of this.list) {
      const goesOn = causes.some((cause) => cause.kind === kind && cause.person === person)
      if (!resolved && kinds.includes(kind) && !goesOn) this.resolve(kind, person)
    }
    for (const cause of causes) this.raise(cause)
  }

  /** Whether anything about this person is alarming now: then nothing of theirs is shown or heard. */
  concern(person: string): boolean {
    return this.list.some((alarm) => !alarm.resolved && alarm.person === person)
  }

  /** Whether anything at all is blocked now, of one's own or of another's. */
  get any(): boolean {
    return this.list.some(({ resolved }) => !resolved)
  }

  private active(kind: AlarmKind, person?: string): boolean {
    return this.list.some((alarm) => !alarm.resolved && alarm.kind === kind && alarm.person === person)
  }
}
