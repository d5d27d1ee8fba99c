import { type Element, onlyChild, sensibleId, xml } from './stanza.ts'

/** XEP-0059: a long list comes in pages. */
const NS_RSM = 'http://jabber.org/protocol/rsm'

/** Which page is asked for. Ids are the server's own. */
export interface PageRequest {
  /** How many at most. */
  readonly max: number
  /** Those that follow this one. */
  readonly after?: string | undefined
  /** The last ones before this one; empty: the last of all. */
  readonly before?: string | undefined
}

/** What a page says of itself. */
export interface PageBounds {
  /** Of its first and last entry; undefined for a page without any. */
  readonly first: string | undefined
  readonly last: string | undefined
  /** How many there are in all, where the server tells; it may be a guess. */
  readonly count: number | undefined
}

export function writePageRequest({ max, after, before }: PageRequest): Element {
  return xml(
    'set',
    { xmlns: NS_RSM },
    xml('max', {}, String(max)),
    ...(after === undefined ? [] : [xml('after', {}, after)]),
    ...(before === undefined ? [] : [before === '' ? xml('before') : xml('before', {}, before)]),
  )
}

/** Undefined where the answer says nothing of a page. */
export function readPageBounds(answer: Element): PageBounds | undefined {
  const set = onlyChild(answer, 'set', NS_RSM)
  if (set === undefined) return undefined
  const textOf = (name: string): string => onlyChild(set, name, NS_RSM)?.text() ?? ''
  const count = textOf('count').trim()
  return {
    first: sensibleId(textOf('first')),
    last: sensibleId(textOf('last')),
    count: /^\d{1,15}$/.test(count) ? Number(count) : undefined,
  }
}
