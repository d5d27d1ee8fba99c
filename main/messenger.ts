import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { basename } from 'node:path'
import { harmlessLine } from '../shared/harmless-text.ts'
import { inUnits } from '../shared/in-units.ts'
import type { CallHandlers } from '../shared/ipc/calls.ts'
import type { Command, EventName, EventValue } from '../shared/ipc/events.ts'
import { Failure } from '../shared/model/failure.ts'
import type { Message } from '../shared/model/message.ts'
import type { ContactPolicy } from '../shared/model/person.ts'
import type { Settings } from '../shared/model/settings.ts'
import type { Offer } from '../shared/model/shown-transfer.ts'
import type { Notice, WindowState } from '../shared/model/window-state.ts'
import { Account, type Credentials } from './messenger/account.ts'
import { Conversations } from './messenger/conversations.ts'
import { MemoryHistory } from './messenger/history.ts'
import { People, shownName } from './messenger/people.ts'
import type { Attention, MessengerEvents, MessengerPorts } from './messenger/ports.ts'
import { mayBeProgram } from './messenger/program-names.ts'
import { Receiving } from './messenger/receiving.ts'
import { Sending } from './messenger/sending.ts'
import { shownFailure } from './messenger/shown-failure.ts'
import { isOver, type TransferRecord } from './messenger/transfer-record.ts'
import { Transfers } from './messenger/transfers.ts'
import { readXmppLink } from './messenger/xmpp-link.ts'
import type { Plumb, PlumbOptions } from './plumb.ts'
import { folderName } from './transfer/folder-name.ts'

export type { MessengerPorts } from './messenger/ports.ts'

const MAX_NOTICES = 20
const MAX_PREVIEW_LENGTH = 120
/** Commands that wait for a window. */
const MAX_COMMANDS = 10
/** People in the list who are no contacts: what further ones write is not taken. */
const MAX_STRANGERS = 100

/**
 * Everything that the window shows and can ask for, without the window: one account, its people, conversations and
 * transfers. It lives in the main process, so that a window that crashed shows the truth when it is back.
 */
export class Messenger extends EventEmitter<MessengerEvents> {
  /** What the window may ask for. */
  readonly calls: CallHandlers
  readonly #ports: MessengerPorts
  readonly #account: Account
  readonly #people: People
  readonly #history = new MemoryHistory()
  readonly #conversations: Conversations
  readonly #transfers: Transfers
  readonly #sending: Sending
  readonly #receiving: Receiving
  #notices: readonly Notice[] = []
  #viewing: string | undefined
  #windowHasLoaded = false
  #commands: Command[] = []
  #sequence = 0
  /** A link that came while nobody was signed in. */
  #link: string | undefined

