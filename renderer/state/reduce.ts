import { assertNever } from '../../shared/assert-never.ts'
import type { Command, NumberedEvent } from '../../shared/ipc/events.ts'
import type { Message } from '../../shared/model/message.ts'
import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import { isOpen, isOpenIn } from './accounts.ts'
import { looksEverywhere } from './selectors.ts'
import {
  type Action,
  type Conversation,
  type FocusTarget,
  INITIAL,
  type Known,
  type OpenDialog,
  type State,
  type Target,
} from './state.ts'

/** What `load` answered, as the window keeps it. */
export function known(answer: WindowState): Known {
  return {
    ...answer,
    people: new Map(answer.people.map(person => [person.id, person])),
    transfers: new Map(answer.transfers.map(transfer => [transfer.id, transfer])),
  }
}

/** What the person does, and what comes back from the calls. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'loaded':
      // After a crash of the window, and at every start: nothing is kept but what the main process says.
      return { ...INITIAL, ...ofWindow(state), known: action.known }
    case 'language':
      return { ...state, locale: action.locale }
    case 'view':
      return viewing({ ...state, reviewing: undefined }, action.person, action.target)
    case 'search':
      return { ...state, search: action.text, found: looksEverywhere(action.text) ? state.found : undefined }
    case 'found':
      // To what is no longer looked for, it comes too late.
      return action.text === state.search
        ? { ...state, found: { text: action.text, result: action.result } }
        : state
    case 'group':
      return { ...state, group: action.name }
    case 'draft':
      return { ...state, drafts: withEntry(state.drafts, action.person, action.text) }
    case 'correct':
      return { ...state, corrections: withEntry(state.corrections, action.person, action.correction) }
    case 'show-transfers':
      return { ...state, transfersOpen: action.open }
    case 'open-dialog':
      return withDialog(state, action.dialog)
    case 'close-dialog':
      return withDialog(state, undefined)
    case 'show-picture':
      return { ...state, askedPictures: new Set(state.askedPictures).add(action.transfer) }
    case 'review':
      return withDialog({ ...state, reviewing: action.transfer }, undefined)
    case 'failed':
      return { ...state, failure: action.failure }
    case 'reading':
      return updateConversation(state, action.person, conversation => ({
        ...conversation,
        reading: 'under-way',
        since: [],
      }))
    case 'reading-failed':
      return updateConversation(state, action.person, conversation => ({ ...conversation, reading: 'idle' }))
    case 'read':
      return updateConversation(state, action.person, conversation => withPage(conversation, action))
    case 'read-anew':
      return state.viewing === undefined ? state : viewing(state, state.viewing)
    case 'command':
      return obey(state, action.command)
    case 'focus':
      return withFocus(state, action.on)
    default:
      return assertNever(action)
  }
}

/** What the main process tells. An event that the state already has changes nothing. */
export function reduceEvent(state: State, event: NumberedEvent): State {
  const { known: before } = state
  if (before === undefined || event.sequence <= before.sequence) return state
  const next = (change: Partial<Known>): State => ({
    ...state,
    known: { ...before, ...change, sequence: event.sequence },
  })
  switch (event.name) {
    case 'accountsChanged': {
      const gone = before.accounts.filter(isOpen).filter(({ address }) => !isOpenIn(event.value, address))
      return closeWithout(
        gone.reduce(
          (after, { address }) => withoutAccount(after, address),
          next({
            accounts: event.value,
            selves: before.selves.filter(({ account }) => isOpenIn(event.value, account)),
          }),
        ),
      )
    }
    case 'peopleChanged': {
      const people = new Map(before.people)
      for (const person of event.value.changed) people.set(person.id, person)
      for (const id of event.value.removed) people.delete(id)
      const gone = state.viewing !== undefined && !people.has(state.viewing)
      return closeWithout({
        ...next({ people }),
        ...(gone ? { viewing: undefined, conversation: undefined } : {}),
      })
    }
    case 'selvesChanged':
      return next({ selves: event.value })
    case 'requestsChanged':
      return next({ requests: event.value })
    case 'messagesChanged':
      return addMessages(next({}), event.value)
    case 'conversationReordered':
      return updateConversation(next({}), event.value, conversation => ({
        ...conversation,
        reading: 'new',
        // Where it was, nobody knows any more.
        ...(conversation.messages.length === 0 ? {} : { unread: 0 }),
      }))
    case 'transfersChanged': {
      const transfers = new Map(before.transfers)
      for (const transfer of event.value.changed) transfers.set(transfer.id, transfer)
      for (const id of event.value.removed) transfers.delete(id)
      return closeWithout(next({ transfers }))
    }
    case 'offersChanged': {
      const stillThere = event.value.some(({ transfer }) => transfer === state.reviewing)
      const changed = next({ offers: event.value })
      return stillThere ? changed : { ...changed, reviewing: undefined }
    }
    case 'settingsChanged':
      return next(event.value)
    case 'noticesChanged':
      return next({ notices: event.value })
    case 'updateChanged':
      return next({ update: event.value })
    case 'pictureToDraw':
      return next({})
    case 'command':
      return obey(next({}), event.value)
    default:
      return assertNever(event)
  }
}

