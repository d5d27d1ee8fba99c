import {
  attribute,
  bareJid,
  type Element,
  normalizeJid,
  type PeerError,
  personJid,
  readError,
  readId,
} from './stanza.ts'
import { type ChatState, readChatState } from './xep-0085.ts'
import { readReceipt, wantsReceipt } from './xep-0184.ts'
import { readDelay } from './xep-0203.ts'
import { readCarbon } from './xep-0280.ts'
import { readReplacement } from './xep-0308.ts'
import { isArchiveResult } from './xep-0313.ts'
import { isMarkable, readDisplayed } from './xep-0333.ts'
import { readOriginId, readStanzaId } from './xep-0359.ts'
import { isUnstyled } from './xep-0393.ts'

/** What one message stanza says to us, wherever it comes from. */
export interface ReadChat {
  /** Bare JID of the other side; our own for what we write to ourselves. */
  readonly person: string
  /** `out`: one of our devices wrote it, as our server says. */
  readonly direction: 'in' | 'out'
  /** Sent to this device now, copied from another one of ours, or out of the archive. */
  readonly source: 'live' | 'carbon' | 'archive'
  /** Full JID of who sent it; bare where a server did for its account. */
  readonly device: string
  /** As the sender's program numbered it; ids are no proof of anything. */
  readonly id: string | undefined
  /** The same by XEP-0359, which no server changes. */
  readonly originId: string | undefined
  /** Names it in our own archive. */
  readonly archiveId: string | undefined
  /** When it was sent, as far as our server knows; never in the future. */
  readonly at: Date
  /** Cut to 64 Ki characters; undefined where nothing is said. */
  readonly text: string | undefined
  /** Nothing in the text is meant to be styled (XEP-0393). */
  readonly unstyled: boolean
  /** Id of the message in whose place the text comes. Whether the same person wrote that is not known here. */
  readonly replaces: string | undefined
  /** Id of the message that has arrived. */
  readonly receipt: string | undefined
  /** Id of the newest message that was displayed. */
  readonly displayed: string | undefined
  /** What they are doing right now: never that of a message which comes late. */
  readonly chatState: ChatState | undefined
  readonly wantsReceipt: boolean
  readonly markable: boolean
  /** It came back: `id` is ours, and nothing else in it counts. */
  readonly error: PeerError | undefined
}

export interface ChatContext {
  /** Our own full JID. */
  readonly address: string
  /** Whether our server announces that it removes forged stanza ids (XEP-0359). */
  readonly stanzaIds: boolean
}

/** Characters; what is beyond is cut off. */
const MAX_TEXT_LENGTH = 65_536
/** A message with more in it was made to hurt. */
const MAX_CHILDREN = 1_000

const NS_ROOM_USERS = 'http://jabber.org/protocol/muc#user'
/** What is no message of one person to another. */
const OTHER_TYPES: readonly string[] = ['error', 'groupchat', 'headline']

/** Where a message comes from, and what our server says of it. */
type Origin =
  | { readonly source: 'live' }
  | { readonly source: 'carbon'; readonly sent: boolean; readonly at: Date | undefined }
  | { readonly source: 'archive'; readonly archiveId: string; readonly at: Date | undefined }

/**
 * Reads a stanza as it comes from the stream; a copy of what another device of ours sent or got (XEP-0280) is read for what
 * is in it. Undefined where it says nothing to us, and for copies that our server did not make.
 */
export function readChat(stanza: Element, context: ChatContext): ReadChat | undefined {
  const carbon = readCarbon(stanza, bareJid(context.address))
  if (carbon === 'forged') return undefined
  if (carbon === undefined) return readMessage(stanza, { source: 'live' }, context)
  return readMessage(carbon.message, { source: 'carbon', sent: carbon.sent, at: carbon.at }, context)
}

/** Reads a message out of our own archive, `at`: when that got it. Undefined where it says nothing to us. */
export function readArchivedChat(
  message: Element,
  archiveId: string,
  at: Date | undefined,
  context: ChatContext,
): ReadChat | undefined {
  return readMessage(message, { source: 'archive', archiveId, at }, context)
}

