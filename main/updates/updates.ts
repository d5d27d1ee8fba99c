import { EventEmitter } from 'node:events'
import { type AppUpdater, BaseUpdater, type UpdateInfo } from 'electron-updater'
import { Failure } from '../../shared/model/failure.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import { say } from '../../shared/words/say.ts'
import type { OfferedFile } from './feed-provider.ts'
import {
  MAX_SIGNATURE_BYTES,
  notVerified,
  type ReleaseStatement,
  readReleaseKeys,
  SIGNATURE_SUFFIX,
  sha512Of,
  verifyRelease,
} from './release-signature.ts'
import { updateFailure } from './update-failure.ts'
import { sizeOf, type UpdateTransport } from './update-transport.ts'

const MINUTE_MS = 60_000
/** The first look comes once the start is over. */
const FIRST_MS = { least: 5_000, jitter: 25_000 }
/** Jitter, so that not all of them come at once when a server is back. */
const EVERY_MS = { least: 4 * 60 * MINUTE_MS, jitter: 30 * MINUTE_MS }
/** After a failure, twice as long each time, up to the usual. */
const RETRY_MS = { least: 5 * MINUTE_MS, jitter: 2 * MINUTE_MS }

export interface UpdatesOptions {
  /** electron-updater's, for this platform, with `transport` as its executor and the feed set. */
  readonly updater: AppUpdater
  readonly transport: UpdateTransport
  /** Where the feed's files are; ends in a slash. */
  readonly feed: URL
  /** PEM: whoever may release. */
  readonly keys: readonly string[]
  /** What is installed here: the end of its name, and the part of it that names the processor. */
  readonly artifact: { readonly extension: 'AppImage' | 'exe' | 'zip'; readonly arch: string }
  /** Hands a verified file to the system in advance: only macOS wants that. */
  readonly stage?: (updater: AppUpdater) => Promise<void>
  /** Whether it can be installed where this copy is; throws a Failure where not. */
  readonly checkPlace?: (bytes: number) => Promise<void>
  /** Transfers that run. */
  readonly running: () => number
  /** 0 to 1. */
  readonly random: () => number
}

export interface UpdateChoices {
  readonly automatic: boolean
  readonly beta: boolean
}

interface Ready {
  readonly version: string
  readonly file: string
  readonly size: number
  readonly sha512: string
}

/**
 * Keeps Plumb current: looks, downloads and verifies in the background, and installs when Plumb is restarted or ends.
 * electron-updater finds, downloads and installs. What it must not do by itself, run what nobody signed, is held here:
 * it gets to know only a file whose hash was signed, and installs only when it is told to.
 */
export class Updates extends EventEmitter<{ state: [UpdateState] }> {
  readonly #options: UpdatesOptions
  readonly #keys: ReturnType<typeof readReleaseKeys>
  #choices: UpdateChoices = { automatic: false, beta: false }
  #state: UpdateState = { kind: 'off' }
  #ready: Ready | undefined
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #failures = 0
  #due = Number.POSITIVE_INFINITY
  #installing = false

