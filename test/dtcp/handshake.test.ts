import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import {
  type AcceptorContext,
  type DialerTerms,
  MAX_TRIES,
  type Role,
  type Terms,
} from '../../main/dtcp/handshake.ts'
import { isAcceptableKey } from '../../main/dtcp/key.ts'
import { MAX_LINE_BYTES } from '../../main/dtcp/line.ts'
import { Conversation, OURS, REQUESTOR_KEY, RESPONDER_KEY, THEIRS, termsOf } from './machines.ts'

/** What the race decides; no bytes could be mistaken for it. */
const COMMIT = Symbol('committed')
const DISCARD = Symbol('discarded')

/** What happens to one side of a conversation, in order. */
type Act =
  | string
  | typeof COMMIT
  | typeof DISCARD
  | { readonly secured: Fingerprints | undefined }
  | { readonly know: Terms }

interface Case {
  readonly behaviour: string
  readonly start: () => Conversation
  readonly acts: readonly Act[]
  readonly says: readonly string[]
}

function act(side: Conversation, what: Act, cut: (text: string) => Iterable<string>): void {
  if (what === COMMIT) side.decide('committed')
  else if (what === DISCARD) side.decide('discarded')
  else if (typeof what === 'string') for (const piece of cut(what)) side.read(piece)
  else if ('know' in what) side.know(what.know)
  else side.secured(what.secured)
}

const CUTS: readonly [name: string, cut: (text: string) => Iterable<string>][] = [
  ['whole', text => [text]],
  ['byte by byte', text => text],
  ['in pairs of bytes', text => text.match(/[\s\S]{1,2}/g) ?? []],
]

/** Each case whole, byte by byte and in pairs, and each once more with bytes behind the last line. */
function itBehaves({ behaviour, start, acts, says }: Case): void {
  it.each(CUTS)(`${behaviour} (%s)`, (_, cut) => {
    const side = start()
    for (const what of acts) act(side, what, cut)
    expect(side.said).toEqual(says)
    // S5: nothing came behind the lines, so nothing is handed on.
    expect(side.handedOn.join('')).toBe('')
  })

  const lastText = acts.findLastIndex(what => typeof what === 'string')
  const last = says.at(-1) ?? ''
  const wasTls = acts.slice(lastText + 1).some(what => typeof what === 'object' && 'secured' in what)
  const goesOn = last.startsWith('established') || last === 'start-tls' || wasTls
  // Where commands are still read, a line without its end says nothing yet.
  const trailing = goesOn ? 'key:x\nok\nstarttls\n\0\xff\r\ndata' : 'half a comm'
  it.each(CUTS)(`${behaviour}, with bytes behind the last line (%s)`, (_, cut) => {
    const side = start()
    for (const [index, what] of acts.entries()) {
      act(side, index === lastText ? `${what as string}${trailing}` : what, cut)
    }
    expect(side.said).toEqual(says)
    expect(side.handedOn.at(-1) ?? '').toBe(goesOn ? trailing : '')
    expect(side.handedOn.slice(0, -1).join('')).toBe('')
  })
}

const dials =
  (role: Role, more: Partial<DialerTerms> = {}) =>
  (): Conversation =>
    Conversation.dialer(termsOf(role, more))

interface Accepting {
  readonly serveTls?: boolean
  readonly plaintextAllowed?: boolean
  readonly pinned?: Fingerprints | undefined
  /** The iq result is not there yet. */
  readonly early?: boolean
}

function contextOf(role: Role, { serveTls = true, early = false, ...more }: Accepting): AcceptorContext {
  const terms = termsOf(role, more)
  return {
    serveTls,
    findSession: key => (key === terms.ourKey ? { id: 's', terms: early ? undefined : terms } : undefined),
  }
}

const accepts =
  (role: Role, more: Accepting = {}) =>
  (): Conversation =>
    Conversation.acceptor(contextOf(role, more))

const withTls: Partial<DialerTerms> = { askForTls: true, plaintextAllowed: false }

