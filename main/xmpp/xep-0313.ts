import { attribute, type Element, onlyChild, readId, xml } from './stanza.ts'
import { submittedForm } from './submitted-form.ts'
import { type PageBounds, type PageRequest, readPageBounds, writePageRequest } from './xep-0059.ts'
import { type Forwarded, readForwarded } from './xep-0297.ts'

/** XEP-0313: the server's archive of our messages. */
export const NS_ARCHIVE = 'urn:xmpp:mam:2'

/** Which messages are wanted; all where everything is left out. */
export interface ArchiveFilter {
  /** To or from this bare JID. */
  readonly with?: string | undefined
  /** Not older, and not newer than that. */
  readonly start?: Date | undefined
  readonly end?: Date | undefined
}

/** One message of the archive. */
export interface ArchiveResult {
  /** Of the query that it answers. */
  readonly queryId: string
  /** Undefined for one that can be neither kept nor asked for. */
  readonly archiveId: string | undefined
  /** Undefined where it is not one message. */
  readonly forwarded: Forwarded | undefined
}

/** The end of a page. */
export interface ArchiveEnd extends Partial<PageBounds> {
  /** There is nothing beyond this page. */
  readonly complete: boolean
}

export function writeArchiveQuery(queryId: string, filter: ArchiveFilter, page: PageRequest): Element {
  const fields = {
    ...(filter.with === undefined ? {} : { with: filter.with }),
    ...(filter.start === undefined ? {} : { start: filter.start.toISOString() }),
    ...(filter.end === undefined ? {} : { end: filter.end.toISOString() }),
  }
  return xml(
    'query',
    { xmlns: NS_ARCHIVE, queryid: queryId },
    ...(Object.keys(fields).length === 0 ? [] : [submittedForm(NS_ARCHIVE, fields)]),
    writePageRequest(page),
  )
}

/** Whether a message claims to be out of an archive, be it well-formed or not. */
export function isArchiveResult(message: Element): boolean {
  return message.getChild('result', NS_ARCHIVE) !== undefined
}

/** Undefined where a message is no result, or more than one. */
export function readArchiveResult(message: Element): ArchiveResult | undefined {
  const result = onlyChild(message, 'result', NS_ARCHIVE)
  const queryId = readId(result, 'queryid')
  if (result === undefined || queryId === undefined) return undefined
  return { queryId, archiveId: readId(result), forwarded: readForwarded(result) }
}

/** Undefined where the answer to a query is none. */
export function readArchiveEnd(answer: Element): ArchiveEnd | undefined {
  const fin = onlyChild(answer, 'fin', NS_ARCHIVE)
  if (fin === undefined) return undefined
  return { ...readPageBounds(fin), complete: ['true', '1'].includes(attribute(fin, 'complete') ?? '') }
}