/** Opens a dialog, or closes the one that is open. Questions about files wait for each other, and for what is above. */
function withDialog(state: State, dialog: OpenDialog | undefined): State {
  const { dialog: open, waitingDialogs: waiting } = state
  if (dialog === undefined) {
    const [next, ...others] = waiting
    return { ...state, dialog: next, waitingDialogs: others, failure: undefined }
  }
  if (open === undefined || !isAboutFiles(open)) return { ...state, dialog, failure: undefined }
  return isAboutFiles(dialog)
    ? { ...state, waitingDialogs: [...waiting, dialog] }
    : { ...state, dialog, waitingDialogs: [open, ...waiting], failure: undefined }
}

/** Whether it asks about files that were given just now: without an answer they would have to be given again. */
function isAboutFiles({ kind }: OpenDialog): boolean {
  return kind === 'confirm-sending' || kind === 'send-picture'
}

function withFocus(state: State, on: FocusTarget): State {
  return { ...state, focus: { on, count: state.focus.count + 1 } }
}

/** A dialog about what is gone closes, or it would be back as soon as that is. */
function closeWithout(state: State): State {
  const { dialog, known: now } = state
  const isAbout =
    dialog?.kind === 'contact' ||
    dialog?.kind === 'remove-person' ||
    dialog?.kind === 'block-person' ||
    dialog?.kind === 'delete-conversation' ||
    dialog?.kind === 'send-picture'
  const isGone =
    (isAbout && !now?.people.has(dialog.person)) ||
    (dialog?.kind === 'code' && !now?.transfers.has(dialog.transfer)) ||
    (dialog?.kind === 'account' && !isOpenIn(now?.accounts ?? [], dialog.address)) ||
    (dialog?.kind === 'delete-account' && !now?.accounts.some(({ address }) => address === dialog.address)) ||
    ((dialog?.kind === 'blocked' || dialog?.kind === 'status' || dialog?.kind === 'profile') &&
      !now?.accounts.some(({ address }) => address === dialog.account))
  return isGone ? withDialog(state, undefined) : state
}

function obey(state: State, command: Command): State {
  // Whoever is not signed in has nothing but the settings.
  if (!state.known?.accounts.some(isOpen) && command.kind !== 'open-settings') return state
  switch (command.kind) {
    case 'open-settings':
      return withDialog(state, { kind: 'settings' })
    case 'find':
      return withFocus(state, 'search')
    case 'attach':
      return { ...state, attach: state.attach + 1 }
    case 'toggle-transfers':
      return { ...state, transfersOpen: !state.transfersOpen }
    case 'show-transfers':
      return { ...state, transfersOpen: true }
    case 'show-offers':
      return withFocus(state, 'offers')
    case 'add-person':
      return withDialog(state, { kind: 'add-person', address: command.address ?? '' })
    case 'show-conversation': {
      const { person, draft } = command
      // A question about files is not answered by looking elsewhere.
      const open = state.dialog && isAboutFiles(state.dialog) ? state : withDialog(state, undefined)
      const shown = withFocus(viewing(open, person), 'composer')
      // What was typed already is not replaced by what a link would like to be said.
      const isFree = (state.drafts.get(person) ?? '').trim() === ''
      return draft === null || !isFree ? shown : { ...shown, drafts: withEntry(state.drafts, person, draft) }
    }
    default:
      return assertNever(command)
  }
}

/** What belongs to the window, whoever uses it. */
function ofWindow({ locale, transfersOpen }: State): Pick<State, 'locale' | 'transfersOpen'> {
  return { locale, transfersOpen }
}

