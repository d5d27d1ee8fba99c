import * as z from 'zod'
import {
  MAX_FILES_AT_ONCE,
  MAX_FULL_ADDRESS_LENGTH,
  MAX_GROUPS,
  MAX_MESSAGE_LENGTH,
  MAX_PASSWORD_LENGTH,
  MAX_PASTED_BYTES,
  PASTED_TYPES,
} from '../model/limits.ts'
import { Message, MessagePage, PageWhere, SearchResult } from '../model/message.ts'
import { BareJid, ContactPolicy, PersonId } from '../model/person.ts'
import { DrawnPicture, PictureFile } from '../model/picture.ts'
import { Reach } from '../model/reach.ts'
import {
  AccountChangeResult,
  FormAnswers,
  RegistrationOffer,
  RegistrationPlace,
  RegistrationResult,
} from '../model/registration.ts'
import { OwnStatus } from '../model/self.ts'
import { Settings } from '../model/settings.ts'
import { type FailureValue, SendAnswer } from '../model/shown-transfer.ts'
import { ServerPlace, WindowState } from '../model/window-state.ts'

/** One call of the window: the schemas of its arguments, in their order, and of its result. */
function call<const A extends readonly z.ZodType[], R extends z.ZodType>(args: A, result: R) {
  return { arguments: args, result }
}

const nothing = z.void()
const Id = z.string().min(1).max(128)
const MessageText = z.string().min(1).max(MAX_MESSAGE_LENGTH)
const Password = z.string().min(1).max(MAX_PASSWORD_LENGTH)
const Name = z.string().trim().min(1).max(200)

