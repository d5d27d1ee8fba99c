import { assertNever } from '../../shared/assert-never.ts'
import type { CandidateFailure } from './errors.ts'
import { type Fingerprints, matchesPin } from './fingerprint.ts'
import { equalInConstantTime } from './key.ts'
import { concatBytes, type Line, readLine } from './line.ts'

/*
 * The conversation on one TCP connection (XEP-0046, "The handshake"; rules S1 to S5), once for the dialer
 * and once for the acceptor. Both are pure: a state and an input give the next state and effects, which are
 * data. Whoever feeds a machine carries the effects out in their order.
 */

/** Who sent the iq-set and who answered it. Independent of who dialed (N4). */
export type Role = 'requestor' | 'responder'

/** How often a dialer may send a command that is answered with `error` before the connection is closed (S3). */
export const MAX_TRIES = 5

/** What may wait on a connection that is not decided yet: a peer has no reason to send any of it. */
const MAX_WAITING_BYTES = 64 * 1024

/** What a session lays down for every connection of it. */
export interface Terms {
  readonly role: Role
  /** The key that the peer uses for us. */
  readonly ourKey: string
  /** The key that we use for the peer. */
  readonly theirKey: string
  /** Whether a channel without TLS may be taken. */
  readonly plaintextAllowed: boolean
  /** The fingerprints of the peer's certificate; absent with a peer that knows only the XEP. */
  readonly pinned: Fingerprints | undefined
}

/** What is known of the channel's protection: `verified` means that the peer's certificate is the pinned one. */
export interface Protection {
  readonly encrypted: boolean
  readonly verified: boolean
}

export type HandshakeInput =
  | { readonly kind: 'received'; readonly bytes: Uint8Array }
  /** TLS is up; the digests of the certificate that the peer showed, if it showed one. */
  | { readonly kind: 'secured'; readonly certificate: Fingerprints | undefined }
  /** The race has chosen this connection. */
  | { readonly kind: 'committed' }
  /** The race has chosen another one, or is over. */
  | { readonly kind: 'discarded' }

export type HandshakeEffect =
  | { readonly kind: 'send'; readonly line: string }
  /** `trailing`: what came behind the line's LF, the first bytes of TLS and nothing else (S5). */
  | { readonly kind: 'start-tls'; readonly trailing: Uint8Array }
  /** Nothing is missing but the requestor's word (What decides): the race answers committed or discarded. */
  | { readonly kind: 'ready' }
  /** The channel stands. `trailing`: the first bytes of application data (S5). */
  | ({ readonly kind: 'established'; readonly trailing: Uint8Array } & Protection)
  | { readonly kind: 'failed'; readonly reason: CandidateFailure }

/** The next state and what is to be done, in this order. */
export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

const NOTHING = new Uint8Array()

/** Established, failed or discarded: nothing that comes now has an effect. */
interface Over {
  readonly kind: 'over'
}

const OVER: Over = { kind: 'over' }

// ---------------------------------------------------------------------------------------------- dialer

export interface DialerTerms extends Terms {
  /** Whether `starttls` is sent at all (S2). */
  readonly askForTls: boolean
}

type OpenDialer = { readonly terms: DialerTerms; readonly buffer: Uint8Array } & (
  | { readonly kind: 'awaiting-tls-answer' }
  | { readonly kind: 'awaiting-tls' }
  | ({ readonly kind: 'awaiting-key-answer' } & Protection)
  | ({ readonly kind: 'awaiting-verdict' } & Protection)
)

export type DialerState = OpenDialer | Over

type DialerStep = Step<DialerState, HandshakeEffect>

/** A TCP connection that we opened stands: says the first line. */
export function startDialer(terms: DialerTerms): DialerStep {
  if (terms.askForTls) {
    return {
      state: { kind: 'awaiting-tls-answer', terms, buffer: NOTHING },
      effects: [{ kind: 'send', line: 'starttls' }],
    }
  }
  return terms.plaintextAllowed
    ? sendKey(terms, { encrypted: false, verified: false }, NOTHING)
    : fail('encryption-refused')
}

