import type { Command } from '../../shared/ipc/events.ts'
import type { Message, MessagePage, PageWhere, SearchResult } from '../../shared/model/message.ts'
import type { Person } from '../../shared/model/person.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import type { Self } from '../../shared/model/self.ts'
import type { Settings } from '../../shared/model/settings.ts'
import type { FailureValue, Offer, SendAnswer, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import type { AccountState, AppInfo, Notice, SubscriptionRequest } from '../../shared/model/window-state.ts'

/** What the window has read of the conversation on the screen: a piece without a gap. */
export interface Conversation {
  readonly person: PersonId
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** From the time of these messages. Those that are listed are known by now in another state. */
  readonly transfers: ReadonlyMap<string, ShownTransfer>
  /** Whether the main process has older and newer ones. */
  readonly older: boolean
  readonly newer: boolean
  /** `new`: nothing was read yet, or all of it has to be read anew. */
  readonly reading: 'new' | 'idle' | 'under-way'
  /** What was told since the reading began that is under way. */
  readonly since: readonly Message[]
  /** What was looked for. */
  readonly target: Target | undefined
  /** What was unread when it was opened and has not been read from the main process yet: so many, the oldest ones. */
  readonly unread: number
  /** The first message that was unread then. */
  readonly firstUnread: string | undefined
}

/** Something in a conversation that was looked for. */
export interface Target {
  /** Of its item in the flow. */
  readonly key: string
  readonly where: PageWhere
}

/** What was found everywhere. */
export interface Found {
  /** What was looked for. */
  readonly text: string
  readonly result: SearchResult
}

/** Another text for a message of ours, as far as it is typed. */
export interface Correction {
  readonly message: string
  readonly text: string
}

/** The one thing that floats over the window because somebody asked for it. */
export type OpenDialog =
  /**
   * `checkReach`: how others reach this computer is what it was opened for. `languageAt`: the language was chosen in it, and
   * where that choice stood, in pixels below its upper edge.
   */
  | { readonly kind: 'settings'; readonly checkReach?: boolean; readonly languageAt?: number }
  | { readonly kind: 'add-person'; readonly address: string; readonly account?: string }
  /** `address`: one that is known already. */
  | { readonly kind: 'add-account'; readonly address?: string }
  | { readonly kind: 'account'; readonly address: string }
  | { readonly kind: 'remove-account'; readonly address: string }
  | { readonly kind: 'delete-account'; readonly address: string }
  /** `rename`: the name is what it was opened for. */
  | { readonly kind: 'contact'; readonly person: PersonId; readonly rename?: boolean }
  | { readonly kind: 'remove-person'; readonly person: PersonId }
  | { readonly kind: 'delete-conversation'; readonly person: PersonId }
  | { readonly kind: 'block-person'; readonly person: PersonId }
  | { readonly kind: 'blocked'; readonly account: string }
  | { readonly kind: 'status'; readonly account: string }
  | { readonly kind: 'profile'; readonly account: string }
  | { readonly kind: 'strangers' }
  | { readonly kind: 'code'; readonly transfer: string }
  /** `picture`: no file on this disk; `question`: tells it from the one before. */
  | {
      readonly kind: 'send-picture'
      readonly question: number
      readonly person: PersonId
      readonly picture: File
    }
  | { readonly kind: 'confirm-sending'; readonly question: SendAnswer & { kind: 'confirm' } }

/** What the main process told, as of event `sequence`. */
export interface Known {
  readonly sequence: number
  readonly app: AppInfo
  readonly accounts: readonly AccountState[]
  readonly selves: readonly Self[]
  readonly people: ReadonlyMap<PersonId, Person>
  readonly requests: readonly SubscriptionRequest[]
  readonly transfers: ReadonlyMap<string, ShownTransfer>
  readonly offers: readonly Offer[]
  readonly settings: Settings
  readonly downloadFolder: string
  readonly notices: readonly Notice[]
  readonly update: UpdateState
}

/** What a command can put the focus on. */
export type FocusTarget = 'search' | 'people' | 'composer' | 'offers'

export interface State {
  /** How texts, numbers and dates are written, BCP 47: where it is another, everything is drawn anew. */
  readonly locale: string
  /** Undefined until the main process has answered. */
  readonly known: Known | undefined
  /** Whose conversation is on the screen. */
  readonly viewing: PersonId | undefined
  /** What was read of it. */
  readonly conversation: Conversation | undefined
  readonly search: string
  /** The last answer to what is looked for; it may be one to its beginning. */
  readonly found: Found | undefined
  /** Only people of this group of the contact list are listed. */
  readonly group: string | undefined
  /** Text that was typed and not sent. */
  readonly drafts: ReadonlyMap<PersonId, string>
  /** What is typed instead of the draft, where somebody corrects what they sent. */
  readonly corrections: ReadonlyMap<PersonId, Correction>
  readonly transfersOpen: boolean
  readonly dialog: OpenDialog | undefined
  /** Questions about files that came while another was being asked. */
  readonly waitingDialogs: readonly OpenDialog[]
  /** A stranger's offer that is looked at in the prompt. */
  readonly reviewing: string | undefined
  /** Transfers of strangers whose picture was asked for. */
  readonly askedPictures: ReadonlySet<string>
  /** The last thing that could not be done. */
  readonly failure: FailureValue | undefined
  /** A command for one part of the window, such as the search field; counted, so that it can come twice. */
  readonly focus: { readonly on: FocusTarget; readonly count: number }
  /** Counted up when the menu asks for the file dialog. */
  readonly attach: number
}

export type Action =
  | { readonly type: 'language'; readonly locale: string }
  | { readonly type: 'loaded'; readonly known: Known }
  /** `target`: shown in the middle. */
  | { readonly type: 'view'; readonly person: PersonId | undefined; readonly target?: Target }
  | { readonly type: 'search'; readonly text: string }
  | { readonly type: 'found'; readonly text: string; readonly result: SearchResult }
  | { readonly type: 'group'; readonly name: string | undefined }
  | { readonly type: 'draft'; readonly person: PersonId; readonly text: string }
  /** Begins a correction, goes on with it, or (undefined) ends it. */
  | {
      readonly type: 'correct'
      readonly person: PersonId
      readonly correction: Correction | undefined
    }
  | { readonly type: 'show-transfers'; readonly open: boolean }
  | { readonly type: 'open-dialog'; readonly dialog: OpenDialog }
  | { readonly type: 'close-dialog' }
  | { readonly type: 'show-picture'; readonly transfer: string }
  | { readonly type: 'review'; readonly transfer: string | undefined }
  | { readonly type: 'failed'; readonly failure: FailureValue | undefined }
  | { readonly type: 'reading'; readonly person: PersonId }
  | {
      readonly type: 'read'
      readonly person: PersonId
      readonly where: PageWhere['kind']
      readonly page: MessagePage
    }
  /** To the end, wherever it was read before. */
  | { readonly type: 'read-anew' }
  | { readonly type: 'reading-failed'; readonly person: PersonId }
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'focus'; readonly on: FocusTarget }

export const INITIAL: State = {
  locale: 'en',
  known: undefined,
  viewing: undefined,
  conversation: undefined,
  search: '',
  found: undefined,
  group: undefined,
  drafts: new Map(),
  corrections: new Map(),
  transfersOpen: true,
  dialog: undefined,
  waitingDialogs: [],
  reviewing: undefined,
  askedPictures: new Set(),
  failure: undefined,
  focus: { on: 'composer', count: 0 },
  attach: 0,
}
