import { harmlessLine } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { IqError, type IqRouter } from './iq.ts'
import { requireSoundPassword } from './password.ts'
import type { Element } from './stanza.ts'
import type { FormAnswers } from './xep-0004.ts'
import {
  type RegistrationForm,
  readFormInError,
  writePasswordChange,
  writeRegistration,
  writeRemoval,
} from './xep-0077.ts'

/** What can be done to an account that is signed in (XEP-0077 sections 3.2 and 3.3). */

const MAX_SHOWN_LENGTH = 300

/**
 * Gives the account with this bare JID, which is signed in, another password. Resolves with a form where the server
 * wants to know more (see `submitAccountForm`), and with undefined when it is done. Throws `invalid-argument`,
 * `registration-refused`, and the failures of `IqRouter.request`.
 */
export async function changePassword(
  iq: IqRouter,
  account: string,
  password: string,
  signal?: AbortSignal,
): Promise<RegistrationForm | undefined> {
  requireSoundPassword(password)
  const { username, domain } = split(account)
  const query = writePasswordChange(username, password)
  return await submit(iq, { domain, to: domain, query, change: 'password' }, signal)
}

/** The answer to the form that came instead of a change. Throws as the change itself. */
export async function submitAccountForm(
  iq: IqRouter,
  account: string,
  form: RegistrationForm,
  answers: FormAnswers,
  signal?: AbortSignal,
): Promise<RegistrationForm | undefined> {
  const { domain } = split(account)
  const [password] = answers.get('password') ?? []
  if (password !== undefined) requireSoundPassword(password)
  const query = writeRegistration(form, answers)
  return await submit(iq, { domain, to: domain, query, change: 'answers' }, signal)
}

/**
 * Deletes the account with all that the server keeps of it. Resolves as `changePassword`. The server ends the session
 * right behind its answer, or instead of one.
 */
export async function deleteAccount(
  iq: IqRouter,
  account: string,
  signal?: AbortSignal,
): Promise<RegistrationForm | undefined> {
  const { domain } = split(account)
  try {
    // The server itself is asked by leaving it out: to anybody else an address would mean another registration.
    const query = writeRemoval()
    return await submit(iq, { domain, to: undefined, query, change: 'deletion' }, signal)
  } catch (error) {
    // There was no answer, and the account is not known any more.
    if (error instanceof Failure && error.code === 'wrong-password') return undefined
    throw error
  }
}

interface Submission {
  readonly domain: string
  readonly to: string | undefined
  readonly query: Element
  readonly change: 'password' | 'answers' | 'deletion'
}

async function submit(
  iq: IqRouter,
  { domain, to, query, change }: Submission,
  signal: AbortSignal | undefined,
): Promise<RegistrationForm | undefined> {
  try {
    await iq.request('set', to, query, { signal })
    return undefined
  } catch (error) {
    if (!(error instanceof IqError)) throw error
    const form = readFormInError(error.payload)
    if (form !== undefined) return form
    const { condition, text } = error.error
    const reason = harmlessLine(text, MAX_SHOWN_LENGTH)
    const sentence =
      reason === ''
        ? say(`account-refused.${change}`, { domain, condition })
        : say(`account-refused-because.${change}`, { domain, reason })
    throw new Failure('registration-refused', sentence, { cause: error })
  }
}

function split(account: string): { readonly username: string; readonly domain: string } {
  const at = account.indexOf('@')
  return { username: account.slice(0, at), domain: account.slice(at + 1) }
}
