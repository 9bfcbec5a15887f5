/** The steps that most stories share, through the pages as people take them. */
import type { Language, Person } from './person.ts'

type Words = Record<
  | 'start'
  | 'name'
  | 'camera'
  | 'microphone'
  | 'title'
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

/** From home to the page before joining, as the host. Gives the invitation link, copied from the address bar. */
export async function startMeeting(host: Person, home: string, language: Language = 'en'): Promise<string> {
  await host.open(home)
  await host.click('button', WORDS[language].start)
  await host.see('textbox', WORDS[language].name)
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

export async function leave(person: Person, language: Language = 'en'): Promise<void> {
  await person.click('button', WORDS[language].leave)
  await person.see('heading', WORDS[language].left)
}

/** Two people in a call, with all their devices on. */
export async function meet(host: Person, guest: Person, home: string, options: JoinOptions = {}): Promise<string> {
  const link = await startMeeting(host, home)
  await join(host, options)
  const { title: _, ...others } = options
  await joinByLink(guest, link, others)
  return link
}
