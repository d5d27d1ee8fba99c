import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import type { Picture, PictureType } from '../pictures/picture-header.ts'
import { errnoOf, writeFailure } from '../transfer/disk-failure.ts'

/** Pictures that wait, or were not sent; each is 50 MB at most. */
const MAX_KEPT = 100
/** Names that are tried for one of the same second. */
const MAX_TRIES = 100

const EXTENSIONS: Readonly<Record<PictureType, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
}

/** Pictures that were pasted and are no files anywhere else, for as long as they may have to be sent. */
export class PastedPictures {
  readonly #folder: string
  /** Written, and not yet known to be needed or not. */
  readonly #fresh = new Set<string>()

  /** `folder`: absolute; made with the first picture, for this person only. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Whether it is one of these, by its path. */
  holds(path: string): boolean {
    return dirname(path) === this.#folder
  }

  /**
   * Writes one under the time at which it was pasted, and gives its path; it stays at least until `decided`. Throws
   * `not-allowed` where there are too many, `disk-full` or `cannot-write`.
   */
  async keep({ bytes, type }: Picture, now: Date): Promise<string> {
    await this.#makeRoom()
    const name = `${say('file.pasted-picture')} ${inWriting(now)}`
    for (let count = 1; count <= MAX_TRIES; count++) {
      const path = join(this.#folder, `${name}${count === 1 ? '' : ` (${count})`}.${EXTENSIONS[type]}`)
      this.#fresh.add(path)
      try {
        await writeFile(path, bytes, { flag: 'wx', mode: 0o600 })
        return path
      } catch (error) {
        this.#fresh.delete(path)
        if (errnoOf(error) === 'EEXIST') continue
        await rm(path, { force: true }).catch(() => {})
        throw writeFailure(error, path)
      }
    }
    throw tooMany()
  }

  /** What keeps it from now on is whether it is needed. */
  decided(path: string): void {
    this.#fresh.delete(path)
  }

  /** Removes those that are not needed, and gives their paths. Never throws: what stays is removed at the next time. */
  async sweep(isNeeded: (path: string) => boolean): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const paths = names.map(name => join(this.#folder, name))
    const removed: string[] = []
    for (const path of paths) {
      if (this.#fresh.has(path) || isNeeded(path)) continue
      await rm(path).then(
        () => removed.push(path),
        () => {},
      )
    }
    return removed
  }

  async #makeRoom(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      if ((await readdir(this.#folder)).length < MAX_KEPT) return
    } catch (error) {
      throw writeFailure(error, this.#folder)
    }
    throw tooMany()
  }
}

function tooMany(): Failure {
  return new Failure('not-allowed', say('sending.too-many-pictures', { most: MAX_KEPT }))
}

/** `2026-11-28 06.12.33`: the time here, the same in every language and on every file system. */
function inWriting(time: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('.')}`
}
