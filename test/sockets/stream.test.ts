import { createHash, randomFillSync } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  checkThatNothingStaysOpen,
  connected,
  connector,
  meet,
  openPair,
  readAll,
  readBytes,
  shakeHands,
  THEIR_IDENTITY,
} from './rig.ts'

checkThatNothingStaysOpen()

const PROTECTIONS = ['tls', 'plain'] as const
const ROLES = ['requestor', 'responder'] as const
const SIDES = ['dialer', 'acceptor'] as const

const EVERY_WAY = PROTECTIONS.flatMap(tls =>
  ROLES.flatMap(ourRole => SIDES.map(weAre => ({ tls, ourRole, weAre }))),
)

/** Looks like lines, like TLS and like nothing, and ends without an LF. */
const TRICKY = 'ok\nkey:x\nerror\nstarttls\n\0\xff\x16\x03\x01\r\nok'

function takesEither(tls: 'tls' | 'plain'): { encryption: 'required' | 'off' } {
  return { encryption: tls === 'tls' ? 'required' : 'off' }
}

describe('S5 what follows the last line belongs to the stream', () => {
  it.each(EVERY_WAY)(
    'hands on bytes that came right behind the last line ($tls, we are $ourRole and $weAre)',
    async ({ tls, ourRole, weAre }) => {
      const meeting = await meet({ ourRole, weAre, options: takesEither(tls) })
      const { wire, keys, connecting } = meeting
      if (tls === 'tls') await wire.secure({ identity: THEIR_IDENTITY })
      // One write, so one segment or one TLS record: the peer's last line and its first data.
      if (weAre === 'acceptor') {
        const ack = ourRole === 'responder' ? 'ok\n' : ''
        wire.send(`key:${keys.theirs}\n${ack}${TRICKY}`)
        await wire.expectLine(`ok:${keys.mine}`)
      } else {
        await wire.expectLine(`key:${keys.mine}`)
        wire.send(`ok:${keys.theirs}\n${TRICKY}`)
        if (ourRole === 'requestor') await wire.expectLine('ok')
      }
      const { stream } = await connecting
      wire.end(' and more')
      expect((await readAll(stream)).toString('latin1')).toBe(`${TRICKY} and more`)
      stream.end('answer')
      expect(String(await wire.rest())).toBe('answer')
    },
  )

  it.each(PROTECTIONS)('hands on what came right behind an ack that we waited for (%s)', async tls => {
    const { wire, keys, connecting } = await meet({
      ourRole: 'responder',
      weAre: 'acceptor',
      options: takesEither(tls),
    })
    if (tls === 'tls') await wire.secure({ identity: THEIR_IDENTITY })
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    wire.send(`ok\n${TRICKY}`)
    const { stream } = await connecting
    wire.end()
    expect((await readAll(stream)).toString('latin1')).toBe(TRICKY)
  })

  it.each(PROTECTIONS)('hands on a flood behind the last line before anybody reads (%s)', async tls => {
    const { wire, keys, connecting } = await meet({
      ourRole: 'requestor',
      weAre: 'acceptor',
      options: takesEither(tls),
    })
    if (tls === 'tls') await wire.secure({ identity: THEIR_IDENTITY })
    const flood = randomFillSync(Buffer.alloc(4 * 1024 * 1024))
    wire.send(Buffer.concat([Buffer.from(`key:${keys.theirs}\n`), flood]))
    wire.end()
    const { stream } = await connecting
    expect(digest(await readAll(stream))).toBe(digest(flood))
  })

  it.each(EVERY_WAY)(
    'sends nothing of its own behind the last line ($tls, we are $ourRole and $weAre)',
    async way => {
      const meeting = await meet({ ...way, options: takesEither(way.tls) })
      await shakeHands(meeting, way.tls)
      const { stream } = await meeting.connecting
      stream.end('data')
      expect(String(await meeting.wire.rest())).toBe('data')
    },
  )
})