describe('S1 commands are lines ended by LF', () => {
  const cases: readonly Case[] = [
    {
      behaviour: 'a dialer tolerates CRLF from an acceptor',
      start: dials('responder'),
      acts: [`ok:${RESPONDER_KEY}\r\n`],
      says: [`send key:${REQUESTOR_KEY}`, 'established plain'],
    },
    {
      behaviour: 'an acceptor tolerates CRLF from a dialer',
      start: accepts('responder'),
      acts: [`key:${RESPONDER_KEY}\r\n`, 'ok\r\n'],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`, 'established plain'],
    },
    {
      behaviour: 'an acceptor takes a needless colon behind a command without an argument',
      start: accepts('responder'),
      acts: [`key:${RESPONDER_KEY}\n`, 'ok:\n'],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`, 'established plain'],
    },
    {
      behaviour: 'an acceptor takes a needless colon behind starttls',
      start: accepts('responder'),
      acts: ['starttls:\n'],
      says: ['send ok', 'start-tls'],
    },
    {
      behaviour: 'a dialer takes a needless colon behind an answer without an argument',
      start: dials('responder', { askForTls: true }),
      acts: ['error:\n', 'error:\n'],
      says: ['send starttls', `send key:${REQUESTOR_KEY}`, 'failed key-refused'],
    },
    {
      behaviour: 'an acceptor closes at a line that is too long',
      start: accepts('responder'),
      acts: ['x'.repeat(MAX_LINE_BYTES + 1)],
      says: ['failed line-too-long'],
    },
    {
      behaviour: 'an acceptor closes at an ack that is too long',
      start: accepts('responder'),
      acts: [`key:${RESPONDER_KEY}\n`, 'o'.repeat(MAX_LINE_BYTES + 1)],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`, 'failed line-too-long'],
    },
    {
      behaviour: 'a dialer closes at an answer that is too long',
      start: dials('requestor'),
      acts: [`ok:${'x'.repeat(MAX_LINE_BYTES)}`],
      says: [`send key:${RESPONDER_KEY}`, 'failed line-too-long'],
    },
    {
      behaviour: 'a dialer closes at an answer to starttls that is too long',
      start: dials('requestor', withTls),
      acts: ['x'.repeat(MAX_LINE_BYTES + 1)],
      says: ['send starttls', 'failed line-too-long'],
    },
  ]
  for (const one of cases) itBehaves(one)
})

describe('S2 starttls', () => {
  const cases: readonly Case[] = [
    {
      behaviour: 'a dialer asks for TLS first, and starts it when the acceptor says ok',
      start: dials('requestor', withTls),
      acts: ['ok\n'],
      says: ['send starttls', 'start-tls'],
    },
    {
      behaviour: 'a dialer says its key when TLS is up',
      start: dials('requestor', withTls),
      acts: ['ok\n', { secured: undefined }, `ok:${REQUESTOR_KEY}\n`, COMMIT],
      says: [
        'send starttls',
        'start-tls',
        `send key:${RESPONDER_KEY}`,
        'ready',
        'send ok',
        'established encrypted',
      ],
    },
    {
      behaviour: 'a dialer goes on in plaintext after an error where that is allowed',
      start: dials('responder', { askForTls: true }),
      acts: ['error\n', `ok:${RESPONDER_KEY}\n`],
      says: ['send starttls', `send key:${REQUESTOR_KEY}`, 'established plain'],
    },
    {
      behaviour: 'a dialer closes after an error where plaintext is not allowed',
      start: dials('responder', withTls),
      acts: ['error\n'],
      says: ['send starttls', 'failed encryption-refused'],
    },
    {
      behaviour: 'a dialer closes at any other answer to starttls',
      start: dials('responder', { askForTls: true }),
      acts: [`ok:${RESPONDER_KEY}\n`],
      says: ['send starttls', 'failed unexpected-line'],
    },
    {
      behaviour: 'an acceptor says ok and starts TLS',
      start: accepts('responder'),
      acts: ['starttls\n'],
      says: ['send ok', 'start-tls'],
    },
    {
      behaviour: 'an acceptor reads the key when TLS is up',
      start: accepts('responder'),
      acts: ['starttls\n', { secured: undefined }, `key:${RESPONDER_KEY}\n`, 'ok\n'],
      says: ['send ok', 'start-tls', 'joined s', `send ok:${REQUESTOR_KEY}`, 'established encrypted'],
    },
    {
      behaviour: 'an acceptor without TLS says error and stays open for the key',
      start: accepts('responder', { serveTls: false }),
      acts: ['starttls\n', `key:${RESPONDER_KEY}\n`, 'ok\n'],
      says: ['send error', 'joined s', `send ok:${REQUESTOR_KEY}`, 'established plain'],
    },
    {
      behaviour: 'an acceptor refuses TLS inside of TLS and stays open',
      start: accepts('responder'),
      acts: ['starttls\n', { secured: undefined }, 'starttls\n', `key:${RESPONDER_KEY}\n`],
      says: ['send ok', 'start-tls', 'send error', 'joined s', `send ok:${REQUESTOR_KEY}`],
    },
    {
      behaviour: 'an acceptor that insists on TLS refuses the key and stays open for starttls',
      start: accepts('responder', { plaintextAllowed: false }),
      acts: [`key:${RESPONDER_KEY}\n`, 'starttls\n', { secured: THEIRS }, `key:${RESPONDER_KEY}\n`],
      says: [
        'noted encryption-refused',
        'send error',
        'send ok',
        'start-tls',
        'joined s',
        `send ok:${REQUESTOR_KEY}`,
      ],
    },
    {
      behaviour: 'starttls with an argument is no command',
      start: accepts('responder'),
      acts: ['starttls:x\n'],
      says: ['send error'],
    },
  ]
  for (const one of cases) itBehaves(one)

  it('a dialer that may neither ask for TLS nor do without closes at once', () => {
    expect(dials('requestor', { plaintextAllowed: false })().said).toEqual(['failed encryption-refused'])
  })

  it('security: takes no command that was injected behind starttls', () => {
    const side = accepts('requestor')()
    side.read(`starttls\nkey:${REQUESTOR_KEY}\n`)
    side.secured(THEIRS)
    side.decide('committed')
    expect(side.said).toEqual(['send ok', 'start-tls'])
    expect(side.handedOn).toEqual([`key:${REQUESTOR_KEY}\n`])
  })

  it('security: takes no answer that was injected behind the ok to starttls', () => {
    const side = dials('responder', withTls)()
    side.read(`ok\nok:${RESPONDER_KEY}\n`)
    side.secured(undefined)
    expect(side.said).toEqual(['send starttls', 'start-tls', `send key:${REQUESTOR_KEY}`])
    expect(side.handedOn).toEqual([`ok:${RESPONDER_KEY}\n`])
  })
})

describe('S3 key and answer', () => {
  const cases: readonly Case[] = [
    {
      behaviour: "a dialer says the acceptor's key and takes its own for an answer",
      start: dials('responder'),
      acts: [`ok:${RESPONDER_KEY}\n`],
      says: [`send key:${REQUESTOR_KEY}`, 'established plain'],
    },
    {
      behaviour: 'a dialer closes when its key is refused',
      start: dials('responder'),
      acts: ['error\n'],
      says: [`send key:${REQUESTOR_KEY}`, 'failed key-refused'],
    },
    {
      behaviour: 'a dialer closes when the answer is not its own key',
      start: dials('responder'),
      acts: [`ok:${RESPONDER_KEY}x\n`],
      says: [`send key:${REQUESTOR_KEY}`, 'failed wrong-key'],
    },
    {
      behaviour: "a dialer closes when the acceptor's key is thrown back",
      start: dials('requestor'),
      acts: [`ok:${RESPONDER_KEY}\n`],
      says: [`send key:${RESPONDER_KEY}`, 'failed wrong-key'],
    },
    {
      behaviour: 'a dialer closes when the answer is an empty key',
      start: dials('responder'),
      acts: ['ok:\n'],
      says: [`send key:${REQUESTOR_KEY}`, 'failed wrong-key'],
    },
    {
      behaviour: 'a dialer closes at an ok without a key',
      start: dials('responder'),
      acts: ['ok\n'],
      says: [`send key:${REQUESTOR_KEY}`, 'failed unexpected-line'],
    },
    {
      behaviour: 'a dialer closes at what is no answer',
      start: dials('responder'),
      acts: ['HTTP/1.1 400 Bad Request\r\n'],
      says: [`send key:${REQUESTOR_KEY}`, 'failed unexpected-line'],
    },
    {
      behaviour: 'a dialer closes at an error with an argument, which is none',
      start: dials('responder'),
      acts: ['error:x\n'],
      says: [`send key:${REQUESTOR_KEY}`, 'failed unexpected-line'],
    },
    {
      behaviour: "an acceptor answers a good key with the dialer's",
      start: accepts('responder'),
      acts: [`key:${RESPONDER_KEY}\n`],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`],
    },
    {
      behaviour: 'an acceptor refuses an unknown key and stays open',
      start: accepts('responder'),
      acts: ['key:guess\n', `key:${RESPONDER_KEY}\n`],
      says: ['send error', 'joined s', `send ok:${REQUESTOR_KEY}`],
    },
    {
      behaviour: 'an acceptor refuses its own answer key, an empty key and no key',
      start: accepts('responder'),
      acts: [`key:${REQUESTOR_KEY}\n`, 'key:\n', 'key\n'],
      says: ['send error', 'send error', 'send error'],
    },
    {
      behaviour: 'an acceptor refuses an ack that comes before the key',
      start: accepts('responder'),
      acts: ['ok\n', `key:${RESPONDER_KEY}\n`],
      says: ['send error', 'joined s', `send ok:${REQUESTOR_KEY}`],
    },
    {
      behaviour: 'an acceptor refuses unknown commands, in any case but lower, and empty lines',
      start: accepts('responder'),
      acts: [`KEY:${RESPONDER_KEY}\n`, '\n', 'GET / HTTP/1.1\r\n'],
      says: ['send error', 'send error', 'send error'],
    },
    {
      behaviour: 'an acceptor bears only so many tries',
      start: accepts('responder'),
      acts: ['a\n', 'b\n', 'c\n', 'd\n', 'e\n'],
      says: [...Array.from({ length: MAX_TRIES }, () => 'send error'), 'failed too-many-tries'],
    },
    {
      behaviour: 'an acceptor counts the tries before TLS too',
      start: accepts('responder'),
      acts: ['a\n', 'b\n', 'starttls\n', { secured: undefined }, 'c\n', 'd\n', 'e\n'],
      says: [
        'send error',
        'send error',
        'send ok',
        'start-tls',
        'send error',
        'send error',
        'send error',
        'failed too-many-tries',
      ],
    },
    {
      behaviour: 'an acceptor takes the last try that it bears',
      start: accepts('responder'),
      acts: ['a\n', 'b\n', 'c\n', 'd\n', `key:${RESPONDER_KEY}\n`],
      says: [
        ...Array.from({ length: MAX_TRIES - 1 }, () => 'send error'),
        'joined s',
        `send ok:${REQUESTOR_KEY}`,
      ],
    },
  ]
  for (const one of cases) itBehaves(one)

  it('an acceptor reads several commands that came at once, and none after the last try', () => {
    const side = accepts('responder')()
    side.read(`a\nb\nc\nd\ne\nkey:${RESPONDER_KEY}\n`)
    side.read(`key:${RESPONDER_KEY}\n`)
    expect(side.said.filter(word => word === 'send error')).toHaveLength(MAX_TRIES)
    expect(side.said.at(-1)).toBe('failed too-many-tries')
  })
})

