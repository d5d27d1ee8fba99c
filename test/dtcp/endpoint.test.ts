import { describe, expect, it } from 'vitest'
import {
  CONNECT_TIMEOUT_MS,
  Endpoint,
  type EndpointEffect,
  GRACE_MS,
  HANDSHAKE_TIMEOUT_MS,
  MAX_ACCEPTED_PER_SESSION,
  MAX_STRANGERS,
  RACE_TIMEOUT_MS,
  type SessionStart,
  type TimerId,
} from '../../main/dtcp/endpoint.ts'
import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import type { Role } from '../../main/dtcp/handshake.ts'
import type { Host, Rank } from '../../main/dtcp/host.ts'
import { bytesOf, OURS, REQUESTOR_KEY, RESPONDER_KEY, THEIRS, termsOf, textOf } from './machines.ts'

const HOSTS: readonly Host[] = [
  { address: '192.168.0.32', port: 8000 },
  { address: '63.110.44.12', port: 8000 },
  { address: '2001:db8::1', port: 8000 },
]

function startOf(role: Role, more: Partial<SessionStart> = {}): SessionStart {
  const dials = more.dials ?? HOSTS.slice(0, 2).map(host => ({ host, rank: 0 as const }))
  return {
    ...termsOf(role),
    dials,
    weWereGivenHosts: dials.length > 0,
    theyWereGivenHosts: true,
    bestInbound: undefined,
    ...more,
  }
}

const dialing = (...ranks: Rank[]): SessionStart['dials'] =>
  ranks.map((rank, index) => ({ host: HOSTS[index] ?? { address: '192.0.2.1', port: 8000 + index }, rank }))

/** An Endpoint and a program around it that keeps books: what is open, what is timed, what was said. */
class Program {
  readonly endpoint: Endpoint
  readonly open = new Set<string>()
  readonly timers = new Map<TimerId, number>()
  readonly handedOver = new Map<string, string>()
  readonly #everOpen = new Set<string>()

  constructor({ serveTls = true }: { serveTls?: boolean } = {}) {
    this.endpoint = new Endpoint({ serveTls, rankOf: address => (address === 'far' ? 2 : 0) })
  }

  /** Takes the effects, and gives them as words without the clocks. */
  take(effects: readonly EndpointEffect[]): string[] {
    const said: string[] = []
    for (const effect of effects) {
      switch (effect.kind) {
        case 'dial':
          this.#opened(effect.connection)
          said.push(`dial ${effect.connection} ${effect.host.address}`)
          break
        case 'send':
          expect(this.open).toContain(effect.connection)
          said.push(`send ${effect.connection} ${effect.line}`)
          break
        case 'start-tls':
          expect(this.open).toContain(effect.connection)
          said.push(`start-tls ${effect.connection} as ${effect.as}`)
          break
        case 'close':
          expect(this.open.delete(effect.connection)).toBe(true)
          said.push(`close ${effect.connection}`)
          break
        case 'set-timer':
          expect(this.timers.has(effect.timer)).toBe(false)
          this.timers.set(effect.timer, effect.ms)
          break
        case 'clear-timer':
          this.timers.delete(effect.timer)
          break
        case 'hand-over':
          expect(this.open.delete(effect.connection)).toBe(true)
          this.handedOver.set(effect.session, effect.connection)
          said.push(
            `hand over ${effect.connection} for ${effect.session} as ${effect.by}` +
              `, ${effect.verified ? 'verified' : effect.encrypted ? 'encrypted' : 'plain'}` +
              `: ${JSON.stringify(textOf(effect.trailing))}`,
          )
          break
        case 'give-up':
          said.push(`give up ${effect.session}`)
          break
        case 'lost':
          said.push(`lost ${effect.session}: ${effect.reason}`)
          break
        default:
          throw new Error(`bug: ${JSON.stringify(effect satisfies never)}`)
      }
    }
    expect(this.endpoint.liveConnections).toBe(this.open.size)
    return said
  }

