import fs from 'node:fs'
import { basename, join } from 'node:path'
import { Failure } from '../../../shared/model/failure.ts'
import { writeFailure } from '../disk-failure.ts'

/**
 * The folders below a root, each checked once to be one and not a link to elsewhere. Places are relative to the root,
 * with "/" between components; that they do not climb is for whoever names them.
 */
export class RealFolders {
  readonly #root: string
  readonly #real = new Set([''])
  /** Of folders that were asked for: whether anything was in them. */
  readonly #filled = new Map<string, boolean>()

  constructor(root: string) {
    this.#root = root
  }

  /** Whether a file may lie at this place, to be looked at more closely. */
  mayHave(file: string): boolean {
    return this.#isFilled(above(file))
  }

  /** Makes the folders that a file needs. Throws `cannot-write` or `disk-full`. */
  makeAbove(file: string): void {
    this.make(above(file))
  }

  /** Makes a folder, and those that it needs. Throws `cannot-write` or `disk-full`. */
  make(folder: string): void {
    if (this.#real.has(folder)) return
    this.make(above(folder))
    const path = join(this.#root, folder)
    try {
      const there = fs.lstatSync(path, { throwIfNoEntry: false })
      if (there === undefined) fs.mkdirSync(path)
      else if (!there.isDirectory()) {
        const name = basename(folder)
        throw new Failure('cannot-write', `Something else is where the folder ${name} has to be: remove it.`)
      }
    } catch (error) {
      throw writeFailure(error, path)
    }
    this.#real.add(folder)
  }

  #isFilled(folder: string): boolean {
    let filled = this.#filled.get(folder)
    if (filled === undefined) {
      filled = this.#isReal(folder) && fs.readdirSync(join(this.#root, folder)).length > 0
      this.#filled.set(folder, filled)
    }
    return filled
  }

  #isReal(folder: string): boolean {
    if (this.#real.has(folder)) return true
    if (!this.#isFilled(above(folder))) return false
    const there = fs.lstatSync(join(this.#root, folder), { throwIfNoEntry: false })
    if (!there?.isDirectory()) return false
    this.#real.add(folder)
    return true
  }
}

function above(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf('/')))
}
