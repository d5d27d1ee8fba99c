import { describe, expect, it } from 'vitest'
import type { Failure } from '../../shared/model/failure.ts'
import { Ended, type Wire } from './foreign-peer.ts'
import {
  checkThatNothingStaysOpen,
  expectFailure,
  hostOf,
  type Meeting,
  meet,
  open,
  settle,
  shakeHands,
  THEIR_IDENTITY,
} from './rig.ts'

checkThatNothingStaysOpen()

const PROTECTIONS = ['tls', 'plain'] as const
const ROLES = ['requestor', 'responder'] as const
const SIDES = ['dialer', 'acceptor'] as const
const WAYS = PROTECTIONS.flatMap(tls => ROLES.map(ourRole => ({ tls, ourRole })))

type Way = (typeof WAYS)[number]

/** We accept, and the peer is about to say its first command, under TLS or not. */
async function accepting({ tls, ourRole }: Way): Promise<Meeting> {
  const meeting = await meet({
    ourRole,
    weAre: 'acceptor',
    options: { encryption: tls === 'tls' ? 'required' : 'off' },
  })
  if (tls === 'tls') await meeting.wire.secure({ identity: THEIR_IDENTITY })
  return meeting
}

/** We dial, and have said our key. */
async function dialing({ tls, ourRole }: Way): Promise<Meeting> {
  const meeting = await meet({
    ourRole,
    weAre: 'dialer',
    options: { encryption: tls === 'tls' ? 'required' : 'off' },
  })
  if (tls === 'tls') await meeting.wire.secure({ identity: THEIR_IDENTITY })
  await meeting.wire.expectLine(`key:${meeting.keys.mine}`)
  return meeting
}

/** After a connection of the peer went wrong: one that goes right still wins. */
async function expectThatAnotherWins(meeting: Meeting, tls: 'tls' | 'plain'): Promise<void> {
  const wire = await meeting.peer.dial(hostOf(meeting.ours))
  await shakeHands({ ...meeting, wire }, tls)
  const { stream } = await meeting.connecting
  stream.write('hello')
  expect(String(await wire.bytes(5))).toBe('hello')
}

async function expectClosed(wire: Wire, left = ''): Promise<void> {
  expect(String(await wire.rest())).toBe(left)
}