  #opened(connection: string): void {
    expect(this.#everOpen).not.toContain(connection)
    this.#everOpen.add(connection)
    this.open.add(connection)
  }

  begin(id: string, start: SessionStart, { expected = false } = {}): string[] {
    if (!expected) this.endpoint.expect(id, start.ourKey)
    return this.take(this.endpoint.begin(id, start))
  }

  accept(connection: string, from: 'near' | 'far' = 'near'): string[] {
    this.#opened(connection)
    return this.take(this.endpoint.accepted(connection, from))
  }

  connect(connection: string): string[] {
    return this.take(this.endpoint.connected(connection))
  }

  read(connection: string, text: string): string[] {
    return this.take(this.endpoint.received(connection, bytesOf(text)))
  }

  secure(connection: string, certificate: Fingerprints | undefined): string[] {
    return this.take(this.endpoint.secured(connection, certificate))
  }

  lose(connection: string, reason: 'unreachable' | 'closed' | 'tls-failed' = 'closed'): string[] {
    return this.take(this.endpoint.closed(connection, reason))
  }

  /** The clock rings; it has to be set. */
  ring(timer: TimerId): string[] {
    expect([...this.timers.keys()]).toContain(timer)
    this.timers.delete(timer)
    return this.take(this.endpoint.timeUp(timer))
  }

  abort(id: string): string[] {
    return this.take(this.endpoint.abort(id))
  }

  peerGaveUp(id: string): string[] {
    return this.take(this.endpoint.peerGaveUp(id))
  }

  expectNothingLeft(): void {
    expect(this.endpoint.liveSessions).toBe(0)
    expect(this.endpoint.liveConnections).toBe(0)
    expect([...this.open]).toEqual([])
    expect([...this.timers.keys()]).toEqual([])
  }
}

