import { setTimeout as delay } from 'node:timers/promises'
import { FAULTS, Failure } from '../../shared/model/failure.ts'
import type { AccountState, ServerPlace } from '../../shared/model/window-state.ts'
import { say } from '../../shared/words/say.ts'
import { Plumb, type PlumbOptions } from '../plumb.ts'
import type { PasswordStore, SettingsStore } from './ports.ts'
import { shownFailure } from './shown-failure.ts'

export interface Credentials {
  readonly password: string
  readonly server: ServerPlace | null
}

export interface AccountOptions {
  /** Bare JID. */
  readonly address: string
  /** Where its server is, where that was given. */
  readonly server: ServerPlace | null
  readonly settings: SettingsStore
  readonly passwords: PasswordStore
  /** What the core is to be told beside the credentials. */
  readonly plumbOptions: () => Omit<PlumbOptions, 'jid' | 'password' | 'resource' | 'server'>
  readonly changed: (state: AccountState) => void
  /** Whether the server ends the session because we asked it to delete the account. */
  readonly isDeleting: () => boolean
  /** The keyring does not take the new password, and has no old one any more. */
  readonly passwordNotKept: (failure: Failure) => void
  /** The port of the settings is another program's: this session takes any free one. */
  readonly portTaken: (failure: Failure) => void
  /** Reads what is known of it, and resolves with what shows that, also while there is no connection yet. */
  readonly opening: () => Promise<() => void>
  /** Connected: everything that follows the core begins here, before the core's next event. */
  readonly signedIn: (plumb: Plumb) => void
  /** About to be signed out: what waits for its turn will not get it. */
  readonly signingOut: (reason: Failure) => void
  /** Signed out, for whatever reason. */
  readonly signedOut: (reason: Failure) => void
}

/** How long is waited between attempts to sign in by itself: the network of a computer that starts comes late. */
const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000

/** Whether an account is signed in. */
export class Account {
  readonly #options: AccountOptions
  #state: AccountState
  #plumb: Plumb | undefined
  #attempt: AbortController | undefined
  /** Settles when the attempt that is under way has come to its end. */
  #ending: Promise<void> = Promise.resolve()
  /** Ends the wait before the next attempt. */
  #wake: AbortController | undefined

  constructor(options: AccountOptions) {
    this.#options = options
    const { address, server } = options
    this.#state = { kind: 'signed-out', address, server, failure: null }
  }

  get state(): AccountState {
    return this.#state
  }

  /** Undefined before the first connection, and while somebody is signing out. */
  get core(): Plumb | undefined {
    return this.#plumb
  }

