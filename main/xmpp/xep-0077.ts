import type { Picture } from '../pictures/picture-header.ts'
import { attribute, type Element, xml, xmlText } from './stanza.ts'
import { NS_DATA_FORMS } from './submitted-form.ts'
import {
  checkAnswer,
  type DataForm,
  type FormAnswers,
  type FormField,
  readForm,
  readInstructions,
  writeSubmission,
} from './xep-0004.ts'
import { readPicturesIn } from './xep-0231.ts'

/**
 * Making, changing and deleting accounts (XEP-0077), with forms (XEP-0004), pictures in them (XEP-0158) and other
 * places (XEP-0066).
 */

export const NS_REGISTER = 'jabber:iq:register'
const NS_OOB = 'jabber:x:oob'

/** XEP-0077 section 14.1: all fields that there are without a form, in the order in which they are asked. */
const FIELDS = [
  'username',
  'password',
  'email',
  'nick',
  'name',
  'first',
  'last',
  'address',
  'city',
  'state',
  'zip',
  'phone',
  'url',
  'date',
  'misc',
  'text',
  'key',
] as const

const MAX_URL_LENGTH = 2_048

/**
 * What has to be filled in. The fields that every server knows (`username`, `password`, `email` …) may have no label.
 */
export interface RegistrationForm extends DataForm {
  /** How it is sent back: as a form, or as fields of the namespace. */
  readonly encoding: 'form' | 'fields'
}

/** What a server answers to the question how one gets an account there. */
export type RegistrationOffer =
  | { readonly kind: 'form'; readonly form: RegistrationForm }
  /** At a web page, which is encrypted: `url` is https. */
  | { readonly kind: 'elsewhere'; readonly url: string; readonly instructions: string }
  | { readonly kind: 'closed' }

/** XEP-0077 section 6 has the order: a form, fields, another place. */
export function readRegistration(query: Element): RegistrationOffer {
  const instructions = readInstructions(query.getChildren('instructions', NS_REGISTER))
  const x = query.getChildren('x', NS_DATA_FORMS).find(candidate => attribute(candidate, 'type') === 'form')
  const form = x && readForm(x, picturesIn(query, x))
  if (form?.fields.some(({ type }) => type !== 'hidden' && type !== 'fixed')) {
    return {
      kind: 'form',
      form: { ...form, instructions: form.instructions || instructions, encoding: 'form' },
    }
  }
  const fields = readFields(query)
  if (fields.some(({ type }) => type !== 'hidden')) {
    return { kind: 'form', form: { title: '', instructions, fields, encoding: 'fields' } }
  }
  const url = readUrl(query.getChild('x', NS_OOB)?.getChildText('url') ?? '')
  return url === undefined ? { kind: 'closed' } : { kind: 'elsewhere', url, instructions }
}

/** The form that an error brings along where the server needs to know more. */
export function readFormInError(payload: Element | undefined): RegistrationForm | undefined {
  if (payload?.is('query', NS_REGISTER) !== true) return undefined
  const offer = readRegistration(payload)
  // Fields are what was sent, and comes back.
  return offer.kind === 'form' && offer.form.encoding === 'form' ? offer.form : undefined
}

export function writeQuestion(): Element {
  return xml('query', { xmlns: NS_REGISTER })
}

/** The form, filled in. Throws as `writeSubmission`. */
export function writeRegistration(form: RegistrationForm, answers: FormAnswers): Element {
  if (form.encoding === 'form') return xml('query', { xmlns: NS_REGISTER }, writeSubmission(form, answers))
  return writeFields(
    form.fields.map(field => {
      const [value = ''] = checkAnswer(field, answers.get(field.name) ?? field.values)
      return [field.name, value]
    }),
  )
}

/** XEP-0077 section 3.3. `username` is the part before the @. */
export function writePasswordChange(username: string, password: string): Element {
  return writeFields([
    ['username', username],
    ['password', password],
  ])
}

/** XEP-0077 section 3.2. */
export function writeRemoval(): Element {
  return xml('query', { xmlns: NS_REGISTER }, xml('remove'))
}

function writeFields(fields: readonly (readonly [string, string])[]): Element {
  return xml('query', { xmlns: NS_REGISTER }, ...fields.map(([name, value]) => xml(name, {}, xmlText(value))))
}

function readFields(query: Element): FormField[] {
  return FIELDS.flatMap(name => {
    const element = query.getChild(name, NS_REGISTER)
    if (element === undefined) return []
    const value = element.text()
    return [
      {
        name,
        type: name === 'password' ? 'text-private' : name === 'key' ? 'hidden' : 'text-single',
        label: '',
        description: '',
        required: name !== 'key',
        values: value === '' || value.length > MAX_URL_LENGTH ? [] : [value],
        options: [],
        pictures: [],
      } satisfies FormField,
    ]
  })
}

/** Servers put them beside the form, or into it. */
function picturesIn(query: Element, x: Element): ReadonlyMap<string, Picture> {
  return new Map([...readPicturesIn(x), ...readPicturesIn(query)])
}

function readUrl(text: string): string | undefined {
  const url = text.length > MAX_URL_LENGTH ? null : URL.parse(text.trim())
  // Written in full it may be three times as long.
  if (url === null || url.href.length > MAX_URL_LENGTH) return undefined
  // A password is chosen there, and a name before the host is there to look like a host.
  const isSafe = url.protocol === 'https:' && url.username === '' && url.password === ''
  return isSafe ? url.href : undefined
}
