import { harmlessLine } from '../../shared/harmless-text.ts'
import type { IqRouter } from './iq.ts'
import { type Element, xml, xmlText } from './stanza.ts'
import { type PubSubEvent, publishItem } from './xep-0060.ts'

/** What people call themselves (XEP-0172), kept with their account. */
export const NS_NICK = 'http://jabber.org/protocol/nick'

const MAX_LENGTH = 200

export function writeNick(name: string): Element {
  return xml('nick', { xmlns: NS_NICK }, xmlText(name))
}

/** Harmless, at most 200 characters; undefined where there is none. */
export function readNick(nick: Element | undefined): string | undefined {
  if (nick?.is('nick', NS_NICK) !== true) return undefined
  return harmlessLine(nick.text(), MAX_LENGTH) || undefined
}

/** Who calls themselves how; null: not any more. Undefined for what is about something else. */
export function readNickEvent(
  event: PubSubEvent,
): { readonly person: string; readonly name: string | null } | undefined {
  if (event.node !== NS_NICK) return undefined
  if (event.emptied || (event.items.length === 0 && event.retracted.length > 0)) {
    return { person: event.from, name: null }
  }
  const nick = event.items.at(-1)?.payload
  if (nick?.is('nick', NS_NICK) !== true) return undefined
  return { person: event.from, name: readNick(nick) ?? null }
}

/** Tells all who see us how we call ourselves; empty for no longer. Throws as `IqRouter.request`. */
export async function publishNick(iq: IqRouter, name: string, signal?: AbortSignal): Promise<void> {
  const item = { node: NS_NICK, id: 'current', payload: writeNick(name) }
  await publishItem(iq, { ...item, options: { access: 'presence', maxItems: 1 } }, { signal })
}
