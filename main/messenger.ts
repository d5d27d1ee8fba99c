import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { basename } from 'node:path'
import type { CallHandlers } from '../shared/ipc/calls.ts'
import type { Command, EventName, EventValue } from '../shared/ipc/events.ts'
import { Failure } from '../shared/model/failure.ts'
import { SHOWN_SIDE } from '../shared/model/limits.ts'
import { type PersonId, personId, splitPersonId } from '../shared/model/person-id.ts'
import type { AccountChangeResult } from '../shared/model/registration.ts'
import type { Self } from '../shared/model/self.ts'
import type { Settings } from '../shared/model/settings.ts'
import type { Offer, SendAnswer } from '../shared/model/shown-transfer.ts'
import type { Notice, ServerPlace, WindowState } from '../shared/model/window-state.ts'
import { say } from '../shared/words/say.ts'
import type { Credentials } from './messenger/account.ts'
import { AccountMessenger } from './messenger/account-messenger.ts'
import { Idleness } from './messenger/idleness.ts'
import { readPictureFile } from './messenger/own-picture.ts'
import { PastedPictures } from './messenger/pasted-pictures.ts'
import { shownName } from './messenger/people.ts'
import type { Attention, MessengerEvents, MessengerPorts } from './messenger/ports.ts'
import { mayBeProgram } from './messenger/program-names.ts'
import { offerIsGone } from './messenger/receiving.ts'
import { Redrawing } from './messenger/redrawing.ts'
import { Registering } from './messenger/registering.ts'
import { tookTooLong } from './messenger/sending.ts'
import { shownFailure } from './messenger/shown-failure.ts'
import { ShownPictures } from './messenger/shown-pictures.ts'
import { isOver } from './messenger/transfer-record.ts'
import { MAX_LISTED, Transfers } from './messenger/transfers.ts'
import { readXmppLink } from './messenger/xmpp-link.ts'
import { type Picture, readPicture } from './pictures/picture-header.ts'
import type { Plumb } from './plumb.ts'
import { PICTURES } from './store/history/shapes.ts'
import type { KeptTransfer } from './store/transfer-list.ts'
import { folderName } from './transfer/folder-name.ts'
import { forgetAccount } from './transfer/forget-account.ts'
import { safeFileName } from './transfer/safe-file-name.ts'

export type { MessengerPorts } from './messenger/ports.ts'

const MAX_NOTICES = 20
/** Commands that wait for a window. */
const MAX_COMMANDS = 10
/** Accounts at once: each holds a connection of its own. */
const MAX_ACCOUNTS = 20
/** Messages, and files, that a search tells. */
const MAX_FOUND = 100

/**
 * Everything that the window shows and can ask for, without the window: our accounts with their people and
 * conversations, and all transfers. It lives in the main process, so that a window that crashed shows the truth when it
 * is back.
 */
