import type { FileHandle } from 'node:fs/promises'
import { Failure } from '../../shared/model/failure.ts'

/**
 * An open file that a disk thread works on by its descriptor. Closing waits for the holders: a descriptor that
 * is closed under a thread is a number that the next opened file gets, and with it the thread's bytes.
 */
export class HeldFile {
  readonly handle: FileHandle
  #holders = 0
  #closed: Promise<void> | undefined
  #released: (() => void) | undefined

  constructor(handle: FileHandle) {
    this.handle = handle
  }

  /** The descriptor, open until `release` was called. */
  hold(): { readonly fd: number; release(): void } {
    if (this.#closed !== undefined) throw new Failure('bug', 'bug: the file was closed before its transfer')
    this.#holders += 1
    return {
      fd: this.handle.fd,
      release: () => {
        this.#holders -= 1
        if (this.#holders === 0) this.#released?.()
      },
    }
  }

  /** Closes once nobody holds it. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    if (this.#holders > 0) {
      await new Promise<void>(resolve => {
        this.#released = resolve
      })
    }
    await this.handle.close()
  }
}