describe('N4 with keys and hosts known the race begins', () => {
  it('dials all hosts at once, each with its clock', () => {
    const program = new Program()
    const said = program.begin('s', startOf('requestor', { dials: dialing(0, 1, 2) }))
    expect(said).toEqual(HOSTS.map(({ address }, index) => `dial dial-${index + 1} ${address}`))
    expect(Object.fromEntries(program.timers)).toEqual({
      'race:s': RACE_TIMEOUT_MS,
      'connect:dial-1': CONNECT_TIMEOUT_MS,
      'connect:dial-2': CONNECT_TIMEOUT_MS,
      'connect:dial-3': CONNECT_TIMEOUT_MS,
    })
  })

  it('says the first line when a dial is connected, and gives the handshake its own clock', () => {
    const program = new Program()
    program.begin('s', startOf('requestor'))
    expect(program.connect('dial-1')).toEqual([`send dial-1 key:${RESPONDER_KEY}`])
    expect(program.timers.has('connect:dial-1')).toBe(false)
    expect(program.timers.get('handshake:dial-1')).toBe(HANDSHAKE_TIMEOUT_MS)
  })

  it('a requestor that dialed wins', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(0) }))
    program.connect('dial-1')
    expect(program.read('dial-1', `ok:${REQUESTOR_KEY}\n`)).toEqual([
      'send dial-1 ok',
      'hand over dial-1 for s as dialer, plain: ""',
    ])
    program.expectNothingLeft()
  })

  it('a requestor that accepted wins', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: [] }))
    program.accept('in')
    expect(program.read('in', `key:${REQUESTOR_KEY}\n`)).toEqual([
      `send in ok:${RESPONDER_KEY}`,
      'hand over in for s as acceptor, plain: ""',
    ])
    program.expectNothingLeft()
  })

  it('a responder that dialed wins', () => {
    const program = new Program()
    program.begin('s', startOf('responder', { dials: dialing(0) }))
    program.connect('dial-1')
    expect(program.read('dial-1', `ok:${RESPONDER_KEY}\ndata`)).toEqual([
      'hand over dial-1 for s as dialer, plain: "data"',
    ])
    program.expectNothingLeft()
  })

  it('a responder that accepted wins', () => {
    const program = new Program()
    program.begin('s', startOf('responder', { dials: [] }))
    program.accept('in')
    expect(program.read('in', `key:${RESPONDER_KEY}\n`)).toEqual([`send in ok:${REQUESTOR_KEY}`])
    expect(program.read('in', 'ok\ndata')).toEqual(['hand over in for s as acceptor, plain: "data"'])
    program.expectNothingLeft()
  })

  it('wins under TLS, verified', () => {
    const program = new Program()
    const secure = { pinned: THEIRS, plaintextAllowed: false, askForTls: true }
    program.begin('s', startOf('requestor', { dials: dialing(0), ...secure }))
    expect(program.connect('dial-1')).toEqual(['send dial-1 starttls'])
    expect(program.read('dial-1', 'ok\n')).toEqual(['start-tls dial-1 as dialer'])
    expect(program.secure('dial-1', THEIRS)).toEqual([`send dial-1 key:${RESPONDER_KEY}`])
    expect(program.read('dial-1', `ok:${REQUESTOR_KEY}\n`).at(-1)).toBe(
      'hand over dial-1 for s as dialer, verified: ""',
    )
    program.expectNothingLeft()

    program.begin('t', startOf('requestor', { dials: [], ...secure }))
    program.accept('in')
    expect(program.read('in', 'starttls\n')).toEqual(['send in ok', 'start-tls in as acceptor'])
    expect(program.secure('in', THEIRS)).toEqual([])
    expect(program.read('in', `key:${REQUESTOR_KEY}\n`).at(-1)).toBe(
      'hand over in for t as acceptor, verified: ""',
    )
    program.expectNothingLeft()
  })

  it('says why when the certificate is the wrong one', () => {
    const program = new Program()
    const secure = { pinned: THEIRS, plaintextAllowed: false, askForTls: true }
    program.begin('s', startOf('requestor', { dials: dialing(0), theyWereGivenHosts: false, ...secure }))
    program.connect('dial-1')
    program.read('dial-1', 'ok\n')
    expect(program.secure('dial-1', OURS)).toEqual([
      'close dial-1',
      'give up s',
      'lost s: certificate-mismatch',
    ])
    program.expectNothingLeft()
  })

  it('says why when a peer without TLS is not allowed', () => {
    const program = new Program()
    const start = startOf('requestor', { dials: dialing(0), plaintextAllowed: false, askForTls: true })
    program.begin('s', start)
    program.accept('in')
    expect(program.read('in', `key:${REQUESTOR_KEY}\n`)).toEqual(['send in error'])
    program.lose('in')
    program.peerGaveUp('s')
    expect(program.lose('dial-1', 'unreachable')).toEqual([
      'close dial-1',
      'give up s',
      'lost s: encryption-refused',
    ])
    program.expectNothingLeft()
  })
})

