import type { Message } from '../../../shared/model/message.ts'
import type { LastLine } from '../../../shared/model/person.ts'
import type { ShownTransfer } from '../../../shared/model/shown-transfer.ts'
import type { Contact } from '../../xmpp/roster.ts'

/*
 * What the history is told, and what it answers. Accounts and people are named by their bare JIDs; all times are
 * milliseconds since 1970.
 */

export type { Message }
export type MessageState = Message['state']

/** What the list of people shows of one conversation. */
export interface Summary {
  /** Bare JID. */
  readonly address: string
  /** Messages of theirs after the read mark. */
  readonly unread: number
  /** The newest message or file. */
  readonly last: LastLine | null
  /** The newest message, of either side, that is read. */
  readonly readUpTo: string | null
}

/** A summary and whose it is, where one answer speaks of several accounts. */
export interface OwnedSummary {
  readonly account: string
  readonly summary: Summary
}

/** Of a contact what is there before the server has answered. */
export interface KeptContact extends Contact {
  readonly groups: readonly string[]
}

/** What the window needs at once. */
export interface OpenedAccount {
  readonly contacts: readonly KeptContact[]
  /** As the server named the state of that list (RFC 6121 section 2.6). */
  readonly rosterVersion: string | null
  readonly conversations: readonly Summary[]
  /** Whether the archive was read once, so that only what came since is missing. */
  readonly inStep: boolean
}

/** What one message says, from wherever it is known. Ids of more than 1,024 characters count as none. */
interface Said {
  /** Bare JID of the other side. */
  readonly address: string
  readonly direction: 'in' | 'out'
  readonly at: number
  /** The `id` of the stanza. */
  readonly stanzaId?: string | undefined
  /** XEP-0359, chosen by the sender. */
  readonly originId?: string | undefined
  /** Full JID of who sent it. */
  readonly device?: string | undefined
  /** XEP-0308: the stanza whose text it corrects. */
  readonly replaces?: string | undefined
  /** XEP-0393: nothing in its text is meant to be styled. */
  readonly unstyled?: boolean | undefined
  /** XEP-0333: who sent it wants to know that it was displayed. */
  readonly markable?: boolean | undefined
}

/** A message as it comes or is sent now. */
export interface LiveNote extends Said {
  readonly text: string
  /** XEP-0359, given by the archive of our own account, and checked to be so. */
  readonly archiveId?: string | undefined
  readonly state: MessageState
  /** A correction whose original is not there is shown for itself: that is not on its way. */
  readonly standsAlone?: boolean | undefined
  /** Of what this device sends: a UUID, which is its stanza's id, too. */
  readonly id?: string | undefined
}

export type LiveAnswer =
  | { readonly kind: 'new'; readonly message: Message; readonly summary: Summary }
  /** It was there already; what was learned is in it. */
  | { readonly kind: 'known'; readonly message: Message; readonly summary: Summary }
  /** It corrected this one. */
  | { readonly kind: 'corrected'; readonly message: Message; readonly summary: Summary }
  /** Nothing to show: an empty text, a correction of something that is not there yet, one conversation too many. */
  | { readonly kind: 'ignored' }

/** One entry of the archive: a message, or what became of one, or both. */
export interface ArchiveEntry extends Said {
  readonly archiveId: string
  readonly text?: string | undefined
  /** XEP-0184: the stanza that arrived. */
  readonly receipt?: string | undefined
  /** XEP-0333: the stanza up to which was displayed. */
  readonly displayed?: string | undefined
}

export interface ArchivePage {
  /**
   * `forwards`: what follows what the account is in step with, of all conversations. `backwards`: what is older than
   * all that is known, of one conversation, or (null) of all: the first synchronisation of a new database.
   */
  readonly direction: 'forwards' | 'backwards'
  /** Bare JID whose messages were asked for; null: everybody's, which alone is possible forwards. */
  readonly with: string | null
  /** In the order of the archive, oldest first. */
  readonly entries: readonly ArchiveEntry[]
  /** Archive ids of the page's ends, whatever stands there; null where it is empty. */
  readonly first: string | null
  readonly last: string | null
  /** Nothing lies beyond. */
  readonly complete: boolean
}

export interface ArchiveAnswer {
  /** In the order of the archive. */
  readonly added: readonly Message[]
  /** Known ones that are shown otherwise now: corrected, or in another state. */
  readonly changed: readonly Message[]
  /** Of each conversation that the page touched. */
  readonly summaries: readonly Summary[]
  /**
   * Those in which something came to stand elsewhere than at the end, or (of one person) than at the beginning: pages of them
   * that are shown are out of date.
   */
  readonly reordered: readonly string[]
}

export interface ArchivePlace {
  /** Archive id of the last entry that is known; all before it is, too. Null where the archive has to be read anew. */
  readonly inStepUpTo: string | null
  /** When that was: from where to look where its id is lost. Null where nothing was ever read. */
  readonly at: number | null
}

export interface ArchiveEdge {
  /** Archive id of the oldest entry that is known of a conversation. */
  readonly oldest: string | null
  /** The archive has nothing before it. */
  readonly complete: boolean
}

export type ReadMark = 'all' | { readonly archiveId: string } | { readonly stanzaId: string }

export interface ReadAnswer {
  /** Null where there is no such conversation. */
  readonly summary: Summary | null
  /**
   * The newest message of theirs that is read now and was not before, or is not elsewhere: `archiveId` for XEP-0490,
   * `stanzaId` for XEP-0333, of the newest that asks for it.
   */
  readonly marker: { readonly stanzaId: string | null; readonly archiveId: string | null } | null
}

export type PageWhere =
  | { readonly kind: 'newest' }
  /** Without the one that is named. */
  | { readonly kind: 'before' | 'after'; readonly id: string }
  /** With it, in the middle. */
  | { readonly kind: 'around'; readonly id: string }
  /** What was said around a time. */
  | { readonly kind: 'at'; readonly at: number }

/** A piece of a conversation. */
export interface HistoryPage {
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** Those whose time lies in the page's, oldest first. */
  readonly transfers: readonly ShownTransfer[]
  /** Whether there are older and newer messages. */
  readonly older: boolean
  readonly newer: boolean
}

/** A message with the ids by which others know it. */
export interface FoundMessage {
  readonly message: Message
  readonly stanzaId: string | null
  readonly archiveId: string | null
}

export interface FoundEverywhere {
  /** Newest first, both. */
  readonly messages: readonly Message[]
  readonly transfers: readonly ShownTransfer[]
}

/** The kind of blob that pictures of people are. */
export const PICTURES = 'avatar'

/** What somebody says of themselves. */
export interface Profile {
  /** Bare JID. */
  readonly address: string
  /** Hash of the picture: the key of its blob. */
  readonly avatar: string | null
  readonly nick: string | null
  /** When that was learned. */
  readonly at: number
}
