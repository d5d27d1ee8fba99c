import { createHash } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import type { Account, Accounts } from './accounts.ts'
import { readForm } from './data-form.ts'
import { type Feature, type FeatureEffects, isForOneself, type Question } from './feature.ts'
import type { Session } from './session.ts'
import { NS, parseJid, refusal, result } from './stanzas.ts'

const INSTRUCTIONS = 'Choose a username and password for use with this service.'

/** How strangers get an account (XEP-0077). */
export interface RegistrationOptions {
  /** Asks by a data form, too (XEP-0077 §4). Default: only by the fields of old. */
  readonly form?: boolean
  /** A picture, and the text in it that has to be typed (XEP-0158, XEP-0231). With it, the form is all that counts. */
  readonly captcha?: { readonly png: Buffer; readonly answer: string }
  /** There is none to be had here, but at this address (XEP-0077 §5). */
  readonly url?: string
}

export interface RegistrationEffects extends FeatureEffects {
  /** Ends all that the account has, and says so to its contacts. */
  remove(account: Account): void
  /** Ends the sessions that signed in with a password that counts no more, all but this one. */
  resetOthers(session: Session): void
}

/** Accounts that come and go (XEP-0077). */
export class Registration implements Feature {
  readonly ofServer = [NS.register]
  readonly ofAccounts = []
  /** Undefined where no stranger gets an account. */
  readonly #options: RegistrationOptions | undefined
  readonly #accounts: Accounts
  readonly #effects: RegistrationEffects

  constructor(options: RegistrationOptions | undefined, accounts: Accounts, effects: RegistrationEffects) {
    this.#options = options
    this.#accounts = accounts
    this.#effects = effects
  }

  /** Whether strangers can ask. */
  get isOpen(): boolean {
    return this.#options !== undefined
  }

  /** The answer to a stanza of somebody who has not signed in; undefined where it is none for registering. */
  answerStranger(iq: Element): Element | undefined {
    const query = iq.getChild('query', NS.register)
    if (this.#options === undefined || !iq.is('iq', NS.client) || query === undefined) return undefined
    if (iq.attrs['id'] === undefined) return refusal(iq, 'bad-request')
    if (iq.attrs['type'] === 'get') return result(iq, questions(this.#options))
    if (iq.attrs['type'] !== 'set') return undefined
    if (query.getChild('remove') !== undefined) return refusal(iq, 'registration-required')
    return this.#register(iq, query, this.#options)
  }

  handle(question: Question): boolean {
    const { kind, session, iq, request, owner } = question
    // Prosody takes it at the server's address, too, as the XEP has it.
    if (owner !== undefined && !isForOneself(question)) return false
    const { account } = session
    if (kind === `get ${NS.register} query`) {
      const fields = [xml('registered'), xml('username', {}, account.username), xml('password')]
      this.#effects.deliver(session, result(iq, xml('query', { xmlns: NS.register }, ...fields)))
      return true
    }
    if (kind !== `set ${NS.register} query`) return false
    if (request.getChild('remove') !== undefined) {
      this.#effects.deliver(session, result(iq))
      this.#effects.remove(account)
      return true
    }
    const password = request.getChildText('password') ?? ''
    const isAboutOneself = request.getChildText('username')?.toLowerCase() === account.username
    if (!isAboutOneself || password === '') {
      this.#effects.deliver(session, refusal(iq, 'bad-request'))
      return true
    }
    account.password = password
    this.#effects.resetOthers(session)
    this.#effects.deliver(session, result(iq))
    return true
  }

  #register(iq: Element, query: Element, options: RegistrationOptions): Element {
    const form = readForm(query)
    const { captcha, url } = options
    if (url !== undefined) return refusal(iq, 'not-allowed')
    const read = (name: string) => form?.get(name) ?? query.getChildText(name) ?? ''
    const [username, password] = [read('username'), read('password')]
    if (captcha !== undefined && form?.get('ocr') !== captcha.answer) {
      return refusal(iq, 'not-acceptable', 'The CAPTCHA was not solved.')
    }
    if (password === '') return refusal(iq, 'not-acceptable', 'Password: Required value missing')
    const local = parseJid(`${username}@${this.#accounts.domain}`)?.local
    if (local === undefined) return refusal(iq, 'not-acceptable', 'The requested username is invalid.')
    if (this.#accounts.find(local) !== undefined) {
      return refusal(iq, 'conflict', 'The requested username already exists.')
    }
    this.#accounts.add(local, password)
    return result(iq)
  }
}

function questions({ form = false, captcha, url }: RegistrationOptions): Element {
  const children =
    url === undefined
      ? [xml('instructions', {}, INSTRUCTIONS), xml('username'), xml('password')]
      : [
          xml('instructions', {}, `Register at ${url}`),
          xml('x', { xmlns: 'jabber:x:oob' }, xml('url', {}, url)),
        ]
  const query = xml('query', { xmlns: NS.register }, ...children)
  if (!form && captcha === undefined) return query
  const field = (name: string, type: string, label: string, ...more: readonly Element[]) =>
    xml('field', { var: name, type, label }, xml('required'), ...more)
  const fields = [
    xml('field', { var: 'FORM_TYPE', type: 'hidden' }, xml('value', {}, NS.register)),
    field('username', 'text-single', 'Username'),
    field('password', 'text-private', 'Password'),
  ]
  if (captcha !== undefined) {
    const type = 'image/png'
    const cid = `sha1+${createHash('sha1').update(captcha.png).digest('hex')}@bob.xmpp.org`
    const uri = xml('uri', { type }, `cid:${cid}`)
    const media = xml('media', { xmlns: 'urn:xmpp:media-element' }, uri)
    fields.push(field('ocr', 'text-single', 'Enter the text you see', media))
    const data = captcha.png.toString('base64')
    query.append(xml('data', { xmlns: 'urn:xmpp:bob', cid, type, 'max-age': '0' }, data))
  }
  query.append(xml('x', { xmlns: NS.dataForms, type: 'form' }, ...fields))
  return query
}