/** Whoever signs in next at this computer is somebody else: nothing of what that account showed is kept. */
function withoutAccount(state: State, account: string): State {
  if (!state.known?.accounts.some(isOpen)) {
    return { ...INITIAL, ...ofWindow(state), known: state.known }
  }
  const isTheirs = (person: PersonId): boolean => splitPersonId(person).account === account
  const isViewed = state.viewing !== undefined && isTheirs(state.viewing)
  return {
    ...state,
    drafts: new Map([...state.drafts].filter(([person]) => !isTheirs(person))),
    corrections: new Map([...state.corrections].filter(([person]) => !isTheirs(person))),
    found: undefined,
    ...(isViewed ? { viewing: undefined, conversation: undefined } : {}),
  }
}

/** Puts a conversation on the screen; nothing of it is read yet. */
function viewing(state: State, person: PersonId | undefined, target?: Target): State {
  if (person === undefined) return { ...state, viewing: undefined, conversation: undefined }
  const before = person === state.viewing ? state.conversation : undefined
  if (target === undefined && before?.newer === false) return state
  // What was new when somebody came here is so until they go elsewhere; from somewhere in the middle nobody can count.
  const unread = before?.unread ?? state.known?.people.get(person)?.unread ?? 0
  return {
    ...state,
    viewing: person,
    conversation: {
      ...UNREAD,
      person,
      target,
      unread: target === undefined ? unread : 0,
      firstUnread: before?.firstUnread,
    },
  }
}

const UNREAD = {
  messages: [],
  transfers: new Map<string, ShownTransfer>(),
  older: true,
  newer: false,
  reading: 'new',
  since: [],
} as const

/** What is said of a conversation that is no longer on the screen comes too late. */
function updateConversation(
  state: State,
  person: PersonId,
  change: (conversation: Conversation) => Conversation,
): State {
  const { conversation } = state
  return conversation?.person === person ? { ...state, conversation: change(conversation) } : state
}

function withPage(before: Conversation, { where, page }: Action & { readonly type: 'read' }): Conversation {
  const { messages, older, newer } = page
  const transfers = new Map([...before.transfers, ...page.transfers.map(each => [each.id, each] as const)])
  switch (where) {
    case 'before':
      return {
        ...before,
        ...unreadIn(before, messages),
        messages: merge(messages, before.messages),
        transfers,
        older,
        reading: 'idle',
      }
    case 'after':
      return { ...before, messages: merge(before.messages, messages), transfers, newer, reading: 'idle' }
    // What came meanwhile is newer.
    case 'newest':
      return {
        ...before,
        ...unreadIn(before, messages),
        messages: merge(messages, before.since),
        transfers,
        older,
        newer,
        reading: 'idle',
      }
    case 'around':
    case 'at':
      return { ...before, messages, transfers, older, newer, reading: 'idle' }
  }
}

/** Looks among older messages than were read so far for the first that was unread. */
function unreadIn(
  { unread, firstUnread, since }: Conversation,
  messages: readonly Message[],
): Pick<Conversation, 'unread' | 'firstUnread'> {
  if (unread === 0) return { unread, firstUnread }
  const later = new Set(since.map(({ id }) => id))
  const theirs = messages.filter(({ id, direction }) => direction === 'in' && !later.has(id))
  return unread > theirs.length
    ? { unread: unread - theirs.length, firstUnread }
    : { unread: 0, firstUnread: theirs.at(-unread)?.id }
}

function addMessages(state: State, messages: readonly Message[]): State {
  const { conversation } = state
  if (conversation === undefined) return state
  const ofThis = messages.filter(({ person }) => person === conversation.person)
  const known = new Set(conversation.messages.map(({ id }) => id))
  // Whoever looks at what was said long ago comes to these by reading on.
  const taken = conversation.newer ? ofThis.filter(({ id }) => known.has(id)) : ofThis
  return taken.length === 0
    ? state
    : {
        ...state,
        conversation: {
          ...conversation,
          messages: merge(conversation.messages, taken),
          since: merge(conversation.since, taken),
        },
      }
}

/** Both in their order; the later list's word on a message that both have counts. */
function merge(earlier: readonly Message[], later: readonly Message[]): readonly Message[] {
  const replaced = new Map(later.map(message => [message.id, message]))
  const kept = earlier.map(message => {
    const replacement = replaced.get(message.id)
    replaced.delete(message.id)
    return replacement ?? message
  })
  return [...kept, ...replaced.values()]
}

/** Without one where the value is undefined. */
function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> {
  const changed = new Map(map)
  if (value === undefined) changed.delete(key)
  else changed.set(key, value)
  return changed
}