export class Messenger extends EventEmitter<MessengerEvents> {
  /** What the window may ask for. */
  readonly calls: CallHandlers
  readonly #ports: MessengerPorts
  /** By bare JID, in the order in which they were added. */
  readonly #accounts = new Map<string, AccountMessenger>()
  readonly #transfers: Transfers
  readonly #pictures: ShownPictures
  readonly #pasted: PastedPictures
  readonly #registering: Registering
  readonly #idleness: Idleness
  readonly #redrawing = new Redrawing({
    push: (id, picture) => this.#push('pictureToDraw', { id, picture }),
  })
  #notices: readonly Notice[] = []
  #viewing: PersonId | undefined
  #windowHasLoaded = false
  #commands: Command[] = []
  #sequence = 0
  /** A link that came while nobody was signed in. */
  #link: string | undefined

  private constructor(ports: MessengerPorts, kept: readonly KeptTransfer[]) {
    super()
    this.#ports = ports
    const { settings, history, oldTransfers } = ports
    this.#registering = new Registering(ports.ca)
    this.#idleness = new Idleness({
      idleSeconds: () => ports.idleSeconds(),
      changed: () => {
        if (settings.settings.awayWhenIdle) this.#presenceChanged()
      },
    })
    this.#transfers = new Transfers({
      history,
      kept,
      push: (changed, removed) => {
        this.#push('transfersChanged', { changed: [...changed], removed: [...removed] })
        this.emit('progress', this.#transfers.fraction)
      },
      summarize: owned => {
        for (const { account, summary } of owned) this.#accounts.get(account)?.people.summarize([summary])
      },
      notSaved: failure => this.tell(shownFailure(failure).message),
      changedState: record => {
        const { path } = record
        const { person, state } = record.shown
        const { account, address } = splitPersonId(person)
        this.#accounts.get(account)?.transferChanged(address, record)
        if (path !== null && this.#pasted.holds(path)) void this.#sweepPasted()
        else if (state.kind === 'done') void this.#measurePicture(record)
      },
    })
    this.#pasted = new PastedPictures(ports.pastedFolder)
    this.#pictures = new ShownPictures({ find: id => this.#findPicture(id) })
    for (const damage of [settings.damage, oldTransfers.damage]) {
      if (damage !== undefined) this.tell(damage)
    }
    for (const { address, server } of settings.accounts) this.#add(address, server)
    this.calls = this.#makeCalls()
  }

  /** Reads the history. Nothing is signed in yet. Never throws: what cannot be read is said in the window. */
  static async open(ports: MessengerPorts): Promise<Messenger> {
    const { history, oldTransfers } = ports
    let trouble: Failure | undefined
    let kept: readonly KeptTransfer[] = []
    try {
      if (oldTransfers.transfers.length > 0) await history.importTransfers(oldTransfers.transfers)
      kept = await history.transfers(MAX_LISTED)
      oldTransfers.remove()
    } catch (error) {
      trouble = Failure.from(error)
    }
    const messenger = new Messenger(ports, kept)
    if (trouble !== undefined) messenger.tell(shownFailure(trouble).message)
    // Where the list cannot be read, nobody knows what is still to be sent.
    else await messenger.#sweepPasted()
    return messenger
  }

  /** The history was damaged and begins anew: what the archive and this run still have goes into it. */
  historyLost(sentence: string): void {
    this.tell(sentence)
    this.#transfers.saveAgain()
    for (const account of this.#all) account.historyLost()
  }

  /** Signs in by itself where it can. */
  async start(): Promise<void> {
    this.#idleness.start()
    await Promise.all(this.#all.map(account => account.resume()))
  }

  /** Ends what is under way, telling the others, and signs out. Never throws. */
  async stop(): Promise<void> {
    this.#idleness.stop()
    const reason = new Failure('interrupted', say('transfer.closed'))
    this.#registering.close()
    await Promise.all(this.#all.map(account => account.signOut(reason)))
    await this.#transfers.flush()
  }

  /** Transfers that would be lost by quitting. */
  get running(): number {
    return this.#transfers.running
  }

  /** The computer woke up, or is in another network. */
  resume(): void {
    for (const account of this.#all) account.reconnect()
  }

  /** The window came to the front: what is on its screen is read. */
  seen(): void {
    // Whoever is back is here at once.
    this.#idleness.look()
    if (this.#viewing === undefined) return
    const { account, address } = splitPersonId(this.#viewing)
    this.#accounts
      .get(account)
      ?.read(address)
      .catch(error => this.#notKept(error))
  }

  /** The screen was locked, or unlocked. */
  screenLocked(isLocked: boolean): void {
    this.#idleness.lock(isLocked)
  }

  /** Shows what an xmpp: link is about. Nothing is sent because of a link. */
  followLink(text: string): void {
    const link = readXmppLink(text)
    if (link === undefined) return
    const signedIn = this.#all.filter(({ state }) => state.kind === 'signed-in')
    if (signedIn.length === 0) {
      this.#link = text
      return
    }
    const { address, draft } = link
    const knows = signedIn.find(({ people }) => people.has(address))
    if (knows === undefined) this.command({ kind: 'add-person', address })
    else this.command({ kind: 'show-conversation', person: personId(knows.address, address), draft })
  }

  /** Says something in the window until it is dismissed. */
  tell(text: string): void {
    this.#notices = [...this.#notices, { id: randomUUID(), text }].slice(-MAX_NOTICES)
    this.#push('noticesChanged', [...this.#notices])
  }

  /** Somebody's picture as it is shown; undefined where there is none by now. */
  async faceOf(hash: string): Promise<Picture | undefined> {
    const bytes = await this.#ports.history.blob(PICTURES, hash).catch(() => null)
    const picture =
      bytes === null ? undefined : readPicture(bytes, { type: 'image/png', maxPixels: SHOWN_SIDE ** 2 })
    if (picture !== undefined) return picture
    for (const { faces } of this.#all) faces.missing(hash)
    return undefined
  }

  /** What keeps Plumb current is at something else. */
  updateChanged(): void {
    this.#push('updateChanged', this.#ports.updates.state)
  }

  /** The answer that a notification's button gives. Never throws: why it came to nothing, the window says. */
  async answerOffer(transfer: string, answer: 'accept' | 'decline'): Promise<void> {
    try {
      const { receiving } = this.#offered(transfer)
      if (answer === 'accept') await receiving.accept(transfer)
      else receiving.decline(transfer)
    } catch (error) {
      this.tell(shownFailure(error).message)
    }
  }

  /** The picture that was transferred by this; undefined for whatever is not shown between the messages. Never throws. */
  async pictureOf(transfer: string): Promise<Picture | undefined> {
    return this.#ports.settings.settings.showPictures ? this.#pictures.read(transfer) : undefined
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
    this.#registering.close()
    this.#redrawing.close()
  }

  // -------------------------------------------------------------------------------------------- calls

  #makeCalls(): CallHandlers {
    const { settings, dialogs, shell, updates, history } = this.#ports
    return {
      load: () => this.#load(),
      signIn: async ({ address, remember, ...credentials }) => {
        await this.#signIn(address, credentials)
        this.#remember(address, credentials, remember)
      },
      cancelSignIn: address => this.#account(address).cancelSignIn(),
      signOut: address => this.#signOut(address),
      removeAccount: address => this.#removeAccount(address),
      openRegistration: async place => {
        this.#requireRoom()
        return await this.#registering.open(place)
      },
      renewRegistration: () => this.#registering.renew(),
      submitRegistration: answers => this.#registering.submit(answers),
      closeRegistration: () => this.#registering.close(),
      changePassword: async (address, password) =>
        await this.#account(address).change({ kind: 'password', password }),
      deleteAccount: address => this.#unlessDeleted(address, account => account.change({ kind: 'deletion' })),
      answerAccountForm: (address, answers) =>
        this.#unlessDeleted(address, account => account.answerForm(answers)),
      addPerson: (account, address, name) =>
        this.#account(account).plumb.addContact(address, name ?? undefined),
      renamePerson: (person, name) => {
        const { account, address } = this.#of(person)
        return account.plumb.renameContact(address, name)
      },
      regroupPerson: (person, groups) => {
        const { account, address } = this.#of(person)
        return account.plumb.regroupContact(address, groups)
      },
      removePerson: async (person, withHistory) => {
        const { account, address } = this.#of(person)
        await account.removeContact(address)
        if (withHistory) await this.#deleteConversation(person)
      },
      answerRequest: (person, allow) => {
        const { account, address } = this.#of(person)
        return account.plumb.answerRequest(address, allow)
      },
      blockPerson: async person => {
        const { account, address } = this.#of(person)
        await account.block(address)
      },
      unblock: async (account, address) => this.#account(account).plumb.unblock(address),
      pictureDrawn: (id, bytes) => this.#redrawing.drawn(id, bytes),
      chooseOwnPicture: async () => {
        const path = await dialogs.choosePicture()
        return path === undefined ? null : readPictureFile(path)
      },
      publishOwnPicture: (account, bytes) => this.#account(account).publishPicture(bytes),
      changeOwnName: async (account, name) => this.#account(account).plumb.acquaintances.publishName(name),
      changeStatus: (account, status) => this.#account(account).changeStatus(status),
      changePolicy: (person, policy) => {
        const { account, address } = this.#of(person)
        account.changePolicy(address, policy)
      },
      viewConversation: person => {
        this.#viewing = person ?? undefined
        if (this.#ports.isInFront()) this.seen()
      },
      readConversation: (person, where, limit) => {
        const { account, address } = this.#of(person)
        return account.conversations.page(address, where, limit)
      },
      sendMessage: (person, text) => {
        const { account, address } = this.#of(person)
        return account.conversations.send(address, text)
      },
      resendMessage: (person, id) => {
        const { account, address } = this.#of(person)
        return account.conversations.resend(address, id)
      },
      correctMessage: (person, id, text) => {
        const { account, address } = this.#of(person)
        return account.conversations.correct(address, id, text)
      },
      tellTyping: (person, state) => {
        const { account, address } = this.#of(person)
        account.conversations.tellState(address, state)
      },
      search: async text => {
        const open = this.#all.filter(({ state }) => state.kind === 'signed-in').map(({ address }) => address)
        const { messages, transfers } = await history.search(open, text, MAX_FOUND)
        return { messages: [...messages], transfers: [...transfers] }
      },
      exportPerson: async (person, format) => {
        const { account, address } = this.#of(person)
        const name = `Plumb, ${account.people.nameOf(address)}.${format === 'text' ? 'txt' : 'json'}`
        const path = await dialogs.chooseExportPath(safeFileName(name))
        if (path !== undefined) await history.exportPerson(account.address, address, path, format)
        return path !== undefined
      },
      exportAccount: async address => {
        const path = await dialogs.chooseExportPath(
          safeFileName(`Plumb, ${this.#signedIn(address).address}.json`),
        )
        if (path !== undefined) await history.exportAccount(address, path)
        return path !== undefined
      },
      deleteConversation: person => this.#deleteConversation(person),
      chooseFiles: async person => {
        const { account, address } = this.#of(person)
        account.requireMaySend(address)
        return account.sending.offer(address, await dialogs.chooseFiles())
      },
      chooseFolder: async person => {
        const { account, address } = this.#of(person)
        account.requireMaySend(address)
        const folder = await dialogs.chooseFolder('send')
        return account.sending.offer(address, folder === undefined ? [] : [folder])
      },
      sendDropped: (person, paths) => {
        const { account, address } = this.#of(person)
        return account.sending.offer(address, paths)
      },
      sendPicture: (person, bytes, type) => this.#sendPicture(person, bytes, type),
      confirmSending: async ticket => this.#asking(ticket).sending.confirm(ticket),
      dropSending: ticket => {
        for (const { sending } of this.#all) sending.drop(ticket)
      },
      acceptOffer: async id => this.#offered(id).receiving.accept(id),
      acceptOfferAs: async id => this.#offered(id).receiving.acceptAs(id),
      declineOffer: async id => this.#offered(id).receiving.decline(id),
      cancelTransfer: async id => this.#cancel(id),
      retryTransfer: async id => {
        await this.#transfers.recall(id)
        await this.#transferring(id).sending.retry(id)
      },
      pauseTransfer: async id => this.#transferring(id).plumb.pause(id),
      resumeTransfer: async id => this.#resume(id),
      openTransfer: id => this.#open(id),
      showTransfer: async id => {
        await this.#transfers.recall(id)
        shell.showInFolder(await this.#transfers.fileOf(id))
      },
      forgetTransfer: async id => {
        await this.#transfers.recall(id)
        this.#transfers.forget(id)
        await this.#sweepPasted()
      },
      clearFinished: () => {
        this.#transfers.clearFinished()
        return this.#sweepPasted()
      },
      changeSettings: patch => this.#changeSettings(patch),
      chooseDownloadFolder: async () => {
        const folder = await dialogs.chooseFolder('downloads', settings.downloadFolder)
        if (folder === undefined) return
        settings.setDownloadFolder(folder)
        this.#settingsChanged()
      },
      checkReach: () => this.#anyPlumb().checkReach(new AbortController().signal),
      checkForUpdate: () => updates.check(),
      restartToUpdate: () => updates.restart(),
      dismissNotice: id => {
        this.#notices = this.#notices.filter(notice => notice.id !== id)
        this.#push('noticesChanged', [...this.#notices])
      },
      openLink: url => shell.openLink(url),
      followLink: url => this.followLink(url),
    }
  }

  #load(): WindowState {
    this.#windowHasLoaded = true
    // Behind the answer, so that the window has it first.
    setImmediate(() => {
      for (const command of this.#commands.splice(0)) this.command(command)
      this.#redrawing.open()
    })
    const { app, settings, updates } = this.#ports
    return {
      sequence: this.#sequence,
      app,
      accounts: this.#all.map(({ state }) => state),
      selves: this.#selves,
      people: this.#all.flatMap(({ people }) => people.all),
      requests: this.#all.flatMap(({ requests }) => requests),
      transfers: [...this.#transfers.shown],
      offers: this.#offers,
      settings: settings.settings,
      downloadFolder: folderName(settings.downloadFolder),
      notices: [...this.#notices],
      update: updates.state,
    }
  }

  #cancel(id: string): void {
    const { shown } = this.#transfers.get(id)
    if (isOver(shown)) return
    const account = this.#accounts.get(splitPersonId(shown.person).account)
    if (account?.receiving.offers.some(({ transfer }) => transfer === id)) account.receiving.decline(id)
    else if (account?.sending.cancel(id)) return
    else if (account?.core?.has(id)) account.core.cancel(id)
    else {
      // Its account is not signed in: what was noted of it is forgotten at the next time.
      const { code, message } = new Failure('cancelled', say('transfer.you-cancelled'))
      this.#transfers.apply({ event: 'failed', transfer: id, code, message })
    }
  }

  #resume(id: string): void {
    const { plumb, sending } = this.#transferring(id)
    // What waits for somebody who is not there cannot be hurried.
    if (plumb.has(id) || !sending.resume(id)) plumb.resume(id)
  }

  async #open(id: string): Promise<void> {
    await this.#transfers.recall(id)
    const { shown } = this.#transfers.get(id)
    const path = await this.#transfers.fileOf(id)
    const foreign = shown.direction === 'in'
    if (foreign && mayBeProgram(path)) {
      const { account, address } = splitPersonId(shown.person)
      const from = this.#accounts.get(account)?.people.nameOf(address) ?? shownName(address, undefined)
      if (!(await this.#ports.dialogs.confirmOpeningProgram(basename(path), from))) return
    }
    await this.#ports.shell.open(path)
  }

  /** One that is no file anywhere: it is written down for as long as it may have to be sent. */
  async #sendPicture(person: PersonId, bytes: Uint8Array, type: string): Promise<SendAnswer> {
    const { account, address } = this.#of(person)
    account.requireMaySend(address)
    const picture = readPicture(bytes, { type, maxPixels: Number.POSITIVE_INFINITY })
    if (picture === undefined) {
      throw new Failure('file-unreadable', say('sending.no-picture'))
    }
    const path = await this.#pasted.keep(picture, new Date())
    try {
      return await account.sending.offer(address, [path])
    } finally {
      this.#pasted.decided(path)
      if (!this.#transfers.needs(path)) await this.#sweepPasted()
    }
  }

  async #sweepPasted(): Promise<void> {
    this.#transfers.filesGone(await this.#pasted.sweep(path => this.#transfers.needs(path)))
  }

  async #measurePicture(done: KeptTransfer): Promise<void> {
    const picture = await this.#pictures.measure(done)
    if (picture !== null) this.#transfers.setPicture(done.shown.id, picture)
  }

  /** Nothing is shown of an account that is not signed in. */
  async #findPicture(id: string): Promise<KeptTransfer | undefined> {
    const found = await this.#transfers.find(id)
    if (found === undefined) return undefined
    const account = this.#accounts.get(splitPersonId(found.shown.person).account)
    return account?.state.kind === 'signed-in' ? found : undefined
  }

  async #deleteConversation(person: PersonId): Promise<void> {
    const { account, address } = this.#of(person)
    this.#transfers.drop(person)
    await this.#sweepPasted()
    await account.forget(address)
  }

  async #changeSettings(patch: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Promise<void> {
    const { settings } = this.#ports
    const given = Object.fromEntries(
      Object.entries(patch).filter(([, value]) => value !== undefined),
    ) as Partial<Settings>
    // A port that cannot be had is not remembered either.
    if (given.port !== undefined) await this.#listenOn(given.port ?? 0)
    if (given.portMapping !== undefined) for (const plumb of this.#plumbs) plumb.mapPort(given.portMapping)
    settings.change(given)
    if (given.awayWhenIdle !== undefined && this.#idleness.since !== undefined) this.#presenceChanged()
    this.#settingsChanged()
  }

  #settingsChanged(): void {
    const { settings, downloadFolder } = this.#ports.settings
    this.#push('settingsChanged', { settings, downloadFolder: folderName(downloadFolder) })
    this.emit('settings', settings)
    for (const { receiving } of this.#all) void receiving.refresh()
  }

  // ------------------------------------------------------------------------------------------ accounts

  get #all(): readonly AccountMessenger[] {
    return [...this.#accounts.values()]
  }

  get #plumbs(): readonly Plumb[] {
    return this.#all.flatMap(({ core }) => core ?? [])
  }

  get #selves(): Self[] {
    return this.#all.flatMap(({ self }) => self ?? [])
  }

  get #offers(): Offer[] {
    return this.#all.flatMap(({ receiving }) => receiving.offers).toSorted((a, b) => a.at - b.at)
  }

  #add(address: string, server: ServerPlace | null): AccountMessenger {
    const account = new AccountMessenger({
      address,
      server,
      ports: this.#ports,
      transfers: this.#transfers,
      redraw: picture => this.#redrawing.draw(picture),
      viewing: () => this.#viewing,
      push: (name, value) => this.#push(name, value),
      changed: () => this.#accountsChanged(),
      tell: text => this.tell(text),
      attend: attention => this.#attend(attention),
      notKept: failure => this.#notKept(failure),
      settled: about => this.emit('settled', about),
      offersChanged: () => {
        this.#push('offersChanged', this.#offers)
        this.#tellWaiting()
      },
      requestsChanged: () => this.#requestsChanged(),
      selfChanged: () => this.#push('selvesChanged', this.#selves),
      unreadChanged: () => this.#tellWaiting(),
      idleSince: () => (this.#ports.settings.settings.awayWhenIdle ? this.#idleness.since : undefined),
      opened: () => {
        const link = this.#link
        this.#link = undefined
        if (link !== undefined) this.followLink(link)
      },
      signedOut: () => {
        if (this.#viewing !== undefined && splitPersonId(this.#viewing).account === address) {
          this.#viewing = undefined
        }
        this.#requestsChanged()
        this.emit('signedOut', address)
      },
    })
    this.#accounts.set(address, account)
    return account
  }

  async #signIn(address: string, credentials: Credentials): Promise<void> {
    const known = this.#accounts.get(address)
    if (known === undefined) this.#requireRoom()
    const account = known ?? this.#add(address, credentials.server)
    try {
      await account.signIn(credentials)
    } catch (error) {
      // An address that was mistyped is none of our accounts.
      const isKept = this.#ports.settings.accounts.some(kept => kept.address === address)
      if (!isKept && account.state.kind === 'signed-out') this.#accounts.delete(address)
      this.#accountsChanged()
      throw error
    }
  }

  #requireRoom(): void {
    if (this.#accounts.size < MAX_ACCOUNTS) return
    throw new Failure('not-allowed', say('account.too-many', { most: MAX_ACCOUNTS }))
  }

  async #removeAccount(address: string): Promise<void> {
    const { settings, history, stateFolder } = this.#ports
    await this.#signOut(address)
    settings.dropAccount(address)
    // Before the history: what was still to be saved of them would be in it again.
    this.#transfers.dropAccount(address)
    await forgetAccount(stateFolder, address)
    await history.deleteAccount(address)
    await this.#sweepPasted()
    this.#accounts.delete(address)
    this.#accountsChanged()
  }

  /** What the server does not have any more, this computer need not know. */
  async #unlessDeleted(
    address: string,
    act: (account: AccountMessenger) => Promise<AccountChangeResult>,
  ): Promise<AccountChangeResult> {
    const account = this.#account(address)
    const result = await act(account)
    if (account.isDeleted) await this.#removeAccount(address)
    return result
  }

  async #signOut(address: string): Promise<void> {
    const account = this.#account(address)
    // First, so that it holds also where Plumb ends meanwhile; what cannot be removed does not keep anybody in.
    try {
      this.#ports.passwords.forget(address)
    } finally {
      await account.signOut(new Failure('cancelled', say('sign-in.signed-out')))
    }
  }

  /** For the next start. Who is signed in stays so, whatever the disk says. */
  #remember(address: string, { password, server }: Credentials, withPassword: boolean): void {
    const { passwords, settings } = this.#ports
    try {
      settings.keepAccount({ address, server })
      if (withPassword) passwords.save(address, password)
      else passwords.forget(address)
    } catch (error) {
      this.tell(say('sign-in.not-remembered', { problem: shownFailure(error).message }))
    }
  }

  /** Throws `not-allowed` for one that is none of ours. */
  #account(address: string): AccountMessenger {
    const account = this.#accounts.get(address)
    if (account === undefined) throw new Failure('not-allowed', say('account.gone'))
    return account
  }

  /** The same of one whose people are shown. Throws `not-allowed` where it is not signed in, too. */
  #signedIn(address: string): AccountMessenger {
    const account = this.#account(address)
    if (account.state.kind !== 'signed-in') throw new Failure('not-allowed', say('sign-in.first'))
    return account
  }

  /** Throws as `#signedIn`. */
  #of(person: PersonId): { readonly account: AccountMessenger; readonly address: string } {
    const { account, address } = splitPersonId(person)
    return { account: this.#signedIn(account), address }
  }

  #transferring(id: string): AccountMessenger {
    return this.#of(this.#transfers.get(id).shown.person).account
  }

  /** Whose offer it is. Throws `not-allowed` for one that is gone. */
  #offered(transfer: string): AccountMessenger {
    const account = this.#all.find(({ receiving }) => receiving.has(transfer))
    if (account === undefined) throw offerIsGone()
    return account
  }

  /** Whose question about files it is. */
  #asking(ticket: string): AccountMessenger {
    const account = this.#all.find(({ sending }) => sending.asks(ticket))
    if (account === undefined) throw tookTooLong()
    return account
  }

  /** Of whichever account is connected. */
  #anyPlumb(): Plumb {
    const [plumb] = this.#plumbs
    if (plumb === undefined) throw new Failure('not-allowed', say('sign-in.first'))
    return plumb
  }

  /** All accounts or none. Throws `port-in-use`. */
  async #listenOn(port: number): Promise<void> {
    for (const plumb of this.#plumbs) await plumb.listenOn(port)
  }

  #presenceChanged(): void {
    for (const account of this.#all) account.presenceChanged()
  }

  #accountsChanged(): void {
    this.#push(
      'accountsChanged',
      this.#all.map(({ state }) => state),
    )
  }

  #requestsChanged(): void {
    this.#push(
      'requestsChanged',
      this.#all.flatMap(({ requests }) => requests),
    )
  }

  // --------------------------------------------------------------------------------------------- window

  #attend(attention: Attention): void {
    if (this.#ports.settings.settings.notifications) this.emit('attention', attention)
  }

  /** Once, until something else is said: a full disk fails again and again. */
  #notKept(error: unknown): void {
    const { message } = shownFailure(error)
    if (this.#notices.at(-1)?.text !== message) this.tell(message)
  }

  #tellWaiting(): void {
    const unread = this.#all.reduce((sum, { people }) => sum + people.unread, 0)
    this.emit('waiting', unread + this.#offers.length)
  }

  #push<N extends EventName>(name: N, value: EventValue<N>): void {
    this.#sequence += 1
    this.emit('event', name, value, this.#sequence)
  }
}
