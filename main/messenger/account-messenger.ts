import { harmlessLine } from '../../shared/harmless-text.ts'
import { inUnits } from '../../shared/in-units.ts'
import type { EventName, EventValue } from '../../shared/ipc/events.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { Message } from '../../shared/model/message.ts'
import type { ContactPolicy } from '../../shared/model/person.ts'
import { type PersonId, personId } from '../../shared/model/person-id.ts'
import type { Offer } from '../../shared/model/shown-transfer.ts'
import type { AccountState, ServerPlace, SubscriptionRequest } from '../../shared/model/window-state.ts'
import type { Plumb, PlumbOptions } from '../plumb.ts'
import { Account, type Credentials } from './account.ts'
import { Conversations } from './conversations.ts'
import { MemoryHistory } from './history.ts'
import { People, shownName } from './people.ts'
import type { Attention, MessengerPorts } from './ports.ts'
import { Receiving } from './receiving.ts'
import { Sending } from './sending.ts'
import { isOver, type TransferRecord } from './transfer-record.ts'
import type { Transfers } from './transfers.ts'

export interface AccountMessengerOptions {
  /** Bare JID. */
  readonly address: string
  readonly server: ServerPlace | null
  readonly ports: MessengerPorts
  /** Of all accounts. */
  readonly transfers: Transfers
  /** Whose conversation the window shows. */
  readonly viewing: () => PersonId | undefined
  readonly push: <N extends EventName>(name: N, value: EventValue<N>) => void
  readonly changed: () => void
  readonly tell: (text: string) => void
  readonly attend: (attention: Attention) => void
  readonly settled: (about: Attention['about']) => void
  readonly offersChanged: () => void
  readonly requestsChanged: () => void
  readonly unreadChanged: () => void
  /** Its people are shown from now on. */
  readonly opened: () => void
  readonly signedOut: () => void
}

const MAX_PREVIEW_LENGTH = 120
/** People in the list who are no contacts: what further ones write is not taken. */
const MAX_STRANGERS = 100