describe('N4 a dialer that comes before the iq result', () => {
  const early = (): Program => {
    const program = new Program()
    program.endpoint.expect('s', REQUESTOR_KEY)
    program.accept('in')
    expect(program.read('in', `key:${REQUESTOR_KEY}\n`)).toEqual([])
    return program
  }

  it('is held, and wins as soon as the peer is known', () => {
    const program = early()
    const said = program.begin('s', startOf('requestor'), { expected: true })
    expect(said).toEqual([
      'dial dial-1 192.168.0.32',
      'dial dial-2 63.110.44.12',
      'close dial-1',
      'close dial-2',
      `send in ok:${RESPONDER_KEY}`,
      'hand over in for s as acceptor, plain: ""',
    ])
    program.expectNothingLeft()
  })

  it('is held for its handshake time and no longer', () => {
    const program = early()
    expect(program.timers.get('handshake:in')).toBe(HANDSHAKE_TIMEOUT_MS)
    expect(program.ring('handshake:in')).toEqual(['close in'])
    program.abort('s')
    program.expectNothingLeft()
  })

  it('is told error when the request is refused', () => {
    const program = early()
    expect(program.abort('s')).toEqual(['send in error', 'close in', 'lost s: aborted'])
    program.expectNothingLeft()
  })

  it('does not come twice: the first that was held wins, the other is told error', () => {
    const program = early()
    program.accept('in-2')
    program.read('in-2', `key:${REQUESTOR_KEY}\n`)
    const said = program.begin('s', startOf('requestor', { dials: [] }), { expected: true })
    expect(said.filter(word => !word.startsWith('give up'))).toEqual([
      `send in ok:${RESPONDER_KEY}`,
      'send in-2 error',
      'close in-2',
      'hand over in for s as acceptor, plain: ""',
    ])
    program.expectNothingLeft()
  })

  it('is held for its own session, and for no other that begins meanwhile', () => {
    const program = early()
    program.begin('t', { ...startOf('requestor', { dials: [] }), ourKey: 'other-own' })
    expect([...program.open]).toEqual(['in'])
    program.begin('s', startOf('requestor'), { expected: true })
    expect(program.handedOver.get('s')).toBe('in')
  })

  it('is held in bounded number', () => {
    const program = early()
    for (let count = 1; count < MAX_ACCEPTED_PER_SESSION; count++) {
      program.accept(`more-${count}`)
      expect(program.read(`more-${count}`, `key:${REQUESTOR_KEY}\n`)).toEqual([])
    }
    program.accept('too-many')
    expect(program.read('too-many', `key:${REQUESTOR_KEY}\n`)).toEqual([
      'send too-many error',
      'close too-many',
    ])
    expect(program.endpoint.liveConnections).toBe(MAX_ACCEPTED_PER_SESSION)
    program.begin('s', startOf('requestor'), { expected: true })
    expect(program.handedOver.get('s')).toBe('in')
    program.expectNothingLeft()
  })

  it('waits for a nearer one, if its path is far', () => {
    const program = new Program()
    program.endpoint.expect('s', REQUESTOR_KEY)
    program.accept('in', 'far')
    program.read('in', `key:${REQUESTOR_KEY}\n`)
    program.begin('s', startOf('requestor', { dials: dialing(0) }), { expected: true })
    expect(program.timers.get('grace:s')).toBe(GRACE_MS)
    expect(program.timers.has('handshake:in')).toBe(false)
    expect(program.ring('grace:s').at(-1)).toBe('hand over in for s as acceptor, plain: ""')
    program.expectNothingLeft()
  })

  it('without the TLS that is asked for is told error, stays open, and may start TLS', () => {
    const program = early()
    const start = startOf('requestor', {
      dials: [],
      plaintextAllowed: false,
      pinned: THEIRS,
      askForTls: true,
    })
    expect(program.begin('s', start, { expected: true })).toEqual(['send in error'])
    // It is a stranger again, and its clock still runs.
    expect(program.timers.has('handshake:in')).toBe(true)
    program.read('in', 'starttls\n')
    program.secure('in', THEIRS)
    expect(program.read('in', `key:${REQUESTOR_KEY}\n`).at(-1)).toBe(
      'hand over in for s as acceptor, verified: ""',
    )
    program.expectNothingLeft()
  })

  it('a session that was aborted in the meantime is not begun', () => {
    const program = new Program()
    program.endpoint.expect('s', REQUESTOR_KEY)
    expect(program.abort('s')).toEqual(['lost s: aborted'])
    expect(program.begin('s', startOf('requestor'), { expected: true })).toEqual([])
    program.expectNothingLeft()
  })

  it('a session is begun once', () => {
    const program = new Program()
    program.begin('s', startOf('requestor'))
    expect(program.begin('s', startOf('requestor'), { expected: true })).toEqual([])
    expect(program.endpoint.liveConnections).toBe(2)
  })
})