  /** Throws `not-allowed` where there is none. */
  get plumb(): Plumb {
    if (this.#plumb !== undefined) return this.#plumb
    throw this.#state.kind === 'signed-in'
      ? new Failure('server-connection-lost', say('server.not-connected-yet'))
      : new Failure('not-allowed', say('sign-in.first'))
  }

  /** Throws why it failed; the state tells it, too. */
  async signIn(credentials: Credentials): Promise<void> {
    const { address } = this.#options
    this.#requireSignedOut()
    this.#set({ kind: 'signing-in', address, server: credentials.server })
    await this.#signIn(credentials, false)
  }

  /** With the password that is kept, again and again while the server cannot be reached. Never throws. */
  async resume(): Promise<void> {
    const { address, passwords, opening } = this.#options
    const password = passwords.load(address)
    if (this.#state.kind !== 'signed-out' || password === undefined) return
    const { server } = this.#state
    const show = await opening()
    if (this.#state.kind !== 'signed-out') return
    this.#set({ kind: 'signed-in', address, server, connection: 'connecting', trouble: null })
    show()
    await this.#signIn({ password, server }, true).catch(() => {})
  }

  cancel(): void {
    this.#attempt?.abort(new Failure('cancelled', say('sign-in.cancelled')))
  }

  async signOut(reason: Failure): Promise<void> {
    this.cancel()
    const plumb = this.#plumb
    this.#plumb = undefined
    // What was being connected ends by itself.
    if (plumb !== undefined) await this.#leave(plumb, reason, null)
    else await this.#ending
  }

  /** The computer woke up, or its network is another. */
  reconnect(): void {
    this.#plumb?.reconnectNow()
    this.#wake?.abort()
  }

  /** The account has another password: where the old one is kept, the keyring gets the new one. */
  passwordChanged(password: string): void {
    const { address, passwords, passwordNotKept } = this.#options
    if (passwords.load(address) === undefined) return
    try {
      passwords.save(address, password)
    } catch (error) {
      this.#forgetPassword()
      passwordNotKept(Failure.from(error))
    }
  }

  #requireSignedOut(): void {
    if (this.#state.kind !== 'signed-out') throw new Failure('not-allowed', say('sign-in.already'))
  }

  async #signIn(credentials: Credentials, persistent: boolean): Promise<void> {
    const { address } = this.#options
    const { server } = credentials
    const attempt = new AbortController()
    this.#attempt = attempt
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ending = promise
    try {
      // Before the core, none of whose events may be missed.
      const show = persistent ? undefined : await this.#options.opening()
      const plumb = await this.#connect(credentials, persistent, attempt.signal)
      if (attempt.signal.aborted) {
        // It was cancelled when the server had already agreed.
        await plumb.stop(Failure.from(attempt.signal.reason))
        attempt.signal.throwIfAborted()
      }
      this.#plumb = plumb
      this.#follow(plumb)
      this.#set({ kind: 'signed-in', address, server, connection: 'connected', trouble: null })
      show?.()
      this.#options.signedIn(plumb)
    } catch (error) {
      const failure = Failure.from(attempt.signal.aborted ? attempt.signal.reason : error)
      const shown = failure.code === 'cancelled' ? null : shownFailure(failure)
      if (persistent) this.#options.signedOut(failure)
      this.#set({ kind: 'signed-out', address, server, failure: shown })
      throw failure
    } finally {
      this.#attempt = undefined
      resolve()
    }
  }

  async #connect(credentials: Credentials, persistent: boolean, signal: AbortSignal): Promise<Plumb> {
    const { address } = this.#options
    const { password, server } = credentials
    let options: PlumbOptions = {
      ...this.#options.plumbOptions(),
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
        const trouble = shownFailure(failure)
        this.#set({ kind: 'signed-in', address, server, connection: 'connecting', trouble })
        this.#wake = new AbortController()
        await delay(wait, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => {})
        signal.throwIfAborted()
      }
    }
  }

  #follow(plumb: Plumb): void {
    const show = (connection: 'connected' | 'reconnecting'): void => {
      if (this.#state.kind === 'signed-in') this.#set({ ...this.#state, connection, trouble: null })
    }
    plumb.on('interrupted', () => show('reconnecting'))
    plumb.on('reconnected', () => show('connected'))
    plumb.on('password', password => this.passwordChanged(password))
    plumb.on('ended', failure => void this.#ended(plumb, failure))
  }

  /** The server will not have us any more. */
  async #ended(plumb: Plumb, failure: Failure): Promise<void> {
    if (this.#plumb !== plumb) return
    this.#plumb = undefined
    await this.#leave(plumb, failure, this.#options.isDeleting() ? null : failure)
    if (failure.code === 'wrong-password') this.#forgetPassword()
  }

  #forgetPassword(): void {
    try {
      this.#options.passwords.forget(this.#options.address)
    } catch {
      // It is a password that no server takes: where it stays, it is refused once more.
    }
  }

  async #leave(plumb: Plumb, reason: Failure, failure: Failure | null): Promise<void> {
    this.#options.signingOut(reason)
    await plumb.stop(reason, { keep: true })
    this.#options.signedOut(reason)
    const { address, server } = this.#state
    const shown = failure === null ? null : shownFailure(failure)
    this.#set({ kind: 'signed-out', address, server, failure: shown })
  }

  #set(state: AccountState): void {
    this.#state = state
    this.#options.changed(state)
  }
}