describe('S4 the ack gives the requestor the last word', () => {
  const cases: readonly Case[] = [
    {
      behaviour: 'a requestor that dialed waits for the race, then acknowledges',
      start: dials('requestor'),
      acts: [`ok:${REQUESTOR_KEY}\n`, COMMIT],
      says: [`send key:${RESPONDER_KEY}`, 'ready', 'send ok', 'established plain'],
    },
    {
      behaviour: 'a requestor that dialed closes without a word when the race chose another',
      start: dials('requestor'),
      acts: [`ok:${REQUESTOR_KEY}\n`, DISCARD],
      says: [`send key:${RESPONDER_KEY}`, 'ready', 'failed lost-race'],
    },
    {
      behaviour: 'a responder that dialed sends no ack',
      start: dials('responder'),
      acts: [`ok:${RESPONDER_KEY}\n`],
      says: [`send key:${REQUESTOR_KEY}`, 'established plain'],
    },
    {
      behaviour: 'a responder that accepted waits for the ack',
      start: accepts('responder'),
      acts: [`key:${RESPONDER_KEY}\n`, 'ok\n'],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`, 'established plain'],
    },
    {
      behaviour: 'a responder that accepted takes nothing else for the ack',
      start: accepts('responder'),
      acts: [`key:${RESPONDER_KEY}\n`, 'error\n'],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`, 'failed unexpected-line'],
    },
    {
      behaviour: 'a responder that accepted takes no ack with an argument',
      start: accepts('responder'),
      acts: [`key:${RESPONDER_KEY}\n`, `ok:${RESPONDER_KEY}\n`],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`, 'failed unexpected-line'],
    },
    {
      behaviour: 'a responder that accepted closes when another connection won',
      start: accepts('responder'),
      acts: [`key:${RESPONDER_KEY}\n`, DISCARD],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`, 'failed lost-race'],
    },
    {
      behaviour: 'a requestor that accepted asks its race before it answers, and needs no ack',
      start: accepts('requestor'),
      acts: [`key:${REQUESTOR_KEY}\n`, COMMIT],
      says: ['joined s', 'ready', `send ok:${RESPONDER_KEY}`, 'established plain'],
    },
    {
      behaviour: 'a requestor that accepted says error and closes when its race is over',
      start: accepts('requestor'),
      acts: [`key:${REQUESTOR_KEY}\n`, DISCARD],
      says: ['joined s', 'ready', 'send error', 'failed lost-race'],
    },
    {
      behaviour: 'a requestor under TLS acknowledges as well',
      start: dials('requestor', { ...withTls, pinned: THEIRS }),
      acts: ['ok\n', { secured: THEIRS }, `ok:${REQUESTOR_KEY}\n`, COMMIT],
      says: [
        'send starttls',
        'start-tls',
        `send key:${RESPONDER_KEY}`,
        'ready',
        'send ok',
        'established verified',
      ],
    },
  ]
  for (const one of cases) itBehaves(one)

  it('a verdict that comes too early or too late has no effect', () => {
    const side = dials('requestor')()
    side.decide('committed')
    side.read(`ok:${REQUESTOR_KEY}\n`)
    side.decide('committed')
    const said = [...side.said]
    side.decide('committed')
    side.decide('discarded')
    side.secured(THEIRS)
    expect(side.said).toEqual(said)
    expect(said.filter(word => word === 'send ok')).toHaveLength(1)

    const other = accepts('requestor')()
    other.decide('committed')
    other.secured(THEIRS)
    other.know(termsOf('requestor'))
    other.read(`key:${REQUESTOR_KEY}\n`)
    other.decide('discarded')
    const heard = [...other.said]
    other.decide('committed')
    other.read(`key:${REQUESTOR_KEY}\n`)
    expect(other.said).toEqual(heard)
    expect(heard).toEqual(['joined s', 'ready', 'send error', 'failed lost-race'])
  })
})

