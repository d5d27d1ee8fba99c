import { Failure } from '../../shared/model/failure.ts'
import type { AccountChangeResult, FormAnswers } from '../../shared/model/registration.ts'
import { say } from '../../shared/words/say.ts'
import type { AccountChange as Change } from '../plumb/own-account.ts'
import type { Plumb } from '../plumb.ts'
import type { RegistrationForm } from '../xmpp/xep-0077.ts'
import { answersTo, shownForm } from './shown-form.ts'

export interface AccountChangeOptions {
  /** Throws `not-allowed` or `server-connection-lost` where there is none. */
  readonly plumb: () => Plumb
  /** The account has this password from now on. */
  readonly passwordChanged: (password: string) => void
}

/** Another password for one account of ours, or its end, with the form that the server may want filled in first. */
export class AccountChange {
  readonly #options: AccountChangeOptions
  /** What the server wants to know before it does this. */
  #asked: { readonly form: RegistrationForm; readonly change: Change } | undefined
  #deletion: 'none' | 'under-way' | 'done' = 'none'
  #isBusy = false

  constructor(options: AccountChangeOptions) {
    this.#options = options
  }

  /** Whether the end of the session is what was asked for. */
  get isDeleting(): boolean {
    return this.#deletion !== 'none'
  }

  get isDeleted(): boolean {
    return this.#deletion === 'done'
  }

  /** Another session begins: nothing of this is left of the one before. */
  forget(): void {
    this.#asked = undefined
    this.#deletion = 'none'
  }

  /** Throws as `OwnAccount.change`. */
  async begin(change: Change): Promise<AccountChangeResult> {
    return await this.#settle(change, plumb => plumb.account.change(change))
  }

  /** Throws as `OwnAccount.submit`; then other answers may follow. */
  async answer(given: FormAnswers): Promise<AccountChangeResult> {
    if (this.#asked === undefined) {
      throw new Failure('not-allowed', say('account.not-awaited'))
    }
    const { form } = this.#asked
    const answers = answersTo(form, given)
    const [password] = answers.get('password') ?? []
    // The form may ask for it once more.
    const isOther = this.#asked.change.kind === 'password' && password !== undefined
    const change = isOther ? { kind: 'password' as const, password } : this.#asked.change
    return await this.#settle(change, plumb => plumb.account.submit(form, answers, change))
  }

  async #settle(
    change: Change,
    act: (plumb: Plumb) => Promise<RegistrationForm | undefined>,
  ): Promise<AccountChangeResult> {
    if (this.#isBusy) throw new Failure('not-allowed', say('server.not-answered-yet'))
    const plumb = this.#options.plumb()
    this.#isBusy = true
    // From now on: the session may end before the answer is read.
    if (change.kind === 'deletion') this.#deletion = 'under-way'
    try {
      const form = await act(plumb)
      this.#asked = form && { form, change }
      if (form !== undefined) return { kind: 'form', form: shownForm(form) }
      if (change.kind === 'deletion') this.#deletion = 'done'
      else this.#options.passwordChanged(change.password)
      return { kind: 'done' }
    } finally {
      if (this.#deletion === 'under-way') this.#deletion = 'none'
      this.#isBusy = false
    }
  }
}
