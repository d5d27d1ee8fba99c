import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ACCEPTED,
  type Socks5Effect,
  type Socks5Step,
  startDialer,
  stepAcceptor,
  stepDialer,
} from '../../main/bytestreams/socks5.ts'

const ADDRESS = '416781edf1ae50bad01cb8509ba35b43952bc345'
const OTHER = '0000000000000000000000000000000000000000'

/** Bytes from numbers and text, in their order. */
function bytes(...parts: readonly (number | string)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap(part =>
      typeof part === 'number' ? [part] : Array.from(part, character => character.charCodeAt(0)),
    ),
  )
}

const GREETING = bytes(5, 1, 0)
const METHOD = bytes(5, 0)
const REQUEST = bytes(5, 1, 0, 3, 40, ADDRESS, 0, 0)
const SUCCESS = bytes(5, 0, 0, 3, 40, ADDRESS, 0, 0)

const CUTS: readonly [name: string, cut: (all: Uint8Array) => readonly Uint8Array[]][] = [
  ['whole', all => [all]],
  ['byte by byte', all => Array.from(all, byte => Uint8Array.of(byte))],
  [
    'in pairs of bytes',
    all => Array.from({ length: Math.ceil(all.length / 2) }, (_, i) => all.slice(2 * i, 2 * i + 2)),
  ],
  ['with nothing in between', all => Array.from(all, byte => [new Uint8Array(), Uint8Array.of(byte)]).flat()],
]

/** One side, with whoever carries out its effects. */
class Side {
  readonly said: Uint8Array[] = []
  outcome: string | undefined
  behind: number[] = []
  #read: (bytes: Uint8Array) => readonly Socks5Effect[]

  private constructor(read: (bytes: Uint8Array) => readonly Socks5Effect[]) {
    this.#read = read
  }

  static dialer(address = ADDRESS): Side {
    const first = startDialer(address)
    const side = Side.#of(first, stepDialer)
    side.#carryOut(first.effects)
    return side
  }

  static acceptor(wanted: readonly string[] = [ADDRESS]): Side {
    return Side.#of({ state: ACCEPTED, effects: [] }, (state, input) =>
      stepAcceptor(state, input, address => wanted.includes(address)),
    )
  }

  static #of<State>(
    first: Socks5Step<State>,
    step: (state: State, bytes: Uint8Array) => Socks5Step<State>,
  ): Side {
    let { state } = first
    return new Side(input => {
      const next = step(state, input)
      state = next.state
      return next.effects
    })
  }

  read(input: Uint8Array): void {
    // What comes behind the handshake is no business of the machine's.
    if (this.outcome?.startsWith('established')) this.behind.push(...input)
    else this.#carryOut(this.#read(input))
  }

  /** As the other side reads it. */
  get sent(): Uint8Array {
    return Uint8Array.from(this.said.flatMap(one => [...one]))
  }

  #carryOut(effects: readonly Socks5Effect[]): void {
    for (const effect of effects) {
      expect(this.outcome).toBeUndefined()
      if (effect.kind === 'send') this.said.push(effect.bytes)
      else if (effect.kind === 'failed') this.outcome = effect.reason
      else {
        this.outcome = `established ${effect.address}`
        this.behind.push(...effect.trailing)
      }
    }
  }
}

