import type { App, BrowserWindow, NativeImage } from 'electron'
import { say } from '../../shared/words/say.ts'

export interface TaskbarOptions {
  readonly app: Pick<App, 'setBadgeCount'>
  readonly platform: NodeJS.Platform
  /** The mark that Windows lays over the icon. */
  readonly badge: NativeImage
}

type Shown = Pick<BrowserWindow, 'isDestroyed' | 'setProgressBar' | 'setOverlayIcon'>

/** What the taskbar or the dock tells: how far the transfers are, and how much waits. */
export class Taskbar {
  readonly #options: TaskbarOptions
  #window: Shown | undefined
  #fraction: number | undefined
  #waiting = 0

  constructor(options: TaskbarOptions) {
    this.#options = options
  }

  /** A window is shown, perhaps again: some systems forgot meanwhile what they were told. */
  attach(window: Shown): void {
    this.#window = window
    this.#apply()
  }

  /** The window is about to be destroyed; on macOS its progress would stay on the dock for ever. */
  detach(): void {
    this.#there?.setProgressBar(-1)
    this.#window = undefined
  }

  /** 0 to 1 for all transfers that run together; undefined while none runs. */
  progress(fraction: number | undefined): void {
    this.#fraction = fraction
    this.#there?.setProgressBar(fraction ?? -1)
  }

  /** Offers and unread messages. */
  waiting(count: number): void {
    this.#waiting = count
    this.#apply()
  }

  get #there(): Shown | undefined {
    return this.#window?.isDestroyed() === false ? this.#window : undefined
  }

  #apply(): void {
    const { app, platform, badge } = this.#options
    app.setBadgeCount(this.#waiting)
    const window = this.#there
    window?.setProgressBar(this.#fraction ?? -1)
    // Windows counts nothing on its taskbar: there it is a mark, with the number for screen readers.
    if (platform !== 'win32') return
    const shown = this.#waiting > 0
    window?.setOverlayIcon(
      shown ? badge : null,
      shown ? say('taskbar.waiting', { waiting: this.#waiting }) : '',
    )
  }
}
