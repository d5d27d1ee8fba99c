import { assertNever } from '../../shared/assert-never.ts'
import type { Command, NumberedEvent } from '../../shared/ipc/events.ts'
import type { Message } from '../../shared/model/message.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import {
  type Action,
  type Conversation,
  type FocusTarget,
  INITIAL,
  type Known,
  type OpenDialog,
  type State,
} from './state.ts'

/** What `load` answered, as the window keeps it. */
export function known(answer: WindowState): Known {
  return {
    ...answer,
    people: new Map(answer.people.map(person => [person.address, person])),
    transfers: new Map(answer.transfers.map(transfer => [transfer.id, transfer])),
  }
}

/** What the person does, and what comes back from the calls. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'loaded':
      // After a crash of the window, and at every start: nothing is kept but what the main process says.
      return { ...INITIAL, known: action.known, transfersOpen: state.transfersOpen }
    case 'view':
      return { ...state, viewing: action.address, reviewing: undefined }
    case 'search':
      return { ...state, search: action.text }
    case 'draft':
      return { ...state, drafts: withEntry(state.drafts, action.address, action.text) }
    case 'show-transfers':
      return { ...state, transfersOpen: action.open }
    case 'open-dialog':
      return withDialog(state, action.dialog)
    case 'close-dialog':
      return withDialog(state, undefined)
    case 'review':
      return withDialog({ ...state, reviewing: action.transfer }, undefined)
    case 'failed':
      return { ...state, failure: action.failure }
    case 'reading':
      return updateConversation(state, action.address, conversation => ({
        ...conversation,
        reading: 'under-way',
      }))
    case 'reading-failed':
      return updateConversation(state, action.address, conversation => ({ ...conversation, reading: 'idle' }))
    case 'read':
      return updateConversation(state, action.address, conversation => ({
        messages: merge(action.messages, conversation.messages),
        more: action.more,
        reading: 'idle',
      }))
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
    case 'accountChanged': {
      const changed = next({ account: event.value })
      const signedOut = event.value.kind === 'signed-out' && before.account.kind !== 'signed-out'
      // Whoever signs in next is somebody else's business.
      return signedOut ? { ...INITIAL, known: changed.known, transfersOpen: state.transfersOpen } : changed
    }
    case 'peopleChanged': {
      const people = new Map(before.people)
      for (const person of event.value.changed) people.set(person.address, person)
      for (const address of event.value.removed) people.delete(address)
      const gone = state.viewing !== undefined && !people.has(state.viewing)
      return closeWithout({ ...next({ people }), ...(gone ? { viewing: undefined } : {}) })
    }
    case 'requestsChanged':
      return next({ requests: event.value })
    case 'messagesChanged':
      return addMessages(next({}), event.value)
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
  if (open?.kind !== 'confirm-sending') return { ...state, dialog, failure: undefined }
  return dialog.kind === 'confirm-sending'
    ? { ...state, waitingDialogs: [...waiting, dialog] }
    : { ...state, dialog, waitingDialogs: [open, ...waiting], failure: undefined }
}

function withFocus(state: State, on: FocusTarget): State {
  return { ...state, focus: { on, count: state.focus.count + 1 } }
}

/** A dialog about what is gone closes, or it would be back as soon as that is. */
function closeWithout(state: State): State {
  const { dialog, known: now } = state
  const isGone =
    ((dialog?.kind === 'contact' || dialog?.kind === 'remove-person') && !now?.people.has(dialog.address)) ||
    (dialog?.kind === 'code' && !now?.transfers.has(dialog.transfer))
  return isGone ? withDialog(state, undefined) : state
}

function obey(state: State, command: Command): State {
  // Whoever is not signed in has nothing but the settings.
  if (state.known?.account.kind !== 'signed-in' && command.kind !== 'open-settings') return state
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
      const { address, draft } = command
      // A question about files is not answered by looking elsewhere.
      const open = state.dialog?.kind === 'confirm-sending' ? state : withDialog(state, undefined)
      const shown = withFocus({ ...open, viewing: address }, 'composer')
      // What was typed already is not replaced by what a link would like to be said.
      const isFree = (state.drafts.get(address) ?? '').trim() === ''
      return draft === null || !isFree ? shown : { ...shown, drafts: withEntry(state.drafts, address, draft) }
    }
    default:
      return assertNever(command)
  }
}

const UNREAD: Conversation = { messages: [], more: true, reading: 'new' }

function updateConversation(
  state: State,
  address: string,
  change: (conversation: Conversation) => Conversation,
): State {
  const changed = change(state.conversations.get(address) ?? UNREAD)
  return { ...state, conversations: withEntry(state.conversations, address, changed) }
}

function addMessages(state: State, messages: readonly Message[]): State {
  let result = state
  for (const [address, ofPerson] of Map.groupBy(messages, ({ person }) => person)) {
    result = updateConversation(result, address, conversation => ({
      ...conversation,
      messages: merge(conversation.messages, ofPerson),
    }))
  }
  return result
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

function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value)
}