describe('S5 bytes behind the last line belong to the next layer', () => {
  it.each(CUTS)('keeps what came before the verdict for the stream, as dialer (%s)', (_, cut) => {
    const side = dials('requestor')()
    act(side, `ok:${REQUESTOR_KEY}\nearly\ndata`, cut)
    expect(side.said.at(-1)).toBe('ready')
    side.decide('committed')
    expect(side.handedOn).toEqual(['early\ndata'])
  })

  it.each(CUTS)('keeps what came before the verdict for the stream, as acceptor (%s)', (_, cut) => {
    const side = accepts('requestor')()
    act(side, `key:${REQUESTOR_KEY}\nok\nkey:x\n`, cut)
    side.decide('committed')
    // Not even an `ok` is read as a command: a responder that dialed has no ack to send (S4).
    expect(side.handedOn).toEqual(['ok\nkey:x\n'])
  })

  it.each(CUTS)('keeps what came while the peer was not known yet (%s)', (_, cut) => {
    const side = accepts('requestor', { early: true })()
    act(side, `key:${REQUESTOR_KEY}\nearly`, cut)
    side.know(termsOf('requestor'))
    side.decide('committed')
    expect(side.handedOn).toEqual(['early'])
  })

  it('reads an ack that came in one go with the key', () => {
    const side = accepts('responder')()
    side.read(`key:${RESPONDER_KEY}\nok\ndata`)
    expect(side.said).toEqual(['joined s', `send ok:${REQUESTOR_KEY}`, 'established plain'])
    expect(side.handedOn).toEqual(['data'])
  })

  it('hands on a first chunk of data that is longer than any line', () => {
    const data = 'd'.repeat(200_000)
    const acceptor = accepts('responder')()
    acceptor.read(`key:${RESPONDER_KEY}\n`)
    acceptor.read(`ok\n${data}`)
    expect(acceptor.handedOn).toEqual([data])
    const dialer = dials('responder')()
    dialer.read(`ok:${RESPONDER_KEY}\n${data}`)
    expect(dialer.handedOn).toEqual([data])
  })

  it('keeps no more than a bounded heap for a verdict', () => {
    const sides = [dials('requestor')(), accepts('requestor')(), accepts('requestor', { early: true })()]
    for (const [index, side] of sides.entries()) {
      side.read(index === 0 ? `ok:${REQUESTOR_KEY}\n` : `key:${REQUESTOR_KEY}\n`)
      for (let sent = 0; sent < 64; sent++) side.read('x'.repeat(1024))
      expect(side.outcome).toBeUndefined()
      side.read('x')
      expect(side.outcome).toBe('failed unexpected-data')
    }
  })

  it('keeps no more than a bounded heap that comes in one go with the key', () => {
    const side = accepts('requestor')()
    side.read(`key:${REQUESTOR_KEY}\n${'x'.repeat(64 * 1024 + 1)}`)
    expect(side.outcome).toBe('failed unexpected-data')
    expect(side.said).not.toContain('ready')
  })
})

