import { type Element, Parser } from '@xmpp/xml'

/** The element as it comes out of a stream. */
export function parseXml(text: string): Element {
  const parser = new Parser()
  let found: Element | undefined
  let failure: unknown
  parser.on('element', (element: Element) => {
    found = element
  })
  parser.on('error', (error: unknown) => {
    failure = error
  })
  parser.write(`<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`)
  parser.write(text.trim())
  if (failure !== undefined) throw failure
  if (found === undefined) throw new Error(`no element: ${text}`)
  return found
}

/** What somebody else reads of an element that we write. */
export function reparsed(element: Element): Element {
  return parseXml(element.toString())
}
