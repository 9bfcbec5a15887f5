import type { OpenVault } from '../../people/content'
import type { People } from '../../people/people'
import { ScheduleApi } from '../../schedule/api'
import { Planner } from '../../schedule/planner'

export function plannerOf(people: Pick<People, 'hostKeysOf'>, vault: OpenVault): Planner {
  return new Planner(new ScheduleApi(), people.hostKeysOf(vault.account), vault)
}
