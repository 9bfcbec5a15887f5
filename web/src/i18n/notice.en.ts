/** The privacy notice and the imprint: facts of this program, true for every installation. */
export const en = {
  notice: {
    heading: 'Privacy notice',
    lead: 'For everyone who takes part in a video meeting on this server.',
    who: 'Who is responsible',
    whoUnknown:
      'Those who run this installation have not entered a name and contact yet. Ask the person who invited you.',
    contact: 'Contact',
    purpose: 'What for, and on which basis',
    purposeText:
      'To hold the video meeting you were invited to. The legal basis under Article 6 GDPR depends on the occasion of the meeting; the person responsible can tell you which one it is.',
    processed: 'What is processed',
    processedList: [
      'A random number for your seat in the meeting, and the times of joining and leaving. You need no account, and the server does not learn who you are.',
      'Your name and the title of the meeting, only as ciphertext that the server cannot read. The others in the meeting see them.',
      'Picture, sound and shared screen while they are switched on, passed on as ciphertext and never stored.',
      'Your network address while you are connected, because nothing could be delivered otherwise. It is written neither to the database nor to the logs; to ward off floods it is counted in memory for a few minutes.',
      'If you have an account: its sign-in name, role and day, what your passkey or password is checked by, your sessions with the kind of browser, when each began and the hour in which it was last used, and your vault as ciphertext. That hour is kept as long as its session. No address is kept. Your account is not noted with your seat in a meeting.',
      'If you answer for something in the proof of this installation, or approve a deviation: your name, your role, your files and your account are kept with it as evidence, for as long as those who run this installation have set.',
    ],
    unseen: 'What the server cannot see',
    unseenText:
      'Picture, sound, screens, names and titles are encrypted in your browser. The keys come from the part of the link behind the # sign, which browsers never send. The server can see how many people are connected, when, and how much data flows.',
    browser: 'What your browser keeps',
    browserText:
      'Until you close the tab: your name, your seat, the chosen devices and the language. If you start a meeting: the key of the host, so that you remain its host; it is deleted the next time you open a meeting here after 24 hours. Nothing of it serves to recognise you. Only if you sign in to an account is there a cookie, which keeps you signed in for twelve hours, seven days at most; your browser then also keeps the key of your vault and the number of its last version. The link stays in the history of your browser.',
    duration: 'How long',
    durationText: (minutes: number, hours: number) =>
      `A seat is deleted within an hour after the meeting. The meeting is over ${count(minutes, 'minute')} after the last person has left, ${count(hours, 'hour')} after it was made at the latest.`,
    never: 'What does not happen',
    neverList: [
      'The server records nothing.',
      'No third party: every file and every connection comes from this server.',
      'No analysis, no advertising, no automated decisions.',
    ],
    rights: 'Your rights',
    rightsText:
      'You may ask those responsible for access, rectification, erasure, restriction and portability, and you may object to the processing (Articles 15 to 21 GDPR). As the server does not know who you are, it can find your data only by the number of your seat. You may complain to a data protection supervisory authority (Article 77 GDPR).',
  },
  imprint: {
    heading: 'Imprint',
    runBy: 'This installation is run by',
    contact: 'Contact',
    unknown:
      'Those who run this installation have not entered a name and contact yet. They can do so with the settings OPERATOR_NAME and OPERATOR_CONTACT.',
    software: 'Klausur is free software under the EUPL-1.2.',
    licences: 'Licences of its parts',
  },
  operatorLoading: 'Loading …',
  operatorFailed: 'The server does not answer, so the name of the operator cannot be shown.',
}

function count(n: number, unit: string): string {
  return n === 1 ? `one ${unit}` : `${n} ${unit}s`
}

export type NoticeWords = typeof en