describe('N2 keys of any printable shape', () => {
  const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 256 }).filter(isAcceptableKey)

  it('come through a conversation, both ways', () => {
    fc.assert(
      fc.property(key, key, fc.constantFrom<Role>('requestor', 'responder'), (ours, theirs, role) => {
        const dialer: DialerTerms = { ...termsOf(role), ourKey: ours, theirKey: theirs }
        const acceptor: Terms = { ...termsOf(otherThan(role)), ourKey: theirs, theirKey: ours }
        const { one, other } = converse(dialer, { terms: acceptor, serveTls: true })
        expect([one.outcome, other.outcome]).toEqual(['established plain', 'established plain'])
      }),
    )
  })
})

describe('N4 a dialer may come before the iq result', () => {
  const early = accepts('requestor', { early: true })
  const cases: readonly Case[] = [
    {
      behaviour: 'is held until the peer is known, then asks the race',
      start: early,
      acts: [`key:${REQUESTOR_KEY}\n`, { know: termsOf('requestor') }, COMMIT],
      says: ['joined s', 'joined s', 'ready', `send ok:${RESPONDER_KEY}`, 'established plain'],
    },
    {
      behaviour: 'is told error when the request comes to nothing',
      start: early,
      acts: [`key:${REQUESTOR_KEY}\n`, DISCARD],
      says: ['joined s', 'send error', 'failed lost-race'],
    },
    {
      behaviour: 'without the TLS that is asked for is told error and may go on with starttls',
      start: early,
      acts: [
        `key:${REQUESTOR_KEY}\n`,
        { know: termsOf('requestor', { plaintextAllowed: false }) },
        'starttls\n',
      ],
      says: ['joined s', 'noted encryption-refused', 'send error', 'send ok', 'start-tls'],
    },
    {
      behaviour: 'with the wrong certificate is told error and closed',
      start: early,
      acts: [
        'starttls\n',
        { secured: OURS },
        `key:${REQUESTOR_KEY}\n`,
        { know: termsOf('requestor', { pinned: THEIRS }) },
      ],
      says: ['send ok', 'start-tls', 'joined s', 'joined s', 'send error', 'failed certificate-mismatch'],
    },
  ]
  for (const one of cases) itBehaves(one)

  it('reads a command that waited behind a key that was refused late', () => {
    const side = early()
    side.read(`key:${REQUESTOR_KEY}\nstarttls\n`)
    side.know(termsOf('requestor', { plaintextAllowed: false }))
    expect(side.said.slice(-2)).toEqual(['send ok', 'start-tls'])
  })

  it('counts a key that was refused late as a try', () => {
    const side = early()
    side.read(`a\nb\nc\nd\nkey:${REQUESTOR_KEY}\n`)
    side.know(termsOf('requestor', { plaintextAllowed: false }))
    expect(side.outcome).toBe('failed too-many-tries')
  })
})