function readMessage(message: Element, origin: Origin, context: ChatContext): ReadChat | undefined {
  const ownBare = bareJid(context.address)
  // Our server wraps once: a copy, or a piece of an archive, inside of one is somebody's forgery.
  if (message.children.length > MAX_CHILDREN || isArchiveResult(message)) return undefined
  if (origin.source !== 'live' && readCarbon(message, ownBare) !== undefined) return undefined
  const device = normalizeJid(attribute(message, 'from') ?? '')
  const sides =
    device === undefined ? undefined : readSides(device, attribute(message, 'to'), origin, ownBare)
  if (device === undefined || sides === undefined) return undefined
  const type = attribute(message, 'type') ?? 'normal'
  const envelope = { ...sides, source: origin.source, device, id: readId(message) }
  if (type === 'error' && origin.source === 'live') {
    return { ...NOTHING, ...envelope, at: new Date(), error: readError(message) }
  }
  // RFC 6121 section 5.2.2: a type that nobody knows is that of an ordinary message.
  if (OTHER_TYPES.includes(type) || isFromOccupant(message)) return undefined
  const delayed = origin.source === 'archive' ? undefined : readDelay(message, isOurServer(ownBare))
  const text = readText(message)
  const said = {
    text,
    replaces: text === undefined ? undefined : readReplacement(message),
    receipt: readReceipt(message),
    displayed: readDisplayed(message),
    chatState: origin.source === 'archive' || delayed !== undefined ? undefined : readChatState(message),
  }
  if (Object.values(said).every(value => value === undefined)) return undefined
  return {
    ...envelope,
    ...said,
    originId: readOriginId(message),
    archiveId: readArchiveId(message, origin, context),
    at: delayed ?? (origin.source === 'live' ? undefined : origin.at) ?? new Date(),
    wantsReceipt: wantsReceipt(message),
    markable: isMarkable(message),
    unstyled: isUnstyled(message),
    error: undefined,
  }
}

const NOTHING = {
  originId: undefined,
  archiveId: undefined,
  text: undefined,
  replaces: undefined,
  receipt: undefined,
  displayed: undefined,
  chatState: undefined,
  wantsReceipt: false,
  markable: false,
  unstyled: false,
} as const

/** XEP-0045 section 7.5: it is to or from somebody in a room, whose address all in there share; no invitation by the room. */
function isFromOccupant(message: Element): boolean {
  const mark = message.getChild('x', NS_ROOM_USERS)
  return mark !== undefined && !['invite', 'decline'].some(name => mark.getChild(name) !== undefined)
}

/** Who talks to whom; undefined where that does not fit to how the message came here, or is no matter of ours. */
function readSides(
  device: string,
  receiver: string | undefined,
  origin: Origin,
  ownBare: string,
): Pick<ReadChat, 'person' | 'direction'> | undefined {
  const from = personJid(device)
  // RFC 6120 section 8.1.1.1: without an address it went to the sender's own account.
  const to = origin.source === 'live' ? ownBare : personJid(receiver ?? ownBare)
  if (from === undefined || to === undefined) return undefined
  const maySend = origin.source !== 'carbon' || origin.sent
  const mayReceive = origin.source !== 'carbon' || !origin.sent
  // Also what another device writes to all of ours: whoever reads it has written it.
  if (from === ownBare && (maySend || to === ownBare)) return { person: to, direction: 'out' }
  if (from !== ownBare && to === ownBare && mayReceive) return { person: from, direction: 'in' }
  return undefined
}

function readArchiveId(message: Element, origin: Origin, context: ChatContext): string | undefined {
  if (origin.source === 'archive') return origin.archiveId
  return context.stanzaIds ? readStanzaId(message, bareJid(context.address)) : undefined
}

/** Programs of senders stamp what they had to send again; that is their clock. */
function isOurServer(ownBare: string): (from: string | undefined) => boolean {
  const ours = [undefined, ownBare, ownBare.slice(ownBare.indexOf('@') + 1)]
  return from => ours.includes(from)
}

/** In the first of its languages in which something is said. */
function readText(message: Element): string | undefined {
  const texts = message.getChildren('body', message.getNS()).map(body => body.text())
  const text = texts.find(each => each.trim() !== '') ?? ''
  if (text === '') return undefined
  if (text.length <= MAX_TEXT_LENGTH) return text
  // Not through the middle of a character.
  return `${text.slice(0, MAX_TEXT_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
