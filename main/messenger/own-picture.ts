import { open } from 'node:fs/promises'
import { Failure } from '../../shared/model/failure.ts'
import { MAX_DRAWN_BYTES, OWN_SIDE } from '../../shared/model/limits.ts'
import type { PictureFile } from '../../shared/model/picture.ts'
import { say } from '../../shared/words/say.ts'
import { hasNotes } from '../pictures/has-notes.ts'
import { readPicture } from '../pictures/picture-header.ts'

/** What a camera makes, and what the window can take into its memory to draw it small. */
const MAX_FILE_BYTES = 32 * 1024 * 1024
const MAX_FILE_PIXELS = 64 * 1024 * 1024

/** A file that somebody chose as their picture. Throws `file-unreadable`, and `not-allowed` for what is no picture. */
export async function readPictureFile(path: string): Promise<PictureFile> {
  let bytes: Uint8Array | undefined
  try {
    await using file = await open(path, 'r')
    const stats = await file.stat()
    if (stats.isFile() && stats.size <= MAX_FILE_BYTES) {
      const buffer = new Uint8Array(stats.size)
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
      bytes = buffer.subarray(0, bytesRead)
    }
  } catch (cause) {
    throw new Failure('file-unreadable', say('picture.unreadable'), { cause })
  }
  const picture = bytes && readPicture(bytes, { maxPixels: MAX_FILE_PIXELS })
  if (picture === undefined) throw new Failure('not-allowed', say('picture.none'))
  return { type: picture.type, bytes: picture.bytes }
}

/** What the window has made of it. Throws `not-allowed` for anything else. */
export function requireOwnPicture(bytes: Uint8Array): Uint8Array {
  const picture = readPicture(bytes, { maxPixels: OWN_SIDE ** 2 })
  const isDrawn =
    picture?.width === OWN_SIDE && picture.height === OWN_SIDE && bytes.length <= MAX_DRAWN_BYTES
  // The window draws nothing but pixels: with more in it, such as where it was taken, it was not drawn there.
  if (!isDrawn || !['image/png', 'image/jpeg'].includes(picture.type) || hasNotes(bytes, picture.type)) {
    throw new Failure('not-allowed', say('picture.none'))
  }
  return bytes
}
