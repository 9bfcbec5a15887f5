/** In front of a meeting's door and behind it: the steps that stories about waiting and moderating share. */
import type { Person } from './person.ts'
import { inCall } from './stories.ts'

/** Crockford's base 32, as it is read out. */
const CODE = /\b[0-9A-HJKMNP-TV-Z]{3} [0-9A-HJKMNP-TV-Z]{3}\b/

/** Opens the link and asks to be let in; gives the code that stands in front of the door. */
export async function knocks(person: Person, link: string): Promise<string> {
  await person.open(link)
  await person.fill('Your name', person.name)
  await person.click('button', 'Join')
  return waits(person)
}

/** Gives the code that stands in front of the door. */
export async function waits(person: Person): Promise<string> {
  await person.see('heading', 'Waiting to be let in')
  const read = async () => CODE.exec(await person.text())?.[0]
  return person.waitFor(`${person.name} reads a code`, read)
}

/** By the buttons that are there, in "People" or in the announcement. */
export async function letIn(host: Person, name: string): Promise<void> {
  await host.click('button', `Admit ${name}`)
  await host.gone('button', `Admit ${name}`)
}

export async function declines(host: Person, name: string): Promise<void> {
  await host.click('button', `Decline ${name}`)
  await host.gone('button', `Decline ${name}`)
}

/** Through the waiting room into the call. */
export async function comesIn(guest: Person, link: string, host: Person): Promise<void> {
  await knocks(guest, link)
  await letIn(host, guest.name)
  await inCall(guest)
}

/** As a host, or as a co-host without one. */
export async function endsForEveryone(person: Person): Promise<void> {
  await person.click('button', 'Leave')
  await person.click('menuitem', 'End for everyone')
  await person.see('heading', 'The meeting has ended')
}

/** The panel stays open. */
export async function opensPeople(person: Person): Promise<void> {
  if (!(await person.sees('region', 'People'))) await person.click('button', 'People')
  await person.see('region', 'People')
}

/** Accessible names of all buttons and switches in "People", which is open. */
export function powersOf(person: Person): Promise<string[]> {
  return person.inside(
    'region',
    'People',
    (panel) =>
      [...panel.querySelectorAll('button, [role=switch]')].map(
        (each) => each.getAttribute('aria-label') ?? (each as HTMLElement).innerText.trim(),
      ),
    null,
  )
}

/** What a screen reader was told; needs HEAR. */
export async function hears(person: Person, words: string): Promise<void> {
  const said = (wanted: string) => window.heard.some((each) => each.includes(wanted))
  await person.waitFor(`“${words}” is announced to ${person.name}`, () => person.evaluate(said, words))
}
