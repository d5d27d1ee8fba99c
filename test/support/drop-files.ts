import type { CDPSession, Locator } from '@playwright/test'

/** Files of this disk that are dragged, as the system does it: the browser gives access, nothing is read. */
export class DraggedFiles {
  readonly #session: CDPSession
  readonly #files: readonly string[]
  #at = { x: 0, y: 0 }

  private constructor(session: CDPSession, files: readonly string[]) {
    this.#session = session
    this.#files = files
  }

  /** Holds them over an element. */
  static async over(target: Locator, files: readonly string[]): Promise<DraggedFiles> {
    const page = target.page()
    const dragged = new DraggedFiles(await page.context().newCDPSession(page), files)
    dragged.#at = await middleOf(target)
    await dragged.#dispatch('dragEnter')
    await dragged.#dispatch('dragOver')
    return dragged
  }

  async drop(): Promise<void> {
    await this.#dispatch('drop')
    await this.#session.detach()
  }

  /** Moves them over something else. */
  async moveTo(target: Locator): Promise<void> {
    this.#at = await middleOf(target)
    await this.#dispatch('dragOver')
  }

  /** Lets go of them without dropping. */
  async cancel(): Promise<void> {
    await this.#dispatch('dragCancel')
    await this.#session.detach()
  }

  async #dispatch(type: 'dragEnter' | 'dragOver' | 'drop' | 'dragCancel'): Promise<void> {
    const data = { items: [], files: [...this.#files], dragOperationsMask: 1 }
    await this.#session.send('Input.dispatchDragEvent', { type, ...this.#at, data })
  }
}

async function middleOf(target: Locator): Promise<{ x: number; y: number }> {
  const box = await target.boundingBox()
  if (box === null) throw new Error('there is nothing to drop on')
  return { x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 200) }
}

export async function dropFiles(target: Locator, files: readonly string[]): Promise<void> {
  const dragged = await DraggedFiles.over(target, files)
  await dragged.drop()
}
