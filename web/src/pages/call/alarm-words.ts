import type { Alarm } from '../../call/model'
import type { CallWords } from '../../i18n/call.en'

export function alarmText(alarm: Alarm, t: CallWords): string {
  return t.alarm[alarm.kind](alarm.name || t.alarm.somebody)
}
