import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ElectronApplication, expect, type Locator, type Page } from '@playwright/test'
import { openSettings } from '../../main/store/settings.ts'
import { launchApp } from './launch-app.ts'

/** What of a server an app has to know. */
export interface ServerToUse {
  readonly host: string
  readonly port: number
  readonly caPem: string
}

export interface AppOptions {
  readonly server: ServerToUse
  /** The folder with its settings, from an earlier run; otherwise a new one. */
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  readonly appFolder?: string
  readonly onTestHost?: boolean
}

/** One person's Plumb, driven through its window as that person would. */
export class AppDriver implements AsyncDisposable {
  readonly app: ElectronApplication
  readonly page: Page
  /** Holds the settings and the downloads. */
  readonly home: string
  readonly #server: ServerToUse
  readonly #ownsHome: boolean
  readonly #exited: Promise<unknown>

  private constructor(app: ElectronApplication, page: Page, home: string, options: AppOptions) {
    this.app = app
    this.page = page
    this.home = home
    this.#server = options.server
    this.#ownsHome = options.home === undefined
    this.#exited = once(app.process(), 'exit')
  }

  static async start(options: AppOptions): Promise<AppDriver> {
    const home = options.home ?? (await mkdtemp(join(tmpdir(), 'plumb-app-')))
    const caFile = join(home, 'ca.pem')
    const profile = join(home, 'profile')
    const downloads = join(home, 'Downloads')
    await mkdir(profile, { recursive: true })
    await mkdir(downloads, { recursive: true })
    // Windows and macOS do not ask the environment where downloads go.
    if (options.home === undefined) openSettings(profile, downloads).setDownloadFolder(downloads)
    await writeFile(caFile, options.server.caPem)
    const app = await launchApp({
      profile,
      appFolder: options.appFolder,
      onTestHost: options.onTestHost,
      // The keychain of macOS would not be found from another home, and a dialog would say so.
      args: ['--allow-loopback', `--ca=${caFile}`, '--use-mock-keychain'],
      // Its own home: nothing of the person who runs the tests is read or written.
      env: { HOME: home, USERPROFILE: home, XDG_CONFIG_HOME: join(home, 'config'), ...options.env },
    })
    return new AppDriver(app, await app.firstWindow(), home, options)
  }

  get downloads(): string {
    return join(this.home, 'Downloads')
  }

  async signIn(address: string, password: string): Promise<void> {
    await this.fillSignIn(address, password)
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(this.page.getByRole('navigation', { name: 'People' })).toBeVisible()
  }

  async fillSignIn(address: string, password: string): Promise<void> {
    const { page } = this
    await page.getByLabel('Address').fill(address)
    await page.getByLabel('Password').fill(password)
    const server = page.getByLabel('Server')
    if (!(await server.isVisible())) await page.getByRole('button', { name: 'Advanced' }).click()
    await server.fill(this.#server.host)
    await page.getByLabel('Port').fill(String(this.#server.port))
  }

  /** Somebody's row in the list. */
  person(name: string): Locator {
    return this.page
      .getByRole('navigation', { name: 'People' })
      .getByRole('listitem')
      .filter({ hasText: name })
  }

  /** Opens a conversation, once that person is seen to be online. */
  async open(name: string): Promise<void> {
    await this.person(name).getByRole('button').click()
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible()
  }

  /** Waits until a device of the person is known to receive directly. */
  async seesDirect(name: string): Promise<void> {
    await this.open(name)
    await expect(this.conversation.getByText(/^Online on /)).toBeVisible()
  }

  get conversation(): Locator {
    return this.page.getByRole('region', { name: /^Conversation/ })
  }

  /** The flow of the open conversation. */
  get messages(): Locator {
    return this.page.getByRole('region', { name: /^Messages/ })
  }

  get prompt(): Locator {
    return this.page.getByRole('alertdialog')
  }

  get transfers(): Locator {
    return this.page.getByRole('complementary', { name: 'Transfers' })
  }

  /** A transfer in the right column. */
  transfer(name: string): Locator {
    return this.transfers.getByRole('article', { name })
  }

  async say(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: /^Message / }).fill(text)
    await this.page.keyboard.press('Enter')
  }

  /** Quits in order; resolves when the process is gone. */
  async quit(): Promise<void> {
    await this.app.evaluate(({ app }) => app.quit()).catch(() => {})
    await this.ended()
  }

  /** Resolves when the process is gone, whoever ended it. */
  async ended(): Promise<void> {
    await this.#exited
  }

  /** Ends the process without a word. */
  async kill(): Promise<void> {
    this.app.process().kill('SIGKILL')
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A test may have left a question open; the answer is yes.
    await this.app
      .evaluate(({ dialog }) => {
        dialog.showMessageBox = async () => ({ response: 1, checkboxChecked: false })
      })
      .catch(() => {})
    await this.app.close().catch(() => {})
    if (this.#ownsHome) await rm(this.home, { recursive: true, force: true })
  }
}
