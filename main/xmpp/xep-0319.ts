import { attribute, type Element, xml } from './stanza.ts'

/** XEP-0319: since when nobody has touched a device, in its presence. */
export const NS_IDLE = 'urn:xmpp:idle:1'

/** XEP-0082, which is less than a date may look like. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

/** No program was idle before this. */
const EARLIEST_MS = Date.UTC(1999, 0)

export function writeIdle(since: Date): Element {
  return xml('idle', { xmlns: NS_IDLE, since: since.toISOString() })
}

/** Undefined for a device that is in use, and for what cannot be: clocks differ, but not by years. */
export function readIdle(presence: Element, now = Date.now()): Date | undefined {
  const idle = presence.getChild('idle', NS_IDLE)
  const text = (idle && attribute(idle, 'since')) ?? ''
  const since = DATE_TIME.test(text) ? Date.parse(text) : Number.NaN
  return since >= EARLIEST_MS ? new Date(Math.min(since, now)) : undefined
}
