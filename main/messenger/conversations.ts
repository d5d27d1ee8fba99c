import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { harmlessText } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { Message, MessagePage, PageWhere } from '../../shared/model/message.ts'
import { personId } from '../../shared/model/person-id.ts'
import type { Settings } from '../../shared/model/settings.ts'
import { say } from '../../shared/words/say.ts'
import { reportBug } from '../plumb/report-bug.ts'
import type { Plumb } from '../plumb.ts'
import type { HistoryCalls } from '../store/history/history.ts'
import type { ArchiveAnswer, HistoryPage, LiveAnswer, LiveNote, Summary } from '../store/history/shapes.ts'
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
  /** Throws `not-allowed` where nothing may be sent to this person. */
  readonly requireMayWrite: (person: string) => void
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
  /** Somebody wrote while there was no connection. */
  readonly missed: (person: string) => void
  /** All that they wrote was read on another device. */
  readonly readElsewhere: (person: string) => void
  readonly typing: (person: string, device: string, state: ChatState) => void
  /** Something could not be written down. */
  readonly notKept: (failure: Failure) => void
}

/** How long is waited until the archive is asked again. */
const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 300_000

/** A session at the server, which may outlive its connection. */
interface Session {
  readonly plumb: Plumb
  readonly ended: AbortController
  /** By the ids of our messages: on their way to the server. */
  readonly underWay: Set<string>
  /** Who wrote something that came out of the archive, and was not told of yet. */
  readonly missed: Set<string>
  /** It could not be read: what comes is told of at once. */
  isArchiveDown: boolean
  /** `open`: what is written is sent at once; `waiting`: after what waits; `cut-off`: once there is a connection again. */
  state: 'waiting' | 'open' | 'cut-off'
  /** Ends the wait before the archive is asked again. */
  wake: AbortController
  marksRead: boolean
  /** While that is going on. */
  comingInStep: Promise<void> | undefined
  sendingWaiting: Promise<void> | undefined
}

/** The newest message that was read, by the names that others have for it. */
interface Marker {
  readonly stanzaId: string | null
  readonly archiveId: string | null
}

/** One-to-one messages on all of our devices, with what became of them. */
export class Conversations {
  readonly #options: ConversationsOptions
  readonly #sync: ArchiveSync
  #session: Session | undefined
  /** What was told to each person last. */
  readonly #told = new Map<string, ChatState>()
  /** How far was read here, where that could not be told yet, by bare JID. */
  readonly #untold = new Map<string, Marker>()
  /** Whose conversation was asked for and may have older messages, while the archive could not be read. */
  readonly #unfinished = new Set<string>()