export function stepDialer(state: DialerState, input: HandshakeInput): DialerStep {
  switch (input.kind) {
    case 'received':
      if (state.kind === 'over') return stay(state)
      return readDialer({ ...state, buffer: concatBytes(state.buffer, input.bytes) })
    case 'secured':
      return state.kind === 'awaiting-tls' ? dialerSecured(state, input.certificate) : stay(state)
    case 'committed':
      if (state.kind !== 'awaiting-verdict') return stay(state)
      // S4: the ack, which gives the requestor the last say.
      return over([{ kind: 'send', line: 'ok' }, established(state, state.buffer)])
    case 'discarded':
      return state.kind === 'over' ? stay(state) : fail('lost-race')
    default:
      return assertNever(input)
  }
}

function readDialer(state: OpenDialer): DialerStep {
  switch (state.kind) {
    case 'awaiting-tls-answer':
      return onLine(state, read => dialerTlsAnswer(state, read))
    case 'awaiting-key-answer':
      return onLine(state, read => dialerKeyAnswer(state, read))
    case 'awaiting-tls':
    case 'awaiting-verdict':
      return wait(state)
    default:
      return assertNever(state)
  }
}

function dialerTlsAnswer({ terms }: OpenDialer, { line, rest }: ReadLine): DialerStep {
  if (isBare(line, 'ok')) {
    return {
      state: { kind: 'awaiting-tls', terms, buffer: NOTHING },
      effects: [{ kind: 'start-tls', trailing: rest }],
    }
  }
  if (!isBare(line, 'error')) return fail('unexpected-line')
  // S2: the connection stays open for another command, which is the key where plaintext is allowed.
  return terms.plaintextAllowed
    ? sendKey(terms, { encrypted: false, verified: false }, rest)
    : fail('encryption-refused')
}

function dialerSecured({ terms }: OpenDialer, certificate: Fingerprints | undefined): DialerStep {
  const { pinned } = terms
  if (pinned !== undefined && !matchesPin(pinned, certificate)) {
    return fail('certificate-mismatch')
  }
  return sendKey(terms, { encrypted: true, verified: pinned !== undefined }, NOTHING)
}

function sendKey(terms: DialerTerms, { encrypted, verified }: Protection, rest: Uint8Array): DialerStep {
  return {
    state: { kind: 'awaiting-key-answer', terms, buffer: rest, encrypted, verified },
    effects: [{ kind: 'send', line: `key:${terms.theirKey}` }],
  }
}

function dialerKeyAnswer(
  state: OpenDialer & { kind: 'awaiting-key-answer' },
  { line, rest }: ReadLine,
): DialerStep {
  const { terms, encrypted, verified } = state
  if (isBare(line, 'error')) return fail('key-refused')
  if (line.name !== 'ok' || line.argument === undefined) {
    return fail('unexpected-line')
  }
  if (!equalInConstantTime(line.argument, terms.ourKey)) {
    return fail('wrong-key')
  }
  // What decides: an acceptor that is the requestor has committed with this very line.
  if (terms.role === 'responder') return over([established(state, rest)])
  return wait({ kind: 'awaiting-verdict', terms, buffer: rest, encrypted, verified }, [{ kind: 'ready' }])
}

// -------------------------------------------------------------------------------------------- acceptor

/** A session as the acceptor needs it. `terms` is undefined while the iq result is still on its way. */
export interface AcceptorSession {
  readonly id: string
  readonly terms: Terms | undefined
}

type OpenAcceptor = { readonly buffer: Uint8Array } & (
  | {
      readonly kind: 'awaiting-command'
      readonly tries: number
      readonly encrypted: boolean
      readonly certificate: Fingerprints | undefined
    }
  | { readonly kind: 'awaiting-tls'; readonly tries: number }
  /** A good key came before the peer's own was known (guide: listen before sending the iq). */
  | {
      readonly kind: 'awaiting-terms'
      readonly session: string
      readonly tries: number
      readonly encrypted: boolean
      readonly certificate: Fingerprints | undefined
    }
  | ({ readonly kind: 'awaiting-verdict'; readonly session: string; readonly terms: Terms } & Protection)
  | ({ readonly kind: 'awaiting-ack'; readonly session: string } & Protection)
)

export type AcceptorState = OpenAcceptor | Over

export type AcceptorInput =
  | HandshakeInput
  /** The iq result came: what the session of this connection lays down is known now. */
  | { readonly kind: 'terms-known'; readonly terms: Terms }

