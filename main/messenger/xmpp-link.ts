import { harmlessText, isHarmless } from '../../shared/harmless-text.ts'
import { BareJid } from '../../shared/model/person.ts'

/** What an xmpp: link (RFC 5122, XEP-0147) asks for. Nothing is ever sent because of one. */
export interface XmppLink {
  /** Bare JID. */
  readonly address: string
  /** What the link would like to be written; for the composer, not for the wire. */
  readonly draft: string | null
}

const MAX_LINK_LENGTH = 4_096
const MAX_DRAFT_LENGTH = 2_000

/** Undefined for what is no such link. */
export function readXmppLink(text: string): XmppLink | undefined {
  if (text.length > MAX_LINK_LENGTH || !/^xmpp:/i.test(text)) return undefined
  // An account to act as may stand in front as //account/: whose the window is, the person knows.
  const [path = '', query = ''] =
    text
      .slice('xmpp:'.length)
      .replace(/^\/\/[^/?]*\//, '')
      .split('#')[0]
      ?.split('?', 2) ?? []
  const address = decoded(path)?.split('/')[0]?.toLowerCase()
  if (address === undefined || !BareJid.safeParse(address).success || !isHarmless(address)) return undefined
  const [action, ...pairs] = query.split(';')
  const body = pairs.find(pair => pair.startsWith('body='))
  const draft = action === 'message' && body !== undefined ? decoded(body.slice('body='.length)) : undefined
  // What is sent is what was seen.
  return { address, draft: draft === undefined ? null : harmlessText(draft.slice(0, MAX_DRAFT_LENGTH)) }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
