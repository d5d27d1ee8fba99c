import { concatBytes } from '../dtcp/line.ts'

/*
 * The handshake on one connection of a bytestream (XEP-0065 over RFC 1928): no authentication, CONNECT, and where the
 * name of a host would stand the hash that both ends call their stream by. Once for the dialer and once for the
 * acceptor. Both are pure: a state and bytes give the next state and effects, which are data.
 */

const VERSION = 5
const NO_AUTHENTICATION = 0
const NO_METHOD = 0xff
const CONNECT = 1
const ADDRESS_TYPE = { ipv4: 1, name: 3, ipv6: 4 } as const
const REPLY = { succeeded: 0, notAllowed: 2, commandNotSupported: 7, addressTypeNotSupported: 8 } as const
const ADDRESS_LENGTH = 40
const PORT_LENGTH = 2

/**
 * Why a connection is of no use. `malformed`: the other end does not speak this; `refused`: it says no, to a method, a
 * command or a stream; `unwanted`: it asked for what is not ours to give.
 */
export type Socks5Refusal = 'malformed' | 'refused' | 'unwanted'

export type Socks5Effect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** `trailing`: what came behind the last byte of the handshake, and belongs to the stream. */
  | { readonly kind: 'established'; readonly address: string; readonly trailing: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: Socks5Refusal }

/** The next state and what is to be done, in this order. */
export interface Socks5Step<State> {
  readonly state: State
  readonly effects: readonly Socks5Effect[]
}

/** Established or failed: nothing that comes now has an effect. */
interface Over {
  readonly kind: 'over'
}

const OVER: Over = { kind: 'over' }
const NOTHING = new Uint8Array()

// ---------------------------------------------------------------------------------------------- dialer

/** `buffer`: what was read of the answer that is awaited; never as much as the whole of it. */
export type DialerState =
  | { readonly kind: 'awaiting-method'; readonly address: string; readonly buffer: Uint8Array }
  | { readonly kind: 'awaiting-reply'; readonly address: string; readonly buffer: Uint8Array }
  | Over

type DialerStep = Socks5Step<DialerState>

/** A TCP connection that we opened stands. `address`: 40 hex digits (`destinationAddress`). */
export function startDialer(address: string): DialerStep {
  return {
    state: { kind: 'awaiting-method', address, buffer: NOTHING },
    effects: [send(VERSION, 1, NO_AUTHENTICATION)],
  }
}

export function stepDialer(state: DialerState, bytes: Uint8Array): DialerStep {
  if (state.kind === 'over') return { state, effects: [] }
  const next = { ...state, buffer: concatBytes(state.buffer, bytes) }
  return next.kind === 'awaiting-method' ? readMethod(next) : readReply(next)
}

function readMethod(state: DialerState & { kind: 'awaiting-method' }): DialerStep {
  const { address, buffer } = state
  const [version, method] = buffer
  if (version !== undefined && version !== VERSION) return fail('malformed')
  if (method === undefined) return { state, effects: [] }
  if (method === NO_METHOD) return fail('refused')
  // One that was not offered.
  if (method !== NO_AUTHENTICATION) return fail('malformed')
  // Only now: there are proxies that take the request for a part of the greeting when both come at once.
  const request = send(VERSION, CONNECT, 0, ADDRESS_TYPE.name, ADDRESS_LENGTH, ...ascii(address), 0, 0)
  const { state: next, effects } = readReply({ kind: 'awaiting-reply', address, buffer: buffer.subarray(2) })
  return { state: next, effects: [request, ...effects] }
}

function readReply(state: DialerState & { kind: 'awaiting-reply' }): DialerStep {
  const { address, buffer } = state
  const [version, reply, , type, nameLength] = buffer
  if (version !== undefined && version !== VERSION) return fail('malformed')
  // The rest of a refusal is often not what it should be, and says nothing more.
  if (reply !== undefined && reply !== REPLY.succeeded) return fail('refused')
  if (type === undefined) return { state, effects: [] }
  // Which address a proxy claims to be bound to makes no difference here.
  const length = boundLength(type, nameLength)
  if (length === 'unknown') return fail('malformed')
  if (length === undefined || buffer.length < length) return { state, effects: [] }
  return { state: OVER, effects: [{ kind: 'established', address, trailing: buffer.subarray(length) }] }
}

