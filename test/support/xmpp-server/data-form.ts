import xml, { type Element } from '@xmpp/xml'
import { attribute, NS } from './stanzas.ts'

/** The fields of the form (XEP-0004) in an element, each with its first value; undefined where there is no form. */
export function readForm(parent: Element): ReadonlyMap<string, string> | undefined {
  const form = parent.getChild('x', NS.dataForms)
  if (form === undefined) return undefined
  return new Map(
    form
      .getChildren('field')
      .map(field => [attribute(field, 'var') ?? '', field.getChildText('value') ?? ''] as const),
  )
}

export function formElement(
  type: 'form' | 'result',
  formType: string,
  fields: ReadonlyMap<string, string>,
): Element {
  const field = (name: string, value: string, hidden?: 'hidden') =>
    xml('field', { var: name, type: hidden }, xml('value', {}, value))
  return xml(
    'x',
    { xmlns: NS.dataForms, type },
    field('FORM_TYPE', formType, 'hidden'),
    ...[...fields].map(([name, value]) => field(name, value)),
  )
}
