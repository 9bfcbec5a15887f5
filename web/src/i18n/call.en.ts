/** A control's name; what fits on a phone, which has to be a part of the name, perhaps on two lines. */
export type Label = [name: string, narrow: string, rest?: string]

/** What stands in the call; loaded with it. */
export const en = {
  meeting: 'Meeting',
  joining: 'Joining …',
  you: (name: string) => `${name} (you)`,
  screenOf: (name: string) => `${name}'s screen`,
  microphoneOff: 'Microphone off',
  cameraOff: 'Camera off',
  videoStopped: 'Incoming video stopped',
  speaking: 'Speaking',
  reconnecting: 'Reconnecting',
  blocked: 'Blocked: not encrypted',
  poor: 'Poor connection',
  lost: 'Connection lost',
  pin: (name: string) => `Pin ${name}`,
  controls: {
    label: 'Meeting controls',
    microphone: ['Microphone', 'Micro', 'phone'] as Label,
    camera: ['Camera', 'Camera'] as Label,
    screen: ['Share screen', 'Share'] as Label,
    people: ['People', 'People'] as Label,
    more: ['More', 'More'] as Label,
    leave: ['Leave', 'Leave'] as Label,
  },
  more: {
    grid: 'Grid',
    speaker: 'Speaker view',
    fullScreen: 'Full screen',
    pictureInPicture: 'Picture in picture',
    noPicture: 'when somebody shows a picture',
    devices: 'Devices',
    switchCamera: 'Switch camera',
    stopVideo: 'Stop incoming video',
    shortcuts: 'Shortcuts',
  },
  close: 'Close',
  dismiss: 'Dismiss',
  since: 'Time since the start',
  shield: { on: 'Encryption: on', blocked: 'Encryption: blocked' },
  security: {
    heading: 'Security',
    on: 'Encrypted from device to device',
    blocked: 'Something is blocked',
    how: [
      'Picture, sound and shared screens are encrypted with AES-GCM in the browser of the sender and decrypted in yours. Each person has keys of their own, new ones for each meeting.',
      'Names and the title are encrypted with AES-256-GCM.',
      'The keys come from the part of the link behind the # sign. It is never sent to the server. Everyone who has the whole link can join and decrypt.',
      'What is not encrypted is neither sent nor shown.',
    ],
    alarms: 'Alarms so far',
    none: 'None.',
    resolved: 'resolved',
    active: 'active',
  },
  alarm: {
    somebody: 'Somebody',
    'self-not-encrypted': () => 'Your own encryption could not be established. Nothing of yours is sent.',
    'unknown-participant': () =>
      'Somebody is connected whom nobody has announced. Nothing of theirs is shown or heard, and they cannot decrypt anything without the link.',
    'track-not-encrypted': (name: string) => `What ${name} sends is not encrypted. It is neither shown nor heard.`,
    'cannot-decrypt': (name: string) => `What ${name} sends cannot be decrypted. It is neither shown nor heard.`,
    'plaintext-data': (name: string) =>
      `Data that were not encrypted came in the name of ${name}. They were discarded.`,
    'worker-failed': () =>
      'Encryption has failed in this browser. Nothing is sent or shown any more. Leave and join again.',
  },
  people: {
    heading: 'People',
    copy: 'Copy invitation link',
    copied: 'The invitation link is copied.',
    notCopied: 'The browser did not allow copying. Copy the link from the address bar.',
    list: 'In the meeting',
  },
  devices: { heading: 'Devices', none: 'No device is ready. Switch on the camera or the microphone first.' },
  unsent: {
    camera: {
      heading: 'Your camera could not be sent',
      help: 'It is off now, and nobody sees you. Switch it on again to try once more.',
    },
    microphone: {
      heading: 'Your microphone could not be sent',
      help: 'It is off now, and nobody hears you. Switch it on again to try once more.',
    },
    screen: {
      heading: 'Your screen could not be sent',
      help: 'Nobody sees it any more. Share it again to try once more.',
    },
  },
  sound: { on: 'Turn on sound', why: 'The browser plays no sound before you allow it.' },
  announce: {
    joined: (name: string) => `${name} has joined`,
    left: (name: string) => `${name} has left`,
    manyJoined: (n: number) => `${n} people have joined`,
    manyLeft: (n: number) => `${n} people have left`,
    screen: (name: string) => `${name} is sharing a screen`,
  },
  connection: { reconnecting: 'Reconnecting', why: 'The connection was interrupted. You keep your place.' },
  pages: {
    label: 'Pages',
    previous: 'Previous page',
    next: 'Next page',
    position: (page: number, pages: number) => `Page ${page} of ${pages}`,
  },
  shortcuts: {
    heading: 'Shortcuts',
    microphone: 'Microphone on or off',
    camera: 'Camera on or off',
    talk: 'Talk while you hold the key',
    talkHint: 'when no control has the focus',
    escape: 'Close a panel or menu',
    space: 'Space',
    escapeKey: 'Esc',
    control: 'Ctrl',
    command: 'Cmd',
  },
}

export type CallWords = typeof en
