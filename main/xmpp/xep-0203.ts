import { attribute, type Element } from './stanza.ts'

/** XEP-0203: when something was sent that comes later than that. */
const NS_DELAY = 'urn:xmpp:delay'

/** XEP-0082: date, time and zone; fractions as many as there are. */
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)$/
/** XMPP is not older than that. */
const EARLIEST_MS = Date.UTC(1999, 0)

/**
 * The stamp of the first delay that was written by somebody who is believed; `from` is as it stands there. Undefined where
 * there is none, or it is no time at which something may have been sent, one in the future among them.
 */
export function readDelay(
  parent: Element,
  isBelieved: (from: string | undefined) => boolean,
): Date | undefined {
  const delay = parent.getChildren('delay', NS_DELAY).find(each => isBelieved(attribute(each, 'from')))
  const stamp = (delay && attribute(delay, 'stamp')) ?? ''
  const time = STAMP.test(stamp) ? Date.parse(stamp) : Number.NaN
  return time >= EARLIEST_MS && time < Date.now() ? new Date(time) : undefined
}
