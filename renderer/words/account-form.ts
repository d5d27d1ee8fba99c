import type { FormField } from '../../shared/model/registration.ts'
import { say } from './say.ts'

/** The fields that servers name without a word (XEP-0077 section 14.1). */
const LABELS = {
  username: 'account-form.username',
  password: 'account-form.password',
  email: 'account-form.email',
  nick: 'account-form.nick',
  name: 'account-form.name',
  first: 'account-form.first',
  last: 'account-form.last',
  address: 'account-form.address',
  city: 'account-form.city',
  state: 'account-form.state',
  zip: 'account-form.zip',
  phone: 'account-form.phone',
  url: 'account-form.url',
  date: 'account-form.date',
  misc: 'account-form.misc',
  text: 'account-form.text',
  ocr: 'account-form.ocr',
} as const

/** How a question of a server is called. */
export function labelOf({ name, label }: FormField): string {
  return label || (isKnown(name) ? say(LABELS[name]) : name)
}

/** What is said of a required question without an answer. */
export function missingLine({ type }: FormField): string {
  return type.startsWith('list-') ? say('account-form.not-chosen') : say('account-form.not-filled-in')
}

function isKnown(name: string): name is keyof typeof LABELS {
  return Object.hasOwn(LABELS, name)
}
