import { Problem } from '../../api/problems'
import type { PeopleWords } from '../../i18n/people.en'
import type { ScheduleWords } from '../../i18n/schedule.en'
import { VaultTrouble } from '../../people/content'
import { PlanTrouble, Stranded } from '../../schedule/planner'
import { type Said, saidOf } from '../people/trouble'

const PLANS = { over: 'over', 'too-far': 'tooFar', 'no-date': 'noDate', gone: 'gone' } as const

/** What went wrong while planning, in words. */
export function troubleIn(error: unknown, words: ScheduleWords, common: PeopleWords): Said {
  const t = words.trouble
  if (error instanceof PlanTrouble) return t[PLANS[error.kind]]
  if (error instanceof Stranded) return t.stranded
  if (error instanceof VaultTrouble)
    return error.kind === 'contended' || error.kind === 'too_large' ? t.vault : saidOf(error, common)
  if (!(error instanceof Problem)) return t.failed
  switch (error.code) {
    case 'meetings_not_open':
    case 'not_allowed':
      return t.notOpen
    case 'signin_needed':
      return words.signedOut
    case 'unreachable':
    case 'storage_unavailable':
      return t.unreachable
    case 'no_meeting':
    case 'meeting_ended':
      return t.gone
    case 'too_many_attempts':
      return saidOf(error, common)
    default:
      return t.failed
  }
}