describe.each(CUTS)('a dialer that reads %s', (_, cut) => {
  const reading = (...answers: readonly Uint8Array[]): Side => {
    const side = Side.dialer()
    for (const answer of answers) for (const piece of cut(answer)) side.read(piece)
    return side
  }

  it('offers no authentication, and asks only when it knows that none is wanted', () => {
    const side = Side.dialer()
    expect(side.said).toEqual([GREETING])
    for (const piece of cut(METHOD)) side.read(piece)
    expect(side.said).toEqual([GREETING, REQUEST])
    expect(side.outcome).toBeUndefined()
  })

  it.each([
    ['the name', SUCCESS],
    ['an IPv4 address', bytes(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)],
    ['an IPv6 address', bytes(5, 0, 0, 4, '0123456789abcdef', 19, 136)],
    ['an empty name', bytes(5, 0, 0, 3, 0, 0, 0)],
    ['another name', bytes(5, 0, 0, 3, 11, 'example.com', 0, 80)],
    ['the longest name', bytes(5, 0, 0, 3, 255, 'x'.repeat(255), 0, 0)],
    ['a reserved byte that is not zero', bytes(5, 0, 7, 1, 127, 0, 0, 1, 19, 136)],
  ])('takes a success with %s', (__, reply) => {
    const side = reading(METHOD, reply)
    expect(side.outcome).toBe(`established ${ADDRESS}`)
    expect(side.behind).toEqual([])
    const more = reading(METHOD, bytes(...reply, 5, 0, 'first bytes'))
    expect(more.behind).toEqual([...bytes(5, 0, 'first bytes')])
  })

  it.each([
    ['refuses every method', [bytes(5, 0xff)], 'refused'],
    ['wants a password', [bytes(5, 2)], 'malformed'],
    ['speaks SOCKS4', [bytes(4, 0)], 'malformed'],
    ['speaks HTTP', [bytes('HTTP/1.1 400 Bad Request\r\n\r\n')], 'malformed'],
    ['speaks SSH', [bytes('SSH-2.0-OpenSSH_9.9\r\n')], 'malformed'],
    ['sends zeros', [new Uint8Array(100_000)], 'malformed'],
    ['says no', [METHOD, bytes(5, 1, 0, 1, 0, 0, 0, 0, 0, 0)], 'refused'],
    ['says no, and breaks off', [METHOD, bytes(5, 5)], 'refused'],
    ['says no like Prosody', [METHOD, bytes(5, 1, 0, 3, 0, 0, 0)], 'refused'],
    ['answers in another version', [METHOD, bytes(0, 0, 0, 1)], 'malformed'],
    ['is bound to something unknown', [METHOD, bytes(5, 0, 0, 2, 0, 0)], 'malformed'],
    ['repeats the method', [METHOD, METHOD, METHOD], 'malformed'],
    ['is an echo', [GREETING, REQUEST], 'malformed'],
  ])('fails when the other end %s', (__, answers, reason) => {
    const side = reading(...answers)
    expect(side.outcome).toBe(reason)
  })
})

describe.each(CUTS)('an acceptor that reads %s', (_, cut) => {
  const reading = (...messages: readonly Uint8Array[]): Side => {
    const side = Side.acceptor()
    for (const message of messages) for (const piece of cut(message)) side.read(piece)
    return side
  }

  it.each([
    ['no authentication only', GREETING],
    ['it beside others', bytes(5, 3, 1, 0, 2)],
    ['it among all there are', bytes(5, 255, ...Array.from({ length: 255 }, (__, index) => index))],
  ])('takes a greeting that offers %s', (__, greeting) => {
    const side = reading(greeting)
    expect(side.said).toEqual([METHOD])
    expect(side.outcome).toBeUndefined()
  })

  it('lets one in who names the stream, and repeats what was asked for', () => {
    const side = reading(GREETING, REQUEST)
    expect(side.said).toEqual([METHOD, SUCCESS])
    expect(side.outcome).toBe(`established ${ADDRESS}`)
    expect(side.behind).toEqual([])
  })

  it('hands on what came behind the request', () => {
    const side = reading(GREETING, bytes(...REQUEST, 5, 1, 0, 'early'))
    expect(side.behind).toEqual([...bytes(5, 1, 0, 'early')])
  })

  it('lets one in who says everything at once', () => {
    const side = reading(bytes(...GREETING, ...REQUEST, 'early'))
    expect(side.said).toEqual([METHOD, SUCCESS])
    expect(side.behind).toEqual([...bytes('early')])
  })

  it('takes the name in capitals, and any port', () => {
    const request = bytes(5, 1, 0, 3, 40, ADDRESS.toUpperCase(), 4, 56)
    const side = reading(GREETING, request)
    expect(side.outcome).toBe(`established ${ADDRESS}`)
    expect(side.said[1]).toEqual(bytes(5, 0, 0, 3, 40, ADDRESS.toUpperCase(), 4, 56))
  })

  const no = (reply: number): Uint8Array => bytes(5, reply, 0, 1, 0, 0, 0, 0, 0, 0)
  it.each([
    ['speaks SOCKS4', [bytes(4, 1, 0, 80, 127, 0, 0, 1, 0)], [], 'malformed'],
    ['speaks HTTP', [bytes('GET / HTTP/1.1\r\n\r\n')], [], 'malformed'],
    ['begins with TLS', [bytes(22, 3, 1, 2, 0)], [], 'malformed'],
    ['offers no method', [bytes(5, 0)], [bytes(5, 0xff)], 'unwanted'],
    ['offers a password only', [bytes(5, 1, 2)], [bytes(5, 0xff)], 'unwanted'],
    ['asks in another version', [GREETING, bytes(4, 1)], [METHOD], 'malformed'],
    ['wants to be listened for', [GREETING, bytes(5, 2, 0, 3)], [METHOD, no(7)], 'unwanted'],
    ['wants UDP', [GREETING, bytes(5, 3, 0, 3)], [METHOD, no(7)], 'unwanted'],
    [
      'wants an IPv4 address',
      [GREETING, bytes(5, 1, 0, 1, 127, 0, 0, 1, 0, 22)],
      [METHOD, no(8)],
      'unwanted',
    ],
    ['wants an IPv6 address', [GREETING, bytes(5, 1, 0, 4, 0)], [METHOD, no(8)], 'unwanted'],
    ['wants a real name', [GREETING, bytes(5, 1, 0, 3, 9, 'localhost', 0, 22)], [METHOD, no(2)], 'unwanted'],
    ['wants nothing', [GREETING, bytes(5, 1, 0, 3, 0, 0, 0)], [METHOD, no(2)], 'unwanted'],
    ['wants another stream', [GREETING, bytes(5, 1, 0, 3, 40, OTHER, 0, 0)], [METHOD, no(2)], 'unwanted'],
    [
      'wants no hash',
      [GREETING, bytes(5, 1, 0, 3, 40, '\xff'.repeat(40), 0, 0)],
      [METHOD, no(2)],
      'unwanted',
    ],
  ])('turns one away who %s', (__, messages, said, reason) => {
    const side = reading(...messages)
    expect(side.said).toEqual(said)
    expect(side.outcome).toBe(reason)
  })
})

