import type { Certificate, Place } from './admission'
import { InOrder } from './in-order'
import type { Pace } from './pace'
import type { Room } from './room'
import type { Seat } from './roster'

/** Until everybody has been seen with a new certificate. */
const CERTIFIED_MS = 3000

export type CertifyingParts = {
  pace: Pace
  room(): Room | undefined
  certificate(place: Place): Promise<Certificate | undefined>
  /** false when it could not be sent */
  send(pseudonym: string, certificate: Certificate): boolean
}

/** The host's own word for people inside whom something else has let in. */
export class Certifying {
  /** one crowd after the other, however many changes ask for it at once */
  private readonly steps = new InOrder()

  constructor(private readonly parts: CertifyingParts) {}

  /** Whether all of them who are still there have been seen with it, as then everybody can have. */
  async all(seats: readonly Seat[], at: Omit<Place, 'pseudonym' | 'key'>): Promise<boolean> {
    return seats.length === 0 || this.steps.run(() => this.certify(seats, at))
  }

  private async certify(seats: readonly Seat[], at: Omit<Place, 'pseudonym' | 'key'>): Promise<boolean> {
    for (const { id, key } of this.open(seats)) {
      await this.parts.pace.turn()
      if (this.parts.room()?.rules.denied.includes(key)) continue
      const certificate = await this.parts.certificate({ ...at, pseudonym: id, key })
      if (!certificate || !this.parts.send(id, certificate)) return false
    }
    await this.parts.room()?.until(() => this.open(seats).length === 0, CERTIFIED_MS)
    return this.parts.room() !== undefined && this.open(seats).length === 0
  }

  private open(seats: readonly Seat[]): readonly Seat[] {
    const room = this.parts.room()
    const wanted = new Set(seats.map(({ id }) => id))
    const isOpen = ({ id, key, admission }: Seat): boolean =>
      wanted.has(id) &&
      !room?.rules.denied.includes(key) &&
      !('certificate' in admission && admission.certificate.issuer === 'host')
    return room?.roster.seats().filter(isOpen) ?? []
  }
}
