import type { Cdp } from './cdp.ts'

/** What host.ts knows before the module `electron` is there. */
export interface Boot {
  readonly cdp: Promise<Cdp>
  /** The folder with the app's package.json. */
  readonly appFolder: string
  readonly isPackaged: boolean
  /** Node's own executable: that of a packaged app is another one. */
  readonly node: string
  readonly manifest: { readonly name: string; readonly productName?: string; readonly version: string }
  /** Chromium's and the app's own, without their dashes. */
  readonly switches: Map<string, string>
  readonly exit: (code: number) => void
}

let current: Boot | undefined

export function setBoot(boot: Boot): void {
  current = boot
}

export function boot(): Boot {
  if (current === undefined) throw new Error('test host: started without host.ts')
  return current
}
