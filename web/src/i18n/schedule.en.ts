/** Planning meetings, and the list of those one has planned. */
export const en = {
  heading: 'Schedule a meeting',
  editHeading: 'Change the meeting',
  loading: 'Loading …',
  signedOut: { heading: 'You are signed out', help: 'Sign in to plan meetings.', signIn: 'Sign in' },
  fields: {
    title: 'Title',
    titleHint: 'Encrypted; only people with the link can read it',
    untitled: 'Meeting',
    date: 'Date',
    start: 'Start',
    duration: 'Duration',
    zone: 'Time zone',
    otherZones: 'Others',
    repeat: 'Repeat',
    once: 'Does not repeat',
    days: 'On these days',
    ends: 'Ends',
    endsNever: 'Never',
    endsUntil: 'On a day',
    endsCount: 'After a number of dates',
    until: 'Last day',
    count: 'Number of dates',
    waitingRoom: 'Waiting room',
    waitingRoomHint: 'You let people in one by one.',
    waitingRoomOffHint: 'Everyone who has the link comes in at once, before you too.',
    guests: 'Guests may join',
    guestsHint: 'Anyone who has the link needs only a name.',
    noGuestsHint: 'Only people who are signed in here can join.',
    guestsOff: 'Only people who are signed in here can join: this installation admits no guests.',
    guestsFixed: 'Who may join was settled when the link was made:',
    save: 'Save',
    saving: 'Saving …',
  },
  hints: {
    skipped: (time: string) => `On that day the clock skips this time. The meeting begins at ${time}.`,
    doubled: 'On that day the clock shows this time twice. The first one counts.',
    moved: (date: string) => `The first date is ${date}.`,
    shortMonths: 'Months without this day are left out.',
    renewed:
      'The server keeps a meeting for 13 months at most. A longer series is extended each time you look at your meetings here; if you do not look for that long, its link stops working.',
  },
  duration: (hours: number, minutes: number) =>
    [
      hours > 0 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : '',
      minutes > 0 ? `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}` : '',
    ]
      .filter(Boolean)
      .join(' '),
  repeats: {
    day: 'Every day',
    week: 'Every week',
    fortnight: 'Every two weeks',
    date: (day: number) => `Every month on day ${day}`,
    weekday: (nth: number, weekday: string) =>
      `Every month on the ${{ 1: 'first', 2: 'second', 3: 'third', 4: 'fourth' }[nth] ?? 'last'} ${weekday}`,
    on: (repeat: string, days: string) => `${repeat} on ${days}`,
    until: (repeat: string, day: string) => `${repeat}, until ${day}`,
    count: (repeat: string, count: number) => `${repeat}, ${count === 1 ? 'once' : `${count} times`}`,
  },
  trouble: {
    over: { heading: 'This time has passed', help: 'Choose a date that is still to come.' },
    tooFar: { heading: 'This is too far ahead', help: 'The first date can be 13 months from now at most.' },
    noDate: { heading: 'There is no date in this series', help: 'Choose a later last day.' },
    incomplete: { heading: 'Something is missing', help: 'Enter date, start and, where it ends, when.' },
    gone: {
      heading: 'This meeting is no longer there',
      help: 'It was cancelled or has a new link, perhaps from another device.',
    },
    stranded: {
      heading: 'The meeting could not be kept in your vault',
      help: 'It was made, and could not be undone. Keep this link: it is stored nowhere else. In this browser you are its host.',
    },
    notVoided: {
      heading: 'The old link may still work',
      help: 'The new one is made. The old one is still in your meetings, marked as replaced: delete it there.',
    },
    notDropped: {
      heading: 'The old meeting is still in your list',
      help: 'The new link is made, and the old one leads nowhere any more. Only your vault could not be changed: delete the meeting that is marked as replaced.',
    },
    notOpen: { heading: 'You cannot plan meetings here', help: 'Your account or this installation does not allow it.' },
    unreachable: { heading: 'The server does not answer', help: 'Check your connection, then try again.' },
    vault: {
      heading: 'Your vault could not be written',
      help: 'Another device may have changed it, or it is full. Try again; what you entered is still here.',
    },
    failed: { heading: 'That did not work', help: 'Try again. If it stays so, tell those who run this server.' },
    file: { heading: 'The calendar file could not be made', help: 'Try again, or send the link.' },
  },
  share: {
    heading: 'Invite people',
    saved: 'The meeting is saved.',
    lead: 'Send the calendar file or the link. Whoever can read either can come to the meeting, so choose how you send it.',
    news: 'Calendars take over changes when people open the new calendar file.',
    replaced:
      'There is a newer link to this meeting. The calendar file is with that one: open it from your meetings, on the start page.',
    file: 'Calendar file',
    fileName: 'meeting',
    mail: 'E-mail draft',
    copy: 'Copy invitation link',
    copied: 'The invitation link is copied.',
    notCopied: 'The browser did not allow copying. Open the meeting and copy its address.',
    qr: 'QR code',
    qrLabel: 'QR code of the invitation link',
    newLink: 'New link',
    newLinkAsk: 'Make a new link?',
    newLinkHelp:
      'The old one then leads nowhere, and whoever is in the meeting now is sent out. Everybody you invited needs the new one.',
    newLinkDone: 'The new link is made. Send it to everybody who should come.',
    cancel: 'Cancel meeting',
    cancelAsk: 'Cancel this meeting?',
    cancelHelp:
      'Its link then leads nowhere, for all its dates, and whoever is in the meeting now is sent out. This cannot be undone.',
    keep: 'Leave it as it is',
    cancelled: 'The meeting is cancelled',
    cancelledHelp: 'Send this calendar file to those you invited: it takes the meeting out of their calendars.',
    cancelledFileless:
      'The entry in calendars stays: it belongs to the other link to the same meeting, which is among your meetings.',
    home: 'To the start page',
  },
  invitation: {
    body: (title: string, when: string, link: string, notice: string) =>
      `You are invited to “${title}”.\n\n${when}\n\nJoin here:\n${link}\n\nPicture, sound and names are encrypted from device to device. You need a browser and nothing else. Please do not pass the link on.\n\nPrivacy notice: ${notice}`,
    entry: (link: string, notice: string) =>
      `Join here:\n${link}\n\nPicture, sound and names are encrypted from device to device. You need a browser and nothing else. Please do not pass the link on.\n\nPrivacy notice: ${notice}`,
  },
  when: {
    over: (date: string) => `Over since ${date}`,
    yours: (zone: string) => `In your time zone, ${zone}`,
  },
  list: {
    heading: 'Your meetings',
    locked: 'Your meetings are in your vault, which is closed in this browser.',
    open: 'Open the vault',
    none: 'You have planned no meetings.',
    instant: (date: string) => `Made ${date}`,
    replaced: 'Replaced by a newer link',
    running: 'Now',
    start: 'Start',
    edit: 'Edit',
    delete: 'Delete',
    deleteAsk: (title: string) => `Delete ${title}?`,
    deleteHelp:
      'This cancels the meeting: its link then leads nowhere, for all its dates. A calendar file that tells those you invited is at “Edit”, under “Cancel meeting”.',
    deleted: 'The meeting is deleted.',
    again: 'Try again',
    failed: 'Your meetings could not be loaded.',
  },
}

export type ScheduleWords = typeof en
