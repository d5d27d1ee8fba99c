import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { harmlessText } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { Message, MessagePage, PageWhere } from '../../shared/model/message.ts'
import { personId } from '../../shared/model/person-id.ts'
import type { Settings } from '../../shared/model/settings.ts'
import type { Plumb } from '../plumb.ts'
import type { HistoryCalls } from '../store/history/history.ts'
import type { ArchiveAnswer, HistoryPage, Summary } from '../store/history/shapes.ts'
import type { ChatMessage } from '../xmpp/chat.ts'
import type { ChatState } from '../xmpp/xep-0085.ts'
import { ArchiveSync } from './archive-sync.ts'
import { shownFailure } from './shown-failure.ts'

export interface ConversationsOptions {
  /** Our own bare JID. */
  readonly account: string
  readonly history: HistoryCalls
  readonly settings: () => Settings
  /** Whether what somebody wrote is taken at all. */
  readonly mayWrite: (person: string) => boolean
  /** Whether a conversation is on the screen, with the window in front. */
  readonly isRead: (person: string) => boolean
  /** What the list of people shows of these conversations is another. */
  readonly summarize: (summaries: readonly Summary[]) => void
  /** New messages, at the end of their conversation, and those that are shown otherwise now. */
  readonly push: (messages: readonly Message[]) => void
  /** Something came to stand elsewhere than at the end: what was read of this conversation has to be read anew. */
  readonly reorder: (person: string) => void
  /** Somebody wrote, and it was not read yet. */
  readonly arrived: (person: string, message: Message) => void
  /** After a time without a connection: how many messages of theirs are not read yet. */
  readonly missed: (person: string, unread: number) => void
  readonly typing: (person: string, device: string, state: ChatState) => void
  /** Something could not be written down. */
  readonly notKept: (failure: Failure) => void
}

/** How long is waited until the archive is asked again. */
const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 300_000

/** A connection to the server, until it is lost. */
interface Session {
  readonly plumb: Plumb
  readonly ended: AbortController
  /** In step with the archive: what waits to be sent is sent, and what comes moves our place in it. */
  ready: boolean
}

/** One-to-one messages on all of our devices, with what became of them. */
export class Conversations {
  readonly #options: ConversationsOptions
  readonly #sync: ArchiveSync
  #session: Session | undefined
  /** On their way to the server. */
  readonly #underWay = new Set<string>()
  /** What was told to each person last. */
  readonly #told = new Map<string, ChatState>()

  constructor(options: ConversationsOptions) {
    this.#options = options
    const { account, history } = options
    this.#sync = new ArchiveSync({ account, history, noted: answer => this.#noted(answer) })
  }

