import type { Person } from '../src/call/model'
import { somebody } from '../src/call/model.stage'

/** The cast, and passers-by where a page has to be full. */
export const NAMES = [
  'Jonas',
  'Hanna',
  'Gustav',
  'Mira',
  'Ada',
  'Yusuf',
  'Katharina-Friederike Oberhausen-Müller',
  'Tom',
  'Lena',
  'Omar',
  'Ines',
  'Paul',
  'Rosa',
  'Emil',
  'Nora',
  'Viktor',
  'Selma',
  'Hugo',
  'Ida',
  'Karl',
]

export function person(n: number, more: Partial<Person> = {}): Person {
  return somebody(NAMES[n] ?? `Person ${n}`, {
    me: n === 0,
    microphone: n % 3 !== 2,
    camera: n % 4 !== 3,
    speaking: n === 1,
    ...more,
  })
}
