type SinkContext = AudioContext & { setSinkId?: (id: string) => Promise<void> }

/** Two soft notes, a third apart. */
const NOTES = [523.25, 659.25]
const NOTE_SECONDS = 0.35

/** Plays a short tone on the chosen speaker and resolves when it is over. Never throws: silence is the answer then. */
export function testSound(speaker?: string): Promise<void> {
  return play(NOTES, 0.2, speaker)
}

/** Frequencies in Hz, one after the other; `volume` from 0 to 1. Never throws. */
export async function play(notes: readonly number[], volume: number, speaker?: string): Promise<void> {
  const context: SinkContext = new AudioContext()
  try {
    if (speaker) await context.setSinkId?.(speaker)
    await context.resume()
    await Promise.all(notes.map((frequency, place) => note(context, frequency, volume, place * NOTE_SECONDS)))
  } catch {
    // the speaker is gone or refused
  } finally {
    await context.close().catch(() => undefined)
  }
}

function note(context: AudioContext, frequency: number, loudness: number, after: number): Promise<void> {
  const [start, end] = [context.currentTime + after, context.currentTime + after + NOTE_SECONDS]
  const [tone, volume] = [context.createOscillator(), context.createGain()]
  tone.frequency.value = frequency
  volume.gain.setValueAtTime(0, start)
  volume.gain.linearRampToValueAtTime(loudness, start + 0.03)
  volume.gain.linearRampToValueAtTime(0, end)
  tone.connect(volume).connect(context.destination)
  tone.start(start)
  tone.stop(end)
  return new Promise((resolve) => tone.addEventListener('ended', () => resolve(), { once: true }))
}
