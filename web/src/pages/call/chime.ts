import { play } from '../../call/test-sound'

/** Falling, and softer than the tone for testing: it asks for a look and nothing more. */
const NOTES = [659.25, 523.25]
const VOLUME = 0.08

/** Somebody is at the door. Silent until the person has used this page: before that the browser would keep it for later. */
export function chime(speaker: string | undefined): void {
  if (navigator.userActivation?.hasBeenActive) void play(NOTES, VOLUME, speaker)
}
