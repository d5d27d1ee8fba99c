import * as z from 'zod'
import { Message } from '../model/message.ts'
import { BareJid, Person, PersonId } from '../model/person.ts'
import { PictureFile } from '../model/picture.ts'
import { Self } from '../model/self.ts'
import { Settings } from '../model/settings.ts'
import { Offer, ShownTransfer } from '../model/shown-transfer.ts'
import { UpdateState } from '../model/update.ts'
import { AccountState, Notice, SubscriptionRequest } from '../model/window-state.ts'

/** What a menu, a shortcut, a notification or a link asks of the window. */
export const Command = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open-settings') }),
  z.strictObject({ kind: z.literal('find') }),
  z.strictObject({ kind: z.literal('attach') }),
  z.strictObject({ kind: z.literal('toggle-transfers') }),
  z.strictObject({ kind: z.literal('show-transfers') }),
  z.strictObject({ kind: z.literal('show-offers') }),
  z.strictObject({ kind: z.literal('add-person'), address: BareJid.nullable() }),
  z.strictObject({ kind: z.literal('show-conversation'), person: PersonId, draft: z.string().nullable() }),
])
export type Command = z.infer<typeof Command>

/** What the main process tells the window. All but the last two are changes to what `load` answered. */
export const EVENTS = {
  accountsChanged: z.array(AccountState),
  selvesChanged: z.array(Self),
  peopleChanged: z.strictObject({ changed: z.array(Person), removed: z.array(PersonId) }),
  requestsChanged: z.array(SubscriptionRequest),
  /** New ones at the end of their conversation, and those that look otherwise now. Only of the conversation on the screen. */
  messagesChanged: z.array(Message),
  /** Something of it stands elsewhere than it did: it has to be read anew. */
  conversationReordered: PersonId,
  /** At most ten times a second for all transfers together. */
  transfersChanged: z.strictObject({ changed: z.array(ShownTransfer), removed: z.array(z.string()) }),
  offersChanged: z.array(Offer),
  settingsChanged: z.strictObject({ settings: Settings, downloadFolder: z.string() }),
  noticesChanged: z.array(Notice),
  updateChanged: UpdateState,
  /** Somebody's picture: `pictureDrawn` gives back what the window makes of it. Changes nothing by itself. */
  pictureToDraw: z.strictObject({ id: z.string(), picture: PictureFile }),
  command: Command,
} as const

export type EventName = keyof typeof EVENTS
export type EventValue<N extends EventName> = z.infer<(typeof EVENTS)[N]>

/** One event as it crosses: numbered, so that none is applied to a state that already has it. */
export type NumberedEvent = {
  readonly [N in EventName]: {
    readonly sequence: number
    readonly name: N
    readonly value: EventValue<N>
  }
}[EventName]
