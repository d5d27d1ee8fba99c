import { Failure } from '../../shared/model/failure.ts'
import type {
  FormAnswers,
  RegistrationOffer,
  RegistrationPlace,
  RegistrationResult,
} from '../../shared/model/registration.ts'
import { say } from '../../shared/words/say.ts'
import { requireSoundPassword } from '../xmpp/password.ts'
import { Registration } from '../xmpp/registration.ts'
import { type FormAnswers as AnswersByName, checkAnswer } from '../xmpp/xep-0004.ts'
import type { RegistrationForm } from '../xmpp/xep-0077.ts'
import { shownFailure } from './shown-failure.ts'
import { answersTo, shownOffer } from './shown-form.ts'

interface UnderWay {
  readonly stop: AbortController
  /** Undefined until the server has answered. */
  registration: Registration | undefined
}

/** What belongs to one of the answers, or to the form as a whole; all else is a failure of the connection. */
const REFUSALS: readonly string[] = ['invalid-argument', 'name-taken', 'registration-refused']

/** A new account, one at a time: whoever begins another one has given up the first. */
export class Registering {
  /** PEM of authorities to trust instead of the built-in ones. */
  readonly #ca: string | undefined
  #underWay: UnderWay | undefined

  constructor(ca: string | undefined) {
    this.#ca = ca
  }

  /** Asks a server what has to be filled in. Throws as `Registration.open`. */
  async open({ domain, server }: RegistrationPlace): Promise<RegistrationOffer> {
    this.close()
    const underWay: UnderWay = { stop: new AbortController(), registration: undefined }
    this.#underWay = underWay
    const { signal } = underWay.stop
    const place = { domain: domain.toLowerCase(), server: server ?? undefined, ca: this.#ca }
    const registration = await Registration.open(place, signal)
    if (signal.aborted) {
      await registration.close()
      signal.throwIfAborted()
    }
    underWay.registration = registration
    return shownOffer(registration.offer)
  }

  /** Asks anew: other letters, where some could not be read. Throws as `Registration.renew`. */
  async renew(): Promise<RegistrationOffer> {
    const { registration, stop } = this.#current()
    return shownOffer(await registration.renew(stop.signal))
  }

  /** Throws as `Registration.submit` where it is not about what was filled in. */
  async submit(given: FormAnswers): Promise<RegistrationResult> {
    const { registration, stop } = this.#current()
    const { offer } = registration
    if (offer.kind !== 'form') throw nothingToFillIn()
    const answers = answersTo(offer.form, given)
    const field = firstWrong(offer.form, answers)
    if (field !== undefined) return refused(field.failure, field.name)
    try {
      const address = await registration.submit(answers, stop.signal)
      return { kind: 'created', address: address ?? null }
    } catch (error) {
      const failure = Failure.from(error)
      if (!REFUSALS.includes(failure.code)) throw failure
      const isAboutName = failure.code !== 'registration-refused'
      // The letters of a picture are good for one answer. Where they cannot be had anew, that is said at the next one.
      const isSpent = failure.code !== 'invalid-argument' && hasPictures(offer.form)
      const next = isSpent ? await this.renew().catch(() => null) : null
      return { ...refused(failure, isAboutName ? 'username' : null), offer: next }
    }
  }

  /** Gives it up, and ends the connection. */
  close(): void {
    const underWay = this.#underWay
    this.#underWay = undefined
    underWay?.stop.abort(new Failure('cancelled', say('registration.given-up')))
    void underWay?.registration?.close()
  }

  #current(): UnderWay & { readonly registration: Registration } {
    const { stop, registration } = this.#underWay ?? {}
    if (stop === undefined || registration === undefined) throw nothingToFillIn()
    return { stop, registration }
  }
}

/** What is wrong with the answers that can be told without the server, and in which field. */
function firstWrong(
  form: RegistrationForm,
  answers: AnswersByName,
): { readonly name: string; readonly failure: Failure } | undefined {
  for (const field of form.fields) {
    const { name, type, values } = field
    if (type === 'fixed' || type === 'hidden') continue
    try {
      const [value] = checkAnswer(field, answers.get(name) ?? values)
      if (name === 'password' && value !== undefined) requireSoundPassword(value)
    } catch (error) {
      return { name, failure: Failure.from(error) }
    }
  }
  return undefined
}

function hasPictures({ fields }: RegistrationForm): boolean {
  return fields.some(({ pictures }) => pictures.length > 0)
}

function refused(failure: Failure, field: string | null): RegistrationResult & { readonly kind: 'refused' } {
  return { kind: 'refused', failure: shownFailure(failure), field, offer: null }
}

function nothingToFillIn(): Failure {
  return new Failure('not-allowed', say('registration.too-slow'))
}
