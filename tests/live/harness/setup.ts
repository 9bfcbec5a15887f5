/** Before all files: what is needed is there, and the client is that of the working tree. */
import { buildClientIfStale } from './client.ts'
import { chromiumBinary, engineBinary, firefoxBinary, klausur } from './places.ts'

export default function setup(): void {
  for (const part of [klausur, engineBinary, chromiumBinary, firefoxBinary]) part()
  buildClientIfStale()
}
