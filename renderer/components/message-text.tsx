import { useMemo, useState } from 'react'
import { attempt } from '../state/store.ts'
import { emojiAlone } from '../words/emoji.ts'
import { foldedText } from '../words/fold.ts'
import type { Piece } from '../words/links.ts'
import { say } from '../words/say.ts'
import { type Block, type Span, type StyledKind, styled, unstyled } from '../words/styling.ts'
import { joined } from './button.tsx'
import style from './message-text.module.css'

/** Emoji alone that are as large as one. */
const LARGE = 3

interface MessageTextProps {
  readonly text: string
  /** Its sender means each character as it stands. */
  readonly isUnstyled?: boolean
  /** Opens an xmpp: link inside of Plumb; without it, one is text. */
  readonly onXmppLink?: (url: string) => void
}

/** What somebody wrote. All that is in it stands in the page in its order, so that what is copied is what was typed. */
export function MessageText({ text, isUnstyled = false, onXmppLink }: MessageTextProps) {
  const folded = useMemo(() => foldedText(text), [text])
  const [isOpen, setOpen] = useState(false)
  const shown = isOpen ? text : (folded ?? text)
  const blocks = useMemo(() => (isUnstyled ? unstyled(shown) : styled(shown)), [shown, isUnstyled])
  const emoji = emojiAlone(text)
  const size = emoji > LARGE ? style['someEmoji'] : style['emoji']
  return (
    <div className={joined(style['text'], emoji > 0 ? size : undefined)}>
      <Blocks blocks={blocks} dir="auto" onXmppLink={onXmppLink} />
      {folded !== undefined && (
        <button
          type="button"
          className={style['fold']}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? say('message.show-less') : say('message.show-all')}
        </button>
      )}
    </div>
  )
}

interface Drawn {
  readonly onXmppLink: ((url: string) => void) | undefined
}

interface BlocksProps extends Drawn {
  readonly blocks: readonly Block[]
  /** None inside of a quotation, which looks for its own direction in what it has without one. */
  readonly dir?: 'auto'
}

function Blocks({ blocks, ...rest }: BlocksProps) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of one text never move
  return blocks.map((block, index) => <OneBlock key={index} block={block} {...rest} />)
}

interface OneBlockProps extends Omit<BlocksProps, 'blocks'> {
  readonly block: Block
}

function OneBlock({ block, dir, onXmppLink }: OneBlockProps) {
  switch (block.kind) {
    case 'lines':
      return (
        <div className={style['lines']} dir={dir}>
          <Spans spans={block.spans} onXmppLink={onXmppLink} />
        </div>
      )
    case 'quote':
      return (
        <blockquote className={style['quote']} dir="auto">
          <Blocks blocks={block.blocks} onXmppLink={onXmppLink} />
        </blockquote>
      )
    case 'preformatted':
      return <Preformatted block={block} onXmppLink={onXmppLink} />
  }
}

interface PreformattedProps extends Drawn {
  readonly block: Block & { readonly kind: 'preformatted' }
}

/** Always from left to right: who writes Arabic writes programs so, too. */
function Preformatted({ block, onXmppLink }: PreformattedProps) {
  const { language, opening, spans, closing } = block
  return (
    <div className={style['panel']} dir="ltr">
      <div className={language === '' ? style['fence'] : style['language']}>
        <Spans spans={opening} onXmppLink={onXmppLink} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: no fields are in it */}
      <pre
        className={style['pre']}
        // What scrolls has to be reached without a pointer, too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
        role="group"
        aria-label={say('message.code')}
      >
        <code>
          <Spans spans={spans} onXmppLink={onXmppLink} />
        </code>
      </pre>
      <div className={style['fence']}>
        <Spans spans={closing} onXmppLink={onXmppLink} />
      </div>
    </div>
  )
}

interface SpansProps extends Drawn {
  readonly spans: readonly Span[]
}

const ELEMENTS = { strong: 'strong', emphasis: 'em', strike: 'del', code: 'code' } as const satisfies Record<
  StyledKind,
  keyof HTMLElementTagNameMap
>

function Spans({ spans, onXmppLink }: SpansProps) {
  return spans.map((span, index) => {
    const key = `${index} ${span.kind}`
    switch (span.kind) {
      case 'text':
        return span.text
      case 'link':
        return <Link key={key} link={span} onXmppLink={onXmppLink} />
      case 'mark':
      case 'shape':
        // Nobody wants to hear them.
        return (
          <span key={key} className={style[span.kind]} aria-hidden>
            {span.text}
          </span>
        )
      default: {
        const Element = ELEMENTS[span.kind]
        return (
          <Element key={key} className={style[span.kind]} dir={span.kind === 'code' ? 'ltr' : undefined}>
            <Spans spans={span.spans} onXmppLink={onXmppLink} />
          </Element>
        )
      }
    }
  })
}

interface LinkProps extends Drawn {
  readonly link: Piece & { readonly kind: 'link' }
}

function Link({ link: { text, url }, onXmppLink }: LinkProps) {
  const isXmpp = url.startsWith('xmpp:')
  if (isXmpp && onXmppLink === undefined) return text
  return (
    <a
      className={style['link']}
      // An address reads from left to right, whatever stands around it.
      dir="ltr"
      href={url}
      // As it is opened, with a host in the letters of its registration: one may look like another's.
      title={url}
      onClick={event => {
        event.preventDefault()
        if (isXmpp) onXmppLink?.(url)
        else void attempt(window.plumb.openLink(url))
      }}
    >
      {text}
    </a>
  )
}
