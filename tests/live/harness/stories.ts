/** The steps that most stories share, through the pages as people take them. */
import type { Language, Person } from './person.ts'

type Words = Record<
  | 'start'
  | 'name'
  | 'camera'
  | 'microphone'
  | 'title'
  | 'waitingRoom'
  | 'join'
  | 'meeting'
  | 'leave'
  | 'leaveMeeting'
  | 'left'
  | 'on'
  | 'you',
  string
>

export const WORDS: Record<Language, Words> = {
  en: {
    start: 'Start a meeting',
    name: 'Your name',
    camera: 'Camera',
    microphone: 'Microphone',
    title: 'Title',
    waitingRoom: 'Waiting room',
    join: 'Join',
    meeting: 'Meeting',
    leave: 'Leave',
    leaveMeeting: 'Leave meeting',
    left: 'You have left the meeting',
    on: 'Encryption: on',
    you: '(you)',
  },
  de: {
    start: 'Meeting starten',
    name: 'Ihr Name',
    camera: 'Kamera',
    microphone: 'Mikrofon',
    title: 'Titel',
    waitingRoom: 'Warteraum',
    join: 'Teilnehmen',
    meeting: 'Meeting',
    leave: 'Verlassen',
    leaveMeeting: 'Meeting verlassen',
    left: 'Sie haben das Meeting verlassen',
    on: 'Verschlüsselung: an',
    you: '(Sie)',
  },
}

export type JoinOptions = { camera?: boolean; microphone?: boolean; title?: string; language?: Language }

/**
 * From home to the page before joining, as the host. Gives the invitation link, copied from the address bar.
 * Whoever has it comes straight in, unless the story wants the waiting room.
 */
export async function startMeeting(
  host: Person,
  home: string,
  language: Language = 'en',
  { waitingRoom = false } = {},
): Promise<string> {
  const words = WORDS[language]
  await host.open(home)
  await host.click('button', words.start)
  await host.see('textbox', words.name)
  await host.waitForAttribute('switch', words.waitingRoom, 'aria-checked', 'true')
  if (!waitingRoom) {
    await host.click('switch', words.waitingRoom)
    await host.waitForAttribute('switch', words.waitingRoom, 'aria-checked', 'false')
    // Saved, so that nobody's page finds it closed.
    await host.waitForAttribute('switch', words.waitingRoom, 'aria-busy', 'false')
  }
  return host.waitFor('the address bar holds the invitation link', async () => {
    const url = await host.url()
    return /\/m\/[\w-]{22}#[\w-]{43}\.[\w-]{22}$/.test(url) && url
  })
}

/** From the page before joining into the call, which stands when the shield says so. */
export async function join(
  person: Person,
  { camera = true, microphone = true, title, language = 'en' }: JoinOptions = {},
): Promise<void> {
  const words = WORDS[language]
  await person.fill(words.name, person.name)
  if (title !== undefined) await person.fill(words.title, title)
  for (const device of [camera && words.camera, microphone && words.microphone]) {
    if (!device) continue
    await person.click('switch', device)
    await person.waitForAttribute('switch', device, 'aria-checked', 'true')
  }
  await person.click('button', words.join)
  await inCall(person, language)
}

export async function joinByLink(person: Person, link: string, options: JoinOptions = {}): Promise<void> {
  await person.open(link)
  await join(person, options)
}

export async function inCall(person: Person, language: Language = 'en', within = 30_000): Promise<void> {
  await person.see('region', WORDS[language].meeting, { within })
  await person.see('button', WORDS[language].on, { within })
}

/** Whoever may end the meeting is asked which of the two it shall be. */
export async function leave(person: Person, language: Language = 'en'): Promise<void> {
  const words = WORDS[language]
  await person.click('button', words.leave)
  const left = () => person.sees('heading', words.left)
  const asked = () => person.sees('menuitem', words.leaveMeeting)
  await person.waitFor(`${person.name} has left or is asked`, async () => (await left()) || (await asked()))
  if (await asked()) await person.click('menuitem', words.leaveMeeting)
  await person.see('heading', words.left)
}

/** Two people in a call, with all their devices on. */
export async function meet(host: Person, guest: Person, home: string, options: JoinOptions = {}): Promise<string> {
  const link = await startMeeting(host, home)
  await join(host, options)
  const { title: _, ...others } = options
  await joinByLink(guest, link, others)
  return link
}