describe('the stream', () => {
  it.each(PROTECTIONS)('carries 16 MiB each way at once, and ends on both sides (%s)', async tls => {
    const options = takesEither(tls)
    const pair = await openPair(connector(options), connector({ ...options, identity: THEIR_IDENTITY }))
    const [a, b] = await connected(pair.connect())
    const sent = [Buffer.alloc(16 * 1024 * 1024), Buffer.alloc(16 * 1024 * 1024)].map(bytes =>
      randomFillSync(bytes),
    )
    const received = Promise.all([readAll(b.stream), readAll(a.stream)])
    send(a.stream, sent[0])
    send(b.stream, sent[1])
    expect((await received).map(digest)).toEqual(sent.map(digest))
  })

  it.each(EVERY_WAY)(
    'keeps our direction open where the peer ends its own at once ($tls, we are $ourRole and $weAre)',
    async ({ tls, ourRole, weAre }) => {
      const meeting = await meet({ ourRole, weAre, options: takesEither(tls) })
      const { wire, keys, connecting } = meeting
      // A peer that only receives ends its direction with its last line.
      if (tls === 'tls') await wire.secure({ identity: THEIR_IDENTITY })
      if (weAre === 'dialer') {
        await wire.expectLine(`key:${keys.mine}`)
        wire.end(`ok:${keys.theirs}\n`)
        if (ourRole === 'requestor') await wire.expectLine('ok')
      } else {
        wire.send(`key:${keys.theirs}\n`)
        await wire.expectLine(`ok:${keys.mine}`)
        wire.end(ourRole === 'responder' ? 'ok\n' : '')
      }
      const { stream } = await connecting
      expect(await readAll(stream)).toHaveLength(0)
      const file = randomFillSync(Buffer.alloc(2 * 1024 * 1024))
      send(stream, file)
      expect(digest(await wire.rest())).toBe(digest(file))
    },
  )

  it.each(EVERY_WAY)(
    'ends where the peer ends, after all of its data ($tls, we are $ourRole and $weAre)',
    async way => {
      const meeting = await meet({ ...way, options: takesEither(way.tls) })
      await shakeHands(meeting, way.tls)
      const { stream } = await meeting.connecting
      const file = randomFillSync(Buffer.alloc(1024 * 1024))
      // Nobody reads yet: the stream came paused, and nothing of it may get lost.
      meeting.wire.send(file)
      meeting.wire.end()
      expect(digest(await readAll(stream))).toBe(digest(file))
    },
  )

  it.each(PROTECTIONS)('reports a peer that resets the connection (%s)', async tls => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor', options: takesEither(tls) })
    await shakeHands(meeting, tls)
    const { stream } = await meeting.connecting
    meeting.wire.send('some')
    expect(String(await readBytes(stream, 4))).toBe('some')
    const failed = new Promise(resolve => stream.once('error', resolve))
    stream.resume()
    meeting.wire.reset()
    expect(await failed).toMatchObject({ code: 'ECONNRESET' })
  })

  it('holds the peer back while nobody reads', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    await shakeHands(meeting, 'tls')
    const { stream } = await meeting.connecting
    const file = randomFillSync(Buffer.alloc(24 * 1024 * 1024))
    send(meeting.wire.stream, file)
    // The writer stops by itself: what is taken beyond the reader are buffers of fixed size.
    let before = -1
    while (before !== meeting.wire.stream.bytesWritten - meeting.wire.stream.writableLength) {
      before = meeting.wire.stream.bytesWritten - meeting.wire.stream.writableLength
      for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
    }
    expect(meeting.wire.stream.writableFinished).toBe(false)
    expect(stream.readableLength).toBeLessThanOrEqual(256 * 1024)
    expect(digest(await readAll(stream))).toBe(digest(file))
  })
})

function send(stream: Duplex, bytes: Buffer | undefined): void {
  const chunk = 256 * 1024
  const whole = bytes ?? Buffer.alloc(0)
  const chunks = Array.from({ length: Math.ceil(whole.length / chunk) }, (_, index) =>
    whole.subarray(index * chunk, (index + 1) * chunk),
  )
  Readable.from(chunks, { objectMode: true, highWaterMark: 1 }).pipe(stream)
}

function digest(bytes: Buffer | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')
}
