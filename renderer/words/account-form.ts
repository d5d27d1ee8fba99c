import type { FormField } from '../../shared/model/registration.ts'

/** The fields that servers name without a word (XEP-0077 section 14.1). */
const LABELS: Readonly<Record<string, string>> = {
  username: 'Name',
  password: 'Password',
  email: 'Email address',
  nick: 'Nickname',
  name: 'Full name',
  first: 'First name',
  last: 'Last name',
  address: 'Street',
  city: 'City',
  state: 'State or province',
  zip: 'Postal code',
  phone: 'Phone number',
  url: 'Web page',
  date: 'Date',
  misc: 'Other information',
  text: 'Remarks',
  ocr: 'The text in the picture',
}

/** How a question of a server is called. */
export function labelOf({ name, label }: FormField): string {
  return label || (Object.hasOwn(LABELS, name) ? LABELS[name] : undefined) || name
}

/** What is said of a required question without an answer. */
export function missingLine({ type }: FormField): string {
  return type.startsWith('list-') ? 'Choose one of these.' : 'This has to be filled in.'
}
