import { harmlessLine } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { IqError } from './iq.ts'
import { requireSoundPassword } from './password.ts'
import { personJid } from './stanza.ts'
import type { SignIn } from './stream.ts'
import { UnsignedStream } from './unsigned-stream.ts'
import type { FormAnswers } from './xep-0004.ts'
import {
  NS_REGISTER,
  type RegistrationOffer,
  readRegistration,
  writeQuestion,
  writeRegistration,
} from './xep-0077.ts'

/** Where an account is to be made. */
export interface RegistrationPlace extends Pick<SignIn, 'server' | 'tls' | 'ca'> {
  readonly domain: string
}

/** How long a connection is held for somebody who fills in a form. */
const HOLD_MS = 10 * 60_000
const MAX_SHOWN_LENGTH = 300

/** The server says itself that there is nothing to ask for. */
const CLOSED = [
  'service-unavailable',
  'feature-not-implemented',
  'item-not-found',
  'not-allowed',
  'not-authorized',
  'forbidden',
]

/**
 * A new account, from the question what has to be filled in to the answer (XEP-0077 section 3.1). The connection is
 * held in between, since a form may be good for that one only. Many servers close it after a minute all the same: the
 * answers go over a new one then.
 */
export class Registration {
  readonly #place: RegistrationPlace
  #stream: UnsignedStream | undefined
  #offer: RegistrationOffer = { kind: 'closed' }
  #hold: NodeJS.Timeout | undefined
  #isBusy = false
  #isOver = false

  private constructor(place: RegistrationPlace) {
    this.#place = place
  }

  /**
   * Connects, as for signing in, and asks. Throws the failures of a sign-in, `registration-refused` with the server's
   * reason, and `signal`'s reason. A server that has no accounts to give is no failure, but an offer.
   */
  static async open(place: RegistrationPlace, signal?: AbortSignal): Promise<Registration> {
    const registration = new Registration(place)
    try {
      await registration.renew(signal)
    } catch (error) {
      await registration.close()
      throw error
    }
    return registration
  }

  /** What the server asked for last. Without a form there is no connection any more. */
  get offer(): RegistrationOffer {
    return this.#offer
  }

  /**
   * Asks anew, as after letters that were read wrongly: what a form shows may be good for one answer. Throws as `open`.
   */
  async renew(signal?: AbortSignal): Promise<RegistrationOffer> {
    await this.#alone(async () => {
      try {
        const stream = await this.#connected(signal)
        const answer = await stream.iq.request('get', this.#place.domain, writeQuestion(), { signal })
        const query = answer.getChild('query', NS_REGISTER)
        this.#offer = query === undefined ? { kind: 'closed' } : readRegistration(query)
      } catch (error) {
        const isClosed =
          error instanceof IqError
            ? CLOSED.includes(error.error.condition)
            : error instanceof Failure && error.code === 'registration-closed'
        if (!isClosed) throw refusal(error, this.#place.domain)
        this.#offer = { kind: 'closed' }
      }
    })
    if (this.#offer.kind !== 'form') await this.#hangUp()
    return this.#offer
  }

  /**
   * Sends the form, filled in; the rest of it as it came. Resolves with the bare JID of the new account (undefined
   * where the form asks for no `username`), and ends the registration. Throws `invalid-argument` for answers that the
   * form does not take, `name-taken`, `registration-refused`, `server-connection-lost` and the failures of a
   * connection; then other answers may follow.
   */
  async submit(answers: FormAnswers, signal?: AbortSignal): Promise<string | undefined> {
    const { domain } = this.#place
    const offer = this.#offer
    if (offer.kind !== 'form') {
      throw new Failure('registration-closed', say('registration.closed', { domain }))
    }
    const [username] = answers.get('username') ?? []
    const address = username === undefined ? undefined : requireAccount(username, domain)
    const [password] = answers.get('password') ?? []
    if (password !== undefined) requireSoundPassword(password)
    const query = writeRegistration(offer.form, answers)
    await this.#alone(async () => {
      try {
        const stream = await this.#connected(signal)
        await stream.iq.request('set', domain, query, { signal })
      } catch (error) {
        throw refusal(error, domain, username)
      }
    })
    await this.close()
    return address
  }

  /** Gives it up, or ends it. Never throws. */
  async close(): Promise<void> {
    this.#isOver = true
    await this.#hangUp()
  }

  async #connected(signal: AbortSignal | undefined): Promise<UnsignedStream> {
    if (this.#isOver) throw new Failure('cancelled', say('registration.given-up'))
    const { domain, server, tls, ca } = this.#place
    clearTimeout(this.#hold)
    if (this.#stream?.isOpen !== true) {
      const stream = await UnsignedStream.open({ domain, server, tls, ca }, signal)
      this.#stream = stream
      if (this.#isOver) {
        await this.#hangUp()
        throw new Failure('cancelled', say('registration.given-up'))
      }
    }
    this.#hold = setTimeout(() => void this.#hangUp(), HOLD_MS)
    return this.#stream
  }

  async #hangUp(): Promise<void> {
    clearTimeout(this.#hold)
    const stream = this.#stream
    this.#stream = undefined
    await stream?.close()
  }

  /** One question at a time: the second of two quick clicks must not make an account twice. */
  async #alone(act: () => Promise<void>): Promise<void> {
    if (this.#isBusy) throw new Failure('not-allowed', say('server.not-answered-yet'))
    this.#isBusy = true
    try {
      await act()
    } finally {
      this.#isBusy = false
    }
  }
}

/**
 * The bare JID of the account that gets this name. Throws `invalid-argument` for what is no name (RFC 7622 section
 * 3.3.1).
 */
function requireAccount(username: string, domain: string): string {
  const address = /["&'/:<>@\s]/.test(username) ? undefined : personJid(`${username}@${domain}`)
  if (address === undefined) {
    throw new Failure('invalid-argument', say('registration.no-name'))
  }
  return address
}

/** An answer of the server as a sentence; all else as it is. */
function refusal(error: unknown, domain: string, username = ''): unknown {
  if (!(error instanceof IqError)) return error
  const { condition, text } = error.error
  const options = { cause: error }
  if (condition === 'conflict') {
    const name = harmlessLine(username, MAX_SHOWN_LENGTH)
    return new Failure('name-taken', say('registration.name-taken', { name, domain }), options)
  }
  const reason = harmlessLine(text, MAX_SHOWN_LENGTH)
  const sentence =
    reason === '' ? refusedFor(condition, domain) : say('registration.refused-because', { domain, reason })
  return new Failure('registration-refused', sentence, options)
}

function refusedFor(condition: string, domain: string): string {
  switch (condition) {
    case 'resource-constraint':
      return say('registration.refused-for-now', { domain, condition })
    case 'not-allowed':
    case 'forbidden':
    case 'service-unavailable':
      return say('registration.not-allowed', { domain, condition })
    default:
      return say('registration.refused', { domain, condition })
  }
}