describe('S1 commands are lines ended by LF', () => {
  it.each(WAYS)('reads a dialer that sends byte by byte ($tls, we are $ourRole)', async way => {
    const { wire, keys, connecting } = await accepting(way)
    await wire.sendByteByByte(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    if (way.ourRole === 'responder') await wire.sendByteByByte('ok\n')
    await connecting
  })

  it('reads starttls byte by byte', async () => {
    const { wire, keys, role, connecting } = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    await wire.sendByteByByte('starttls\n')
    await wire.expectLine('ok')
    await wire.startTls()
    await wire.authenticate(role, keys)
    await connecting
  })

  it.each(WAYS)('reads an acceptor that sends byte by byte ($tls, we are $ourRole)', async way => {
    const { wire, keys, connecting } = await dialing(way)
    await wire.sendByteByByte(`ok:${keys.theirs}\n`)
    if (way.ourRole === 'requestor') await wire.expectLine('ok')
    await connecting
  })

  it.each(WAYS)('takes CRLF from a dialer, and sends LF ($tls, we are $ourRole)', async way => {
    const { wire, keys, connecting } = await accepting(way)
    wire.send(`key:${keys.theirs}\r\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    if (way.ourRole === 'responder') wire.send('ok\r\n')
    await connecting
  })

  it('takes CRLF behind starttls and its answer', async () => {
    const asAcceptor = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    asAcceptor.wire.send('starttls\r\n')
    await asAcceptor.wire.expectLine('ok')
    await asAcceptor.wire.startTls()
    await asAcceptor.wire.authenticate(asAcceptor.role, asAcceptor.keys)
    await asAcceptor.connecting

    const asDialer = await meet({ ourRole: 'requestor', weAre: 'dialer' })
    await asDialer.wire.expectLine('starttls')
    asDialer.wire.send('ok\r\n')
    await asDialer.wire.startTls({ identity: THEIR_IDENTITY })
    await asDialer.wire.authenticate(asDialer.role, asDialer.keys)
    await asDialer.connecting
  })

  it.each(WAYS)('takes CRLF from an acceptor, and sends LF ($tls, we are $ourRole)', async way => {
    const { wire, keys, connecting } = await dialing(way)
    wire.send(`ok:${keys.theirs}\r\n`)
    if (way.ourRole === 'requestor') await wire.expectLine('ok')
    await connecting
  })

  it.each(WAYS)('takes the longest line that is allowed ($tls, we are $ourRole)', async way => {
    const meeting = await accepting(way)
    meeting.wire.send(`${'x'.repeat(512)}\n`)
    await meeting.wire.expectLine('error')
    await meeting.wire.authenticate(meeting.role, meeting.keys)
    await meeting.connecting
  })

  it.each(
    WAYS.flatMap(way => [
      { ...way, what: 'a line that is a byte too long', bytes: `${'x'.repeat(513)}\n` },
      { ...way, what: '1 MiB without an LF', bytes: 'x'.repeat(1024 * 1024) },
      { ...way, what: '600 NULs', bytes: '\0'.repeat(600) },
      { ...way, what: 'a key without an end', bytes: `key:${'k'.repeat(2000)}` },
    ]),
  )('closes a dialer that sends $what ($tls, we are $ourRole)', async ({ bytes, ...way }) => {
    const meeting = await accepting(way)
    await meeting.wire.sendAll(Buffer.from(bytes, 'latin1'))
    await expectClosed(meeting.wire)
    await expectThatAnotherWins(meeting, way.tls)
  })

  it.each(
    WAYS.flatMap(way => [
      { ...way, what: '1 MiB without an LF', bytes: 'x'.repeat(1024 * 1024) },
      { ...way, what: '600 NULs', bytes: '\0'.repeat(600) },
    ]),
  )('closes an acceptor that sends $what ($tls, we are $ourRole)', async ({ bytes, ...way }) => {
    const { wire, connecting } = await dialing(way)
    await wire.sendAll(Buffer.from(bytes, 'latin1'))
    await expectClosed(wire)
    await expectFailure(connecting, 'protocol-error')
  })
})

const NO_COMMANDS = [
  'hello',
  '',
  'ok',
  'error',
  'key',
  'key:',
  'KEY:x',
  ' key:x',
  'GET / HTTP/1.1\r',
  '\0\x01\x02\xff\xfe',
  'starttls:now',
  'STARTTLS',
]

describe('S3 keys', () => {
  it.each(WAYS)(
    'answers a wrong key with error, and takes the right one after it ($tls, we are $ourRole)',
    async way => {
      const { wire, keys, role, connecting } = await accepting(way)
      wire.send('key:wrong\n')
      await wire.expectLine('error')
      await wire.authenticate(role, keys)
      await connecting
    },
  )

  it.each(WAYS)(
    'takes four wrong keys and the right one in one segment ($tls, we are $ourRole)',
    async way => {
      const { wire, keys, connecting } = await accepting(way)
      wire.send(`${'key:wrong\n'.repeat(4)}key:${keys.theirs}\n`)
      for (let count = 0; count < 4; count++) await wire.expectLine('error')
      await wire.expectLine(`ok:${keys.mine}`)
      if (way.ourRole === 'responder') wire.send('ok\n')
      await connecting
    },
  )

  it.each(WAYS)(
    'closes at the fifth wrong key, and the session goes on ($tls, we are $ourRole)',
    async way => {
      const meeting = await accepting(way)
      const { wire } = meeting
      for (let count = 0; count < 5; count++) {
        wire.send(`key:wrong-${count}\n`)
        await wire.expectLine('error')
      }
      await expectClosed(wire)
      await expectThatAnotherWins(meeting, way.tls)
    },
  )

  it.each(WAYS)('does not read a sixth command in one segment ($tls, we are $ourRole)', async way => {
    const meeting = await accepting(way)
    meeting.wire.send(`${'key:wrong\n'.repeat(5)}key:${meeting.keys.theirs}\nok\n`)
    await expectClosed(meeting.wire, 'error\n'.repeat(5))
    await expectThatAnotherWins(meeting, way.tls)
  })

  it.each(NO_COMMANDS)('answers %j with error, and stays open', async command => {
    const { wire, keys, role, connecting } = await accepting({ tls: 'plain', ourRole: 'requestor' })
    wire.send(`${command}\n`)
    await wire.expectLine('error')
    await wire.authenticate(role, keys)
    await connecting
  })

  it('does not count a connection against another one', async () => {
    const meeting = await accepting({ tls: 'plain', ourRole: 'requestor' })
    for (let connection = 0; connection < 10; connection++) {
      const wire = await meeting.peer.dial(hostOf(meeting.ours))
      wire.send('key:wrong\n'.repeat(4))
      for (let count = 0; count < 4; count++) await wire.expectLine('error')
    }
    await meeting.wire.authenticate(meeting.role, meeting.keys)
    await meeting.connecting
  })

  it.each(
    WAYS.flatMap(way => [
      { ...way, answer: 'ok:wrong', code: 'protocol-error' } as const,
      { ...way, answer: 'ok', code: 'protocol-error' } as const,
      { ...way, answer: 'ok:', code: 'protocol-error' } as const,
      { ...way, answer: 'what?', code: 'protocol-error' } as const,
      { ...way, answer: '', code: 'protocol-error' } as const,
      { ...way, answer: 'HTTP/1.1 400 Bad Request\r', code: 'protocol-error' } as const,
      { ...way, answer: 'starttls', code: 'protocol-error' } as const,
      { ...way, answer: '\0\0\0', code: 'protocol-error' } as const,
      { ...way, answer: 'error', code: 'unreachable' } as const,
    ]),
  )(
    'closes where the key is answered with $answer ($tls, we are $ourRole)',
    async ({ answer, code, ...way }) => {
      const { wire, connecting } = await dialing(way)
      wire.send(`${answer}\n`)
      await expectFailure(connecting, code)
      await expectClosed(wire)
    },
  )

  it.each(ROLES)('closes where starttls is answered with nonsense (we are %s)', async ourRole => {
    for (const answer of ['what?', `ok:now`, 'key:x', '']) {
      const { wire, connecting } = await meet({
        ourRole,
        weAre: 'dialer',
        options: { encryption: 'preferred' },
      })
      await wire.expectLine('starttls')
      wire.send(`${answer}\n`)
      await expectFailure(connecting, 'protocol-error')
      await expectClosed(wire)
    }
  })

  it('does not take the key of another session of ours for the right answer', async () => {
    const meeting = await dialing({ tls: 'plain', ourRole: 'responder' })
    const other = await open(meeting.connector, 'responder')
    meeting.wire.send(`ok:${other.session.ourKey}\n`)
    await expectFailure(meeting.connecting, 'protocol-error')
    await expectClosed(meeting.wire)
  })

  it('answers the key of another session for that one, with its key and its terms', async () => {
    const meeting = await accepting({ tls: 'tls', ourRole: 'requestor' })
    const pinned = { 'sha-256': THEIR_IDENTITY.fingerprints['sha-512']?.slice(0, 95) ?? '' }
    const other = await open(meeting.connector, 'requestor')
    const connecting = other.connect(meeting.peer.terms({ key: 'their-other-key', pinned }))
    // The wrong session for this certificate.
    meeting.wire.send(`key:${other.session.ourKey}\n`)
    await expectClosed(meeting.wire, 'error\n')
    await expectThatAnotherWins(meeting, 'tls')
    other.session.peerGaveUp()
    await expectFailure(connecting, 'certificate-mismatch')
  })

  it('knows the key of a session no more that is over', async () => {
    const meeting = await accepting({ tls: 'plain', ourRole: 'requestor' })
    const other = await open(meeting.connector, 'requestor')
    await meeting.wire.authenticate(meeting.role, meeting.keys)
    await meeting.connecting
    const late = await meeting.peer.dial(hostOf(other))
    late.send(`key:${meeting.keys.theirs}\n`)
    await late.expectLine('error')
    expect(late.isOver).toBe(false)
  })
})

describe('S4 the ack', () => {
  it.each(PROTECTIONS)('is waited for where the dialer is the requestor (%s)', async tls => {
    const { wire, keys, connecting, connector } = await accepting({ tls, ourRole: 'responder' })
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    let decided = false
    connecting.then(
      () => {
        decided = true
      },
      () => {},
    )
    await settle()
    expect(decided).toBe(false)
    expect(connector.inUse).toMatchObject({ sessions: 1, connections: 1 })
    wire.send('ok\n')
    await connecting
  })

  it.each(PROTECTIONS)('is data where none is due: the acceptor is the requestor (%s)', async tls => {
    const { wire, keys, connecting } = await accepting({ tls, ourRole: 'requestor' })
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    wire.end('ok\n')
    const { stream } = await connecting
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
    await new Promise(resolve => stream.once('end', resolve))
    expect(String(Buffer.concat(chunks))).toBe('ok\n')
  })

  it.each(PROTECTIONS)('is not sent where none is due: we dial as responder (%s)', async tls => {
    const { wire, keys, connecting } = await dialing({ tls, ourRole: 'responder' })
    wire.send(`ok:${keys.theirs}\n`)
    const { stream } = await connecting
    stream.end()
    await expectClosed(wire)
  })

  it.each(
    PROTECTIONS.flatMap(tls => ['no', 'error', '', 'ok:x', 'key:x', '\0', 'OK'].map(ack => ({ tls, ack }))),
  )('closes where something else comes: $ack ($tls)', async ({ tls, ack }) => {
    const meeting = await accepting({ tls, ourRole: 'responder' })
    const { wire, keys } = meeting
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    wire.send(`${ack}\n`)
    await expectClosed(wire)
    await expectThatAnotherWins(meeting, tls)
  })

  it.each(PROTECTIONS)('closes where 1 MiB comes in its place (%s)', async tls => {
    const meeting = await accepting({ tls, ourRole: 'responder' })
    const { wire, keys } = meeting
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    await wire.sendAll(Buffer.alloc(1024 * 1024, 'x'))
    await expectClosed(wire)
    await expectThatAnotherWins(meeting, tls)
  })

  it('is refused where the peer commits with something else: no second choice is made silently', async () => {
    const meeting = await accepting({ tls: 'plain', ourRole: 'responder' })
    const { wire, keys, ours, connecting } = meeting
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    wire.send('nonsense\n')
    await expectClosed(wire)
    ours.session.peerGaveUp()
    await expectFailure(connecting, 'protocol-error')
  })
})

type Leave = 'close' | 'end' | 'reset'
const LEAVES: readonly Leave[] = ['close', 'end', 'reset']

/** How far a dialer comes before it leaves. */
const DIALER_STEPS: Record<string, (meeting: Meeting) => Promise<void>> = {
  'before it says anything': async () => {},
  'within a command': async ({ wire }) => wire.send('start'),
  'after starttls': async ({ wire }) => wire.send('starttls\n'),
  'after the answer to starttls': async ({ wire }) => {
    wire.send('starttls\n')
    await wire.expectLine('ok')
  },
  'within the first record of TLS': async ({ wire }) => {
    wire.send('starttls\n')
    await wire.expectLine('ok')
    wire.send('\x16\x03\x01\x02\x00\x01')
  },
  'once TLS is up': async ({ wire }) => wire.secure({ identity: THEIR_IDENTITY }),
  'after a wrong key': async ({ wire }) => {
    await wire.secure({ identity: THEIR_IDENTITY })
    wire.send('key:wrong\n')
    await wire.expectLine('error')
  },
  'within its key': async ({ wire, keys }) => {
    await wire.secure({ identity: THEIR_IDENTITY })
    wire.send(`key:${keys.theirs}`)
  },
}

/** How far an acceptor comes before it leaves. */
const ACCEPTOR_STEPS: Record<string, (meeting: Meeting) => Promise<void>> = {
  'at once': async () => {},
  'after it read starttls': async ({ wire }) => wire.expectLine('starttls'),
  'within the answer to starttls': async ({ wire }) => {
    await wire.expectLine('starttls')
    wire.send('o')
  },
  'after it answered starttls': async ({ wire }) => {
    await wire.expectLine('starttls')
    wire.send('ok\n')
  },
  'within the first record of TLS': async ({ wire }) => {
    await wire.expectLine('starttls')
    wire.send('ok\n\x16\x03\x03')
  },
  'once TLS is up': async ({ wire }) => wire.secure({ identity: THEIR_IDENTITY }),
  'after it read the key': async ({ wire, keys }) => {
    await wire.secure({ identity: THEIR_IDENTITY })
    await wire.expectLine(`key:${keys.mine}`)
  },
  'within the answer to the key': async ({ wire, keys }) => {
    await wire.secure({ identity: THEIR_IDENTITY })
    await wire.expectLine(`key:${keys.mine}`)
    wire.send(`ok:${keys.theirs}`)
  },
}

function leave(wire: Wire, how: Leave): void {
  if (how === 'close') wire.close()
  else if (how === 'end') wire.end()
  else wire.reset()
}

describe('S6 a peer that leaves is only one candidate less', () => {
  it.each(
    ROLES.flatMap(ourRole =>
      LEAVES.flatMap(how => Object.keys(DIALER_STEPS).map(step => ({ ourRole, how, step }))),
    ),
  )('a dialer leaves $step by $how (we are $ourRole)', async ({ ourRole, how, step }) => {
    const meeting = await meet({ ourRole, weAre: 'acceptor' })
    await DIALER_STEPS[step]?.(meeting)
    leave(meeting.wire, how)
    await expectThatAnotherWins(meeting, 'tls')
  })

  it.each(
    ROLES.flatMap(ourRole =>
      LEAVES.flatMap(how => Object.keys(ACCEPTOR_STEPS).map(step => ({ ourRole, how, step }))),
    ),
  )('an acceptor leaves $step by $how (we are $ourRole)', async ({ ourRole, how, step }) => {
    const meeting = await meet({ ourRole, weAre: 'dialer' })
    await ACCEPTOR_STEPS[step]?.(meeting)
    leave(meeting.wire, how)
    await expectFailure(meeting.connecting, 'unreachable')
    await meeting.wire.ended()
  })

  it.each(LEAVES)('a requestor leaves by %s where its ack is due', async how => {
    const meeting = await accepting({ tls: 'tls', ourRole: 'responder' })
    meeting.wire.send(`key:${meeting.keys.theirs}\n`)
    await meeting.wire.expectLine(`ok:${meeting.keys.mine}`)
    leave(meeting.wire, how)
    await expectThatAnotherWins(meeting, 'tls')
  })

  it.each(SIDES)('survives resets in the very moment of each line (we are %s)', async weAre => {
    for (let round = 0; round < 50; round++) {
      const meeting = await meet({ ourRole: 'responder', weAre })
      if (weAre === 'acceptor') {
        meeting.wire.send(round % 2 === 0 ? 'starttls\n' : `key:${meeting.keys.theirs}\n`)
      } else {
        await meeting.wire.expectLine('starttls')
        meeting.wire.send('ok\n')
      }
      meeting.wire.reset()
      await meeting.wire.ended()
      meeting.ours.session.peerGaveUp()
      const failure: unknown = await meeting.connecting.catch((thrown: unknown) => thrown)
      // The reset may overtake the line, and then nobody knows what it said.
      expect(['unreachable', 'encryption-refused']).toContain((failure as Failure).code)
    }
  })
})

describe('what a stranger learns', () => {
  it('reads nothing that tells a wrong key from a right one that may not be used', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    meeting.wire.send(`key:wrong\nkey:${meeting.keys.theirs}\nkey:wrong\n`)
    for (let count = 0; count < 3; count++) await meeting.wire.expectLine('error')
  })

  it('is not greeted: the dialer speaks first', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    await settle()
    expect(meeting.wire.unread).toBe('')
    expect(meeting.wire.isOver).toBe(false)
    meeting.wire.close()
    await expect(meeting.wire.line()).rejects.toBeInstanceOf(Ended)
  })
})
