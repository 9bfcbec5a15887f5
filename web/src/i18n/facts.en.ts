/** What is asked of those who run this installation; the questions themselves come from the server. */
export const en = {
  heading: 'Facts',
  help: 'What this installation is and is for. Rows of the proof apply or not by these facts, and documents are written from them.',
  loading: 'Loading …',
  again: 'Try again',
  groups: 'Groups of facts',
  open: (n: number) => (n === 0 ? 'complete' : n === 1 ? 'one missing' : `${n} missing`),
  previous: 'Back',
  next: 'Next group',
  step: (n: number, all: number) => `Group ${n} of ${all}`,
  yes: 'Yes',
  no: 'No',
  none: 'not answered',
  save: 'Save',
  saving: 'Saving …',
  saveFor: (question: string) => `Save: ${question}`,
  clear: 'Withdraw',
  clearFor: (question: string) => `Withdraw: ${question}`,
  saved: 'Saved.',
  cleared: 'Withdrawn.',
  empty: 'There is nothing to save yet.',
  contradiction: 'This contradicts something else',
  origins: {
    declared: 'declared',
    config: 'from the settings',
    observed: 'observed',
  },
  said: (by: string, time: string) => (by ? `Said by ${by} on ${time}.` : `Said on ${time}.`),
  fixed: 'Cannot be changed here.',
  characters: (n: number) => `At most ${n} characters.`,
}

export type FactsWords = typeof en
