import { createConnection, createServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest'
import type { Role } from '../../main/dtcp/handshake.ts'
import type { Host, OwnAddress } from '../../main/dtcp/host.ts'
import { type Identity, makeIdentity } from '../../main/sockets/certificate.ts'
import {
  type Channel,
  Connector,
  type ConnectorOptions,
  type PeerSession,
  type PeerTerms,
} from '../../main/sockets/connect-peer.ts'
import { Failure, type FailureCode } from '../../shared/model/failure.ts'
import { type Door, ForeignPeer, type TlsChoice, type Wire } from './foreign-peer.ts'

/*
 * What every test here is built from: connectors on loopback, sessions of theirs, foreign peers; and the
 * check after each test that nothing of it stays open.
 */

export const IPV4_LOOPBACK: OwnAddress = { address: '127.0.0.1', prefixLength: 8, adapter: 'loopback' }
export const IPV6_LOOPBACK: OwnAddress = { address: '::1', prefixLength: 128, adapter: 'loopback' }

// Made once a file: what is tested here is not how they are made.
export const OUR_IDENTITY: Identity = await makeIdentity()
export const THEIR_IDENTITY: Identity = await makeIdentity()
export const OTHER_IDENTITY: Identity = await makeIdentity()

/** A session of a connector, with its outcome and its give-ups at hand. */
export interface Opened {
  readonly session: PeerSession
  readonly port: number
  giveUps: number
  connect(terms: PeerTerms): Promise<Channel>
}

const connectors: Connector[] = []
const sessions: Opened[] = []
const peers: ForeignPeer[] = []
const streams: Duplex[] = []
const accidents: unknown[] = []
let resourcesBefore = 0

process.on('uncaughtException', error => accidents.push(error))
process.on('unhandledRejection', reason => accidents.push(reason))

/** Sockets, listeners and requests on them that this process holds. */
export function socketsHeld(): number {
  return process.getActiveResourcesInfo().filter(name => /^(TCP|TLS|Shutdown|Write)/.test(name)).length
}

/** Waits for `condition`, turn by turn of the event loop; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  let stop = false
  onTestFinished(() => {
    stop = true
  })
  await untilStopped(condition, () => stop)
}

async function untilStopped(condition: () => boolean, stopped: () => boolean): Promise<void> {
  while (!condition() && !stopped()) await nextTurn()
}

/** A few turns of the event loop, in which everything that was sent on loopback has arrived. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn()
}

/** To be called once in a file: checks after each of its tests that nothing stays open. */
export function checkThatNothingStaysOpen(): void {
  beforeEach(() => {
    resourcesBefore = socketsHeld()
  })

  afterEach(async () => {
    const made = connectors.splice(0)
    const opened = sessions.splice(0)
    for (const { session } of opened) session.abort(new Failure('cancelled', 'the test is over'))
    const inUse = made.map(one => one.inUse)
    const hosts = opened.flatMap(({ session }) => session.ourHosts).filter(isLoopback)
    const refused = await Promise.all(hosts.map(isRefused))
    for (const stream of streams.splice(0)) stream.destroy()
    for (const peer of peers.splice(0)) peer.close()
    const deadline = performance.now() + 5_000
    await untilStopped(
      () => socketsHeld() <= resourcesBefore,
      () => performance.now() > deadline,
    )
    expect(inUse).toEqual(made.map(() => ({ sessions: 0, connections: 0, timers: 0 })))
    expect(refused).toEqual(hosts.map(() => true))
    expect(socketsHeld()).toBeLessThanOrEqual(resourcesBefore)
    expect(accidents.splice(0)).toEqual([])
  })
}

function isLoopback({ address }: Host): boolean {
  return address === IPV6_LOOPBACK.address || address.startsWith('127.')
}

export function connector(options: Partial<ConnectorOptions> = {}): Connector {
  const made = new Connector({
    listen: 0,
    advertise: undefined,
    dial: true,
    allowLoopback: true,
    encryption: 'required',
    identity: OUR_IDENTITY,
    ownAddresses: () => [IPV4_LOOPBACK],
    ...options,
  })
  connectors.push(made)
  return made
}

export function foreignPeer(): ForeignPeer {
  const peer = new ForeignPeer()
  peers.push(peer)
  return peer
}

export async function open(
  from: Connector,
  role: Role,
  { theirHosts = [], onGiveUp = () => {} }: { theirHosts?: readonly Host[]; onGiveUp?: () => void } = {},
): Promise<Opened> {
  const session = await from.prepare(role, {
    theirHosts,
    onGiveUp: () => {
      opened.giveUps += 1
      onGiveUp()
    },
  })
  const opened: Opened = {
    session,
    port: session.ourHosts[0]?.port ?? 0,
    giveUps: 0,
    connect: terms => {
      const connecting = session.connect(terms)
      // A test may look elsewhere first, and at the outcome later.
      connecting.then(
        ({ stream }) => streams.push(stream),
        () => {},
      )
      return connecting
    },
  }
  sessions.push(opened)
  return opened
}

/** What one of our own sessions says in its query. */
export function termsOf({ ourKey, ourHosts, ourFingerprints }: PeerSession): PeerTerms {
  return { key: ourKey, hosts: ourHosts, hostsGiven: ourHosts.length, pinned: ourFingerprints }
}

/** Both sides of a negotiation between two connectors of ours; the give-ups travel as they would over XMPP. */
export async function openPair(
  a: Connector,
  b: Connector,
): Promise<{ requestor: Opened; responder: Opened; connect(): Promise<[Outcome, Outcome]> }> {
  const requestor = await open(a, 'requestor', {
    onGiveUp: () => setImmediate(() => responder.session.peerGaveUp()),
  })
  const responder = await open(b, 'responder', {
    theirHosts: requestor.session.ourHosts,
    onGiveUp: () => setImmediate(() => requestor.session.peerGaveUp()),
  })
  return {
    requestor,
    responder,
    connect: async () => {
      const [ours, theirs] = [
        requestor.connect(termsOf(responder.session)),
        responder.connect(termsOf(requestor.session)),
      ]
      return Promise.all([outcomeOf(ours), outcomeOf(theirs)])
    },
  }
}

export type Outcome = Channel | { readonly failure: unknown }

function outcomeOf(connecting: Promise<Channel>): Promise<Outcome> {
  return connecting.catch((failure: unknown) => ({ failure }))
}

/** Both channels of a pair that has to connect. */
export async function connected(
  connecting: Promise<readonly [Outcome, Outcome]>,
): Promise<[Channel, Channel]> {
  const [a, b] = await connecting
  if ('failure' in a) throw a.failure
  if ('failure' in b) throw b.failure
  return [a, b]
}

export async function expectFailure(connecting: Promise<unknown>, code: FailureCode): Promise<Failure> {
  const failure: unknown = await connecting.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(failure).toBeInstanceOf(Failure)
  expect((failure as Failure).code).toBe(code)
  return failure as Failure
}

export interface Meeting {
  readonly connector: Connector
  readonly peer: ForeignPeer
  readonly ours: Opened
  readonly connecting: Promise<Channel>
  /** The one connection so far, on which nothing was said yet. */
  readonly wire: Wire
  /** Where the peer listens, if we dial. */
  readonly door: Door | undefined
  readonly keys: { readonly mine: string; readonly theirs: string }
  /** The peer's role. */
  readonly role: Role
}

/**
 * One of our sessions and a foreign peer, with one TCP connection between them. We can only be what `weAre`
 * says: as acceptor we are given no hosts, and as dialer we do not listen.
 */
export async function meet({
  ourRole,
  weAre,
  options = {},
  terms = {},
}: {
  readonly ourRole: Role
  readonly weAre: 'dialer' | 'acceptor'
  readonly options?: Partial<ConnectorOptions>
  readonly terms?: Partial<PeerTerms>
}): Promise<Meeting> {
  const own = connector(weAre === 'dialer' ? { listen: 'off', ...options } : options)
  const peer = foreignPeer()
  const ours = await open(own, ourRole)
  const role = ourRole === 'requestor' ? 'responder' : 'requestor'
  const keys = { mine: peer.key, theirs: ours.session.ourKey }
  const door = weAre === 'dialer' ? await peer.listen() : undefined
  const connecting = ours.connect(peer.terms({ hosts: door === undefined ? [] : [door.host], ...terms }))
  const wire = door === undefined ? await peer.dial(hostOf(ours)) : await door.next()
  return { connector: own, peer, ours, connecting, wire, door, keys, role }
}

/** Does the whole handshake as the XEP says, on a connection on which nothing was said yet. */
export async function shakeHands(
  { wire, keys, role }: Pick<Meeting, 'wire' | 'keys' | 'role'>,
  tls: 'tls' | 'plain',
  choice: TlsChoice = { identity: THEIR_IDENTITY },
): Promise<void> {
  if (tls === 'tls') await wire.secure(choice)
  await wire.authenticate(role, keys)
}

export function hostOf({ session }: Opened): Host {
  const [host] = session.ourHosts
  if (host === undefined) throw new Error('nothing is advertised')
  return host
}

/** Whether nobody listens there. */
export function isRefused({ address, port }: Host): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ host: address, port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', () => resolve(true))
  })
}

/** A port on which nobody listens at the moment. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
    server.listen(0, address)
  })
  const bound = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof bound === 'object' && bound !== null ? bound.port : 0
}

/** Everything up to the end of the stream. Our own direction stays as it is. */
export function readAll(stream: Duplex): Promise<Buffer> {
  // An end with nothing before it is emitted although the stream is paused.
  if (stream.readableEnded) return Promise.resolve(Buffer.alloc(0))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', () => resolve(Buffer.concat(chunks)))
    stream.once('error', reject)
    stream.resume()
  })
}

/** Exactly so many bytes; what follows them stays in the stream. */
export async function readBytes(stream: Duplex, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = stream.read(count) as Buffer | null
    if (bytes !== null && bytes.length === count) return bytes
    if (stream.readableEnded || stream.destroyed) throw new Error(`the stream ended before ${count} bytes`)
    await new Promise<void>(resolve => {
      const done = (): void => {
        for (const event of ['readable', 'end', 'close']) stream.off(event, done)
        resolve()
      }
      for (const event of ['readable', 'end', 'close']) stream.on(event, done)
    })
  }
}