/** What the window may ask of the main process. Each answer is an `Answer`: failures cross as values. */
export const CALLS = {
  /** Everything that is shown; asked once the window listens to the events. */
  load: call([], WindowState),

  signIn: call(
    [
      z.strictObject({
        address: BareJid,
        password: Password,
        server: ServerPlace.nullable(),
        remember: z.boolean(),
      }),
    ],
    nothing,
  ),
  cancelSignIn: call([BareJid], nothing),
  /** Forgets the password, too; the account stays in the list. */
  signOut: call([BareJid], nothing),
  /** Signs out, and takes the account off the list with all that this computer knows of it. */
  removeAccount: call([BareJid], nothing),

  /** Asks a server how one gets an account there; the connection waits for the answers, and one that waited before ends. */
  openRegistration: call([RegistrationPlace], RegistrationOffer),
  /** Asks it anew, as for other letters in a picture. */
  renewRegistration: call([], RegistrationOffer),
  submitRegistration: call([FormAnswers], RegistrationResult),
  /** Gives it up. */
  closeRegistration: call([], nothing),

  /** We stay signed in, and other devices do not. */
  changePassword: call([BareJid, Password], AccountChangeResult),
  /** Deletes it from its server, and then all that this computer knows of it. */
  deleteAccount: call([BareJid], AccountChangeResult),
  /** Fills in the form that came instead of a change or a deletion. */
  answerAccountForm: call([BareJid, FormAnswers], AccountChangeResult),

  /** By one of our accounts. */
  addPerson: call([BareJid, BareJid, Name.nullable()], nothing),
  renamePerson: call([PersonId, Name], nothing),
  /** Into these groups of the contact list, and out of all others. */
  regroupPerson: call([PersonId, z.array(Name).max(MAX_GROUPS)], nothing),
  /** From the contacts, and with what was said where that is to be deleted; who is no contact leaves the list only so. */
  removePerson: call([PersonId, z.boolean()], nothing),
  /** Lets somebody see when we are online, or not. */
  answerRequest: call([PersonId, z.boolean()], nothing),
  /** Nothing comes from them any more, and they see us offline; what is under way with them ends. */
  blockPerson: call([PersonId], nothing),
  /** By one of our accounts, whatever is blocked there: somebody, one device of theirs, or a whole server. */
  unblock: call([BareJid, z.string().min(1).max(MAX_FULL_ADDRESS_LENGTH)], nothing),
  /** What somebody's picture became; null for what is none. */
  pictureDrawn: call([Id, DrawnPicture.nullable()], nothing),
  /** A picture by the system's dialog, to be drawn as our own; null where that was cancelled. */
  chooseOwnPicture: call([], PictureFile.nullable()),
  /** Gives an account of ours this picture for all who see us, or takes it away. */
  publishOwnPicture: call([BareJid, DrawnPicture.nullable()], nothing),
  /** How an account of ours is called for all who see us; empty for nothing. */
  changeOwnName: call([BareJid, z.string().trim().max(200)], nothing),
  /** What all who see this account of ours are told of us. */
  changeStatus: call([BareJid, OwnStatus], nothing),
  changePolicy: call([PersonId, ContactPolicy], nothing),

  /** Which conversation is on the screen: what arrives there, with the window in front, is read. */
  viewConversation: call([PersonId.nullable()], nothing),
  readConversation: call([PersonId, PageWhere, z.int().min(1).max(500)], MessagePage),
  sendMessage: call([PersonId, MessageText], Message),
  resendMessage: call([PersonId, Id], Message),
  /** Another text for the last message that was sent. */
  correctMessage: call([PersonId, Id, MessageText], Message),
  /** What the person does in the composer right now. */
  tellTyping: call([PersonId, z.enum(['active', 'composing', 'paused'])], nothing),
  /** Everything that was said or sent, and whose name it occurs in; newest first. */
  search: call([z.string().max(200)], SearchResult),
  /** Asks where, and writes what was said with somebody there; false where that was cancelled. */
  exportPerson: call([PersonId, z.enum(['text', 'json'])], z.boolean()),
  /** The same for all of an account. */
  exportAccount: call([BareJid], z.boolean()),
  /** Deletes what was said with somebody from this computer. */
  deleteConversation: call([PersonId], nothing),

  /** Files by the system's dialog. */
  chooseFiles: call([PersonId], SendAnswer),
  /** A folder by the system's dialog. */
  chooseFolder: call([PersonId], SendAnswer),
  /** Files that were dropped or pasted. Only the preload calls it: it alone reads paths, off real files. */
  sendDropped: call(
    [
      PersonId,
      z
        .array(z.string().max(32_768))
        .min(1)
        .max(MAX_FILES_AT_ONCE + 1),
    ],
    SendAnswer,
  ),
  /** A picture that is no file: a screenshot, or one out of a browser. Its type as it is said to be. */
  sendPicture: call(
    [
      PersonId,
      z.custom<Uint8Array>(value => value instanceof Uint8Array && value.byteLength <= MAX_PASTED_BYTES),
      z.enum(PASTED_TYPES),
    ],
    SendAnswer,
  ),
  confirmSending: call([Id], SendAnswer),
  dropSending: call([Id], nothing),

  acceptOffer: call([Id], nothing),
  /** Asks for name and folder in the system's dialog; resolves with false where that was cancelled. */
  acceptOfferAs: call([Id], z.boolean()),
  declineOffer: call([Id], nothing),

  cancelTransfer: call([Id], nothing),
  retryTransfer: call([Id], nothing),
  pauseTransfer: call([Id], nothing),
  /** Goes on with one that is paused, interrupted or waiting, now. */
  resumeTransfer: call([Id], nothing),
  openTransfer: call([Id], nothing),
  showTransfer: call([Id], nothing),
  /** Takes one that is over off the list; the file stays. */
  forgetTransfer: call([Id], nothing),
  clearFinished: call([], nothing),

  changeSettings: call([Settings.partial()], nothing),
  chooseDownloadFolder: call([], nothing),
  /** Looks how others can reach this computer; takes some seconds. */
  checkReach: call([], Reach),
  /** Looks for a newer version now; what comes of it, the events tell. */
  checkForUpdate: call([], nothing),
  /** Ends Plumb, installs what is ready, and starts it again. Refused while a transfer runs. */
  restartToUpdate: call([], nothing),
  dismissNotice: call([Id], nothing),
  /** A web page or mail address in the system's own program. */
  openLink: call([z.url({ protocol: /^(https?|mailto)$/ }).max(2048)], nothing),
  /** Shows in the window what an xmpp: link is about. */
  followLink: call([z.url({ protocol: /^xmpp$/ }).max(2048)], nothing),
} as const

export type CallName = keyof typeof CALLS
type Outputs<A extends readonly z.ZodType[]> = { readonly [I in keyof A]: z.output<A[I]> }
export type CallArguments<N extends CallName> = Outputs<(typeof CALLS)[N]['arguments']>
export type CallResult<N extends CallName> = z.output<(typeof CALLS)[N]['result']>

/** How a call ends. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FailureValue }

/** A handler for each call; one that is missing does not compile. Throws Failures. */
export type CallHandlers = {
  readonly [N in CallName]: (...args: CallArguments<N>) => Promise<CallResult<N>> | CallResult<N>
}
