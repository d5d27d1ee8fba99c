import { Failure } from '../../shared/model/failure.ts'
import type { IqRouter } from '../xmpp/iq.ts'
import { changePassword, deleteAccount, submitAccountForm } from '../xmpp/registered-account.ts'
import { bareJid } from '../xmpp/stanza.ts'
import type { FormAnswers } from '../xmpp/xep-0004.ts'
import type { RegistrationForm } from '../xmpp/xep-0077.ts'

export interface OwnAccountOptions {
  readonly iq: IqRouter
  readonly stream: {
    readonly address: string
    considerPassword(password: string): void
    isPassword(password: string): boolean
    settlePassword(password: string | undefined): void
  }
}

/** What is to become of an account. */
export type AccountChange =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'deletion' }

/** Our account itself, at its server. */
export class OwnAccount {
  readonly #iq: IqRouter
  readonly #stream: OwnAccountOptions['stream']

  constructor({ iq, stream }: OwnAccountOptions) {
    this.#iq = iq
    this.#stream = stream
  }

  /**
   * Gives the account another password, with which later connections sign in, or deletes it, which ends the session.
   * Resolves with a form where the server wants to know more, which `submit` answers, and with undefined when it is
   * done. Throws as `registered-account.ts`.
   */
  async change(change: AccountChange): Promise<RegistrationForm | undefined> {
    const account = bareJid(this.#stream.address)
    return change.kind === 'deletion'
      ? await deleteAccount(this.#iq, account)
      : await this.#exchange(change.password, () => changePassword(this.#iq, account, change.password))
  }

  /** The answer to a form that came instead of this change. Resolves and throws as `change`. */
  async submit(
    form: RegistrationForm,
    answers: FormAnswers,
    change: AccountChange,
  ): Promise<RegistrationForm | undefined> {
    const act = () => submitAccountForm(this.#iq, bareJid(this.#stream.address), form, answers)
    if (change.kind === 'password') return await this.#exchange(change.password, act)
    try {
      return await act()
    } catch (error) {
      // There was no answer, and the account is not known any more.
      if (error instanceof Failure && error.code === 'wrong-password') return undefined
      throw error
    }
  }

  async #exchange(
    password: string,
    act: () => Promise<RegistrationForm | undefined>,
  ): Promise<RegistrationForm | undefined> {
    const stream = this.#stream
    stream.considerPassword(password)
    try {
      const form = await act()
      stream.settlePassword(form === undefined ? password : undefined)
      return form
    } catch (error) {
      const isAnswered = !(error instanceof Failure && error.fault === 'unreachable')
      if (isAnswered) stream.settlePassword(undefined)
      // Without an answer it may be either, unless we are signed in with it by now.
      else if (stream.isPassword(password)) return undefined
      throw error
    }
  }
}
