import { type Element, xml } from './stanza.ts'

export const NS_DATA_FORMS = 'jabber:x:data'

/** A form (XEP-0004) whose fields are known without having been asked for: its type (XEP-0068), and one value each. */
export function submittedForm(type: string, fields: Readonly<Record<string, string>>): Element {
  return xml(
    'x',
    { xmlns: NS_DATA_FORMS, type: 'submit' },
    xml('field', { var: 'FORM_TYPE', type: 'hidden' }, xml('value', {}, type)),
    ...Object.entries(fields).map(([name, value]) => xml('field', { var: name }, xml('value', {}, value))),
  )
}
