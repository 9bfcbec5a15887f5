import { NAME_CHARACTERS, type NewAttestation } from '../../proof/wire'

const MOST = 5
const MEGABYTE = 1024 * 1024
const LARGEST = 10 * MEGABYTE
const ALL = 20 * MEGABYTE

/** `name`: one is too long. `size`: they are too many, too large, or cannot be read. */
export class FilesTrouble extends Error {
  constructor(readonly kind: 'name' | 'size') {
    super(kind)
  }
}

/** What somebody attaches, as it travels. Throws {@link FilesTrouble}. */
export async function packed(files: Iterable<File> | undefined): Promise<NewAttestation['files']> {
  const chosen = [...(files ?? [])]
  const sizes = chosen.map(({ size }) => size)
  const all = sizes.reduce((sum, size) => sum + size, 0)
  if (chosen.length > MOST || all > ALL || sizes.some((size) => size > LARGEST)) throw new FilesTrouble('size')
  if (chosen.some(({ name }) => lengthOf(name) > NAME_CHARACTERS)) throw new FilesTrouble('name')
  return Promise.all(
    chosen.map(async (file) => ({
      name: file.name,
      media_type: file.type || 'application/octet-stream',
      body: await base64Of(file),
    })),
  )
}

/** As the server counts: an accent belongs to its letter. */
function lengthOf(name: string): number {
  return [...name.normalize('NFC')].length
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '')
    reader.onerror = () => reject(new FilesTrouble('size'))
    reader.readAsDataURL(file)
  })
}