describe('TLS: certificates are pinned both ways', () => {
  const cases: readonly Case[] = [
    {
      behaviour: 'a dialer closes before it says the key when the certificate is not the pinned one',
      start: dials('requestor', { ...withTls, pinned: THEIRS }),
      acts: ['ok\n', { secured: OURS }],
      says: ['send starttls', 'start-tls', 'failed certificate-mismatch'],
    },
    {
      behaviour: 'a dialer closes when a pinned peer shows no certificate',
      start: dials('requestor', { ...withTls, pinned: THEIRS }),
      acts: ['ok\n', { secured: undefined }],
      says: ['send starttls', 'start-tls', 'failed certificate-mismatch'],
    },
    {
      behaviour: 'a dialer calls a peer that announced nothing encrypted, not verified',
      start: dials('responder', withTls),
      acts: ['ok\n', { secured: THEIRS }, `ok:${RESPONDER_KEY}\n`],
      says: ['send starttls', 'start-tls', `send key:${REQUESTOR_KEY}`, 'established encrypted'],
    },
    {
      behaviour: 'an acceptor holds the certificate against the pin when the key tells the session',
      start: accepts('responder', { pinned: THEIRS, plaintextAllowed: false }),
      acts: ['starttls\n', { secured: THEIRS }, `key:${RESPONDER_KEY}\n`, 'ok\n'],
      says: ['send ok', 'start-tls', 'joined s', `send ok:${REQUESTOR_KEY}`, 'established verified'],
    },
    {
      behaviour: 'an acceptor tells a dialer with the wrong certificate error, and closes',
      start: accepts('requestor', { pinned: THEIRS, plaintextAllowed: false }),
      acts: ['starttls\n', { secured: OURS }, `key:${REQUESTOR_KEY}\n`],
      says: ['send ok', 'start-tls', 'joined s', 'send error', 'failed certificate-mismatch'],
    },
    {
      behaviour: 'an acceptor tells a pinned dialer without a certificate error, and closes',
      start: accepts('responder', { pinned: THEIRS }),
      acts: ['starttls\n', { secured: undefined }, `key:${RESPONDER_KEY}\n`],
      says: ['send ok', 'start-tls', 'joined s', 'send error', 'failed certificate-mismatch'],
    },
    {
      behaviour: 'plaintext with a pinned peer, where it is allowed, is not called verified',
      start: accepts('responder', { pinned: THEIRS }),
      acts: [`key:${RESPONDER_KEY}\n`, 'ok\n'],
      says: ['joined s', `send ok:${REQUESTOR_KEY}`, 'established plain'],
    },
  ]
  for (const one of cases) itBehaves(one)
})

// ------------------------------------------------------------------------------------- two that talk

