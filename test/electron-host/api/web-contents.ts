import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type Electron from 'electron'
import { boot } from '../boot.ts'
import type { Cdp, Params } from '../cdp.ts'
import { makeCodec } from '../in-page/codec.ts'
import {
  type FromPage,
  mainWorldSource,
  PRELOAD_WORLD,
  preloadWorldSource,
  type ToPage,
} from '../in-page/preload-world.ts'
import { app } from './app.ts'
import { ipcMain } from './ipc-main.ts'
import { nativeTheme } from './native-theme.ts'
import { fromChromium, handledSchemes, handlerOf, toChromium } from './protocol.ts'

/** What a page's window does when the page is ready, or gone. */
export interface Owner {
  pageReady(): void
  pageGone(): void
}

export interface PageOptions {
  readonly width: number
  readonly height: number
  readonly preload: string | undefined
}

const codec = makeCodec()
const byTarget = new Map<string, WebContents>()
let lastId = 0

/** One page of Chromium with a preload, driven over the DevTools Protocol. */
export class WebContents extends EventEmitter {
  readonly id = ++lastId
  readonly mainFrame: { readonly url: string; readonly parent: null }
  readonly #owner: Owner
  readonly #attached: Promise<Cdp>
  #target = ''
  #session = ''
  #preloadContext: number | undefined
  #destroyed = false
  #crashed = false
  #url = ''
  #loading: PromiseWithResolvers<void> | undefined
  /** A navigation that the app asked for: it is not the page's own. */
  #expected: string | undefined
  #openHandler: Parameters<Electron.WebContents['setWindowOpenHandler']>[0] = () => ({ action: 'allow' })