  constructor(ports: MessengerPorts) {
    super()
    this.#ports = ports
    const { settings, passwords, transferList } = ports
    this.#account = new Account({
      settings,
      passwords,
      plumbOptions: address => this.#plumbOptions(address),
      changed: state => this.#push('accountChanged', state),
      portTaken: failure =>
        this.tell(`${failure.message} Until Plumb is started again, direct connections take any free one.`),
      signingOut: () => this.#sending.suspendAll(),
      signedIn: plumb => this.#signedIn(plumb),
      signedOut: () => this.#signedOut(),
    })
    this.#people = new People({
      policyOf: address => this.#policyOf(address),
      push: (changed, removed) => {
        this.#push('peopleChanged', { changed: [...changed], removed: [...removed] })
        this.#tellWaiting()
      },
    })
    this.#conversations = new Conversations({
      history: this.#history,
      plumb: () => this.#account.plumb,
      mayWrite: person =>
        this.#people.has(person) || this.#isKnown(person) || this.#people.strangers < MAX_STRANGERS,
      push: message => this.#push('messagesChanged', [message]),
      said: message => this.#said(message),
    })
    this.#transfers = new Transfers({
      list: transferList,
      push: (changed, removed) => {
        this.#push('transfersChanged', { changed: [...changed], removed: [...removed] })
        this.emit('progress', this.#transfers.fraction)
      },
      notSaved: failure => this.tell(shownFailure(failure).message),
      changedState: record => this.#transferChanged(record),
    })
    this.#sending = new Sending({
      transfers: this.#transfers,
      plumb: () => this.#account.plumb,
      account: () => this.#requireAddress(),
      mayWait: person => this.#people.sees(person) || person === this.#account.address,
      requireAllowed: person => this.#requireMaySend(person),
    })
    this.#receiving = new Receiving({
      transfers: this.#transfers,
      account: () => this.#requireAddress(),
      isKnown: person => this.#isKnown(person),
      settings,
      dialogs: ports.dialogs,
      autoAcceptBytes: person => this.#policyOf(person).autoAcceptBytes,
      push: offers => {
        this.#push('offersChanged', [...offers])
        this.#tellWaiting()
      },
      raised: offer => this.#offerRaised(offer),
      settled: ({ transfer, person }) => this.emit('settled', { kind: 'offer', transfer, person }),
    })
    for (const damage of [settings.damage, transferList.damage]) {
      if (damage !== undefined) this.tell(damage)
    }
    this.calls = this.#makeCalls()
  }

  /** Signs in by itself where it can. */
  async start(): Promise<void> {
    await this.#account.resumeLast()
  }

  /** Ends what is under way, telling the others, and signs out. Never throws. */
  async stop(): Promise<void> {
    await this.#account.signOut(new Failure('interrupted', 'Plumb was closed while this was under way.'))
    await this.#transfers.flush()
  }

  /** Transfers that would be lost by quitting. */
  get running(): number {
    return this.#transfers.running
  }

  /** The computer woke up, or is in another network. */
  resume(): void {
    this.#account.reconnect()
  }

  /** The window came to the front: what is on its screen is read. */
  seen(): void {
    if (this.#viewing !== undefined) this.#read(this.#viewing)
  }

  /** Shows what an xmpp: link is about. Nothing is sent because of a link. */
  followLink(text: string): void {
    const link = readXmppLink(text)
    if (link === undefined) return
    if (this.#account.address === undefined) {
      this.#link = text
      return
    }
    const { address, draft } = link
    if (this.#people.has(address)) this.command({ kind: 'show-conversation', address, draft })
    else this.command({ kind: 'add-person', address })
  }

  /** Says something in the window until it is dismissed. */
  tell(text: string): void {
    this.#notices = [...this.#notices, { id: randomUUID(), text }].slice(-MAX_NOTICES)
    this.#push('noticesChanged', [...this.#notices])
  }

  /** What keeps Plumb current is at something else. */
  updateChanged(): void {
    this.#push('updateChanged', this.#ports.updates.state)
  }

  /** The answer that a notification's button gives. Never throws: why it came to nothing, the window says. */
  async answerOffer(transfer: string, answer: 'accept' | 'decline'): Promise<void> {
    try {
      if (answer === 'accept') await this.#receiving.accept(transfer)
      else this.#receiving.decline(transfer)
    } catch (error) {
      this.tell(shownFailure(error).message)
    }
  }

  /** A command of the menu, the tray or a notification. It waits where no window has loaded yet. */
  command(command: Command): void {
    if (this.#windowHasLoaded) this.#push('command', command)
    else this.#commands = [...this.#commands, command].slice(-MAX_COMMANDS)
  }

  /** The window begins to load, or is gone: until it has asked for everything it shows nobody and obeys nothing. */
  windowGone(): void {
    this.#windowHasLoaded = false
    this.#viewing = undefined
  }

  // -------------------------------------------------------------------------------------------- calls

  #makeCalls(): CallHandlers {
    const { settings, dialogs, shell, updates } = this.#ports
    return {
      load: () => this.#load(),
      signIn: async ({ remember, ...credentials }) => {
        await this.#account.signIn(credentials)
        this.#remember(credentials, remember)
      },
      cancelSignIn: () => this.#account.cancel(),
      signOut: async () => {
        // First, so that it holds also where Plumb ends meanwhile; what cannot be removed does not keep anybody in.
        try {
          this.#ports.passwords.forget()
        } finally {
          await this.#account.signOut(new Failure('cancelled', 'You signed out.'))
        }
      },
      addPerson: (address, name) => this.#account.plumb.addContact(address, name ?? undefined),
      renamePerson: (address, name) => this.#account.plumb.renameContact(address, name),
      removePerson: async address => {
        if (this.#people.isContact(address)) await this.#account.plumb.removeContact(address)
        this.#people.forget(address)
      },
      answerRequest: (address, allow) => this.#account.plumb.answerRequest(address, allow),
      changePolicy: (address, policy) => {
        settings.setPolicy(this.#requireAddress(), address, policy)
        this.#people.touch(address)
      },
      viewConversation: person => {
        this.#viewing = person ?? undefined
        if (this.#ports.isInFront()) this.seen()
      },
      readConversation: (person, before, limit) => this.#conversations.page(person, before, limit),
      sendMessage: (person, text) => this.#conversations.send(person, text),
      resendMessage: id => this.#conversations.resend(id),
      chooseFiles: async person => {
        this.#requireMaySend(person)
        return this.#sending.offer(person, await dialogs.chooseFiles())
      },
      chooseFolder: async person => {
        this.#requireMaySend(person)
        const folder = await dialogs.chooseFolder('send')
        return this.#sending.offer(person, folder === undefined ? [] : [folder])
      },
      sendDropped: (person, paths) => this.#sending.offer(person, paths),
      confirmSending: ticket => this.#sending.confirm(ticket),
      dropSending: ticket => this.#sending.drop(ticket),
      acceptOffer: id => this.#receiving.accept(id),
      acceptOfferAs: id => this.#receiving.acceptAs(id),
      declineOffer: id => this.#receiving.decline(id),
      cancelTransfer: id => this.#cancel(id),
      retryTransfer: id => this.#sending.retry(id),
      pauseTransfer: id => this.#account.plumb.pause(id),
      resumeTransfer: id => this.#resume(id),
      openTransfer: id => this.#open(id),
      showTransfer: async id => shell.showInFolder(await this.#transfers.fileOf(id)),
      forgetTransfer: id => this.#transfers.forget(id),
      clearFinished: () => this.#transfers.clearFinished(),
      changeSettings: patch => this.#changeSettings(patch),
      chooseDownloadFolder: async () => {
        const folder = await dialogs.chooseFolder('downloads', settings.downloadFolder)
        if (folder === undefined) return
        settings.setDownloadFolder(folder)
        this.#settingsChanged()
      },
      checkReach: () => this.#account.plumb.checkReach(new AbortController().signal),
      checkForUpdate: () => updates.check(),
      restartToUpdate: () => updates.restart(),
      dismissNotice: id => {
        this.#notices = this.#notices.filter(notice => notice.id !== id)
        this.#push('noticesChanged', [...this.#notices])
      },
      openLink: url => shell.openLink(url),
    }
  }

  #load(): WindowState {
    this.#windowHasLoaded = true
    // Behind the answer, so that the window has it first.
    setImmediate(() => {
      for (const command of this.#commands.splice(0)) this.command(command)
    })
    const { app, settings, updates } = this.#ports
    return {
      sequence: this.#sequence,
      app,
      account: this.#account.state,
      people: [...this.#people.all],
      requests: this.#requests(),
      transfers: [...this.#transfers.shown],
      offers: [...this.#receiving.offers],
      settings: settings.settings,
      downloadFolder: folderName(settings.downloadFolder),
      notices: [...this.#notices],
      update: updates.state,
    }
  }

  /** For the next start. Who is signed in stays so, whatever the disk says. */
  #remember({ address, password, server }: Credentials, withPassword: boolean): void {
    const { passwords, settings } = this.#ports
    try {
      settings.setLastAccount({ address, server })
      if (withPassword) passwords.save(address, password)
      else passwords.forget()
    } catch (error) {
      this.tell(`You will have to sign in again at the next start. ${shownFailure(error).message}`)
    }
  }

  #cancel(id: string): void {
    if (isOver(this.#transfers.get(id).shown)) return
    if (this.#receiving.offers.some(({ transfer }) => transfer === id)) this.#receiving.decline(id)
    else if (this.#sending.cancel(id)) return
    else if (this.#account.address !== undefined && this.#account.plumb.has(id))
      this.#account.plumb.cancel(id)
    else {
      // Its account is not signed in: what was noted of it is forgotten at the next time.
      const { code, message } = new Failure('cancelled', 'You cancelled the transfer.')
      this.#transfers.apply({ event: 'failed', transfer: id, code, message })
    }
  }

  #resume(id: string): void {
    const { plumb } = this.#account
    // What waits for somebody who is not there cannot be hurried.
    if (plumb.has(id) || !this.#sending.resume(id)) plumb.resume(id)
  }

  async #open(id: string): Promise<void> {
    const { shown } = this.#transfers.get(id)
    const path = await this.#transfers.fileOf(id)
    const foreign = shown.direction === 'in'
    if (foreign && mayBeProgram(path)) {
      const from = this.#people.nameOf(shown.person)
      if (!(await this.#ports.dialogs.confirmOpeningProgram(basename(path), from))) return
    }
    await this.#ports.shell.open(path)
  }

  async #changeSettings(patch: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Promise<void> {
    const { settings } = this.#ports
    const given = Object.fromEntries(
      Object.entries(patch).filter(([, value]) => value !== undefined),
    ) as Partial<Settings>
    // A port that cannot be had is not remembered either.
    if (given.port !== undefined && this.#account.address !== undefined) {
      await this.#account.plumb.listenOn(given.port ?? 0)
    }
    if (given.portMapping !== undefined && this.#account.address !== undefined) {
      this.#account.plumb.mapPort(given.portMapping)
    }
    settings.change(given)
    this.#settingsChanged()
  }

  #settingsChanged(): void {
    const { settings, downloadFolder } = this.#ports.settings
    this.#push('settingsChanged', { settings, downloadFolder: folderName(downloadFolder) })
    this.emit('settings', settings)
    void this.#receiving.refresh()
  }

  // ------------------------------------------------------------------------------------------- account

  #plumbOptions(address: string): Omit<PlumbOptions, 'jid' | 'password' | 'resource' | 'server'> {
    const { settings, ca, allowLoopback, stateFolder } = this.#ports
    return {
      tls: 'required',
      ca,
      accept: peer => this.#receiving.mayOffer(peer.split('/')[0] ?? peer),
      peerPolicy: bare => ({
        encryption: settings.policyOf(address, bare).allowUnencrypted ? 'preferred' : 'required',
        mayKnowAddresses: this.#maySeeAddresses(bare),
      }),
      direct: {
        listen: settings.settings.port ?? 0,
        advertise: undefined,
        dial: true,
        allowLoopback,
        encryption: 'required',
        portMapping: settings.settings.portMapping && !allowLoopback,
      },
      // Whoever accepts or sends was told that the other program cannot encrypt.
      plainBytestreams: true,
      state: stateFolder,
    }
  }

  #signedIn(plumb: Plumb): void {
    this.#people.attach(plumb)
    this.#conversations.attach(plumb)
    plumb.on('requests', () => this.#push('requestsChanged', this.#requests()))
    plumb.on('contacts', () => void this.#receiving.refresh())
    plumb.on('offered', offer => void this.#receiving.offered(offer))
    plumb.on('transfer', event => {
      if (event.event === 'failed') this.#receiving.ended(event.transfer)
      this.#transfers.apply(event)
      if (event.event === 'paused') this.#sending.paused(event.transfer)
      // Somebody took it off the list: it is not wanted any more.
      if (event.event === 'connected' && !this.#transfers.has(event.transfer)) plumb.cancel(event.transfer)
      if (event.event === 'done' && this.#transfers.has(event.transfer)) void this.#arrived(event.transfer)
    })
    const over = this.#transfers.shown.filter(isOver)
    plumb.restore()
    // Cancelled while nobody was signed in.
    for (const { id } of over) if (plumb.has(id)) plumb.cancel(id)
    this.#sending.goOn(plumb.unsent)
    this.#transfers.endLeft(this.#requireAddress(), id => this.#sending.has(id) || plumb.has(id))
    plumb.forgetUnsent(id => this.#sending.has(id))
    this.#push('requestsChanged', this.#requests())
    const link = this.#link
    this.#link = undefined
    if (link !== undefined) this.followLink(link)
  }

  #signedOut(): void {
    this.emit('signedOut')
    this.#history.clear()
    this.#viewing = undefined
    this.#people.clear()
    this.#push('requestsChanged', [])
  }

  async #arrived(id: string): Promise<void> {
    const { shown, path } = this.#transfers.get(id)
    if (shown.direction === 'in' && path !== null) await this.#ports.shell.markAsForeign(path)
  }

  // -------------------------------------------------------------------------------------------- people

  #requests(): { address: string }[] {
    return this.#account.address === undefined
      ? []
      : this.#account.plumb.requests.map(address => ({ address }))
  }

  #requireAddress(): string {
    const { address } = this.#account
    if (address === undefined) throw new Failure('not-allowed', 'Sign in first.')
    return address
  }

  #policyOf(person: string): ContactPolicy {
    return this.#ports.settings.policyOf(this.#account.address ?? '', person)
  }

  /** A contact, or the own account on another device. */
  #isKnown(person: string): boolean {
    return this.#people.isContact(person) || person === this.#account.address
  }

  #maySeeAddresses(person: string): boolean {
    return this.#isKnown(person) || this.#ports.settings.settings.whoSeesAddresses === 'accepted'
  }

  #requireMaySend(person: string): void {
    if (this.#maySeeAddresses(person)) return
    const name = shownName(person, undefined)
    throw new Failure(
      'not-allowed',
      `${name} is not in your contacts, and sending would show them this computer’s address: add them first.`,
    )
  }

  #said(message: Message): void {
    const { person, direction, text, at } = message
    const unread = direction === 'in' && !this.#isRead(person)
    const isFirst = this.#people.unreadOf(person) === 0
    this.#people.said(person, { kind: 'message', direction, text, at }, unread)
    if (direction === 'out' || this.#ports.isInFront()) return
    const isContact = this.#people.isContact(person)
    // A stranger who writes on and on is notified once.
    if (!isContact && !isFirst) return
    this.#attend({
      title: this.#people.nameOf(person),
      // What strangers write is nothing to be put before everybody's eyes.
      body: isContact
        ? harmlessLine(text, MAX_PREVIEW_LENGTH)
        : 'Somebody who is not in your contacts wrote to you.',
      about: { kind: 'message', person },
    })
  }

  #isRead(person: string): boolean {
    return this.#viewing === person && this.#ports.isInFront()
  }

  #read(person: string): void {
    this.#people.read(person)
    this.emit('settled', { kind: 'message', person })
  }

  // ----------------------------------------------------------------------------------------- transfers

  #offerRaised(offer: Offer): void {
    const { person, transfer, name, size, files } = offer
    if (this.#ports.isInFront()) return
    this.#attend({
      title: `${this.#people.nameOf(person)} wants to send you a ${files === null ? 'file' : 'folder'}`,
      body: size === null ? name : `${name}, ${inUnits(size)}`,
      about: { kind: 'offer', transfer, person },
    })
  }

  #transferChanged({ shown }: TransferRecord): void {
    const { id, person, direction, name, at, state } = shown
    if (
      state.kind === 'preparing' ||
      state.kind === 'waiting' ||
      (direction === 'in' && (state.kind === 'offered' || state.kind === 'connecting'))
    ) {
      const unread = state.kind === 'offered' && !this.#isRead(person)
      this.#people.said(person, { kind: 'file', direction, text: name, at }, unread)
    }
    if (!isOver(shown) || this.#ports.isInFront()) return
    const from = this.#people.nameOf(person)
    if (state.kind === 'done') {
      const body = direction === 'in' ? `${name} from ${from} is here.` : `${from} has ${name}.`
      this.#attend({ title: 'File transferred', body, about: { kind: 'transfer', transfer: id, person } })
    } else if (
      state.kind === 'failed' &&
      !['cancelled', 'declined', 'interrupted'].includes(state.failure.code)
    ) {
      const body = `${name}: ${state.failure.message}`
      this.#attend({ title: 'A transfer stopped', body, about: { kind: 'transfer', transfer: id, person } })
    }
  }

  // --------------------------------------------------------------------------------------------- window

  #attend(attention: Attention): void {
    if (this.#ports.settings.settings.notifications) this.emit('attention', attention)
  }

  #tellWaiting(): void {
    this.emit('waiting', this.#people.unread + this.#receiving.offers.length)
  }

  #push<N extends EventName>(name: N, value: EventValue<N>): void {
    this.#sequence += 1
    this.emit('event', name, value, this.#sequence)
  }
}