describe('N5 giving up', () => {
  it('is said when the last dial has failed, and the session lives on for the peer', () => {
    const program = new Program()
    program.begin('s', startOf('requestor'))
    expect(program.lose('dial-1', 'unreachable')).toEqual(['close dial-1'])
    expect(program.ring('connect:dial-2')).toEqual(['close dial-2', 'give up s'])
    expect(program.endpoint.liveSessions).toBe(1)
    program.accept('in')
    program.read('in', `key:${REQUESTOR_KEY}\n`)
    expect(program.handedOver.get('s')).toBe('in')
    program.expectNothingLeft()
  })

  it('is not said to a peer that gave no hosts', () => {
    const program = new Program()
    expect(program.begin('s', startOf('requestor', { dials: [] }))).toEqual([])
    expect(program.endpoint.liveSessions).toBe(1)
  })

  it('is said at once where none of the hosts may be dialed', () => {
    const program = new Program()
    expect(program.begin('s', startOf('responder', { dials: [], weWereGivenHosts: true }))).toEqual([
      'give up s',
    ])
  })

  it('of a session that is over, or of none, has no effect', () => {
    const program = new Program()
    expect(program.peerGaveUp('nobody')).toEqual([])
    program.endpoint.expect('s', REQUESTOR_KEY)
    expect(program.peerGaveUp('s')).toEqual([])
    program.abort('s')
    expect(program.peerGaveUp('s')).toEqual([])
  })
})

describe('N6 the end', () => {
  it('is unreachable when both have given up', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(0) }))
    expect(program.peerGaveUp('s')).toEqual([])
    expect(program.lose('dial-1', 'unreachable')).toEqual([
      'close dial-1',
      'give up s',
      'lost s: unreachable',
    ])
    program.expectNothingLeft()
  })

  it('is at once where neither has hosts', () => {
    const program = new Program()
    const start = startOf('requestor', { dials: [], theyWereGivenHosts: false })
    expect(program.begin('s', start)).toEqual(['lost s: unreachable'])
    program.expectNothingLeft()
  })

  it('comes after the race time, with everything closed', () => {
    const program = new Program()
    program.begin('s', startOf('responder'))
    program.connect('dial-1')
    program.accept('in')
    program.read('in', `key:${RESPONDER_KEY}\n`)
    expect(program.ring('race:s')).toEqual([
      'close dial-1',
      'close dial-2',
      'close in',
      'give up s',
      'lost s: timed-out',
    ])
    program.expectNothingLeft()
  })

  it('comes when this side aborts, with everything closed', () => {
    const program = new Program()
    program.begin('s', startOf('requestor'))
    program.connect('dial-1')
    expect(program.abort('s')).toEqual(['close dial-1', 'close dial-2', 'give up s', 'lost s: aborted'])
    expect(program.abort('s')).toEqual([])
    program.expectNothingLeft()
  })

  it('says what was wrong with the connections', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(0, 0, 0), theyWereGivenHosts: false }))
    program.connect('dial-1')
    program.connect('dial-2')
    program.read('dial-1', 'ok:wrong\n')
    program.ring('handshake:dial-2')
    const effects = program.endpoint.closed('dial-3', 'unreachable')
    expect(effects.at(-1)).toEqual({
      kind: 'lost',
      session: 's',
      reason: 'protocol-error',
      candidates: ['wrong-key', 'timed-out', 'unreachable'],
    })
  })
})