export type AcceptorEffect =
  | HandshakeEffect
  /**
   * The key named this session: from here on the connection is held for it, or one of its candidates.
   * Said once more when a held connection is found good.
   */
  | { readonly kind: 'joined'; readonly session: string }
  /** Why a command with a good key was answered with `error`: told to the session, never to the peer. */
  | { readonly kind: 'noted'; readonly session: string; readonly reason: CandidateFailure }

/** What an acceptor asks of its surroundings, read only. */
export interface AcceptorContext {
  /** Whether `starttls` is answered with `ok` (S2). */
  readonly serveTls: boolean
  /** The live session whose own key this is. Compares in constant time, and with every session. */
  readonly findSession: (key: string) => AcceptorSession | undefined
}

type AcceptorStep = Step<AcceptorState, AcceptorEffect>

/** A TCP connection came in: the dialer speaks first. */
export const ACCEPTED: AcceptorState = {
  kind: 'awaiting-command',
  buffer: NOTHING,
  tries: 0,
  encrypted: false,
  certificate: undefined,
}

export function stepAcceptor(
  state: AcceptorState,
  input: AcceptorInput,
  context: AcceptorContext,
): AcceptorStep {
  switch (input.kind) {
    case 'received':
      if (state.kind === 'over') return stay(state)
      return readAcceptor({ ...state, buffer: concatBytes(state.buffer, input.bytes) }, context)
    case 'secured':
      if (state.kind !== 'awaiting-tls') return stay(state)
      return stay({
        kind: 'awaiting-command',
        buffer: NOTHING,
        tries: state.tries,
        encrypted: true,
        certificate: input.certificate,
      })
    case 'terms-known':
      return state.kind === 'awaiting-terms' ? judge(state, input.terms, context) : stay(state)
    case 'committed':
      if (state.kind !== 'awaiting-verdict') return stay(state)
      // What decides: this line is the requestor's commitment, and no ack follows it (S4).
      return over([{ kind: 'send', line: `ok:${state.terms.theirKey}` }, established(state, state.buffer)])
    case 'discarded':
      if (state.kind === 'over') return stay(state)
      return over([
        ...(state.kind === 'awaiting-verdict' || state.kind === 'awaiting-terms'
          ? [{ kind: 'send', line: 'error' } as const]
          : []),
        { kind: 'failed', reason: 'lost-race' },
      ])
    default:
      return assertNever(input)
  }
}

function readAcceptor(state: OpenAcceptor, context: AcceptorContext): AcceptorStep {
  switch (state.kind) {
    case 'awaiting-command':
      return onLine(state, read => acceptorCommand(state, read, context))
    case 'awaiting-ack':
      return onLine(
        state,
        ({ line, rest }): AcceptorStep =>
          isBare(line, 'ok') ? over([established(state, rest)]) : fail('unexpected-line'),
      )
    case 'awaiting-tls':
    case 'awaiting-terms':
    case 'awaiting-verdict':
      return wait(state)
    default:
      return assertNever(state)
  }
}

type AwaitingCommand = OpenAcceptor & { kind: 'awaiting-command' }

function acceptorCommand(
  state: AwaitingCommand,
  { line, rest }: ReadLine,
  context: AcceptorContext,
): AcceptorStep {
  if (isBare(line, 'starttls')) {
    if (state.encrypted || !context.serveTls) return refuse(state, rest, context)
    return {
      state: { kind: 'awaiting-tls', buffer: NOTHING, tries: state.tries },
      effects: [
        { kind: 'send', line: 'ok' },
        // Security, STARTTLS injection: what stands behind the LF is TLS or nothing, never a command.
        { kind: 'start-tls', trailing: rest },
      ],
    }
  }
  const session =
    line.name === 'key' && line.argument !== undefined ? context.findSession(line.argument) : undefined
  if (session === undefined) return refuse(state, rest, context)
  const { tries, encrypted, certificate } = state
  const held = {
    kind: 'awaiting-terms',
    session: session.id,
    buffer: rest,
    tries,
    encrypted,
    certificate,
  } as const
  if (session.terms === undefined) return wait(held, [{ kind: 'joined', session: session.id }])
  return judge(held, session.terms, context)
}

