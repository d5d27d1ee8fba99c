import { isHarmlessMail } from '../../shared/harmless-mail.ts'
import { BARE_JID, MAX_ADDRESS_LENGTH } from '../../shared/model/limits.ts'

/** A piece of a message: text, or a link that was written out in it. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }

// An underscore may stand before it, for emphasis. A grave accent is in no address, and ends preformatted text.
const LINK = /(?<![a-z0-9])(?:https?:\/\/|mailto:|xmpp:)[^\s<>"“”`]+/giu
const NAME_BEFORE_HOST = /^https?:[/\\]*[^/\\?#]*@/i
const MAX_URL_LENGTH = 2_048

/** Finds the links in a plain text. What is shown is what is opened: there is no other way to write one. */
export function withLinks(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of text.matchAll(LINK)) {
    if (match[0].length > MAX_URL_LENGTH) continue
    const written = withoutTail(match[0])
    const url = safeUrl(written)
    if (url === undefined) continue
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) })
    pieces.push({ kind: 'link', text: written, url })
    end = match.index + written.length
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) })
  return pieces
}

/** Without the punctuation of the sentence around it; a closing bracket stays where it was opened inside. */
function withoutTail(written: string): string {
  let unopened = written.split(')').length - written.split('(').length
  let end = written.length
  for (; end > 0; end -= 1) {
    const last = written[end - 1] ?? ''
    if (last === ')' && unopened > 0) unopened -= 1
    else if (!/[.,;:!?'’"»…\]}*_~]/u.test(last)) break
  }
  return written.slice(0, end)
}

function safeUrl(written: string): string | undefined {
  try {
    const url = new URL(written)
    const { protocol, href, hostname } = url
    if (protocol === 'mailto:') return isHarmlessMail(url) ? href : undefined
    if (protocol === 'xmpp:') return isAboutSomebody(written) ? href : undefined
    // A name before the host is there to look like a host.
    const isWeb = protocol === 'http:' || protocol === 'https:'
    return isWeb && hostname !== '' && !NAME_BEFORE_HOST.test(written) ? href : undefined
  } catch {
    return undefined
  }
}

/** Whether an xmpp: link (RFC 5122) names somebody; an account to act as may stand in front as //account/. */
function isAboutSomebody(written: string): boolean {
  const [path = ''] = written
    .slice('xmpp:'.length)
    .replace(/^\/\/[^/?]*\//, '')
    .split(/[?#]/)
  const [address = ''] = decodeURIComponent(path).split('/')
  return address.length <= MAX_ADDRESS_LENGTH && BARE_JID.test(address)
}
