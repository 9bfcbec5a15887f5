/**
 * Each with the Latin letter that it looks like, as written: those of the confusables of Unicode Technical Standard 39
 * (confusables.txt) that names and digits are made of.
 */
const LOOK_ALIKES = new Map(
  (
    'АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ҮY ХX ӀI ԌG ԜW аa гr еe оo рp сc уy үy хx ѕs іi јj һh ԁd ԛq ԝw ' +
    'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa γy ηn ιi νv οo ρp σo υu ' +
    '0O 1I |I ıi ɑa ɡg ɩi ɪi øo ØO łI ŁL đd ĐD ħh ĦH ŧt ŦT'
  )
    .split(' ')
    .map(([letter = '', latin = '']) => [letter, latin]),
)

/** What is left of a name for a quick eye: equal for names that can be taken for each other. */
export function skeleton(name: string): string {
  const letters = [...bare(name)].map((letter) => LOOK_ALIKES.get(letter) ?? letter)
  return letters.join('').replaceAll('I', 'l').toLowerCase().replaceAll('rn', 'm')
}

/** What two names are compared by. */
export type Looks = { looks: string; reads: string }

export function looksOf(name: string): Looks {
  return { looks: skeleton(name), reads: caseless(name) }
}

export function alike(one: Looks, other: Looks): boolean {
  return one.looks === other.looks || one.reads === other.reads
}

/** The first of the others whose name this one is, or looks like. */
export function imitatedBy(name: string, others: readonly string[]): string | undefined {
  const own = looksOf(name)
  return others.find((other) => alike(looksOf(other), own))
}

/** Look-alikes are of one case only: АННА and Анна are the same name, though not look-alikes letter by letter. */
function caseless(name: string): string {
  return bare(name).toLowerCase()
}

/** Without marks, spaces and punctuation; a name that is nothing else stays as it is. */
function bare(name: string): string {
  const plain = name.normalize('NFKD')
  return plain.replace(/[^\p{L}\p{N}|]/gu, '') || plain
}
