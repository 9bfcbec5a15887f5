import type { ScheduleWords } from '../../i18n/schedule.en'
import { printLink } from '../../link'
import { nextOccurrence } from '../../schedule/occurrences'
import { linkOf, type PlannedMeeting } from '../../schedule/planner'
import { dateText, localeOf, repeatText, zoneText } from '../../schedule/when'

/** What calendar entry and mail say, in the language of the person who sends them. */
export function textsOf(held: PlannedMeeting, words: ScheduleWords, language: string, origin: string) {
  const { plan } = held
  const locale = localeOf(language)
  const title = held.title || words.fields.untitled
  const link = printLink(linkOf(held), origin)
  const notice = `${origin}/privacy`
  const next = nextOccurrence(plan, Date.now())
  const date = next ? `${dateText(next, plan.zone, locale)} (${zoneText(plan.zone)})` : ''
  const when = [date, repeatText(plan.start, plan.rule, words, locale)].filter(Boolean).join('\n')
  return {
    title,
    link,
    description: words.invitation.entry(link, notice),
    mail: words.invitation.body(title, when, link, notice),
  }
}