  constructor(options: ConversationsOptions) {
    this.#options = options
    const { account, history, mayWrite } = options
    this.#sync = new ArchiveSync({ account, history, mayWrite })
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
    plumb.on('interrupted', () => this.#cutOff())
    plumb.on('reconnected', () => this.#resumed())
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
    this.#told.clear()
    this.#unfinished.clear()
  }

  /** A piece of a conversation; older ones come out of the archive where the history has no more. */
  async page(person: string, where: PageWhere, limit: number): Promise<MessagePage> {
    const { account, history } = this.#options
    const page = await history.page(account, person, where, limit)
    const session = this.#session
    const isBackwards = where.kind === 'before' || where.kind === 'newest'
    if (page.messages.length >= limit || page.older || !isBackwards) {
      return inFull(page, page.older || (await this.#mayHaveOlder(person)))
    }
    if (session === undefined || session.state === 'cut-off' || this.#sync.isBehind) {
      const older = await this.#mayHaveOlder(person)
      if (older) this.#unfinished.add(person)
      // What is complete by now may have become so behind the page.
      return inFull(older ? page : await history.page(account, person, where, limit), older)
    }
    const { support, archive } = session.plumb.talk
    if (!support.archive) return inFull(page, false)
    const found = await this.#sync.readBack(archive, person, session.ended.signal, answer =>
      this.#noted(answer),
    )
    const again = found ? await history.page(account, person, where, limit) : page
    return inFull(again, again.older || (await this.#mayHaveOlder(person)))
  }

  /** Resolves once it is kept, as it is on its way. Throws `not-allowed` for an empty one, `cannot-write`. */
  async send(person: string, text: string): Promise<Message> {
    const { account, history, requireMayWrite } = this.#options
    requireMayWrite(person)
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
    if (answer.kind !== 'new') throw new Failure('not-allowed', say('message.no-more'))
    this.#told.set(person, 'active')
    this.#options.summarize([answer.summary])
    this.#options.push([answer.message])
    this.#sendNow(person, answer.message)
    return answer.message
  }

  /** Another text in the place of the last that was sent. Throws `not-allowed`, and why it could not be sent. */
  async correct(person: string, id: string, text: string): Promise<Message> {
    const { account, history, requireMayWrite } = this.#options
    requireMayWrite(person)
    const shown = requireText(text)
    const last = await history.lastOwn(account, person)
    const isLast = last?.message.id === id && last.stanzaId !== null
    if (!isLast || last.message.state === 'sending' || last.message.state === 'failed') {
      throw new Failure('not-allowed', say('message.not-last'))
    }
    const replaces = last.stanzaId ?? ''
    const correction = randomUUID()
    const session = this.#session
    if (session === undefined || session.state === 'cut-off') {
      throw new Failure('server-connection-lost', say('server.not-connected'))
    }
    const message = { id: correction, text: shown, replaces, wantsReceipt: false, markable: false }
    await session.plumb.talk.chat.send(person, message)
    this.#told.set(person, 'active')
    const answer = await this.#keep({
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
    const { account, history, requireMayWrite } = this.#options
    requireMayWrite(person)
    const found = await history.find(id)
    const again = found?.message.person === personId(account, person) ? await history.resend(id) : null
    const moved = again && (await history.moveToEnd(id))
    if (moved === null) throw new Failure('not-allowed', say('message.not-waiting'))
    this.#options.summarize([moved.summary])
    this.#options.reorder(person)
    this.#sendNow(person, moved.message)
    return moved.message
  }

  /** All of a conversation was seen. */
  async read(person: string): Promise<void> {
    await this.#readHere(person)
    await this.#tellRead(person)
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
    this.#untold.delete(person)
    const session = this.#session
    if (session === undefined) return
    const { talk } = session.plumb
    // What we sent last does not move our place: it would be told again, and by a clock that may be another than ours.
    if (talk.support.archive) await this.#sync.pass(talk.archive, session.ended.signal).catch(() => {})
    if (talk.support.markers) await talk.markers.forget(person).catch(() => {})
  }

  // ------------------------------------------------------------------------------------------- sessions

  #begin(plumb: Plumb): void {
    this.#session?.ended.abort()
    this.#sync.lost()
    const session: Session = {
      plumb,
      ended: new AbortController(),
      underWay: new Set(),
      missed: new Set(),
      isArchiveDown: false,
      state: 'waiting',
      wake: new AbortController(),
      marksRead: false,
      comingInStep: undefined,
      sendingWaiting: undefined,
    }
    this.#session = session
    this.#guard(this.#goOn(session))
  }

  #cutOff(): void {
    this.#told.clear()
    this.#sync.cutOff()
    if (this.#session !== undefined) this.#session.state = 'cut-off'
  }

  /** There is a connection again; where it is that of another session, that begins right behind this. */
  #resumed(): void {
    const session = this.#session
    this.#sync.resumed()
    if (session?.state !== 'cut-off') return
    session.state = 'waiting'
    session.wake.abort()
    if (session.comingInStep === undefined) this.#guard(this.#goOn(session))
  }

  async #goOn(session: Session): Promise<void> {
    await this.#comeInStep(session)
    if (session.plumb.talk.support.markers && !session.marksRead) await this.#readMarks(session)
    if (!session.ended.signal.aborted) this.#tellMissed(session)
  }

  #tellMissed({ missed }: Session): void {
    for (const person of missed) this.#options.missed(person)
    missed.clear()
  }

  /** Brings what the archive has here, and what waits here to the server, until both are done or the session is over. */
  #comeInStep(session: Session): Promise<void> {
    session.comingInStep ??= this.#tryToComeInStep(session).finally(() => {
      session.comingInStep = undefined
    })
    return session.comingInStep
  }

  async #tryToComeInStep(session: Session): Promise<void> {
    const { plumb, ended } = session
    const { talk } = plumb
    for (let wait = FIRST_RETRY_MS; !ended.signal.aborted; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      session.wake = new AbortController()
      try {
        await talk.askAgain(ended.signal)
        while (talk.support.archive && this.#sync.isBehind) {
          const archived = { archive: talk.archive, isLive: talk.support.carbons }
          await this.#sync.catchUp(archived, ended.signal, answer => this.#noted(answer, session))
          session.isArchiveDown = false
          this.#finish()
        }
        await this.#sendWaiting(session)
        if (!(talk.support.archive && this.#sync.isBehind)) return
      } catch (error) {
        if (ended.signal.aborted) return
        this.#tell(error)
        // An archive that cannot be read holds up nobody's messages, and no news of them.
        session.isArchiveDown = true
        this.#tellMissed(session)
        await this.#sendWaiting(session).catch(() => {})
        const signal = AbortSignal.any([ended.signal, session.wake.signal])
        await delay(wait, undefined, { signal }).catch(() => {})
      }
    }
  }

  /** `session`: where the archive tells what was missed. */
  #noted({ added, changed, summaries, reordered }: ArchiveAnswer, session?: Session): void {
    const { account, summarize, reorder, push } = this.#options
    summarize(summaries)
    for (const person of reordered) reorder(person)
    const elsewhere = new Set(reordered.map(person => personId(account, person)))
    // What is older than all that was known comes with the page of whoever asked for it.
    const inPlace = session === undefined ? [] : added.filter(({ person }) => !elsewhere.has(person))
    if (inPlace.length > 0 || changed.length > 0) push([...inPlace, ...changed])
    if (session === undefined) return
    const wrote = new Set(added.flatMap(({ person, direction }) => (direction === 'in' ? [person] : [])))
    for (const { address, unread } of summaries) {
      if (unread === 0 || !wrote.has(personId(account, address))) continue
      if (this.#options.isRead(address)) this.#guard(this.#readHere(address))
      else session.missed.add(address)
    }
  }

  /** Whoever looked for more than there was while the archive was not read finds it now. */
  #finish(): void {
    for (const person of this.#unfinished) this.#options.reorder(person)
    this.#unfinished.clear()
  }

  /** What was displayed on other devices while this one was away, and here without their hearing of it. */
  async #readMarks(session: Session): Promise<void> {
    const { account, history } = this.#options
    const { plumb, ended } = session
    session.marksRead = true
    try {
      for (const { person, archiveId } of await plumb.talk.markers.readAll(ended.signal)) {
        if (ended.signal.aborted) return
        const { summary, marker } = await history.markRead(account, person, { archiveId })
        if (summary !== null) this.#wasRead(summary)
        if (marker === null || marker.archiveId === null || this.#untold.has(person)) continue
        this.#untold.set(person, { archiveId: marker.archiveId, stanzaId: null })
        await this.#tellRead(person)
      }
    } catch (error) {
      // Unread ones are shown as such once more; that is no harm.
      if (!ended.signal.aborted) this.#tell(error)
    }
  }

  /** Sends what waits, and opens the way for what is written from then on. */
  #sendWaiting(session: Session): Promise<void> {
    session.sendingWaiting ??= this.#sendAllWaiting(session).finally(() => {
      session.sendingWaiting = undefined
    })
    return session.sendingWaiting
  }

  async #sendAllWaiting(session: Session): Promise<void> {
    const { account, history } = this.#options
    const isOver = (): boolean => session.ended.signal.aborted || session.state === 'cut-off'
    for (;;) {
      const unsent = await history.unsent(account)
      if (isOver()) return
      const waiting = unsent.filter(({ id }) => !session.underWay.has(id))
      if (waiting.length === 0) break
      // Sent only now, it is what was said last, here as on all other devices.
      const moved = []
      for (const { id } of waiting) moved.push(await history.moveToEnd(id))
      const last = moved.flatMap(each => each ?? [])
      this.#options.summarize(last.map(({ summary }) => summary))
      for (const person of new Set(last.map(({ summary }) => summary.address))) this.#options.reorder(person)
      if (isOver()) return
      for (const { summary, message } of last) this.#deliver(session, summary.address, message)
    }
    session.state = 'open'
    for (const person of [...this.#untold.keys()]) this.#guard(this.#tellRead(person))
  }

  /** What waits goes first. */
  #sendNow(person: string, message: Message): void {
    if (this.#session?.state === 'open') this.#deliver(this.#session, person, message)
  }

  #deliver(session: Session, person: string, message: Message): void {
    session.underWay.add(message.id)
    this.#guard(this.#bring(session, person, message).finally(() => session.underWay.delete(message.id)))
  }

  async #bring({ plumb }: Session, person: string, { id, text }: Message): Promise<void> {
    try {
      await plumb.talk.chat.send(person, { id, text, wantsReceipt: true, markable: true })
    } catch (error) {
      // It stays, and is sent with the next connection, unless the archive has it by then.
      if (Failure.from(error).code === 'server-connection-lost') return
      return await this.#settle(person, id, 'failed', shownFailure(error).message)
    }
    await this.#settle(person, id, 'sent')
  }

  // ------------------------------------------------------------------------------------------- messages

  async #said(chat: ChatMessage): Promise<void> {
    const { mayWrite, isRead } = this.#options
    const { person, direction, device, id, originId, archiveId, replaces, at, unstyled, markable } = chat
    // Some programs say nothing of that with what they send.
    if (direction === 'in' && chat.chatState === undefined) this.#options.typing(person, device, 'active')
    const text = harmlessText(chat.text)
    if (text.trim() === '' || (direction === 'in' && !mayWrite(person))) return
    const session = this.#session
    const isInStep = !(session?.plumb.talk.support.archive && this.#sync.isBehind)
    const answer = await this.#keep({
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
      standsAlone: isInStep,
      unstyled,
      markable,
    })
    if (archiveId !== undefined) this.#guard(this.#sync.learned(archiveId))
    if (answer.kind === 'ignored') return
    this.#options.summarize([answer.summary])
    this.#options.push([answer.message])
    if (answer.kind !== 'new' || direction === 'out') return
    if (isRead(person)) await this.read(person)
    // A server may keep what was missed for the next device that comes, and tell it beside the archive.
    else if (session?.plumb.talk.support.archive && this.#sync.isBehind && !session.isArchiveDown) {
      session.missed.add(person)
    } else this.#options.arrived(person, answer.message)
  }

  /** What is not kept the archive has to tell again: nothing that comes may move our place beyond it. */
  async #keep(note: LiveNote): Promise<LiveAnswer> {
    const { account, history } = this.#options
    try {
      return await history.noteLive(account, note)
    } catch (error) {
      this.#fellBehind()
      throw error
    }
  }

  #fellBehind(): void {
    const session = this.#session
    this.#sync.missed()
    if (session === undefined || session.state === 'cut-off' || session.comingInStep !== undefined) return
    this.#guard(this.#goOn(session))
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
    if (summary !== null) this.#wasRead(summary)
  }

  #wasRead(summary: Summary): void {
    // Where a mark is all that is known, there is nothing to show.
    if (summary.last !== null) this.#options.summarize([summary])
    if (summary.unread === 0) this.#options.readElsewhere(summary.address)
  }

  async #readHere(person: string): Promise<void> {
    const { account, history } = this.#options
    const { summary, marker } = await history.markRead(account, person, 'all')
    if (summary !== null) this.#options.summarize([summary])
    if (marker === null) return
    // What asked for it stays so, though what came after it did not.
    const stanzaId = marker.stanzaId ?? this.#untold.get(person)?.stanzaId ?? null
    this.#untold.set(person, { ...marker, stanzaId })
  }

  /** Tells our other devices, and the person, how far was read; with the next connection, where this one is lost. */
  async #tellRead(person: string): Promise<void> {
    const marker = this.#untold.get(person)
    const session = this.#session
    if (marker === undefined || session?.state !== 'open') return
    const { chat, markers, support } = session.plumb.talk
    const { stanzaId, archiveId } = marker
    this.#untold.delete(person)
    try {
      if (archiveId !== null && support.markers) await markers.publish({ person, archiveId })
      if (stanzaId !== null && this.#options.settings().sendDisplayed) {
        await chat.sendDisplayed(person, stanzaId)
      }
    } catch (error) {
      // A server that will not have it is not asked again.
      const isLost = Failure.from(error).code === 'server-connection-lost'
      if (isLost && !this.#untold.has(person)) this.#untold.set(person, marker)
    }
  }

  /** Whether there may be something before all that is known; nobody can tell while there was no connection yet. */
  async #mayHaveOlder(person: string): Promise<boolean> {
    const { account, history } = this.#options
    if (this.#session?.plumb.talk.support.archive === false) return false
    return !(await history.archiveEdge(account, person)).complete
  }

  /** What comes from the server ends here, whatever the disk says. What was not kept, the archive still has. */
  #guard(work: Promise<unknown>): void {
    work.catch(error => this.#options.notKept(Failure.from(error)))
  }

  /** What is tried again by itself needs nobody, except where the disk is full. */
  #tell(error: unknown): void {
    const failure = Failure.from(error)
    if (failure.code === 'cannot-write') this.#options.notKept(failure)
    else reportBug(failure)
  }
}

function inFull({ messages, transfers, newer }: HistoryPage, older: boolean): MessagePage {
  return { messages: [...messages], transfers: [...transfers], older, newer }
}

function requireText(text: string): string {
  const shown = harmlessText(text)
  if (shown.trim() === '') throw new Failure('not-allowed', say('message.empty'))
  return shown
}
