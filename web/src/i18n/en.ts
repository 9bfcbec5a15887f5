/** What stands on the pages outside a call. Accessible names are part of the product's contract. */
export const en = {
  product: 'Klausur',
  switcher: 'Language',
  footer: { privacy: 'Privacy notice', imprint: 'Imprint', proof: 'How this is proven' },
  home: {
    heading: 'Meet behind closed doors',
    lead: 'Only the people in the meeting can see and hear it. Not even this server can.',
    link: 'Meeting link',
    linkHint: 'https://…/m/…',
    proceed: 'Continue',
    start: 'Start a meeting',
    starting: 'Starting …',
    noLink: 'Paste the link you were sent.',
    otherServer: 'This link belongs to another server. Open it in a new tab.',
  },
  before: {
    heading: 'Join the meeting',
    looking: 'Looking for the meeting …',
    name: 'Your name',
    noName: 'Enter a name that the others will see.',
    longName: 'This name is too long: the others will see its first 80 characters.',
    camera: 'Camera',
    microphone: 'Microphone',
    cameraOff: 'Your camera is off',
    cameraStarting: 'The camera is starting …',
    picture: 'Your picture',
    cameraDevice: 'Camera device',
    microphoneDevice: 'Microphone device',
    speakerDevice: 'Speaker device',
    unnamedDevice: (n: number) => `Device ${n}`,
    test: 'Test sound',
    heard: 'A tone is playing. No tone? Check the volume or choose another speaker.',
    who: 'Everyone who has the link can join, and only those who have joined can see and hear you. It is encrypted from device to device. Nothing is recorded here.',
    whoAdmitted:
      'Only those who were let in can see and hear you: the host or a co-host decides about each. It is encrypted from device to device. Nothing is recorded here.',
    join: 'Join',
    joining: 'Joining …',
    title: 'Title',
    titleHint: 'Encrypted; only people with the link can read it',
    titleFailed: 'The title could not be saved. Change it again to repeat.',
    waitingRoom: 'Waiting room',
    waitingRoomHint: 'You let people in one by one.',
    waitingRoomOffHint: 'Everyone who has the link comes in at once.',
    waitingRoomFailed: 'This could not be saved. Try again.',
    copy: 'Copy invitation link',
    copied: 'The invitation link is copied.',
    notCopied: 'The browser did not allow copying. Copy the link from the address bar.',
    waitingTitle: 'You are the host. Send the invitation link to those who should come.',
  },
  without: { camera: 'You can join without it.', microphone: 'You can listen without it.', speaker: '' },
  devices: {
    camera: {
      refused: {
        heading: 'The browser may not use the camera',
        help: 'Allow the camera in the address bar or in the settings of the browser, then switch it on again.',
      },
      missing: {
        heading: 'No camera found',
        help: 'Connect a camera and switch it on again.',
      },
      busy: {
        heading: 'Another program is using the camera',
        help: 'Close the other program and switch the camera on again.',
      },
    },
    microphone: {
      refused: {
        heading: 'The browser may not use the microphone',
        help: 'Allow the microphone in the address bar or in the settings of the browser, then switch it on again.',
      },
      missing: {
        heading: 'No microphone found',
        help: 'Connect a microphone and switch it on again.',
      },
      busy: {
        heading: 'Another program is using the microphone',
        help: 'Close the other program and switch the microphone on again.',
      },
    },
    speaker: {
      refused: {
        heading: 'The browser may not use this speaker',
        help: 'Choose another speaker, or allow it in the settings of the browser.',
      },
      missing: { heading: 'This speaker is gone', help: 'Choose another speaker. The sound goes to the usual one.' },
      busy: {
        heading: 'Another program is using the speaker',
        help: 'Close the other program or choose another speaker.',
      },
    },
  },
  trouble: {
    incomplete: {
      heading: 'This link is incomplete',
      help: 'A part of it was lost on the way. Ask for the whole link and copy it from its beginning to its very end.',
    },
    none: {
      heading: 'There is no meeting here',
      help: 'It may be over, or the link may be damaged. Ask the person who invited you for a new link.',
    },
    notStarted: {
      heading: 'The meeting has not started yet',
      help: 'Nobody can get in before it is time. Come back then and try again.',
    },
    locked: {
      heading: 'The meeting is locked',
      help: 'Those inside let nobody else in at the moment. Ask one of them to unlock it, then try again.',
    },
    declined: {
      heading: 'You were not let in',
      help: 'If you think that this is a mistake, speak to the person who invited you.',
    },
    full: {
      heading: 'The meeting is full',
      help: 'Nobody else can join until somebody leaves. Try again in a while.',
    },
    tooMany: {
      heading: 'Too many attempts',
      help: 'There were too many attempts from your network. Wait a little, then try again.',
      wait: (seconds: number) =>
        seconds > 90
          ? `There were too many attempts from your network. Try again in about ${Math.ceil(seconds / 60)} minutes.`
          : `There were too many attempts from your network. Try again in ${seconds} seconds.`,
    },
    restarting: {
      heading: 'The server is restarting',
      help: 'This takes a few seconds as a rule. Then try again.',
    },
    lost: {
      heading: 'The connection is lost',
      help: 'Check that this device is online, then try again.',
    },
    cannotEncrypt: {
      heading: 'This browser cannot encrypt meetings',
      help: 'Nothing was sent. Update the browser, or open the link in a current Firefox, Chrome, Edge or Safari.',
    },
    failed: {
      heading: 'The server could not answer',
      help: 'A part of it failed. Try again; if that does not help, tell those who run this server.',
    },
    storage: {
      heading: 'The server cannot store anything at the moment',
      help: 'Those who run it have to look after it. Try again later.',
    },
    notOpen: {
      heading: 'Nobody can start a meeting from this page',
      help: 'This installation does not allow it. With a meeting link you can join.',
    },
    signIn: {
      heading: 'This meeting is for people with an account',
      help: 'Sign in, and you come back here.',
      act: 'Sign in',
    },
    unknownPage: {
      heading: 'There is no page here',
      help: 'The address is wrong or out of date.',
    },
    again: 'Try again',
    home: 'To the start page',
    otherLink: 'Enter another link',
  },
}

/** The shape every language has to fill. */
export type Words = typeof en
