import { createHash } from 'node:crypto'
import { attribute, type Element } from './stanza.ts'

const HASHES: Readonly<Record<string, string>> = { 'sha-1': 'sha1', 'sha-256': 'sha256', 'sha-512': 'sha512' }

/**
 * The verification string of a disco#info query (XEP-0115 section 5.1): identities, features and forms, each
 * sorted. Undefined for a hash function that is not known, and for an answer that section 5.4 calls ill-formed.
 */
export function capsVersion(query: Element, hash: string): string | undefined {
  const algorithm = HASHES[hash]
  if (algorithm === undefined) return undefined
  const identities = query
    .getChildren('identity')
    .map(identity =>
      ['category', 'type', 'xml:lang', 'name'].map(name => attribute(identity, name) ?? '').join('/'),
    )
  const features = query.getChildren('feature').map(feature => attribute(feature, 'var') ?? '')
  const forms = query.getChildren('x', 'jabber:x:data').map(readForm)
  const types = forms.map(form => form?.type)
  if (hasTwins(identities) || hasTwins(features) || hasTwins(types) || types.includes(undefined)) {
    return undefined
  }
  const parts = [
    ...identities.toSorted(compare),
    ...features.toSorted(compare),
    ...forms
      .flatMap(form => form ?? [])
      .toSorted((a, b) => compare(a.type, b.type))
      .flatMap(form => form.parts),
  ]
  // A separator inside of a part would let another answer have the same hash.
  if (parts.some(part => part.includes('<'))) return undefined
  return createHash(algorithm)
    .update(parts.map(part => `${part}<`).join(''))
    .digest('base64')
}

function readForm(form: Element): { readonly type: string; readonly parts: readonly string[] } | undefined {
  const fields = form.getChildren('field').map(field => ({
    name: attribute(field, 'var') ?? '',
    values: field.getChildren('value').map(value => value.text()),
  }))
  const type = fields.find(({ name }) => name === 'FORM_TYPE')?.values[0]
  if (type === undefined) return undefined
  const others = fields.filter(({ name }) => name !== 'FORM_TYPE').toSorted((a, b) => compare(a.name, b.name))
  return { type, parts: [type, ...others.flatMap(({ name, values }) => [name, ...values.toSorted(compare)])] }
}

function hasTwins(values: readonly unknown[]): boolean {
  return new Set(values).size < values.length
}

/** By bytes of UTF-8 (i;octet), which is the order of code points. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