describe('both together', () => {
  it('come to an end that both agree on, however the bytes are cut', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 10 })
    const data = fc.uint8Array({ maxLength: 100 })
    fc.assert(
      fc.property(pieces, data, data, (sizes, fromDialer, fromAcceptor) => {
        const [dialer, acceptor] = [Side.dialer(), Side.acceptor()]
        const done = { dialer: 0, acceptor: 0 }
        for (let turn = 0; dialer.outcome === undefined || acceptor.outcome === undefined; turn++) {
          expect(turn).toBeLessThan(400)
          const size = sizes[turn % sizes.length] ?? 1
          const up = dialer.sent.slice(done.dialer, done.dialer + size)
          done.dialer += up.length
          acceptor.read(up)
          const down = acceptor.sent.slice(done.acceptor, done.acceptor + size)
          done.acceptor += down.length
          dialer.read(down)
        }
        expect(dialer.outcome).toBe(`established ${ADDRESS}`)
        expect(acceptor.outcome).toBe(`established ${ADDRESS}`)
        acceptor.read(fromDialer)
        dialer.read(fromAcceptor)
        expect([dialer.behind, acceptor.behind]).toEqual([[...fromAcceptor], [...fromDialer]])
      }),
    )
  })

  it('end at the same, whatever comes, however it is cut', () => {
    const likely = fc.oneof(
      fc.constantFrom(GREETING, METHOD, REQUEST, SUCCESS, bytes(5), bytes(5, 0, 0, 3, 255)),
      fc.uint8Array({ maxLength: 300 }),
    )
    const input = fc.array(likely, { maxLength: 5 }).map(parts => bytes(...parts.flatMap(part => [...part])))
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: 50 }), fc.boolean(), (all, size, dials) => {
        const make = (): Side => (dials ? Side.dialer() : Side.acceptor())
        const [whole, cut] = [make(), make()]
        whole.read(all)
        for (let at = 0; at < all.length; at += size) cut.read(all.slice(at, at + size))
        expect(cut.outcome).toBe(whole.outcome)
        expect(cut.sent).toEqual(whole.sent)
        expect(cut.behind).toEqual(whole.behind)
      }),
    )
  })

  it('keep no more than one message', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 }), chunks => {
        let { state } = stepDialer(startDialer(ADDRESS).state, METHOD)
        for (const chunk of chunks) {
          state = stepDialer(state, chunk).state
          expect(state.kind === 'over' || state.buffer.length < 4 + 1 + 255 + 2).toBe(true)
        }
        let accepting = ACCEPTED
        for (const chunk of chunks) {
          accepting = stepAcceptor(accepting, chunk, () => true).state
          expect(accepting.kind === 'over' || accepting.buffer.length < 2 + 255).toBe(true)
        }
      }),
    )
  })
})
