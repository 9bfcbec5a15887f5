import type { InCall } from '../../call/model'
import type { CallWords } from '../../i18n/call.en'
import {
  devices,
  fullScreen,
  grid,
  keyboard,
  pictureInPicture,
  speakerView,
  stopVideo,
  switchCamera,
} from '../../ui/call-icons'
import type { MenuItem } from '../../ui/Menu.svelte'
import { canPictureInPicture } from './picture-in-picture.svelte'
import type { View } from './tiles'

type Situation = {
  view: View
  stage: string | undefined
  full: boolean
  state: InCall
  small: { active: boolean; possible: boolean }
  choose: (choice: 'grid' | 'speaker') => void
  toggleFull: () => void
  toggleSmall: () => void
  openDevices: () => void
  openShortcuts: () => void
  switchCamera: () => void
  toggleVideo: () => void
}

/** The menu "More", in its order; what this browser cannot do is not there. */
export function itemsOf(t: CallWords, now: Situation): MenuItem[] {
  const items: (MenuItem | false)[] = [
    {
      label: t.more.grid,
      icon: grid,
      radio: true,
      checked: now.stage === undefined,
      act: () => now.choose('grid'),
    },
    {
      label: t.more.speaker,
      icon: speakerView,
      radio: true,
      checked: now.stage !== undefined,
      act: () => now.choose('speaker'),
    },
    document.fullscreenEnabled && {
      label: t.more.fullScreen,
      icon: fullScreen,
      checked: now.full,
      act: now.toggleFull,
    },
    canPictureInPicture() && {
      label: t.more.pictureInPicture,
      icon: pictureInPicture,
      checked: now.small.active,
      hindrance: now.small.possible || now.small.active ? undefined : t.more.noPicture,
      act: now.toggleSmall,
    },
    { label: t.more.devices, icon: devices, act: now.openDevices },
    hasTwoSides(now.state) && { label: t.more.switchCamera, icon: switchCamera, act: now.switchCamera },
    { label: t.more.stopVideo, icon: stopVideo, checked: !now.state.incomingVideo, act: now.toggleVideo },
    { label: t.more.shortcuts, icon: keyboard, act: now.openShortcuts },
  ]
  return items.filter((item) => item !== false)
}

/** A phone or tablet with a front and a rear camera. */
function hasTwoSides({ devices }: InCall): boolean {
  return matchMedia('(pointer: coarse)').matches && devices.camera.length > 1
}
