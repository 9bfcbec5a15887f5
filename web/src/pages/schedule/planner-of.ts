import { HostKeys } from '../../call/host-keys'
import type { OpenVault } from '../../people/content'
import { ScheduleApi } from '../../schedule/api'
import { Planner } from '../../schedule/planner'

export function plannerOf(vault: OpenVault): Planner {
  return new Planner(new ScheduleApi(), new HostKeys(), vault)
}
