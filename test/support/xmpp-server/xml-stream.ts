import { StringDecoder } from 'node:string_decoder'
import { type Element, Parser } from '@xmpp/xml'

/** Why a stream cannot be read any further (RFC 6120 §4.9.3). */
export type UnreadableCondition = 'not-well-formed' | 'policy-violation'

export interface XmlStreamEvents {
  opened(header: Element): void
  received(element: Element): void
  ended(): void
  unreadable(condition: UnreadableCondition, text: string): void
}

const NAME = /^[\p{L}_][\p{L}\p{N}_.\u00B7-]*(?::[\p{L}_][\p{L}\p{N}_.\u00B7-]*)?$/u

/**
 * Reads the bytes of one connection as XML streams, one after another.
 *
 * The text is given to the parser tag by tag. So it can be replaced exactly where a stream restarts, the size
 * of a stanza is known to the byte, and a long text does not make it search the same characters again.
 */
export class XmlStream {
  readonly #events: XmlStreamEvents
  readonly #maxStanzaBytes: number
  #decoder = new StringDecoder('utf8')
  #parser: Parser | undefined
  #unparsed = ''
  #stanzaBytes = 0

  constructor(maxStanzaBytes: number, events: XmlStreamEvents) {
    this.#maxStanzaBytes = maxStanzaBytes
    this.#events = events
    this.#parser = this.#createParser()
  }

  write(chunk: Buffer): void {
    let from = this.#unparsed.length
    this.#unparsed += this.#decoder.write(chunk)
    let start = 0
    for (;;) {
      const end = this.#unparsed.indexOf('>', from)
      if (end === -1 || this.#parser === undefined) break
      const tag = this.#unparsed.slice(start, end + 1)
      this.#stanzaBytes += Buffer.byteLength(tag)
      if (this.#stanzaBytes > this.#maxStanzaBytes) this.#refuseSize()
      this.#parse(tag)
      start = from = end + 1
    }
    this.#unparsed = this.#parser === undefined ? '' : this.#unparsed.slice(start)
    // White space between stanzas keeps a connection alive for hours: it must not add up to a large stanza.
    if (this.#stanzaBytes === 0) this.#unparsed = this.#unparsed.trimStart()
    if (this.#parser !== undefined && this.#stanzaBytes + this.#unparsed.length > this.#maxStanzaBytes) {
      this.#refuseSize()
    }
  }

  /** What follows is a new stream. After STARTTLS nothing of what came before it may be kept. */
  restart(what: 'keep-unparsed' | 'drop-unparsed'): void {
    this.#parser = this.#createParser()
    this.#stanzaBytes = 0
    if (what === 'drop-unparsed') {
      this.#unparsed = ''
      this.#decoder = new StringDecoder('utf8')
    }
  }

  /** Nothing is reported any more. */
  stop(): void {
    this.#parser = undefined
    this.#unparsed = ''
  }

  #parse(tag: string): void {
    try {
      this.#parser?.write(tag)
    } catch (error) {
      // The tokenizer throws at illegal entities, and at an end tag that comes first.
      this.#refuseForm(error instanceof Error ? error.message : String(error))
    }
  }

  #createParser(): Parser {
    const parser = new Parser()
    const whileCurrent =
      <Args extends unknown[]>(report: (...args: Args) => void) =>
      (...args: Args) => {
        if (this.#parser === parser) report(...args)
      }
    parser.on(
      'start',
      whileCurrent((header: Element) => {
        this.#stanzaBytes = 0
        this.#events.opened(header)
      }),
    )
    parser.on(
      'element',
      whileCurrent((element: Element) => {
        this.#stanzaBytes = 0
        // The parser keeps the white space between stanzas as text of the stream.
        if (parser.root !== null) parser.root.children = []
        this.#events.received(element)
      }),
    )
    parser.on(
      'end',
      whileCurrent(() => {
        this.stop()
        this.#events.ended()
      }),
    )
    parser.on(
      'error',
      whileCurrent((error: Error) => this.#refuseForm(error.message)),
    )
    // The tokenizer takes anything for a name.
    parser.parser.on(
      'startElement',
      whileCurrent((name: string, attributes: Record<string, string>) => {
        const wrong = [name, ...Object.keys(attributes)].find(candidate => !NAME.test(candidate))
        if (wrong !== undefined) this.#refuseForm('a tag has a name that is not one')
      }),
    )
    return parser
  }

  #refuseForm(text: string): void {
    this.stop()
    this.#events.unreadable('not-well-formed', text)
  }

  #refuseSize(): void {
    this.stop()
    this.#events.unreadable('policy-violation', `A stanza may have ${this.#maxStanzaBytes} bytes`)
  }
}
