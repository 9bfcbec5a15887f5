/** Getting about with keys alone. */
import { expect } from 'vitest'
import type { Person, Role } from './person.ts'

/** Beyond the last control Tab may lead out of the page. `at`: looked at after each step. */
export async function tabTo(
  person: Person,
  role: Role,
  name: string,
  key: 'Tab' | 'Shift+Tab' = 'Tab',
  at?: () => Promise<void>,
): Promise<void> {
  await person.see(role, name)
  for (let i = 0; i < 60; i++) {
    if (await hasFocus(person, role, name)) return
    await person.press(key)
    await at?.()
  }
  expect.fail(`${key} never reached the ${role} “${name}”`)
}

export async function focused(person: Person, role: Role, name: string): Promise<void> {
  await person.waitFor(`the ${role} “${name}” has the focus`, () => hasFocus(person, role, name), { within: 5_000 })
}

/** The accessibility tree, which Firefox is slow to tell, is asked only about what may be it by its words. */
export async function hasFocus(person: Person, role: Role, name: string): Promise<boolean> {
  const maybe = await person.evaluate((wanted) => {
    const it = document.activeElement as HTMLInputElement | null
    const labels = [...(it?.labels ?? [])].map((label) => label.textContent)
    return [it?.ariaLabel, it?.textContent, ...labels].some((words) => words?.includes(wanted))
  }, name)
  return (
    maybe &&
    (await person.sees(role, name)) &&
    person.inside(role, name, (element) => element === document.activeElement, null)
  )
}
