import fs from 'node:fs'
import { basename, join } from 'node:path'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import { writeFailure } from '../disk-failure.ts'
import type { Step } from './hash-file.ts'
import { above, foldersFor, placeOf } from './places.ts'

/**
 * The folder in which a received folder is built, on a disk thread. Places are relative to it, with "/" between
 * components; that they do not climb is for whoever names them. Folders in it are checked, once, to be no links to
 * elsewhere. Throws `cannot-write` or `disk-full`.
 */
export class StagingFolder {
  readonly #root: string
  readonly #real = new Set([''])

  constructor(root: string) {
    this.#root = root
  }

  /** Removes all but the files and folders that belong there, and gives the places of these files. */
  *tidy(
    files: readonly string[],
    folders: readonly string[],
    step: Step,
  ): Generator<undefined, ReadonlySet<string>> {
    const found = new Set<string>()
    if (this.#entriesOf('').length === 0) return found
    const ours = { files: new Set(files), folders: foldersFor(files, folders) }
    const waiting = ['']
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      for (const entry of this.#entriesOf(folder)) {
        const place = placeOf(folder, entry.name)
        if (entry.isFile() && ours.files.has(place)) found.add(place)
        else if (entry.isDirectory() && ours.folders.has(place)) {
          this.#real.add(place)
          waiting.push(place)
        } else this.#remove(join(this.#root, folder, entry.name))
      }
      if (step.opened()) yield
    }
    return found
  }

  /** Makes the folders that a file needs. */
  makeAbove(file: string): void {
    this.make(above(file))
  }

  /** Makes a folder, and those that it needs. */
  make(folder: string): void {
    if (this.#real.has(folder)) return
    this.make(above(folder))
    const path = join(this.#root, folder)
    try {
      const there = fs.lstatSync(path, { throwIfNoEntry: false })
      if (there === undefined) fs.mkdirSync(path)
      else if (!there.isDirectory()) {
        const name = basename(folder)
        throw new Failure('cannot-write', say('folder.something-else', { name }))
      }
    } catch (error) {
      throw writeFailure(error, path)
    }
    this.#real.add(folder)
  }

  #entriesOf(folder: string): readonly fs.Dirent[] {
    const path = join(this.#root, folder)
    try {
      return fs.readdirSync(path, { withFileTypes: true })
    } catch (error) {
      throw writeFailure(error, path)
    }
  }

  /** Of a link only itself. */
  #remove(path: string): void {
    try {
      fs.rmSync(path, { recursive: true, force: true })
    } catch (error) {
      throw writeFailure(error, path)
    }
  }
}