/** S2, S3: `error`, and the connection stays open for another command, as often as MAX_TRIES allows. */
function refuse(
  state: AwaitingCommand,
  rest: Uint8Array,
  context: AcceptorContext,
  effects: readonly AcceptorEffect[] = [],
): AcceptorStep {
  const tries = state.tries + 1
  const answered: readonly AcceptorEffect[] = [...effects, { kind: 'send', line: 'error' }]
  if (tries >= MAX_TRIES) {
    return over([...answered, { kind: 'failed', reason: 'too-many-tries' }])
  }
  const next = readAcceptor({ ...state, tries, buffer: rest }, context)
  return { ...next, effects: [...answered, ...next.effects] }
}

/** The dialer knows our key, and what the session asks for is known: is this connection good enough? */
function judge(
  state: OpenAcceptor & { kind: 'awaiting-terms' },
  terms: Terms,
  context: AcceptorContext,
): AcceptorStep {
  const { session, tries, encrypted, certificate, buffer } = state
  if (!encrypted && !terms.plaintextAllowed) {
    // The next command may be `starttls`, and then the key once more.
    const asked = { kind: 'awaiting-command', buffer, tries, encrypted, certificate } as const
    return refuse(asked, buffer, context, [{ kind: 'noted', session, reason: 'encryption-refused' }])
  }
  const joined = { kind: 'joined', session } as const
  // The certificate can only be held against a pin now: before the key nobody knew which session this is.
  const verified = encrypted && terms.pinned !== undefined
  if (verified && terms.pinned !== undefined && !matchesPin(terms.pinned, certificate)) {
    return over([joined, { kind: 'send', line: 'error' }, { kind: 'failed', reason: 'certificate-mismatch' }])
  }
  if (terms.role === 'requestor') {
    // What decides: a requestor that answers has committed, so it asks the race first.
    return wait({ kind: 'awaiting-verdict', session, terms, buffer, encrypted, verified }, [
      joined,
      { kind: 'ready' },
    ])
  }
  const answer = { kind: 'send', line: `ok:${terms.theirKey}` } as const
  const next = readAcceptor({ kind: 'awaiting-ack', session, buffer, encrypted, verified }, NO_CONTEXT)
  return { ...next, effects: [joined, answer, ...next.effects] }
}

/** For the states behind the key, in which no command is read any more (S5). */
const NO_CONTEXT: AcceptorContext = { serveTls: false, findSession: () => undefined }

// ---------------------------------------------------------------------------------------------- shared

interface ReadLine {
  readonly line: Line
  readonly rest: Uint8Array
}

type Failed = HandshakeEffect & { kind: 'failed' }

/** A line without an argument, of which the XEP says that the colon "need not be present": it may be. */
function isBare(line: Line, name: string): boolean {
  return line.name === name && (line.argument === undefined || line.argument === '')
}

function stay<State>(state: State): Step<State, never> {
  return { state, effects: [] }
}

function over<Effect>(effects: readonly Effect[]): Step<Over, Effect> {
  return { state: OVER, effects }
}

function fail(reason: CandidateFailure): Step<Over, Failed> {
  return over([{ kind: 'failed', reason }])
}

function established({ encrypted, verified }: Protection, trailing: Uint8Array): HandshakeEffect {
  return { kind: 'established', trailing, encrypted, verified }
}

/** Bytes wait for somebody's decision: kept for the next layer, within bounds. */
function wait<State extends { readonly buffer: Uint8Array }, Effect = never>(
  state: State,
  effects: readonly Effect[] = [],
): Step<State | Over, Effect | Failed> {
  return state.buffer.length <= MAX_WAITING_BYTES ? { state, effects } : fail('unexpected-data')
}

/** Hands the first line of the buffer to `next`, once there is one. */
function onLine<State extends { readonly buffer: Uint8Array }, Next, Effect>(
  state: State,
  next: (read: ReadLine) => Step<Next, Effect>,
): Step<State | Next | Over, Effect | Failed> {
  const read = readLine(state.buffer)
  switch (read.kind) {
    case 'line':
      return next(read)
    case 'incomplete':
      return stay(state)
    case 'too-long':
      return fail('line-too-long')
    default:
      return assertNever(read)
  }
}
