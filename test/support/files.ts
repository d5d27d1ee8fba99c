import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/** A file whose content nothing else has. */
export async function makeFile(path: string, bytes: number): Promise<string> {
  await writeFile(path, randomBytes(bytes))
  return path
}

/** A file that is large and takes no room, with a mark at its end. */
export async function makeSparseFile(path: string, bytes: number): Promise<string> {
  const file = await open(path, 'w')
  try {
    const mark = randomBytes(16)
    await file.write(mark, 0, mark.length, bytes - mark.length)
  } finally {
    await file.close()
  }
  return path
}

/** Lower-case hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}
