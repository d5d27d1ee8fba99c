import { webcrypto } from 'node:crypto'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { countFrames } from '../pictures/count-frames.ts'
import { liesOnItsSide } from '../pictures/lies-on-its-side.ts'
import {
  beginsLikePicture,
  type Picture,
  type PictureHeader,
  sniffImage,
} from '../pictures/picture-header.ts'
import type { KeptTransfer } from '../store/transfer-list.ts'
import { CAREFULLY } from '../transfer/packed/open-flags.ts'

export interface ShownPicturesOptions {
  /** By its id; undefined for one that there is not, or that nobody may see now. */
  readonly find: (transfer: string) => Promise<KeptTransfer | undefined>
}

/** A larger file is no picture to be shown between messages, and a decoder takes four bytes a pixel. */
const MAX_BYTES = 30 * 1024 * 1024
const MAX_PIXELS = 40_000_000
/** The same of what moves: it is decoded again and again. */
const MAX_MOVING_PIXELS = 4_000_000
const MAX_FRAMES = 2_000
/** Bytes by which every kind of picture is told from other files. */
const SIGNATURE_LENGTH = 12
/** Read at once: each is in memory as a whole. */
const AT_ONCE = 4
/** Requests of the window that wait for these; one more is answered with nothing. */
const MAX_WAITING = 200

/**
 * The pictures among the files of conversations. They are never decoded here: this checks what the window may decode, and
 * gives it bytes that are those of the file that was transferred, whatever is at its path by now.
 */
export class ShownPictures {
  readonly #options: ShownPicturesOptions
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(options: ShownPicturesOptions) {
    this.#options = options
  }

  /** The size in which it is seen, in pixels; null for a file that is not shown. Never throws. */
  async measure(kept: KeptTransfer): Promise<ShownTransfer['picture']> {
    const picture = await this.#read(async () => kept, Number.POSITIVE_INFINITY)
    if (picture === undefined) return null
    const { type, width, height, bytes } = picture
    const turned = type === 'image/jpeg' && liesOnItsSide(bytes)
    return turned ? { width: height, height: width } : { width, height }
  }

  /** Undefined for whatever is not shown. Never throws. */
  read(transfer: string): Promise<Picture | undefined> {
    return this.#read(() => this.#options.find(transfer), MAX_WAITING)
  }

  async #read(
    find: () => Promise<KeptTransfer | undefined>,
    maxWaiting: number,
  ): Promise<Picture | undefined> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= maxWaiting) return undefined
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    } else this.#running += 1
    try {
      const kept = await find()
      return kept && (await readPictureOf(kept))
    } catch {
      // Moved, deleted, or on a disk that is gone: its card says what there is to say.
      return undefined
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}

async function readPictureOf({ shown, path }: KeptTransfer): Promise<Picture | undefined> {
  const { state, files, size } = shown
  if (path === null || state.kind !== 'done' || files !== null) return undefined
  if (size === null || size < SIGNATURE_LENGTH || size > MAX_BYTES) return undefined
  const bytes = await readUnchanged(path, size, state.sha256)
  const header = bytes && sniffImage(bytes)
  return header && isModest(header, bytes) ? { ...header, bytes } : undefined
}

function isModest({ type, width, height }: PictureHeader, bytes: Uint8Array): boolean {
  const pixels = width * height
  if (pixels > MAX_PIXELS) return false
  const frames = countFrames(bytes, type, MAX_FRAMES)
  return frames === 1 || (frames <= MAX_FRAMES && pixels <= MAX_MOVING_PIXELS)
}

/** The bytes of a file that is as it was, and begins like a picture. `sha256`: lower-case hex. */
async function readUnchanged(path: string, size: number, sha256: string): Promise<Uint8Array | undefined> {
  // Asked before opening because opening alone does things to some devices; the answer that counts is below.
  if (!(await lstat(path)).isFile()) return undefined
  const handle = await open(path, CAREFULLY)
  try {
    return await readAll(handle, size, sha256)
  } finally {
    await handle.close()
  }
}

async function readAll(handle: FileHandle, size: number, sha256: string): Promise<Uint8Array | undefined> {
  const found = await handle.stat()
  if (!found.isFile() || found.size !== size) return undefined
  const bytes = new Uint8Array(size)
  let length = 0
  while (length < size) {
    // Most files are no pictures: those are not read as a whole.
    const wanted = length < SIGNATURE_LENGTH ? SIGNATURE_LENGTH : size
    const { bytesRead } = await handle.read(bytes, length, wanted - length, length)
    if (bytesRead === 0) return undefined
    length += bytesRead
    if (length === SIGNATURE_LENGTH && !beginsLikePicture(bytes)) return undefined
  }
  // Off the event loop, unlike Node's own hashes.
  const digest = await webcrypto.subtle.digest('SHA-256', bytes)
  return Buffer.from(digest).toString('hex') === sha256 ? bytes : undefined
}