/** All of one account: whether it is signed in, its people, its conversations, and what it sends and receives. */
export class AccountMessenger {
  /** Bare JID. */
  readonly address: string
  readonly people: People
  readonly conversations: Conversations
  readonly sending: Sending
  readonly receiving: Receiving
  readonly #options: AccountMessengerOptions
  readonly #account: Account
  readonly #history = new MemoryHistory()

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
      portTaken: failure =>
        options.tell(
          `${failure.message} Until Plumb is started again, direct connections take any free one.`,
        ),
      opened: () => {
        this.people.open()
        options.opened()
      },
      signingOut: () => this.sending.suspendAll(),
      signedIn: plumb => this.#signedIn(plumb),
      signedOut: () => this.#signedOut(),
    })
    this.people = new People({
      account: address,
      policyOf: person => this.#policyOf(person),
      push: (changed, removed) => {
        push('peopleChanged', { changed: [...changed], removed: [...removed] })
        options.unreadChanged()
      },
    })
    this.conversations = new Conversations({
      account: address,
      history: this.#history,
      plumb: () => this.plumb,
      mayWrite: person =>
        this.people.has(person) || this.#isKnown(person) || this.people.strangers < MAX_STRANGERS,
      push: message => push('messagesChanged', [message]),
      said: (person, message) => this.#said(person, message),
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

  /** Undefined before the first connection, and while somebody is signing out. */
  get core(): Plumb | undefined {
    return this.#account.core
  }

  /** The same where it is needed. Throws `not-allowed` or `server-connection-lost`. */
  get plumb(): Plumb {
    return this.#account.plumb
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

  /** The computer woke up, or is in another network. */
  reconnect(): void {
    this.#account.reconnect()
  }

  /** What is said in that conversation is on the screen, with the window in front. */
  read(address: string): void {
    this.people.read(address)
    this.#options.settled({ kind: 'message', person: this.#idOf(address) })
  }

  async removePerson(address: string): Promise<void> {
    if (this.people.isContact(address)) await this.plumb.removeContact(address)
    this.people.forget(address)
  }

  changePolicy(address: string, policy: ContactPolicy): void {
    this.#options.ports.settings.setPolicy(this.address, address, policy)
    this.people.touch(address)
  }

  /** Throws `not-allowed` where files may not go to this person. */
  requireMaySend(person: string): void {
    if (this.#maySeeAddresses(person)) return
    const name = shownName(person, undefined)
    throw new Failure(
      'not-allowed',
      `${name} is not in your contacts, and sending would show them this computer’s address: add them first.`,
    )
  }

  /** A transfer of this account is in another state. */
  transferChanged(address: string, { shown }: TransferRecord): void {
    const { id, person, direction, name, at, state } = shown
    const { ports } = this.#options
    if (
      state.kind === 'preparing' ||
      state.kind === 'waiting' ||
      (direction === 'in' && (state.kind === 'offered' || state.kind === 'connecting'))
    ) {
      const unread = state.kind === 'offered' && !this.#isRead(address)
      this.people.said(address, { kind: 'file', direction, text: name, at }, unread)
    }
    if (!isOver(shown) || ports.isInFront()) return
    const from = this.people.nameOf(address)
    const about = { kind: 'transfer', transfer: id, person } as const
    if (state.kind === 'done') {
      const body = direction === 'in' ? `${name} from ${from} is here.` : `${from} has ${name}.`
      this.#options.attend({ title: 'File transferred', body, about })
    } else if (
      state.kind === 'failed' &&
      !['cancelled', 'declined', 'interrupted'].includes(state.failure.code)
    ) {
      const body = `${name}: ${state.failure.message}`
      this.#options.attend({ title: 'A transfer stopped', body, about })
    }
  }

  // ------------------------------------------------------------------------------------------- account

  #plumbOptions(): Omit<PlumbOptions, 'jid' | 'password' | 'resource' | 'server'> {
    const { address } = this.#options
    const { settings, ca, allowLoopback, stateFolder } = this.#options.ports
    return {
      tls: 'required',
      ca,
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
      state: stateFolder,
    }
  }

  #signedIn(plumb: Plumb): void {
    const { transfers } = this.#options
    this.people.attach(plumb)
    this.conversations.attach(plumb)
    plumb.on('requests', () => this.#options.requestsChanged())
    plumb.on('contacts', () => void this.receiving.refresh())
    plumb.on('offered', offer => void this.receiving.offered(offer))
    plumb.on('transfer', event => {
      if (event.event === 'failed') this.receiving.ended(event.transfer)
      transfers.apply(event)
      if (event.event === 'paused') this.sending.paused(event.transfer)
      // Somebody took it off the list: it is not wanted any more.
      if (event.event === 'connected' && !transfers.has(event.transfer)) plumb.cancel(event.transfer)
      if (event.event === 'done' && transfers.has(event.transfer)) void this.#arrived(event.transfer)
    })
    const over = transfers.shown.filter(isOver)
    plumb.restore()
    // Cancelled while nobody was signed in.
    for (const { id } of over) if (plumb.has(id)) plumb.cancel(id)
    this.sending.goOn(plumb.unsent)
    transfers.endLeft(this.address, id => this.sending.has(id) || plumb.has(id))
    plumb.forgetUnsent(id => this.sending.has(id))
    this.#options.requestsChanged()
  }

  #signedOut(): void {
    this.#history.clear()
    this.people.clear()
    this.#options.signedOut()
  }

  async #arrived(id: string): Promise<void> {
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

  #maySeeAddresses(person: string): boolean {
    return this.#isKnown(person) || this.#options.ports.settings.settings.whoSeesAddresses === 'accepted'
  }

  #said(address: string, message: Message): void {
    const { person, direction, text, at } = message
    const unread = direction === 'in' && !this.#isRead(address)
    const isFirst = this.people.unreadOf(address) === 0
    this.people.said(address, { kind: 'message', direction, text, at }, unread)
    if (direction === 'out' || this.#options.ports.isInFront()) return
    const isContact = this.people.isContact(address)
    // A stranger who writes on and on is notified once.
    if (!isContact && !isFirst) return
    this.#options.attend({
      title: this.people.nameOf(address),
      // What strangers write is nothing to be put before everybody's eyes.
      body: isContact
        ? harmlessLine(text, MAX_PREVIEW_LENGTH)
        : 'Somebody who is not in your contacts wrote to you.',
      about: { kind: 'message', person },
    })
  }

  #isRead(address: string): boolean {
    return this.#options.viewing() === this.#idOf(address) && this.#options.ports.isInFront()
  }

  #offerRaised(address: string, offer: Offer): void {
    const { person, transfer, name, size, files } = offer
    if (this.#options.ports.isInFront()) return
    this.#options.attend({
      title: `${this.people.nameOf(address)} wants to send you a ${files === null ? 'file' : 'folder'}`,
      body: size === null ? name : `${name}, ${inUnits(size)}`,
      about: { kind: 'offer', transfer, person },
    })
  }
}