  constructor(options: UpdatesOptions) {
    super()
    this.#options = options
    this.#keys = readReleaseKeys(options.keys)
    const { updater } = options
    updater.logger = null
    updater.autoDownload = false
    updater.autoInstallOnAppQuit = false
    updater.disableWebInstaller = true
    // What went wrong, the calls reject with.
    updater.on('error', () => {})
    updater.on('download-progress', ({ percent }) => this.#progress(percent / 100))
  }

  get state(): UpdateState {
    return this.#state
  }

  /** Begins or ends to look by itself. */
  choose(choices: UpdateChoices): void {
    const { automatic, beta } = this.#choices
    if (choices.automatic === automatic && choices.beta === beta) return
    this.#choices = choices
    if (beta && !choices.beta && this.#ready !== undefined && isPrerelease(this.#ready.version)) {
      this.#ready = undefined
      this.#set(choices.automatic ? { kind: 'current', checkedAt: null } : { kind: 'off' })
    }
    if (choices.automatic && !automatic) {
      if (this.#state.kind === 'off') this.#set({ kind: 'current', checkedAt: null })
      this.#schedule(FIRST_MS)
    } else if (!choices.automatic && automatic) {
      this.#unschedule()
      if (this.#state.kind === 'current' || this.#state.kind === 'failed') this.#set({ kind: 'off' })
    } else if (choices.automatic) this.#schedule(FIRST_MS)
  }

  /** The computer woke up: timers stand still while it sleeps. */
  wake(): void {
    if (Date.now() >= this.#due) this.#schedule(FIRST_MS)
  }

  /** Looks now, and downloads what is newer. Never rejects: what came of it, the state says. */
  async check(): Promise<void> {
    const { beta } = this.#choices
    this.#looking ??= this.#look(beta).finally(() => {
      this.#looking = undefined
      if (!this.#choices.automatic) return
      // Meanwhile the other channel was chosen.
      if (this.#choices.beta !== beta) this.#schedule(FIRST_MS)
      else this.#schedule(this.#failures > 0 ? this.#patience() : EVERY_MS)
    })
    await this.#looking
  }

  /** Resolves once it looks at nothing any more. */
  async settled(): Promise<void> {
    await this.#looking
  }

  /** Throws where there is nothing to install, or something would be cut off by it. */
  requireInstallable(): void {
    if (this.#ready === undefined) throw new Failure('not-allowed', say('update.none'))
    const running = this.#options.running()
    if (running > 0) throw new Failure('not-allowed', say('update.transfers-run', { running }))
  }

  /**
   * To be awaited before the end of the program, once nothing runs any more: whether `install` is to be called. What was
   * verified hours ago is verified again. Never rejects.
   */
  async prepare(): Promise<boolean> {
    this.#unschedule()
    const ready = this.#ready
    // What is staged, the system installs.
    if (this.#options.stage !== undefined) return false
    if (ready === undefined || this.#installing || this.#options.running() > 0) return false
    try {
      if ((await sha512Of(ready.file, 'hex')) !== ready.sha512) throw notVerified(say('refusal.changed-here'))
      await this.#options.checkPlace?.(ready.size)
      return true
    } catch (error) {
      this.#ready = undefined
      this.#set({ kind: 'failed', failure: updateFailure(error) })
      return false
    }
  }

  /**
   * Puts the new version in the place of this one; the program has to end then. Only after `prepare` said so. False where
   * that did not succeed: this version is still there.
   */
  install(restart: boolean): boolean {
    this.#installing = true
    const { updater } = this.#options
    if (updater instanceof BaseUpdater) return updater.install(true, restart)
    // What is staged, the system puts there; it ends the program, too.
    updater.quitAndInstall()
    return true
  }

  // ---------------------------------------------------------------------------------------------- looking

  async #look(beta: boolean): Promise<void> {
    if (this.#ready === undefined) this.#set({ kind: 'checking' })
    try {
      const { updater } = this.#options
      updater.channel = beta ? 'beta' : 'latest'
      // Setting the channel allows it.
      updater.allowDowngrade = false
      const found = await updater.checkForUpdates()
      if (found?.isUpdateAvailable !== true) this.#isCurrent()
      else if (!(await this.#isReady(found.updateInfo.version))) await this.#fetch(found.updateInfo)
      this.#failures = 0
    } catch (error) {
      this.#failures += 1
      // One that is ready stays so.
      if (this.#ready === undefined) this.#set({ kind: 'failed', failure: updateFailure(error) })
    }
  }

  async #fetch(info: UpdateInfo): Promise<void> {
    const { updater, transport, stage, checkPlace } = this.#options
    const { version } = info
    const offered = this.#choose(info)
    const statement = await this.#statement(offered.url)
    requireMatch(statement, version, offered)
    this.#requireWanted(version)
    await checkPlace?.(offered.size)
    this.#ready = undefined
    // On macOS, of the release before: this one is handed over once it is verified.
    updater.autoInstallOnAppQuit = false
    // From here on there is nothing else that could be downloaded or installed.
    Object.assign(info, { files: [offered], path: offered.url, sha512: offered.sha512, packages: null })
    transport.expectedBytes = offered.size
    this.#set({ kind: 'downloading', version, fraction: 0 })
    const [file] = await updater.downloadUpdate()
    if (file === undefined || (await sha512Of(file, 'hex')) !== statement.sha512)
      throw notVerified(say('refusal.not-as-signed'))
    // What is staged cannot be taken back.
    this.#requireWanted(version)
    await stage?.(updater)
    this.#requireWanted(version)
    this.#ready = { version, file, size: statement.size, sha512: statement.sha512 }
    this.#set({ kind: 'ready', version })
  }

  /** Also a Plumb with other settings empties the folder that the file is in. What is staged, the system keeps. */
  async #isReady(version: string): Promise<boolean> {
    const { stage } = this.#options
    if (this.#ready?.version !== version) return false
    return stage !== undefined || (await sizeOf(this.#ready.file)) === this.#ready.size
  }

  /** Whoever has the feed could offer a beta, which is signed as well, to everybody. */
  #requireWanted(version: string): void {
    if (isPrerelease(version) && !this.#choices.beta) throw notVerified(say('refusal.beta'))
  }

  #choose({ files }: UpdateInfo): OfferedFile {
    const { extension, arch } = this.#options.artifact
    // Of the feed's provider.
    const first = (files as OfferedFile[]).find(({ url }) => url.endsWith(`-${arch}.${extension}`))
    if (first === undefined) throw new Failure('update-unavailable', say('update.not-for-this-computer'))
    return first
  }

  async #statement(name: string): Promise<ReleaseStatement> {
    const { transport, feed } = this.#options
    let text: string | null
    try {
      text = await transport.text(new URL(encodeURIComponent(`${name}${SIGNATURE_SUFFIX}`), feed))
    } catch (error) {
      if ((error as { statusCode?: unknown }).statusCode === 404)
        throw notVerified(say('refusal.no-signature'), error)
      throw error
    }
    return verifyRelease((text ?? '').slice(0, MAX_SIGNATURE_BYTES), this.#keys)
  }

  #isCurrent(): void {
    // The one that was ready may have been taken back.
    this.#ready = undefined
    this.#set({ kind: 'current', checkedAt: Date.now() })
  }

  #progress(fraction: number): void {
    if (this.#state.kind !== 'downloading') return
    const { version } = this.#state
    const rounded = Math.floor(Math.min(1, Math.max(0, fraction)) * 100) / 100
    if (rounded !== this.#state.fraction) this.#set({ kind: 'downloading', version, fraction: rounded })
  }

  // --------------------------------------------------------------------------------------------- schedule

  #patience(): { least: number; jitter: number } {
    const factor = 2 ** Math.min(this.#failures - 1, 6)
    return { least: Math.min(RETRY_MS.least * factor, EVERY_MS.least), jitter: RETRY_MS.jitter }
  }

  #schedule({ least, jitter }: { readonly least: number; readonly jitter: number }): void {
    this.#unschedule()
    const delayMs = least + this.#options.random() * jitter
    this.#due = Date.now() + delayMs
    this.#timer = setTimeout(() => void this.check(), delayMs)
    this.#timer.unref()
  }

  #unschedule(): void {
    clearTimeout(this.#timer)
    this.#due = Number.POSITIVE_INFINITY
  }

  #set(state: UpdateState): void {
    this.#state = state
    this.emit('state', state)
  }
}

function isPrerelease(version: string): boolean {
  return /^[^+]*-/.test(version)
}

function requireMatch(
  { file, version, size, sha512 }: ReleaseStatement,
  announced: string,
  offered: OfferedFile,
): void {
  const hex = Buffer.from(offered.sha512, 'base64').toString('hex')
  if (file !== offered.url || version !== announced || size !== offered.size || sha512 !== hex)
    throw notVerified(say('refusal.other-signature'))
}