  /** Follows what is said, from the first session on. */
  attach(plumb: Plumb): void {
    const { chat, markers } = plumb.talk
    chat.on('message', message => this.#guard(this.#said(message)))
    chat.on('receipt', ({ from, id }) => this.#guard(this.#settle(from, id, 'delivered')))
    chat.on('displayed', ({ person, id, direction }) => {
      if (direction === 'in') this.#guard(this.#settle(person, id, 'displayed'))
      else this.#guard(this.#readElsewhere(person, { stanzaId: id }))
    })
    chat.on('message-failed', ({ to, id, failure }) => {
      this.#guard(this.#settle(to, id, 'failed', failure.message))
    })
    chat.on('chat-state', ({ from, person, state }) => this.#options.typing(person, from, state))
    markers.on('displayed', ({ person, archiveId }) => {
      this.#guard(this.#readElsewhere(person, { archiveId }))
    })
    plumb.on('session', () => this.#begin(plumb))
    plumb.on('interrupted', () => this.#told.clear())
    this.#begin(plumb)
  }

  /** The history begins anew: the archive has what was in it. */
  attachAgain(plumb: Plumb): void {
    this.#begin(plumb)
  }

  /** Signed out: what waits to be sent waits for the next time. */
  detach(): void {
    this.#session?.ended.abort()
    this.#session = undefined
    this.#sync.lost()
    this.#underWay.clear()
    this.#told.clear()
  }

  /** A piece of a conversation; older ones come out of the archive where the history has no more. */
  async page(person: string, where: PageWhere, limit: number): Promise<MessagePage> {
    const { account, history } = this.#options
    const page = await history.page(account, person, where, limit)
    const session = this.#session
    const isBackwards = where.kind === 'before' || where.kind === 'newest'
    if (page.messages.length >= limit || page.older || !isBackwards || session === undefined) {
      return inFull(page, page.older || (await this.#hasOlder(person)))
    }
    const found =
      session.plumb.talk.support.archive && session.ready
        ? await this.#sync.readBack(session.plumb.talk.archive, person, session.ended.signal)
        : false
    const again = found ? await history.page(account, person, where, limit) : page
    return inFull(again, again.older || (found && (await this.#hasOlder(person))))
  }

  /** Resolves once it is kept, as it is on its way. Throws `not-allowed` for an empty one, `cannot-write`. */
  async send(person: string, text: string): Promise<Message> {
    const { account, history } = this.#options
    const shown = requireText(text)
    const id = randomUUID()
    const answer = await history.noteLive(account, {
      address: person,
      direction: 'out',
      text: shown,
      at: Date.now(),
      state: 'sending',
      id,
      stanzaId: id,
      originId: id,
    })
    if (answer.kind !== 'new') throw new Failure('not-allowed', 'That conversation takes no more messages.')
    this.#told.set(person, 'active')
    this.#options.summarize([answer.summary])
    this.#options.push([answer.message])
    // What waits goes first.
    if (this.#session?.ready) void this.#deliver(this.#session.plumb, person, answer.message)
    return answer.message
  }

  /** Another text in the place of the last that was sent. Throws `not-allowed`, and why it could not be sent. */
  async correct(person: string, id: string, text: string): Promise<Message> {
    const { account, history } = this.#options
    const shown = requireText(text)
    const last = await history.lastOwn(account, person)
    const isLast = last?.message.id === id && last.stanzaId !== null
    if (!isLast || last.message.state === 'sending' || last.message.state === 'failed') {
      throw new Failure('not-allowed', 'Only the last message that was sent can be corrected.')
    }
    const replaces = last.stanzaId ?? ''
    const correction = randomUUID()
    const session = this.#session
    if (session === undefined) {
      throw new Failure(
        'server-connection-lost',
        'There is no connection to the server right now: try again later.',
      )
    }
    const message = { id: correction, text: shown, replaces, wantsReceipt: false, markable: false }
    await session.plumb.talk.chat.send(person, message)
    const answer = await history.noteLive(account, {
      address: person,
      direction: 'out',
      text: shown,
      at: Date.now(),
      state: 'sent',
      stanzaId: correction,
      originId: correction,
      replaces,
    })
    if (answer.kind === 'ignored') return last.message
    this.#options.summarize([answer.summary])
    this.#options.push([answer.message])
    return answer.message
  }

  /** Tries a failed one again. Throws `not-allowed` for any other. */
  async resend(person: string, id: string): Promise<Message> {
    const { history } = this.#options
    const again = await history.resend(id)
    if (again === null) throw new Failure('not-allowed', 'That message does not wait to be sent.')
    const moved = await history.moveToEnd(id)
    const message = moved?.message ?? again
    if (moved !== null) this.#options.summarize([moved.summary])
    this.#options.reorder(person)
    if (this.#session?.ready) void this.#deliver(this.#session.plumb, person, message)
    return message
  }

  /** All of a conversation was seen. */
  async read(person: string): Promise<void> {
    const { account, history, settings } = this.#options
    const { summary, marker } = await history.markRead(account, person, 'all')
    if (summary !== null) this.#options.summarize([summary])
    const talk = this.#session?.plumb.talk
    if (marker === null || talk === undefined) return
    // Told again at the next time, where it is lost with the connection.
    const { stanzaId, archiveId } = marker
    if (archiveId !== null && talk.support.markers) {
      await talk.markers.publish({ person, archiveId }).catch(() => {})
    }
    if (stanzaId !== null && settings().sendDisplayed) {
      await talk.chat.sendDisplayed(person, stanzaId).catch(() => {})
    }
  }

  /** What the person at this computer does in a conversation right now. */
  tellState(person: string, state: ChatState): void {
    const { settings } = this.#options
    const before = this.#told.get(person) ?? 'active'
    if (!settings().sendTyping || this.#session === undefined || before === state) return
    this.#told.set(person, state)
    void this.#session.plumb.talk.chat.sendChatState(person, state)
  }

  /** Nothing of it is kept on this computer. */
  async forget(person: string): Promise<void> {
    const { account, history } = this.#options
    await history.deletePerson(account, person)
    await this.#session?.plumb.talk.markers.forget(person).catch(() => {})
  }

  // ------------------------------------------------------------------------------------------- sessions

  #begin(plumb: Plumb): void {
    this.#session?.ended.abort()
    this.#sync.lost()
    const session: Session = { plumb, ended: new AbortController(), ready: false }
    this.#session = session
    this.#guard(this.#start(session))
  }

  async #start(session: Session): Promise<void> {
    const { plumb, ended } = session
    const { talk } = plumb
    const before = new Map<string, number>()
    if (talk.support.archive) await this.#catchUp(session, before)
    if (ended.signal.aborted) return
    session.ready = true
    if (talk.support.markers) await this.#readMarks(session)
    await this.#sendWaiting(session)
    for (const [person, unread] of before) this.#options.missed(person, unread)
  }

  /** Until it is done, or the session is over. */
  async #catchUp({ plumb, ended }: Session, missed: Map<string, number>): Promise<void> {
    for (let wait = FIRST_RETRY_MS; !ended.signal.aborted; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      try {
        this.#missed = missed
        await this.#sync.catchUp(plumb.talk.archive, ended.signal)
        return
      } catch (error) {
        if (ended.signal.aborted) return
        shownFailure(error)
        await delay(wait, undefined, { signal: ended.signal }).catch(() => {})
      } finally {
        this.#missed = undefined
      }
    }
  }

  /** While catching up: how much of each conversation is not read. */
  #missed: Map<string, number> | undefined

  #noted({ added, changed, summaries, reordered }: ArchiveAnswer): void {
    this.#options.summarize(summaries)
    const elsewhere = new Set(reordered)
    for (const person of elsewhere) this.#options.reorder(person)
    const { account } = this.#options
    const inPlace = added.filter(
      ({ person }) => ![...elsewhere].some(each => personId(account, each) === person),
    )
    if (inPlace.length > 0 || changed.length > 0) this.#options.push([...inPlace, ...changed])
    for (const { address, unread } of summaries) {
      const isNew = added.some(
        ({ person, direction }) => direction === 'in' && person === personId(account, address),
      )
      if (isNew && unread > 0) this.#missed?.set(address, unread)
      if (isNew && this.#options.isRead(address)) this.#guard(this.read(address))
    }
  }

  /** What was displayed on other devices while this one was away. */
  async #readMarks({ plumb, ended }: Session): Promise<void> {
    try {
      for (const { person, archiveId } of await plumb.talk.markers.readAll(ended.signal)) {
        await this.#readElsewhere(person, { archiveId })
      }
    } catch (error) {
      // Unread ones are shown as such once more; that is no harm.
      if (!ended.signal.aborted) shownFailure(error)
    }
  }

  async #sendWaiting({ plumb, ended }: Session): Promise<void> {
    const { account, history } = this.#options
    for (const { id } of await history.unsent(account)) {
      if (ended.signal.aborted) return
      if (this.#underWay.has(id)) continue
      // Sent only now, it is what was said last, here as on all other devices.
      const moved = await history.moveToEnd(id)
      if (moved === null) continue
      const { address } = moved.summary
      this.#options.summarize([moved.summary])
      this.#options.reorder(address)
      void this.#deliver(plumb, address, moved.message)
    }
  }

  async #deliver(plumb: Plumb, person: string, { id, text }: Message): Promise<void> {
    this.#underWay.add(id)
    try {
      await plumb.talk.chat.send(person, { id, text, wantsReceipt: true, markable: true })
      await this.#settle(person, id, 'sent')
    } catch (error) {
      // It stays, and is sent with the next session, unless the archive has it by then.
      if (Failure.from(error).code === 'server-connection-lost') return
      await this.#settle(person, id, 'failed', shownFailure(error).message)
    } finally {
      this.#underWay.delete(id)
    }
  }

  // ------------------------------------------------------------------------------------------- messages

  async #said(chat: ChatMessage): Promise<void> {
    const { account, history, mayWrite, isRead } = this.#options
    const { person, direction, device, id, originId, archiveId, replaces, at } = chat
    const text = harmlessText(chat.text)
    if (text.trim() === '' || (direction === 'in' && !mayWrite(person))) return
    const answer = await history.noteLive(account, {
      address: person,
      direction,
      text,
      at: at.getTime(),
      state: direction === 'in' ? 'received' : 'sent',
      stanzaId: id,
      originId,
      archiveId,
      device,
      replaces,
    })
    if (archiveId !== undefined) await this.#sync.learned(archiveId)
    if (answer.kind === 'ignored') return
    this.#options.summarize([answer.summary])
    this.#options.push([answer.message])
    if (answer.kind !== 'new' || direction === 'out') return
    if (isRead(person)) await this.read(person)
    else this.#options.arrived(person, answer.message)
  }

  async #settle(
    person: string,
    id: string,
    to: 'sent' | 'delivered' | 'displayed' | 'failed',
    failure?: string,
  ): Promise<void> {
    const { account, history } = this.#options
    const changed = await history.settle(account, person, id, to, failure)
    if (changed.length > 0) this.#options.push(changed)
  }

  async #readElsewhere(
    person: string,
    upTo: { readonly archiveId: string } | { readonly stanzaId: string },
  ): Promise<void> {
    const { account, history } = this.#options
    const { summary } = await history.markRead(account, person, upTo)
    if (summary !== null) this.#options.summarize([summary])
  }

  async #hasOlder(person: string): Promise<boolean> {
    const { account, history } = this.#options
    const session = this.#session
    if (session === undefined || !session.plumb.talk.support.archive) return false
    return !(await history.archiveEdge(account, person)).complete
  }

  /** What comes from the server ends here, whatever the disk says. What was not kept, the archive still has. */
  #guard(work: Promise<unknown>): void {
    work.catch(error => this.#options.notKept(Failure.from(error)))
  }
}

function inFull({ messages, transfers, newer }: HistoryPage, older: boolean): MessagePage {
  return { messages: [...messages], transfers: [...transfers], older, newer }
}

function requireText(text: string): string {
  const shown = harmlessText(text)
  if (shown.trim() === '') throw new Failure('not-allowed', 'There is nothing in that message.')
  return shown
}
