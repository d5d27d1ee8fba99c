import { type Element, xml } from './stanza.ts'

/** XEP-0085: what somebody is doing in a conversation. */
export const NS_CHAT_STATES = 'http://jabber.org/protocol/chatstates'

const CHAT_STATES = ['active', 'composing', 'paused', 'inactive', 'gone'] as const
export type ChatState = (typeof CHAT_STATES)[number]

export function writeChatState(state: ChatState): Element {
  return xml(state, { xmlns: NS_CHAT_STATES })
}

/** Undefined where a message says none, or more than one (section 5.4 allows one). */
export function readChatState(message: Element): ChatState | undefined {
  const [state, ...more] = CHAT_STATES.flatMap(name =>
    message.getChildren(name, NS_CHAT_STATES).map(() => name),
  )
  return more.length > 0 ? undefined : state
}
