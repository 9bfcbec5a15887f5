import { Api, path, proven } from '../api/client'
import type { components } from '../api/schema.gen'

/** What only the owner of a planned meeting asks for. */
export class ScheduleApi extends Api {
  async putTimes(meeting: string, proof: string, body: components['schemas']['SignedTimes']): Promise<void> {
    await this.request(`${path(meeting)}/times`, { method: 'PUT', body, headers: proven(proof) })
  }

  async cancelMeeting(
    meeting: string,
    proof: string,
    body: components['schemas']['SignedCancellation'],
  ): Promise<void> {
    await this.request(path(meeting), { method: 'DELETE', body, headers: proven(proof) })
  }
}