describe('S6 every other connection is discarded', () => {
  it('those still dialing, those half way, and those that were accepted', () => {
    const program = new Program()
    program.begin('s', startOf('responder', { dials: dialing(0, 0, 0) }))
    program.connect('dial-1')
    program.connect('dial-2')
    program.accept('in')
    program.read('in', `key:${RESPONDER_KEY}\n`)
    expect(program.read('dial-2', `ok:${RESPONDER_KEY}\n`).toSorted()).toEqual([
      'close dial-1',
      'close dial-3',
      'close in',
      'hand over dial-2 for s as dialer, plain: ""',
    ])
    program.expectNothingLeft()
  })

  it('those that arrive late find no session, are told error, and stay open for another try (S3)', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(0) }))
    program.accept('late')
    program.connect('dial-1')
    program.read('dial-1', `ok:${REQUESTOR_KEY}\n`)
    expect(program.handedOver.get('s')).toBe('dial-1')
    expect(program.read('late', `key:${REQUESTOR_KEY}\n`)).toEqual(['send late error'])
    expect(program.ring('handshake:late')).toEqual(['close late'])
    program.expectNothingLeft()
  })

  it('a connection that comes up after it was called off has no effect', () => {
    const program = new Program()
    program.begin('s', startOf('requestor'))
    program.abort('s')
    expect(program.connect('dial-1')).toEqual([])
    expect(program.read('dial-1', 'ok\n')).toEqual([])
    expect(program.secure('dial-1', undefined)).toEqual([])
    expect(program.lose('dial-1')).toEqual([])
    expect(program.take(program.endpoint.timeUp('connect:dial-1'))).toEqual([])
    expect(program.take(program.endpoint.timeUp('handshake:dial-1'))).toEqual([])
    expect(program.take(program.endpoint.timeUp('race:s'))).toEqual([])
    expect(program.take(program.endpoint.timeUp('grace:s'))).toEqual([])
    program.expectNothingLeft()
  })

  it('bytes for a dial that is not connected have no effect', () => {
    const program = new Program()
    program.begin('s', startOf('requestor'))
    expect(program.read('dial-1', `ok:${REQUESTOR_KEY}\n`)).toEqual([])
    expect(program.connect('dial-1')).toEqual([`send dial-1 key:${RESPONDER_KEY}`])
    expect(program.connect('dial-1')).toEqual([])
  })

  it('the losers are closed before the winner is committed', () => {
    const program = new Program()
    program.begin('s', startOf('requestor'))
    program.connect('dial-1')
    const said = program.read('dial-1', `ok:${REQUESTOR_KEY}\n`)
    expect(said).toEqual(['close dial-2', 'send dial-1 ok', 'hand over dial-1 for s as dialer, plain: ""'])
  })
})

describe('What decides: the requestor commits once', () => {
  it('of two connections with one key it answers one, and says error to the other', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(0), bestInbound: 0 }))
    program.accept('far-one', 'far')
    program.accept('far-two', 'far')
    expect(program.read('far-one', `key:${REQUESTOR_KEY}\n`)).toEqual([])
    expect(program.read('far-two', `key:${REQUESTOR_KEY}\n`)).toEqual([])
    expect(program.ring('grace:s')).toEqual([
      'close dial-1',
      'send far-two error',
      'close far-two',
      `send far-one ok:${RESPONDER_KEY}`,
      'hand over far-one for s as acceptor, plain: ""',
    ])
    program.expectNothingLeft()
  })

  it('a responder answers two connections with one key, and takes the one with the ack', () => {
    const program = new Program()
    program.begin('s', startOf('responder', { dials: [] }))
    for (const connection of ['one', 'two']) {
      program.accept(connection)
      expect(program.read(connection, `key:${RESPONDER_KEY}\n`)).toEqual([
        `send ${connection} ok:${REQUESTOR_KEY}`,
      ])
    }
    expect(program.read('two', 'ok\n')).toEqual(['close one', 'hand over two for s as acceptor, plain: ""'])
    program.expectNothingLeft()
  })

  it('a requestor that accepts the nearer one drops the one it held', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(2), bestInbound: 0 }))
    program.connect('dial-1')
    expect(program.read('dial-1', `ok:${REQUESTOR_KEY}\n`)).toEqual([])
    // Only the requestor's own decision is missing now: a clock of the handshake must not close it.
    expect([...program.timers.keys()].toSorted()).toEqual(['grace:s', 'race:s'])
    program.accept('in', 'near')
    expect(program.read('in', `key:${REQUESTOR_KEY}\n`)).toEqual([
      'close dial-1',
      `send in ok:${RESPONDER_KEY}`,
      'hand over in for s as acceptor, plain: ""',
    ])
    program.expectNothingLeft()
  })

  it('a held connection that dies makes room for the next', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(2, 0), bestInbound: undefined }))
    program.connect('dial-1')
    program.read('dial-1', `ok:${REQUESTOR_KEY}\n`)
    program.connect('dial-2')
    expect(program.lose('dial-1')).toEqual(['close dial-1'])
    expect(program.read('dial-2', `ok:${REQUESTOR_KEY}\n`).at(-1)).toBe(
      'hand over dial-2 for s as dialer, plain: ""',
    )
    program.expectNothingLeft()
  })
})