/** How long a reply is, from its first byte to its port; undefined until the byte came that says it. */
function boundLength(type: number, nameLength: number | undefined): number | undefined | 'unknown' {
  switch (type) {
    case ADDRESS_TYPE.ipv4:
      return 4 + 4 + PORT_LENGTH
    case ADDRESS_TYPE.ipv6:
      return 4 + 16 + PORT_LENGTH
    case ADDRESS_TYPE.name:
      return nameLength === undefined ? undefined : 4 + 1 + nameLength + PORT_LENGTH
    default:
      return 'unknown'
  }
}

// -------------------------------------------------------------------------------------------- acceptor

/** `buffer`: what was read of the message that is awaited; never as much as the whole of it. */
export type AcceptorState =
  | { readonly kind: 'awaiting-greeting'; readonly buffer: Uint8Array }
  | { readonly kind: 'awaiting-request'; readonly buffer: Uint8Array }
  | Over

type AcceptorStep = Socks5Step<AcceptorState>

/** A TCP connection that we accepted stands. */
export const ACCEPTED: AcceptorState = { kind: 'awaiting-greeting', buffer: NOTHING }

/** `isWanted`: whether a stream of this name, in lower case, may begin on this connection. */
export function stepAcceptor(
  state: AcceptorState,
  bytes: Uint8Array,
  isWanted: (address: string) => boolean,
): AcceptorStep {
  if (state.kind === 'over') return { state, effects: [] }
  const next = { ...state, buffer: concatBytes(state.buffer, bytes) }
  return next.kind === 'awaiting-greeting' ? readGreeting(next, isWanted) : readRequest(next, isWanted)
}

function readGreeting(
  state: AcceptorState & { kind: 'awaiting-greeting' },
  isWanted: (address: string) => boolean,
): AcceptorStep {
  const { buffer } = state
  const [version, count] = buffer
  if (version !== undefined && version !== VERSION) return fail('malformed')
  if (count === undefined || buffer.length < 2 + count) return { state, effects: [] }
  const methods = buffer.subarray(2, 2 + count)
  if (!methods.includes(NO_AUTHENTICATION)) return fail('unwanted', send(VERSION, NO_METHOD))
  const rest = buffer.subarray(2 + count)
  const { state: next, effects } = readRequest({ kind: 'awaiting-request', buffer: rest }, isWanted)
  return { state: next, effects: [send(VERSION, NO_AUTHENTICATION), ...effects] }
}

function readRequest(
  state: AcceptorState & { kind: 'awaiting-request' },
  isWanted: (address: string) => boolean,
): AcceptorStep {
  const { buffer } = state
  const [version, command, , type, nameLength] = buffer
  if (version !== undefined && version !== VERSION) return fail('malformed')
  if (command !== undefined && command !== CONNECT) return refuse(REPLY.commandNotSupported)
  if (type !== undefined && type !== ADDRESS_TYPE.name) return refuse(REPLY.addressTypeNotSupported)
  if (nameLength !== undefined && nameLength !== ADDRESS_LENGTH) return refuse(REPLY.notAllowed)
  const end = 5 + ADDRESS_LENGTH + PORT_LENGTH
  if (buffer.length < end) return { state, effects: [] }
  const bound = buffer.subarray(3, end)
  const address = String.fromCharCode(...buffer.subarray(5, 5 + ADDRESS_LENGTH)).toLowerCase()
  if (!isWanted(address)) return refuse(REPLY.notAllowed)
  // XEP-0065: BND.ADDR and BND.PORT are those that were asked for, whatever port that is.
  const reply = send(VERSION, REPLY.succeeded, 0, ...bound)
  return { state: OVER, effects: [reply, { kind: 'established', address, trailing: buffer.subarray(end) }] }
}

function refuse(reply: number): Socks5Step<Over> {
  return fail('unwanted', send(VERSION, reply, 0, ADDRESS_TYPE.ipv4, 0, 0, 0, 0, 0, 0))
}

// ---------------------------------------------------------------------------------------------- common

function fail(reason: Socks5Refusal, ...before: readonly Socks5Effect[]): Socks5Step<Over> {
  return { state: OVER, effects: [...before, { kind: 'failed', reason }] }
}

function send(...bytes: readonly number[]): Socks5Effect {
  return { kind: 'send', bytes: Uint8Array.from(bytes) }
}

function ascii(text: string): readonly number[] {
  return Array.from(text, character => character.charCodeAt(0))
}