  constructor(owner: Owner, options: PageOptions) {
    super()
    this.#owner = owner
    const url = (): string => this.getURL()
    this.mainFrame = {
      get url() {
        return url()
      },
      parent: null,
    }
    this.#attached = boot().cdp.then(cdp => this.#attach(cdp, options))
    // Closed while it was opening.
    this.#attached.catch(() => owner.pageGone())
    nativeTheme.on('updated', () => void this.#applyTheme())
  }

  getURL = () => fromChromium(this.#url)
  isDestroyed = () => this.#destroyed
  isCrashed = () => this.#crashed
  setWindowOpenHandler = (handler: Parameters<Electron.WebContents['setWindowOpenHandler']>[0]) => {
    this.#openHandler = handler
  }
  openDevTools = () => {}

  async loadURL(url: string): Promise<void> {
    const cdp = await this.#attached
    const loading = Promise.withResolvers<void>()
    this.#loading = loading
    this.#expected = toChromium(url)
    const { errorText } = await cdp.send('Page.navigate', { url: this.#expected }, this.#session)
    if (errorText) throw new Error(`${errorText} (loading ${url})`)
    await loading.promise
  }

  reload(): void {
    this.#expected = this.#url
    this.#crashed = false
    // A page that crashed has nothing to reload: it is gone to anew.
    void this.#attached
      .then(cdp => cdp.send('Page.navigate', { url: this.#url }, this.#session))
      .catch(() => {})
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed')
    // Cloned now, as Electron does, and not when Chromium gets it.
    const text = codec.encode({ kind: 'message', channel, args } satisfies ToPage)
    void this.#attached.then(cdp => this.#deliver(cdp, text)).catch(() => {})
  }

  async executeJavaScript(code: string): Promise<unknown> {
    const cdp = await this.#attached
    const parameters = { expression: code, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', parameters, this.#session)
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description)
    return result.value
  }

  forcefullyCrashRenderer(): void {
    // It never answers.
    void this.#attached.then(cdp => cdp.send('Page.crash', {}, this.#session)).catch(() => {})
  }

  /** Size and place of its window in Chromium. */
  async setBounds(bounds: Electron.Rectangle): Promise<void> {
    const cdp = await this.#attached
    const { windowId } = await cdp.send('Browser.getWindowForTarget', { targetId: this.#target })
    const { x: left, y: top, width, height } = bounds
    await cdp.send('Browser.setWindowBounds', { windowId, bounds: { left, top, width, height } })
  }

  close(): void {
    void this.#attached
      .then(cdp => cdp.send('Target.closeTarget', { targetId: this.#target }))
      .catch(() => this.#owner.pageGone())
  }

  markGone(): void {
    this.#destroyed = true
    byTarget.delete(this.#target)
    this.emit('destroyed')
  }

  get owner(): Owner {
    return this.#owner
  }

  /** Playwright finds the window of a page by it. */
  static fromDevToolsTargetId(target: string): WebContents | undefined {
    return byTarget.get(target)
  }

  static getAllWebContents(): WebContents[] {
    return [...byTarget.values()]
  }

  async #attach(cdp: Cdp, options: PageOptions): Promise<Cdp> {
    const targetId = await findOrMakeTarget(cdp, options)
    this.#target = targetId
    byTarget.set(targetId, this)
    const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: true })
    this.#session = sessionId
    const on = (method: string, handler: (params: Params) => void): void =>
      cdp.on(method, (params, session) => {
        if (session === sessionId) handler(params)
      })
    const send = (method: string, params: object = {}): Promise<Params> => cdp.send(method, params, sessionId)
    on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === 'plumbHostOut') this.#receive(cdp, codec.decode(payload) as FromPage, executionContextId)
    })
    on('Debugger.paused', params => void this.#answerPause(cdp, params))
    on('Fetch.requestPaused', params => void this.#serve(cdp, params))
    // The top frame has the id of its target.
    on('Page.frameStartedLoading', ({ frameId }) => {
      if (frameId === targetId) this.emit('did-start-loading')
    })
    on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) this.#url = frame.url
    })
    on('Page.loadEventFired', () => {
      this.#loading?.resolve()
      this.emit('did-finish-load')
    })
    on('Page.domContentEventFired', () => {
      this.emit('dom-ready')
      this.#owner.pageReady()
    })
    on('Page.windowOpen', ({ url }) => this.#openHandler({ url } as Electron.HandlerDetails))
    on('Inspector.targetCrashed', () => {
      this.#crashed = true
      this.#preloadContext = undefined
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 })
    })
    const tag = randomUUID()
    const { electron, chrome, node } = process.versions
    const { preload } = options
    const info = { versions: { electron, chrome, node }, platform: process.platform, preload: preload ?? '' }
    const newDocument = 'Page.addScriptToEvaluateOnNewDocument'
    await Promise.all([
      send('Page.enable'),
      send('Runtime.enable'),
      send('Debugger.enable'),
      send('DOM.enable'),
      send('Inspector.enable'),
      send('Runtime.addBinding', { name: 'plumbHostOut', executionContextName: PRELOAD_WORLD }),
      send(newDocument, { source: mainWorldSource(tag) }),
      preload &&
        send(newDocument, {
          source: preloadWorldSource(tag, info, readFileSync(preload, 'utf8')),
          worldName: PRELOAD_WORLD,
        }),
      send('Fetch.enable', {
        patterns: [
          ...handledSchemes().map(scheme => ({ urlPattern: `http://*.${scheme}.localhost/*` })),
          { urlPattern: '*', resourceType: 'Document' },
        ],
      }),
      send('Emulation.setEmulatedMedia', emulatedMedia()),
    ])
    app.emit('web-contents-created', {}, this)
    return cdp
  }

  async #applyTheme(): Promise<void> {
    const cdp = await this.#attached
    if (!this.#destroyed)
      await cdp.send('Emulation.setEmulatedMedia', emulatedMedia(), this.#session).catch(() => {})
  }

  async #deliver(cdp: Cdp, text: string): Promise<void> {
    if (this.#preloadContext === undefined || this.#destroyed) return
    const parameters = {
      functionDeclaration: 'function (text) { plumbHostIn(text) }',
      executionContextId: this.#preloadContext,
      arguments: [{ value: text }],
    }
    // The page may be gone by now.
    await cdp.send('Runtime.callFunctionOn', parameters, this.#session).catch(() => {})
  }

  #receive(cdp: Cdp, message: FromPage, context: number): void {
    const event = { sender: this, senderFrame: this.mainFrame, processId: 1, frameId: 1 }
    switch (message.kind) {
      case 'hello':
        this.#preloadContext = context
        break
      case 'preload-error':
        this.emit('preload-error', {}, '', new Error(message.error))
        break
      case 'send':
        ipcMain.emit(message.channel, event, ...message.args)
        break
      case 'invoke': {
        const { id, channel, args } = message
        ipcMain
          .invoke(channel, event, args)
          .then(
            (value): ToPage => ({ kind: 'resolved', id, value }),
            (error): ToPage => ({
              kind: 'rejected',
              id,
              error: `Error invoking remote method '${channel}': ${error}`,
            }),
          )
          .then(answer => this.#deliver(cdp, codec.encode(answer)))
          .catch(() => {})
        break
      }
    }
  }

  /** The page waits in `pauseForPath`: the path of its file is written beside it, and it goes on. */
  async #answerPause(cdp: Cdp, { callFrames }: Params): Promise<void> {
    const send = (method: string, params: object): Promise<Params> => cdp.send(method, params, this.#session)
    const [frame] = callFrames
    try {
      if (frame?.functionName !== 'pauseForPath') return
      const { callFrameId } = frame
      const evaluate = async (expression: string): Promise<Params> =>
        (await send('Debugger.evaluateOnCallFrame', { callFrameId, expression })).result
      const { path } = await send('DOM.getFileInfo', { objectId: (await evaluate('answer.file')).objectId })
      await evaluate(`answer.path = ${JSON.stringify(path)}`)
    } finally {
      await send('Debugger.resume', {}).catch(() => {})
    }
  }

  async #serve(cdp: Cdp, { requestId, request, resourceType, frameId }: Params): Promise<void> {
    const send = (method: string, params: object): Promise<Params> =>
      cdp.send(method, { requestId, ...params }, this.#session).catch(() => {})
    const isTopPage = resourceType === 'Document' && frameId === this.#target
    const url = fromChromium(request.url)
    if (isTopPage && request.url !== this.#expected && !this.#mayNavigate(url)) {
      await send('Fetch.failRequest', { errorReason: 'Aborted' })
      return
    }
    const handler = handlerOf(new URL(url).protocol.slice(0, -1))
    if (handler === undefined) {
      await send('Fetch.continueRequest', {})
      return
    }
    try {
      const { method, headers, postData: body } = request
      const response = await handler(new Request(url, { method, headers, body }))
      await send('Fetch.fulfillRequest', {
        responseCode: response.status,
        responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
        body: Buffer.from(await response.arrayBuffer()).toString('base64'),
      })
    } catch {
      await send('Fetch.failRequest', { errorReason: 'Failed' })
    }
  }

  #mayNavigate(url: string): boolean {
    let prevented = false
    this.emit('will-navigate', {
      url,
      preventDefault: () => {
        prevented = true
      },
    })
    return !prevented
  }

  /** A page of a window that a page opened: allowed by the app's handler, or closed at once. */
  static #onCreated(cdp: Cdp, target: Params): void {
    const opener = byTarget.get(target.openerId ?? '')
    if (opener === undefined || target.type !== 'page') return
    const { action } = opener.#openHandler({ url: fromChromium(target.url) } as Electron.HandlerDetails)
    if (action === 'deny') void cdp.send('Target.closeTarget', { targetId: target.targetId }).catch(() => {})
  }

  static {
    void boot().cdp.then(cdp => {
      cdp.on('Target.targetCreated', ({ targetInfo }) => WebContents.#onCreated(cdp, targetInfo))
      cdp.on('Target.targetDestroyed', ({ targetId }) => byTarget.get(targetId)?.owner.pageGone())
      return cdp.send('Target.setDiscoverTargets', { discover: true })
    })
  }
}

type Used =
  | 'executeJavaScript'
  | 'forcefullyCrashRenderer'
  | 'getURL'
  | 'id'
  | 'isCrashed'
  | 'isDestroyed'
  | 'loadURL'
  | 'openDevTools'
  | 'reload'
  | 'send'
  | 'setWindowOpenHandler'
export type UsedWebContents = WebContents extends Pick<Electron.WebContents, Used> ? true : never
true satisfies UsedWebContents

/** Where windows are shown, the first one is that which Chromium was started with. */
async function findOrMakeTarget(cdp: Cdp, { width, height }: PageOptions): Promise<string> {
  const { targetInfos } = await cdp.send('Target.getTargets')
  const first = targetInfos.find(({ url }: Params) => url.startsWith('data:text/html,electron-host'))
  if (first !== undefined && byTarget.size === 0) return first.targetId
  const made = await cdp.send('Target.createTarget', { url: 'about:blank', newWindow: true, width, height })
  return made.targetId
}

function emulatedMedia(): object {
  const { themeSource } = nativeTheme
  return { features: [{ name: 'prefers-color-scheme', value: themeSource === 'system' ? '' : themeSource }] }
}