describe('several sessions on one endpoint', () => {
  const other = { ourKey: 'other-own', theirKey: 'other-theirs' }

  it('each is found by its own key', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: [] }))
    program.begin('t', { ...startOf('requestor', { dials: [] }), ...other })
    program.accept('one')
    program.accept('two')
    program.read('one', 'key:other-own\n')
    program.read('two', `key:${REQUESTOR_KEY}\n`)
    expect(Object.fromEntries(program.handedOver)).toEqual({ t: 'one', s: 'two' })
    program.expectNothingLeft()
  })

  it('the end of one leaves the connections and clocks of the other alone', () => {
    const program = new Program()
    program.begin('s', startOf('requestor'))
    program.begin('t', { ...startOf('responder'), ...other })
    expect(program.abort('s')).toEqual(['close dial-1', 'close dial-2', 'give up s', 'lost s: aborted'])
    expect([...program.open]).toEqual(['dial-3', 'dial-4'])
    expect([...program.timers.keys()].toSorted()).toEqual(['connect:dial-3', 'connect:dial-4', 'race:t'])
  })

  it('a dialer is not taken with the key of another session', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(0) }))
    program.begin('t', { ...startOf('requestor', { dials: [] }), ...other })
    program.connect('dial-1')
    expect(program.read('dial-1', 'ok:other-own\n')).toEqual(['close dial-1', 'give up s'])
  })

  it('N7 knows which keys of its own are in use', () => {
    const program = new Program()
    expect(program.endpoint.hasKey(REQUESTOR_KEY)).toBe(false)
    program.endpoint.expect('s', REQUESTOR_KEY)
    expect(program.endpoint.hasKey(REQUESTOR_KEY)).toBe(true)
    expect(program.endpoint.hasKey(RESPONDER_KEY)).toBe(false)
    program.begin('s', startOf('requestor'), { expected: true })
    expect(program.endpoint.hasKey(REQUESTOR_KEY)).toBe(true)
    program.abort('s')
    expect(program.endpoint.hasKey(REQUESTOR_KEY)).toBe(false)
  })

  it('takes no session id apart that has colons in it', () => {
    const program = new Program()
    program.begin('a:b:c', startOf('requestor', { dials: [] }))
    expect(program.ring('race:a:b:c')).toEqual(['lost a:b:c: timed-out'])
    program.expectNothingLeft()
  })
})

