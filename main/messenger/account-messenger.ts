import { setImmediate } from 'node:timers/promises'
import { harmlessLine } from '../../shared/harmless-text.ts'
import { inUnits } from '../../shared/in-units.ts'
import type { EventName, EventValue } from '../../shared/ipc/events.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { ContactPolicy } from '../../shared/model/person.ts'
import { type PersonId, personId, splitPersonId } from '../../shared/model/person-id.ts'
import type { PictureFile } from '../../shared/model/picture.ts'
import type { AccountChangeResult, FormAnswers } from '../../shared/model/registration.ts'
import type { OwnStatus, Self } from '../../shared/model/self.ts'
import type { Offer } from '../../shared/model/shown-transfer.ts'
import type { AccountState, ServerPlace, SubscriptionRequest } from '../../shared/model/window-state.ts'
import { say } from '../../shared/words/say.ts'
import type { AccountChange as Change } from '../plumb/own-account.ts'
import type { CachedRoster, Plumb, PlumbOptions } from '../plumb.ts'
import { Account, type Credentials } from './account.ts'
import { AccountChange } from './account-change.ts'
import { Conversations } from './conversations.ts'
import { Faces } from './faces.ts'
import { requireOwnPicture } from './own-picture.ts'
import { People, shownName } from './people.ts'
import type { Attention, MessengerPorts } from './ports.ts'
import { Receiving } from './receiving.ts'
import { Sending } from './sending.ts'
import { isOver, type TransferRecord } from './transfer-record.ts'
import type { Transfers } from './transfers.ts'
import { ViewedNews } from './viewed-news.ts'

export interface AccountMessengerOptions {
  /** Bare JID. */
  readonly address: string
  readonly server: ServerPlace | null
  readonly ports: MessengerPorts
  /** Of all accounts. */
  readonly transfers: Transfers
  /** Makes of somebody's picture the one that is shown. */
  readonly redraw: (picture: PictureFile) => Promise<Uint8Array | undefined>
  /** Whose conversation the window shows. */
  readonly viewing: () => PersonId | undefined
  readonly push: <N extends EventName>(name: N, value: EventValue<N>) => void
  readonly changed: () => void
  readonly tell: (text: string) => void
  readonly attend: (attention: Attention) => void
  /** Something could not be written down. */
  readonly notKept: (failure: Failure) => void
  readonly settled: (about: Attention['about']) => void
  readonly offersChanged: () => void
  readonly requestsChanged: () => void
  readonly selfChanged: () => void
  readonly unreadChanged: () => void
  /** Since when nobody is at this computer, where that is to be told. */
  readonly idleSince: () => Date | undefined
  /** Its people are shown from now on. */
  readonly opened: () => void
  readonly signedOut: () => void
}

const MAX_PREVIEW_LENGTH = 120

/** All of one account: whether it is signed in, its people, its conversations, and what it sends and receives. */
export class AccountMessenger {
  /** Bare JID. */
  readonly address: string
  readonly people: People
  readonly faces: Faces
  readonly conversations: Conversations
  readonly sending: Sending
  readonly receiving: Receiving
  readonly #options: AccountMessengerOptions
  readonly #account: Account
  readonly #change: AccountChange
  readonly #viewedNews: ViewedNews
  /** As the history had it before the sign-in. */
  #keptRoster: CachedRoster | undefined