function otherThan(role: Role): Role {
  return role === 'requestor' ? 'responder' : 'requestor'
}

interface Meeting {
  /** How the bytes between the two are cut. */
  readonly cut?: (text: string) => Iterable<string>
  /** What each of them writes as soon as its channel stands. */
  readonly data?: readonly [fromDialer: string, fromAcceptor: string]
  readonly verdict?: 'committed' | 'discarded'
}

/** Joins a dialer and an acceptor without sockets: lines, TLS as an exchange of certificates, then data. */
function converse(
  dialer: DialerTerms,
  { terms, serveTls }: { terms: Terms; serveTls: boolean },
  { cut = text => [text], data = ['', ''], verdict = 'committed' }: Meeting = {},
): { one: Conversation; other: Conversation } {
  const one = Conversation.dialer(dialer)
  const other = Conversation.acceptor({
    serveTls,
    findSession: key => (key === terms.ourKey ? { id: 's', terms } : undefined),
  })
  const written = [false, false]
  let secured = false
  for (let quiet = false; !quiet; ) {
    quiet = true
    for (const [index, from, to] of [
      [0, one, other],
      [1, other, one],
    ] as const) {
      if (from.isReady && from.outcome === undefined) {
        from.decide(verdict)
        quiet = false
      }
      let { sent } = from
      from.sent = ''
      if (from.outcome?.startsWith('established') && written[index] === false) {
        written[index] = true
        sent += data[index]
      }
      if (sent === '') continue
      quiet = false
      for (const piece of cut(sent)) to.read(piece)
    }
    if (quiet && !secured && one.said.includes('start-tls') && other.said.includes('start-tls')) {
      secured = true
      quiet = false
      // Each shows its own certificate: the dialer OURS, the acceptor THEIRS.
      other.secured(OURS)
      one.secured(THEIRS)
    }
  }
  return { one, other }
}

describe('a dialer and an acceptor that talk to each other', () => {
  const roles: readonly Role[] = ['requestor', 'responder']
  const protections: readonly [
    what: string,
    dialer: Partial<DialerTerms>,
    acceptor: Partial<Terms> & { serveTls: boolean },
    outcome: readonly [string, string | undefined],
  ][] = [
    ['plaintext', {}, { serveTls: true }, ['established plain', 'established plain']],
    [
      'TLS without pins',
      { askForTls: true },
      { serveTls: true },
      ['established encrypted', 'established encrypted'],
    ],
    [
      'TLS with pins',
      { ...withTls, pinned: THEIRS },
      { serveTls: true, pinned: OURS, plaintextAllowed: false },
      ['established verified', 'established verified'],
    ],
    [
      'TLS, pinned by the dialer only',
      { ...withTls, pinned: THEIRS },
      { serveTls: true, plaintextAllowed: false },
      ['established verified', 'established encrypted'],
    ],
    [
      'TLS, pinned by the acceptor only',
      withTls,
      { serveTls: true, pinned: OURS, plaintextAllowed: false },
      ['established encrypted', 'established verified'],
    ],
    [
      'TLS refused, plaintext allowed',
      { askForTls: true },
      { serveTls: false },
      ['established plain', 'established plain'],
    ],
    [
      'TLS refused, plaintext not allowed',
      withTls,
      { serveTls: false },
      ['failed encryption-refused', undefined],
    ],
    [
      'plaintext with an acceptor that insists on TLS',
      {},
      { serveTls: true, plaintextAllowed: false },
      ['failed key-refused', undefined],
    ],
    [
      'a certificate that the dialer does not expect',
      { ...withTls, pinned: OURS },
      { serveTls: true },
      ['failed certificate-mismatch', undefined],
    ],
    [
      'a certificate that the acceptor does not expect',
      withTls,
      { serveTls: true, pinned: THEIRS },
      ['failed key-refused', 'failed certificate-mismatch'],
    ],
  ]

  for (const role of roles) {
    describe(`the dialer being ${role}`, () => {
      it.each(protections)('%s', (_, dialer, { serveTls, ...acceptor }, outcome) => {
        for (const [, cut] of CUTS) {
          const { one, other } = converse(
            termsOf(role, dialer),
            { terms: termsOf(otherThan(role), acceptor), serveTls },
            { cut, data: ['from the dialer\nok\n', 'key:from the acceptor'] },
          )
          expect([one.outcome, other.outcome]).toEqual(outcome)
          const stands = outcome[1]?.startsWith('established')
          expect(one.handedOn.at(-1) ?? '').toBe(stands ? 'key:from the acceptor' : '')
          expect(other.handedOn.at(-1) ?? '').toBe(stands ? 'from the dialer\nok\n' : '')
        }
      })

      it('says what the XEP says, word for word', () => {
        const { one, other } = converse(termsOf(role), { terms: termsOf(otherThan(role)), serveTls: true })
        const [dialerKey, acceptorKey] =
          role === 'requestor' ? [REQUESTOR_KEY, RESPONDER_KEY] : [RESPONDER_KEY, REQUESTOR_KEY]
        const words = (side: Conversation): string[] => side.said.filter(word => word.startsWith('send'))
        expect(words(one)).toEqual([`send key:${acceptorKey}`, ...(role === 'requestor' ? ['send ok'] : [])])
        expect(words(other)).toEqual([`send ok:${dialerKey}`])
      })

      it('leaves nothing established when the requestor decides against it', () => {
        const { one, other } = converse(
          termsOf(role),
          { terms: termsOf(otherThan(role)), serveTls: true },
          { verdict: 'discarded' },
        )
        expect([one, other].some(side => side.outcome?.startsWith('established'))).toBe(false)
      })

      it('needs the right key', () => {
        const { one, other } = converse(
          { ...termsOf(role), theirKey: 'guess' },
          { terms: termsOf(otherThan(role)), serveTls: true },
        )
        expect([one.outcome, other.outcome]).toEqual(['failed key-refused', undefined])
      })
    })
  }

  it('come to the same end however the bytes are cut, with any data, and lose none of it (S5)', () => {
    const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 64 }).filter(isAcceptableKey)
    const data = fc.string({ maxLength: 100 })
    fc.assert(
      fc.property(
        fc.record({
          role: fc.constantFrom<Role>('requestor', 'responder'),
          askForTls: fc.boolean(),
          serveTls: fc.boolean(),
          keys: fc.tuple(key, key),
          cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
          data: fc.tuple(data, data),
        }),
        ({ role, askForTls, serveTls, keys: [ourKey, theirKey], cuts, data }) => {
          let turn = 0
          function* cut(text: string): Iterable<string> {
            for (let at = 0; at < text.length; ) {
              const length = cuts[turn++ % cuts.length] ?? 1
              yield text.slice(at, at + length)
              at += length
            }
          }
          const { one, other } = converse(
            { ...termsOf(role, { askForTls }), ourKey, theirKey },
            { terms: { ...termsOf(otherThan(role)), ourKey: theirKey, theirKey: ourKey }, serveTls },
            { cut, data: data.map(toLatin1) as [string, string] },
          )
          const outcome = askForTls && serveTls ? 'established encrypted' : 'established plain'
          expect([one.outcome, other.outcome]).toEqual([outcome, outcome])
          expect(one.handedOn.at(-1)).toBe(toLatin1(data[1]))
          expect(other.handedOn.at(-1)).toBe(toLatin1(data[0]))
        },
      ),
    )
  })
})

