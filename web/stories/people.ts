import type { Person } from '../src/call/model'

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
  return {
    id: `${NAMES[n] ?? n}`.padEnd(22, 'x').slice(0, 22),
    name: NAMES[n] ?? `Person ${n}`,
    me: n === 0,
    microphone: n % 3 !== 2,
    camera: n % 4 !== 3,
    screen: false,
    speaking: n === 1,
    reconnecting: false,
    quality: 'good',
    blocked: false,
    ...more,
  }
}
