import type { EventName, EventValue } from '../../shared/ipc/events.ts'
import type { ContactPolicy } from '../../shared/model/person.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import type { OwnStatus } from '../../shared/model/self.ts'
import type { Settings } from '../../shared/model/settings.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import type { AppInfo, ServerPlace } from '../../shared/model/window-state.ts'
import type { HistoryCalls } from '../store/history/history.ts'
import type { OldTransferList } from '../store/transfer-list.ts'

/** An account that was signed in once. */
export interface KeptAccount {
  /** Bare JID. */
  readonly address: string
  readonly server: ServerPlace | null
}

/** What survives a restart, but for the password and the transfers. */
export interface SettingsStore {
  readonly settings: Settings
  /** Absolute path. */
  readonly downloadFolder: string
  /** In the order in which they were added. */
  readonly accounts: readonly KeptAccount[]
  /** The resource that we sign in with. */
  readonly device: string
  /** What was set aside because it could not be read, as a sentence; undefined where all was well. */
  readonly damage: string | undefined
  change(patch: Partial<Settings>): void
  setDownloadFolder(path: string): void
  /** Adds it, or gives it another server. */
  keepAccount(account: KeptAccount): void
  /** With all that was decided for its contacts. */
  dropAccount(address: string): void
  /** By bare JID of us and of the contact; the default policy where nothing was decided. */
  policyOf(account: string, contact: string): ContactPolicy
  /** What was chosen for this account, by bare JID. */
  statusOf(account: string): OwnStatus
  setStatus(account: string, status: OwnStatus): void
  setPolicy(account: string, contact: string, policy: ContactPolicy): void
}

/** The passwords of our accounts, in the system's keyring. */
export interface PasswordStore {
  /** Whether this system can keep one safely. */
  readonly available: boolean
  /** Undefined where none is kept, or it cannot be read any more. */
  load(address: string): string | undefined
  /** Throws `no-keyring` where it is not available. */
  save(address: string, password: string): void
  /** Throws `cannot-write` where it stays. */
  forget(address: string): void
}

/** Questions that the system asks, so that the window never names a path. All resolve with undefined or [] where cancelled. */
export interface Dialogs {
  /** Absolute paths of files. */
  chooseFiles(): Promise<readonly string[]>
  /** Absolute path of a picture of ourselves. */
  choosePicture(): Promise<string | undefined>
  /** Where to save; the system has asked before something is replaced. */
  chooseSavePath(folder: string, name: string): Promise<string | undefined>
  /** `downloads`: where files go from now on; `save`: where this one goes; `send`: one to be sent. */
  chooseFolder(purpose: 'downloads' | 'save' | 'send', current?: string): Promise<string | undefined>
  /** Where what was said goes, under this name unless another is chosen. */
  chooseExportPath(name: string): Promise<string | undefined>
  /** Whether to open what may be a program, and came from somebody else. */
  confirmOpeningProgram(name: string, from: string): Promise<boolean>
}

export interface SystemShell {
  /** Throws `cannot-open` where no program takes it. */
  open(path: string): Promise<void>
  showInFolder(path: string): void
  openLink(url: string): Promise<void>
  /** Tells the system that a file came from elsewhere: Mark of the Web, quarantine. Never throws. */
  markAsForeign(path: string): Promise<void>
}

/** What keeps Plumb current. */
export interface UpdatesPort {
  readonly state: UpdateState
  /** Resolves once it has looked, and downloaded what is newer; never rejects. */
  check(): Promise<void>
  /** Throws `not-allowed` where nothing is ready, or a transfer runs. */
  restart(): void
}

export interface MessengerPorts {
  readonly app: AppInfo
  readonly settings: SettingsStore
  readonly passwords: PasswordStore
  readonly dialogs: Dialogs
  readonly shell: SystemShell
  readonly history: HistoryCalls
  /** Of when there was no history. */
  readonly oldTransfers: OldTransferList
  readonly updates: UpdatesPort
  /** The folder where what is under way is noted. */
  readonly stateFolder: string
  /** The folder for pictures that were pasted; it need not be there. */
  readonly pastedFolder: string
  /** PEM of authorities to trust instead of the built-in ones. */
  readonly ca: string | undefined
  /** Tests and the demo run both ends on one computer. */
  readonly allowLoopback: boolean
  /** Whether a window of ours has the focus. */
  readonly isInFront: () => boolean
  /** How long nobody has touched this computer. */
  readonly idleSeconds: () => number
}

/** Something worth a notification of the system. */
export interface Attention {
  readonly title: string
  readonly body: string
  readonly about:
    | { readonly kind: 'message'; readonly person: PersonId }
    | { readonly kind: 'offer'; readonly transfer: string; readonly person: PersonId }
    | { readonly kind: 'transfer'; readonly transfer: string; readonly person: PersonId }
}

export interface MessengerEvents {
  /** For the window: already numbered. */
  event: [name: EventName, value: EventValue<EventName>, sequence: number]
  /** Only while the window is not in front, and only where notifications are on. */
  attention: [attention: Attention]
  /** This account is signed in no more: take its notifications away. */
  signedOut: [account: string]
  /** It was answered or seen: take its notification away. */
  settled: [about: Attention['about']]
  /** How far all transfers that run are together, 0 to 1; undefined while none runs. */
  progress: [fraction: number | undefined]
  /** Offers and unread messages that wait for this person. */
  waiting: [count: number]
  settings: [settings: Settings]
}