  constructor(options: AccountMessengerOptions) {
    this.#options = options
    const { address, ports, transfers, push } = options
    const { settings } = ports
    this.address = address
    this.#account = new Account({
      address,
      server: options.server,
      settings,
      passwords: ports.passwords,
      plumbOptions: () => this.#plumbOptions(),
      changed: options.changed,
      isDeleting: () => this.#change.isDeleting,
      passwordNotKept: failure => options.tell(say('sign-in.not-remembered', { problem: failure.message })),
      portTaken: failure => options.tell(say('port.any-instead', { problem: failure.message })),
      opening: async () => {
        const { history } = ports
        const known = await Promise.all([history.openAccount(address), history.profiles(address)]).catch(
          error => {
            // Whoever cannot read what was said can still say something.
            options.notKept(Failure.from(error))
          },
        )
        const [account, profiles] = known ?? []
        // The server is asked what is another in it before any of it is shown.
        this.#keptRoster =
          account === undefined || account.rosterVersion === null
            ? undefined
            : { version: account.rosterVersion, contacts: account.contacts }
        return () => {
          if (account !== undefined && profiles !== undefined) {
            this.faces.open(profiles)
            this.people.open(account.contacts, account.conversations)
          }
          options.selfChanged()
          options.opened()
        }
      },
      signingOut: () => this.sending.suspendAll(),
      signedIn: plumb => this.#signedIn(plumb),
      signedOut: () => this.#signedOut(),
    })
    this.#change = new AccountChange({
      plumb: () => this.plumb,
      passwordChanged: password => this.#account.passwordChanged(password),
    })
    this.faces = new Faces({
      account: address,
      history: ports.history,
      redraw: options.redraw,
      nameless: () => this.people.nameless,
      changed: person => {
        this.people.touch(person)
        if (person === address) options.selfChanged()
      },
      notKept: options.notKept,
    })
    this.people = new People({
      account: address,
      policyOf: person => this.#policyOf(person),
      isBlocked: person => this.#isBlocked(person),
      faces: this.faces,
      push: (changed, removed) => {
        push('peopleChanged', { changed: [...changed], removed: [...removed] })
        options.unreadChanged()
      },
    })
    this.#viewedNews = new ViewedNews({ viewing: options.viewing, push })
    this.conversations = new Conversations({
      account: address,
      history: ports.history,
      settings: () => settings.settings,
      mayWrite: person => person === address || (!this.#isBlocked(person) && this.people.admit(person)),
      requireMayWrite: person => this.#requireNotBlocked(person),
      isRead: person => this.#isRead(person),
      // What the disk still had to do when somebody signed out shows nobody any more.
      summarize: summaries => {
        if (this.#isShown) this.people.summarize(summaries)
      },
      push: messages => this.#viewedNews.changed(messages),
      reorder: person => this.#viewedNews.reordered(this.#idOf(person)),
      arrived: (person, message) => this.#arrived(person, message.text),
      missed: person => this.#missed(person, this.people.unreadOf(person)),
      readElsewhere: person => options.settled({ kind: 'message', person: this.#idOf(person) }),
      typing: (person, device, state) => this.people.typing(person, device, state),
      notKept: options.notKept,
    })
    this.sending = new Sending({
      account: address,
      transfers,
      plumb: () => this.plumb,
      mayWait: person => this.people.sees(person) || person === address,
      requireAllowed: person => this.requireMaySend(person),
    })
    this.receiving = new Receiving({
      account: address,
      transfers,
      isKnown: person => this.#isKnown(person),
      settings,
      dialogs: ports.dialogs,
      autoAcceptBytes: person => this.#policyOf(person).autoAcceptBytes,
      push: () => options.offersChanged(),
      raised: (person, offer) => this.#offerRaised(person, offer),
      settled: ({ transfer, person }) => options.settled({ kind: 'offer', transfer, person }),
    })
  }

  get state(): AccountState {
    return this.#account.state
  }

  /** Whether its people are in the list. */
  get #isShown(): boolean {
    return this.state.kind === 'signed-in'
  }

  /** Undefined before the first connection, and while somebody is signing out. */
  get core(): Plumb | undefined {
    return this.#account.core
  }

  /** The same where it is needed. Throws `not-allowed` or `server-connection-lost`. */
  get plumb(): Plumb {
    return this.#account.plumb
  }

  /** Undefined while it is signed out. */
  get self(): Self | undefined {
    if (this.state.kind !== 'signed-in') return undefined
    const blocking = this.core?.acquaintances.blocking
    return {
      account: this.address,
      nick: this.faces.nickOf(this.address) ?? '',
      picture: this.faces.pictureOf(this.address),
      status: this.#options.ports.settings.statusOf(this.address),
      idle: this.#options.idleSince() !== undefined,
      blocked: blocking?.isSupported ? [...blocking.addresses] : null,
    }
  }

  get requests(): readonly SubscriptionRequest[] {
    return (this.core?.requests ?? []).map(address => ({ person: this.#idOf(address) }))
  }

  /** Throws why it failed; the state tells it, too. */
  async signIn(credentials: Credentials): Promise<void> {
    await this.#account.signIn(credentials)
  }

  /** By itself, where it can. Never throws. */
  async resume(): Promise<void> {
    await this.#account.resume()
  }

  cancelSignIn(): void {
    this.#account.cancel()
  }

  async signOut(reason: Failure): Promise<void> {
    await this.#account.signOut(reason)
  }

  /** Another password, or its end. Throws as `AccountChange`. */
  async change(change: Change): Promise<AccountChangeResult> {
    return await this.#change.begin(change)
  }

  /** The form that came instead. */
  async answerForm(answers: FormAnswers): Promise<AccountChangeResult> {
    return await this.#change.answer(answers)
  }

  /** At its server: it is to be removed here, too. */
  get isDeleted(): boolean {
    return this.#change.isDeleted
  }

  /** The computer woke up, or is in another network. */
  reconnect(): void {
    this.#account.reconnect()
  }

  /** What is said in that conversation is on the screen, with the window in front. */
  async read(address: string): Promise<void> {
    this.#options.settled({ kind: 'message', person: this.#idOf(address) })
    await this.conversations.read(address)
  }

  /** Nothing of a conversation is kept on this computer. */
  async forget(address: string): Promise<void> {
    await this.conversations.forget(address)
    this.people.forget(address)
    this.#viewedNews.reordered(this.#idOf(address))
  }

  /** The history begins anew. */
  historyLost(): void {
    this.#keepContacts()
    this.faces.saveAgain()
    // What is on the screen has other names from now on.
    const viewed = this.#options.viewing()
    if (viewed !== undefined && splitPersonId(viewed).account === this.address)
      this.#viewedNews.reordered(viewed)
    if (this.core !== undefined) this.conversations.attachAgain(this.core)
  }

  async removeContact(address: string): Promise<void> {
    if (this.people.isContact(address)) await this.plumb.removeContact(address)
  }

  /** For all who see us, as the window has drawn it; null takes it away. Throws as `publishAvatar`. */
  async publishPicture(bytes: Uint8Array | null): Promise<void> {
    const { acquaintances } = this.plumb
    if (bytes === null) await acquaintances.removePicture(this.faces.pictureOf(this.address) ?? undefined)
    else await acquaintances.publishPicture(requireOwnPicture(bytes))
  }

  /** Throws `cannot-write`. */
  changeStatus(status: OwnStatus): void {
    this.#options.ports.settings.setStatus(this.address, status)
    this.presenceChanged()
  }

  /** Something about what others are told of us is another. */
  presenceChanged(): void {
    this.core?.tellPresence()
    this.#options.selfChanged()
  }

  /** Throws as `Plumb.block`. */
  async block(address: string): Promise<void> {
    const { plumb } = this
    this.#endAllWith(address)
    // Behind what tells them so: later they would hear nothing of it.
    await setImmediate()
    await plumb.block(address)
  }

  changePolicy(address: string, policy: ContactPolicy): void {
    this.#options.ports.settings.setPolicy(this.address, address, policy)
    this.people.touch(address)
  }

  /** Throws `not-allowed` where files may not go to this person. */
  requireMaySend(person: string): void {
    this.#requireNotBlocked(person)
    if (this.#maySeeAddresses(person)) return
    const name = shownName(person, undefined)
    throw new Failure('not-allowed', say('sending.shows-address', { name }))
  }

  /** A transfer of this account is in another state. */
  transferChanged(address: string, { shown }: TransferRecord): void {
    const { id, person, direction, name, state } = shown
    const { ports } = this.#options
    if (!isOver(shown) || ports.isInFront()) return
    const from = this.people.nameOf(address)
    const about = { kind: 'transfer', transfer: id, person } as const
    if (state.kind === 'done') {
      const body =
        direction === 'in'
          ? say('notification.received', { name, person: from })
          : say('notification.sent', { name, person: from })
      this.#options.attend({ title: say('notification.transferred'), body, about })
    } else if (
      state.kind === 'failed' &&
      !['cancelled', 'declined', 'interrupted'].includes(state.failure.code)
    ) {
      const body = say('notification.why-stopped', { name, problem: state.failure.message })
      this.#options.attend({ title: say('notification.stopped'), body, about })
    }
  }

  // ------------------------------------------------------------------------------------------- account

  #plumbOptions(): Omit<PlumbOptions, 'jid' | 'password' | 'resource' | 'server'> {
    const { address } = this.#options
    const { settings, ca, allowLoopback, stateFolder } = this.#options.ports
    return {
      tls: 'required',
      ca,
      sendReceipts: () => settings.settings.sendReceipts,
      accept: peer => this.receiving.mayOffer(peer.split('/')[0] ?? peer),
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
      presence: () => {
        const { show, text } = settings.statusOf(address)
        const idleSince = this.#options.idleSince()
        return { show: show === 'online' && idleSince !== undefined ? 'away' : show, status: text, idleSince }
      },
      roster: this.#keptRoster,
      state: stateFolder,
    }
  }

  #signedIn(plumb: Plumb): void {
    const { transfers } = this.#options
    this.#change.forget()
    this.people.attach(plumb)
    this.faces.attach(plumb)
    this.conversations.attach(plumb)
    plumb.on('requests', () => this.#options.requestsChanged())
    plumb.on('blocked', () => this.#blockedChanged(plumb))
    plumb.on('contacts', () => {
      this.#keepContacts()
      void this.receiving.refresh()
    })
    this.#keepContacts()
    plumb.on('offered', offer => void this.receiving.offered(offer))
    plumb.on('transfer', event => {
      if (event.event === 'failed') this.receiving.ended(event.transfer)
      transfers.apply(event)
      if (event.event === 'paused') this.sending.paused(event.transfer)
      // Somebody took it off the list: it is not wanted any more.
      if (event.event === 'connected' && !transfers.wants(event.transfer)) plumb.cancel(event.transfer)
      if (event.event === 'done' && transfers.has(event.transfer)) void this.#markForeign(event.transfer)
    })
    const over = transfers.shown.filter(isOver)
    plumb.restore()
    // Cancelled while nobody was signed in.
    for (const { id } of over) if (plumb.has(id)) plumb.cancel(id)
    this.sending.goOn(plumb.unsent)
    transfers.endLeft(this.address, id => this.sending.has(id) || plumb.has(id))
    plumb.forgetUnsent(id => this.sending.has(id))
    this.#options.requestsChanged()
    this.#blockedChanged(plumb)
  }

  #signedOut(): void {
    this.conversations.detach()
    this.#viewedNews.stop()
    this.people.clear()
    this.faces.detach()
    this.#options.signedOut()
  }

  async #markForeign(id: string): Promise<void> {
    const { shown, path } = this.#options.transfers.get(id)
    if (shown.direction === 'in' && path !== null) await this.#options.ports.shell.markAsForeign(path)
  }

  // -------------------------------------------------------------------------------------------- people

  #idOf(address: string): PersonId {
    return personId(this.address, address)
  }

  #policyOf(person: string): ContactPolicy {
    return this.#options.ports.settings.policyOf(this.address, person)
  }

  /** A contact, or the own account on another device. */
  #isKnown(person: string): boolean {
    return this.people.isContact(person) || person === this.address
  }

  #isBlocked(person: string): boolean {
    return this.core?.isBlocked(person) ?? false
  }

  #requireNotBlocked(person: string): void {
    if (!this.#isBlocked(person)) return
    throw new Failure('not-allowed', say('blocking.blocked', { name: this.people.nameOf(person) }))
  }

  /** Here or on another device of ours. */
  #blockedChanged(plumb: Plumb): void {
    const underWay = this.#options.transfers.shown.filter(each => !isOver(each))
    for (const person of new Set([...this.receiving.offers, ...underWay].map(each => each.person))) {
      const { account, address } = splitPersonId(person)
      if (account === this.address && plumb.isBlocked(address)) this.#endAllWith(address)
    }
    this.people.touchAll()
    this.#options.selfChanged()
  }

  /** Files on their way, and those that wait for an answer. */
  #endAllWith(address: string): void {
    const person = this.#idOf(address)
    for (const offer of this.receiving.offers)
      if (offer.person === person) this.receiving.decline(offer.transfer)
    for (const shown of this.#options.transfers.shown) {
      if (shown.person !== person || isOver(shown) || this.sending.cancel(shown.id)) continue
      if (this.core?.has(shown.id)) this.core.cancel(shown.id)
    }
  }

  #maySeeAddresses(person: string): boolean {
    return this.#isKnown(person) || this.#options.ports.settings.settings.whoSeesAddresses === 'accepted'
  }

  /** Somebody wrote, and it is not on the screen. */
  #arrived(address: string, text: string): void {
    if (this.#options.ports.isInFront() || !this.#isShown) return
    const isContact = this.people.isContact(address)
    // A stranger who writes on and on is notified once.
    if (!isContact && this.people.unreadOf(address) > 1) return
    this.#options.attend({
      title: this.people.nameOf(address),
      // What strangers write is nothing to be put before everybody's eyes.
      body: isContact ? harmlessLine(text, MAX_PREVIEW_LENGTH) : say('notification.stranger'),
      about: { kind: 'message', person: this.#idOf(address) },
    })
  }

  /** What came while there was no connection is told once for each of our contacts. */
  #missed(address: string, unread: number): void {
    if (unread === 0 || this.#options.ports.isInFront() || !this.people.isContact(address)) return
    this.#options.attend({
      title: this.people.nameOf(address),
      body: say('notification.missed', { count: unread }),
      about: { kind: 'message', person: this.#idOf(address) },
    })
  }

  /** For the next start, so that they are there before the server has answered. */
  #keepContacts(): void {
    const { core } = this
    if (core === undefined) return
    const { history } = this.#options.ports
    history
      .saveContacts(this.address, core.contacts, core.roster?.version ?? null)
      .catch(this.#options.notKept)
  }

  #isRead(address: string): boolean {
    return this.#options.viewing() === this.#idOf(address) && this.#options.ports.isInFront()
  }

  #offerRaised(address: string, offer: Offer): void {
    const { transfer, name, size, files } = offer
    if (this.#options.ports.isInFront()) return
    const person = this.people.nameOf(address)
    this.#options.attend({
      title: files === null ? say('notification.file', { person }) : say('notification.folder', { person }),
      body: size === null ? name : say('notification.name-and-size', { name, size: inUnits(size) }),
      about: { kind: 'offer', transfer, person: offer.person },
    })
  }
}
