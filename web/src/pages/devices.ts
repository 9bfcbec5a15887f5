import type { Device, DeviceList } from '../call/model'

/** Devices without label are those we have no permission for: nobody could choose among them. */
export function named(list: DeviceList): DeviceList {
  const only = (devices: Device[]) => devices.filter(({ label }) => label !== '')
  return { camera: only(list.camera), microphone: only(list.microphone), speaker: only(list.speaker) }
}
