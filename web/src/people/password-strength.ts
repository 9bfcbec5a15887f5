import { type Score, ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as german from '@zxcvbn-ts/language-de'
import * as english from '@zxcvbn-ts/language-en'

/** Characters as a person counts them. */
export const SHORTEST = 12
const SAFE: Score = 3

/** What makes it easy to guess, as far as one kind of thing does. */
export type Weakness = 'keyboard' | 'repeats' | 'sequence' | 'date' | 'common' | 'word' | 'name'

/** `weakness` only where something is to be said about it. */
export type Strength = { score: Score; long: boolean; good: boolean; weakness: Weakness | undefined }

/** The library's own keys, which it gives without translations. */
const WEAKNESSES: Record<string, Weakness> = {
  straightRow: 'keyboard',
  keyPattern: 'keyboard',
  simpleRepeat: 'repeats',
  extendedRepeat: 'repeats',
  sequences: 'sequence',
  recentYears: 'date',
  dates: 'date',
  topTen: 'common',
  topHundred: 'common',
  common: 'common',
  similarToCommon: 'common',
  pwned: 'common',
  wordByItself: 'word',
  namesByThemselves: 'name',
  commonNames: 'name',
  userInputs: 'name',
}

/** More than a megabyte of words comes with this file: it is loaded only where a new password is typed. */
const judge = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...prefixed('en', english.dictionary), ...prefixed('de', german.dictionary) },
  graphs: common.adjacencyGraphs,
})

/** `own`: what somebody who knows the person would try first, such as the sign-in name. A few ms. */
export function strengthOf(password: string, own: string[]): Strength {
  const { score, feedback } = judge.check(password, [...own, 'klausur'])
  const long = [...password.normalize('NFKC')].length >= SHORTEST
  return {
    score,
    long,
    good: long && score >= SAFE,
    weakness: feedback.warning ? WEAKNESSES[feedback.warning] : undefined,
  }
}

/** Both languages name their lists alike. */
function prefixed(language: string, lists: Record<string, (string | number)[]>): Record<string, (string | number)[]> {
  return Object.fromEntries(Object.entries(lists).map(([name, words]) => [`${name}-${language}`, words]))
}