describe('whatever comes', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'ok\n',
      'error\n',
      'starttls\n',
      `key:${REQUESTOR_KEY}\n`,
      `key:${RESPONDER_KEY}\n`,
      `ok:${REQUESTOR_KEY}\n`,
      `ok:${RESPONDER_KEY}\n`,
      '\n',
      ':',
      'key:',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 20 }),
  )
  const anything = fc.array(
    fc.oneof(
      piece,
      fc.constantFrom<Act>(
        COMMIT,
        DISCARD,
        { secured: THEIRS },
        { secured: undefined },
        { know: termsOf('requestor') },
      ),
    ),
    { maxLength: 12 },
  )

  it('an acceptor never throws, is ready only with the key, and says nothing after its end', () => {
    fc.assert(
      fc.property(anything, fc.boolean(), fc.boolean(), (acts, early, serveTls) => {
        const side = accepts('requestor', { early, serveTls })()
        let text = ''
        for (const what of acts) {
          if (typeof what === 'string') text += what
          const before = side.outcome === undefined ? undefined : side.said.length
          act(side, what, whole => [whole])
          if (before !== undefined) expect(side.said).toHaveLength(before)
        }
        if (side.isReady) expect(text).toContain(`key:${REQUESTOR_KEY}`)
        expect(side.said.filter(word => /^(established|failed)/.test(word)).length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 2_000 },
    )
  })

  it('a dialer never throws, commits only when told, and says nothing after its end', () => {
    fc.assert(
      fc.property(anything, fc.boolean(), (acts, askForTls) => {
        const side = dials('requestor', { askForTls })()
        let wasTold = false
        for (const what of acts) {
          if (typeof what === 'object' && 'know' in what) continue
          wasTold ||= what === COMMIT
          const before = side.outcome === undefined ? undefined : side.said.length
          act(side, what, whole => [whole])
          if (before !== undefined) expect(side.said).toHaveLength(before)
        }
        if (side.outcome?.startsWith('established')) expect(wasTold).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

function toLatin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
