const KEY = 'name'

/** The name, for as long as the tab lives: to rejoin, or to come back from the notice. Never longer. */
export function knownName(): string {
  try {
    return sessionStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}

export function keepName(name: string): void {
  try {
    sessionStorage.setItem(KEY, name)
  } catch {
    // a browser without storage asks again
  }
}
