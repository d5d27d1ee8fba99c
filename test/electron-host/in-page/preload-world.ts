import { type Codec, makeCodec } from './codec.ts'
import { type ContextBridge, makeContextBridge } from './context-bridge.ts'

/** The name of the isolated world, as Electron calls it. */
export const PRELOAD_WORLD = 'Electron Isolated Context'

/** What a sandboxed preload sees of its process. */
export interface PreloadInfo {
  readonly versions: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly preload: string
}

/** From the page to the host. */
export type FromPage =
  | { readonly kind: 'hello' }
  | { readonly kind: 'preload-error'; readonly error: string }
  | { readonly kind: 'invoke'; readonly id: number; readonly channel: string; readonly args: unknown[] }
  | { readonly kind: 'send'; readonly channel: string; readonly args: unknown[] }

/** From the host to the page. */
export type ToPage =
  | { readonly kind: 'message'; readonly channel: string; readonly args: unknown[] }
  | { readonly kind: 'resolved'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'rejected'; readonly id: number; readonly error: string }

type RunPreload = (require: unknown, process: unknown, module: unknown, exports: unknown) => void

/**
 * Runs in the isolated world: builds what a sandboxed preload may use, then runs it. Its source is sent to the page,
 * so it may use nothing from outside of it.
 */
function enterPreloadWorld(bridge: ContextBridge, codec: Codec, info: PreloadInfo, run: RunPreload): void {
  type Listener = (event: unknown, ...args: unknown[]) => void
  const world = globalThis as unknown as {
    plumbHostOut(text: string): void
    plumbHostIn(text: string): void
  }
  const tell = (message: FromPage): void => world.plumbHostOut(codec.encode(message))
  const listeners = new Map<string, Listener[]>()
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let lastId = 0
  world.plumbHostIn = text => {
    const message = codec.decode(text) as ToPage
    if (message.kind === 'message') {
      for (const listener of [...(listeners.get(message.channel) ?? [])]) {
        listener({ sender: ipcRenderer, ports: [] }, ...message.args)
      }
      return
    }
    const call = pending.get(message.id)
    pending.delete(message.id)
    if (message.kind === 'resolved') call?.resolve(message.value)
    else call?.reject(new Error(message.error))
  }
  // A pause is the one synchronous way out of a page: the host finds the file on this call frame, asks
  // Chromium for its path, and writes that beside it.
  const pauseForPath = (file: File): string => {
    const answer = { file, path: '' }
    // biome-ignore lint/suspicious/noDebugger: the host waits for it
    debugger
    return answer.path
  }
  const ipcRenderer = {
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        const text = codec.encode({ kind: 'invoke', id, channel, args })
        pending.set(id, { resolve, reject })
        world.plumbHostOut(text)
      }),
    send: (channel: string, ...args: unknown[]) => tell({ kind: 'send', channel, args }),
    on(channel: string, listener: Listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      return ipcRenderer
    },
    off(channel: string, listener: Listener) {
      listeners.set(
        channel,
        (listeners.get(channel) ?? []).filter(other => other !== listener),
      )
      return ipcRenderer
    },
  }
  const electron = {
    ipcRenderer,
    contextBridge: { exposeInMainWorld: bridge.expose },
    webUtils: {
      getPathForFile(file: unknown) {
        if (!(file instanceof File)) throw new TypeError('getPathForFile: the argument must be a File')
        return pauseForPath(file)
      },
    },
  }
  const require = (id: string): unknown => {
    if (id === 'electron') return electron
    throw new Error(`module not found: ${id}`)
  }
  const process = { ...info, env: {}, argv: [], contextIsolated: true, sandboxed: true, type: 'renderer' }
  const module = { exports: {} }
  tell({ kind: 'hello' })
  try {
    run(require, process, module, module.exports)
  } catch (error) {
    tell({ kind: 'preload-error', error: String((error as Error).stack) })
  }
}

/** What every new document of a window runs first, in its own world. */
export function mainWorldSource(tag: string): string {
  return `if (window === window.top) (${String(makeContextBridge)})(${JSON.stringify(tag)}, 'main');`
}

/** What it runs in the isolated world. */
export function preloadWorldSource(tag: string, info: PreloadInfo, preload: string): string {
  const bridge = `(${String(makeContextBridge)})(${JSON.stringify(tag)}, 'preload')`
  const run = `function (require, process, module, exports) {${preload}\n}`
  return `if (window === window.top) (${String(enterPreloadWorld)})(${bridge}, (${String(makeCodec)})(), ${JSON.stringify(info)}, ${run});`
}
