import { setTimeout as delay } from 'node:timers/promises'
import { FAULTS, Failure } from '../../shared/model/failure.ts'
import type { AccountState, ServerPlace } from '../../shared/model/window-state.ts'
import { Plumb, type PlumbOptions } from '../plumb.ts'
import type { PasswordStore, SettingsStore } from './ports.ts'
import { shownFailure } from './shown-failure.ts'

export interface Credentials {
  /** Bare JID. */
  readonly address: string
  readonly password: string
  readonly server: ServerPlace | null
}

export interface AccountOptions {
  readonly settings: SettingsStore
  readonly passwords: PasswordStore
  /** What the core is to be told beside the credentials. */
  readonly plumbOptions: (address: string) => Omit<PlumbOptions, 'jid' | 'password' | 'resource' | 'server'>
  readonly changed: (state: AccountState) => void
  /** The port of the settings is another program's: this session takes any free one. */
  readonly portTaken: (failure: Failure) => void
  /** Signed in: everything that follows the core begins here, before the core's next event. */
  readonly signedIn: (plumb: Plumb) => void
  /** About to be signed out: what waits for its turn will not get it. */
  readonly signingOut: (reason: Failure) => void
  /** Signed out, for whatever reason. */
  readonly signedOut: (reason: Failure) => void
}

/** How long is waited between attempts to sign in by itself: the network of a computer that starts comes late. */
const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000

/** Whether somebody is signed in, and who. */
export class Account {
  readonly #options: AccountOptions
  #state: AccountState
  #plumb: Plumb | undefined
  #attempt: AbortController | undefined
  /** Ends the wait before the next attempt. */
  #wake: AbortController | undefined

  constructor(options: AccountOptions) {
    this.#options = options
    this.#state = { kind: 'signed-out', last: options.settings.lastAccount, failure: null }
  }

  get state(): AccountState {
    return this.#state
  }

  /** Bare JID; undefined while nobody is signed in, also while somebody is signing out. */
  get address(): string | undefined {
    return this.#state.kind === 'signed-in' && this.#plumb !== undefined ? this.#state.address : undefined
  }

  /** Throws `not-allowed` while nobody is signed in. */
  get plumb(): Plumb {
    if (this.#plumb === undefined) throw new Failure('not-allowed', 'Sign in first.')
    return this.#plumb
  }

  /** Throws why it failed; the state tells it, too. */
  async signIn(credentials: Credentials): Promise<void> {
    await this.#signIn(credentials, false)
  }

  /** With the password that is kept, again and again while the server cannot be reached. Never throws. */
  async resumeLast(): Promise<void> {
    const { settings, passwords } = this.#options
    const last = settings.lastAccount
    const password = last === null ? undefined : passwords.load(last.address)
    if (last === null || password === undefined) return
    await this.#signIn({ ...last, password }, true).catch(() => {})
  }

  cancel(): void {
    this.#attempt?.abort(new Failure('cancelled', 'Signing in was cancelled.'))
  }

  async signOut(reason: Failure): Promise<void> {
    this.cancel()
    const plumb = this.#plumb
    this.#plumb = undefined
    if (plumb === undefined) return
    await this.#leave(plumb, reason)
    this.#set(this.#signedOut(null))
  }

  /** The computer woke up, or its network is another. */
  reconnect(): void {
    this.#plumb?.reconnectNow()
    this.#wake?.abort()
  }

  async #signIn(credentials: Credentials, persistent: boolean): Promise<void> {
    if (this.#state.kind !== 'signed-out') throw new Failure('not-allowed', 'Somebody is signed in already.')
    const { address } = credentials
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#set({ kind: 'signing-in', address, server: credentials.server, retrying: null })
    try {
      const plumb = await this.#connect(credentials, persistent, attempt.signal)
      if (attempt.signal.aborted) {
        // It was cancelled when the server had already agreed.
        await plumb.stop(Failure.from(attempt.signal.reason))
        attempt.signal.throwIfAborted()
      }
      this.#plumb = plumb
      this.#follow(plumb)
      this.#set({ kind: 'signed-in', address, connection: 'connected' })
      this.#options.signedIn(plumb)
    } catch (error) {
      const failure = Failure.from(attempt.signal.aborted ? attempt.signal.reason : error)
      const last = { address, server: credentials.server }
      const shown = failure.code === 'cancelled' ? null : shownFailure(failure)
      this.#set({ kind: 'signed-out', last, failure: shown })
      throw failure
    } finally {
      this.#attempt = undefined
    }
  }

  async #connect(credentials: Credentials, persistent: boolean, signal: AbortSignal): Promise<Plumb> {
    const { address, password, server } = credentials
    let options: PlumbOptions = {
      ...this.#options.plumbOptions(address),
      jid: address,
      password,
      resource: this.#options.settings.device,
      server: server ?? undefined,
    }
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      try {
        return await Plumb.signIn(options, signal)
      } catch (error) {
        signal.throwIfAborted()
        const failure = Failure.from(error)
        const { code } = failure
        if (code === 'port-in-use' && options.direct.listen !== 0) {
          // Whoever cannot sign in could not choose another port, either.
          options = { ...options, direct: { ...options.direct, listen: 0 } }
          this.#options.portTaken(failure)
          continue
        }
        if (!persistent || FAULTS[code] !== 'unreachable') throw error
        this.#set({ kind: 'signing-in', address, server, retrying: shownFailure(failure) })
        this.#wake = new AbortController()
        await delay(wait, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => {})
        signal.throwIfAborted()
      }
    }
  }

  #follow(plumb: Plumb): void {
    const show = (connection: 'connected' | 'reconnecting'): void => {
      if (this.#state.kind === 'signed-in') this.#set({ ...this.#state, connection })
    }
    plumb.on('interrupted', () => show('reconnecting'))
    plumb.on('reconnected', () => show('connected'))
    plumb.on('ended', failure => void this.#ended(plumb, failure))
  }

  /** The server will not have us any more. */
  async #ended(plumb: Plumb, failure: Failure): Promise<void> {
    if (this.#plumb !== plumb) return
    this.#plumb = undefined
    await this.#leave(plumb, failure)
    this.#set(this.#signedOut(failure))
    if (failure.code !== 'wrong-password') return
    try {
      this.#options.passwords.forget()
    } catch {
      // It is a password that no server takes: where it stays, it is refused once more.
    }
  }

  async #leave(plumb: Plumb, reason: Failure): Promise<void> {
    this.#options.signingOut(reason)
    await plumb.stop(reason, { keep: true })
    this.#options.signedOut(reason)
  }

  #signedOut(failure: Failure | null): AccountState {
    const shown = failure === null ? null : shownFailure(failure)
    return { kind: 'signed-out', last: this.#options.settings.lastAccount, failure: shown }
  }

  #set(state: AccountState): void {
    this.#state = state
    this.#options.changed(state)
  }
}