describe('security: strangers are bounded', () => {
  const crowd = (count: number): Program => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: [] }))
    for (let index = 0; index < count; index++) program.accept(`stranger-${index}`)
    return program
  }

  it('the oldest makes room for the next', () => {
    const program = crowd(MAX_STRANGERS)
    expect(program.accept('one-more')).toEqual(['close stranger-0'])
    expect(program.endpoint.liveConnections).toBe(MAX_STRANGERS)
  })

  it('the least advanced makes room, not one that has begun TLS', () => {
    const program = crowd(MAX_STRANGERS)
    program.read('stranger-0', 'starttls\n')
    program.secure('stranger-0', undefined)
    program.read('stranger-1', 'starttls\n')
    expect(program.accept('one-more')).toEqual(['close stranger-2'])
  })

  it('junk makes room first', () => {
    const program = crowd(MAX_STRANGERS)
    program.read('stranger-99', 'GET / HTTP/1.1\r\n')
    expect(program.accept('one-more')).toEqual(['close stranger-99'])
  })

  it('junk under TLS makes room before those who keep to the protocol there', () => {
    const program = crowd(MAX_STRANGERS)
    for (let index = 0; index < MAX_STRANGERS; index++) {
      program.read(`stranger-${index}`, 'starttls\n')
      program.secure(`stranger-${index}`, undefined)
    }
    program.read('stranger-7', 'junk\n')
    expect(program.accept('one-more')).toEqual(['close stranger-7'])
  })

  it('an address that sends many cannot push out the only one of another', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: [] }))
    program.accept('lonely', 'far')
    for (let index = 0; index < MAX_STRANGERS; index++) {
      program.accept(`stranger-${index}`, 'near')
      program.read(`stranger-${index}`, 'starttls\n')
      program.secure(`stranger-${index}`, undefined)
    }
    expect(program.open).toContain('lonely')
    expect(program.open).not.toContain('stranger-0')
  })

  it('who has named a session is none, and is never pushed out', () => {
    const program = new Program()
    program.endpoint.expect('s', REQUESTOR_KEY)
    program.accept('friend')
    program.read('friend', `key:${REQUESTOR_KEY}\n`)
    for (let index = 0; index < 2 * MAX_STRANGERS; index++) program.accept(`stranger-${index}`)
    expect(program.open).toContain('friend')
    expect(program.endpoint.liveConnections).toBe(MAX_STRANGERS + 1)
    program.begin('s', startOf('requestor', { dials: [] }), { expected: true })
    expect(program.handedOver.get('s')).toBe('friend')
  })

  it('a dial is none either', () => {
    const program = new Program()
    program.begin('s', startOf('requestor', { dials: dialing(0) }))
    for (let index = 0; index < 2 * MAX_STRANGERS; index++) program.accept(`stranger-${index}`)
    expect(program.open).toContain('dial-1')
  })

  it('each has its handshake time and no longer', () => {
    const program = crowd(1)
    expect(program.timers.get('handshake:stranger-0')).toBe(HANDSHAKE_TIMEOUT_MS)
    program.read('stranger-0', 'starttls\n')
    program.secure('stranger-0', undefined)
    expect(program.timers.has('handshake:stranger-0')).toBe(true)
    expect(program.ring('handshake:stranger-0')).toEqual(['close stranger-0'])
  })

  it('of one session only so many wait for a decision', () => {
    const program = new Program()
    program.begin('s', startOf('responder', { dials: [] }))
    for (let index = 0; index < MAX_ACCEPTED_PER_SESSION; index++) {
      program.accept(`in-${index}`)
      expect(program.read(`in-${index}`, `key:${RESPONDER_KEY}\n`)).toEqual([
        `send in-${index} ok:${REQUESTOR_KEY}`,
      ])
    }
    program.accept('too-many')
    expect(program.read('too-many', `key:${RESPONDER_KEY}\n`)).toEqual([
      'send too-many error',
      'close too-many',
    ])
    expect(program.read('in-3', 'ok\n').at(-1)).toBe('hand over in-3 for s as acceptor, plain: ""')
    program.expectNothingLeft()
  })

  it('a responder that accepted waits for the ack until the race is over, and no longer', () => {
    const program = new Program()
    program.begin('s', startOf('responder', { dials: [] }))
    program.accept('in')
    program.read('in', `key:${RESPONDER_KEY}\n`)
    expect([...program.timers.keys()]).toEqual(['race:s'])
    expect(program.ring('race:s')).toEqual(['close in', 'lost s: timed-out'])
    program.expectNothingLeft()
  })
})
