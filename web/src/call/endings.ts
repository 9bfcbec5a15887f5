import type { Problem } from '../api/problems'
import type { Ending } from './model'

export function endingOf({ code, retryAfter }: Problem): Ending {
  if (code === 'meeting_ended') return { why: 'ended' }
  if (code === 'removed' || code === 'declined') return { why: code }
  if (code === 'unreachable') return { why: 'connection-lost' }
  return { why: 'problem', code, ...(retryAfter === undefined ? {} : { retryAfter }) }
}
