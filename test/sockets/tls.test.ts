import { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import { Ended } from './foreign-peer.ts'
import {
  checkThatNothingStaysOpen,
  connected,
  connector,
  expectFailure,
  hostOf,
  type Meeting,
  meet,
  OTHER_IDENTITY,
  OUR_IDENTITY,
  openPair,
  shakeHands,
  THEIR_IDENTITY,
} from './rig.ts'

checkThatNothingStaysOpen()

const ROLES = ['requestor', 'responder'] as const
const SIDES = ['dialer', 'acceptor'] as const
const WAYS = ROLES.flatMap(ourRole => SIDES.map(weAre => ({ ourRole, weAre })))

/** What a peer says in its query that knows of fingerprints. */
const PINNED: { pinned: Fingerprints } = {
  pinned: { 'sha-256': THEIR_IDENTITY.fingerprints['sha-256'] ?? '' },
}

/** After a connection of the peer went wrong: one that goes right still wins. */
async function expectThatAnotherWins(meeting: Meeting): Promise<void> {
  const wire = await meeting.peer.dial(hostOf(meeting.ours))
  await shakeHands({ ...meeting, wire }, 'tls')
  await meeting.connecting
}

describe('S2 TLS upgrade', () => {
  it('is TLS 1.3 between our own clients, with both certificates pinned', async () => {
    const pair = await openPair(connector(), connector({ identity: THEIR_IDENTITY }))
    for (const { stream, encrypted, verified } of await connected(pair.connect())) {
      expect(stream).toBeInstanceOf(TLSSocket)
      expect((stream as TLSSocket).getProtocol()).toBe('TLSv1.3')
      expect((stream as TLSSocket).getCipher().name).toMatch(/^TLS_(AES|CHACHA20)/)
      expect({ encrypted, verified }).toEqual({ encrypted: true, verified: true })
    }
  })

  it.each(WAYS)('takes a peer that has TLS 1.2 only (we are $ourRole and $weAre)', async way => {
    const meeting = await meet(way)
    await shakeHands(meeting, 'tls', { identity: THEIR_IDENTITY, maxVersion: 'TLSv1.2' })
    expect(meeting.wire.tlsVersion).toBe('TLSv1.2')
    expect(await meeting.connecting).toMatchObject({ encrypted: true, verified: false })
  })

  it.each(WAYS)(
    'is not verified without an announced certificate (we are $ourRole and $weAre)',
    async way => {
      const meeting = await meet(way)
      await shakeHands(meeting, 'tls')
      expect(meeting.wire.tlsVersion).toBe('TLSv1.3')
      expect(await meeting.connecting).toMatchObject({ encrypted: true, verified: false })
    },
  )

  it.each(WAYS)('is verified with the announced certificate (we are $ourRole and $weAre)', async way => {
    const meeting = await meet({ ...way, terms: PINNED })
    await shakeHands(meeting, 'tls')
    expect(await meeting.connecting).toMatchObject({ encrypted: true, verified: true })
  })

  it.each(WAYS)('shows the certificate that we announce (we are $ourRole and $weAre)', async way => {
    const meeting = await meet(way)
    await shakeHands(meeting, 'tls')
    expect(meeting.ours.session.ourFingerprints).toEqual(OUR_IDENTITY.fingerprints)
    expect(meeting.wire.certificate).toEqual(OUR_IDENTITY.fingerprints)
    await meeting.connecting
  })

  it.each(ROLES)('takes a dialer without a certificate that announced none (we are %s)', async ourRole => {
    const meeting = await meet({ ourRole, weAre: 'acceptor' })
    await shakeHands(meeting, 'tls', {})
    expect(await meeting.connecting).toMatchObject({ encrypted: true, verified: false })
  })

  it.each(ROLES)('takes the first bytes of TLS in one segment with starttls (we are %s)', async ourRole => {
    const meeting = await meet({ ourRole, weAre: 'acceptor', terms: PINNED })
    await meeting.wire.startTlsAtOnce({ identity: THEIR_IDENTITY })
    await meeting.wire.authenticate(meeting.role, meeting.keys)
    expect(await meeting.connecting).toMatchObject({ encrypted: true, verified: true })
  })

  it('refuses starttls without encryption, and stays open for the key', async () => {
    const { wire, role, keys, connecting } = await meet({
      ourRole: 'requestor',
      weAre: 'acceptor',
      options: { encryption: 'off' },
    })
    wire.send('starttls\n')
    await wire.expectLine('error')
    await wire.authenticate(role, keys)
    expect(await connecting).toMatchObject({ encrypted: false, verified: false })
  })

  it('refuses starttls inside of TLS, and stays open for the key', async () => {
    const { wire, role, keys, connecting } = await meet({ ourRole: 'responder', weAre: 'acceptor' })
    await wire.secure({ identity: THEIR_IDENTITY })
    wire.send('starttls\n')
    await wire.expectLine('error')
    await wire.authenticate(role, keys)
    await connecting
  })

  it.each(ROLES)('goes on in plaintext after error where that is allowed (we are %s)', async ourRole => {
    const { wire, role, keys, connecting } = await meet({
      ourRole,
      weAre: 'dialer',
      options: { encryption: 'preferred' },
    })
    await wire.expectLine('starttls')
    wire.send('error\n')
    await wire.authenticate(role, keys)
    expect(await connecting).toMatchObject({ encrypted: false, verified: false })
  })

  it.each(ROLES)('takes TLS where plaintext is allowed too (we are %s)', async ourRole => {
    const meeting = await meet({ ourRole, weAre: 'dialer', options: { encryption: 'preferred' } })
    await shakeHands(meeting, 'tls')
    expect(await meeting.connecting).toMatchObject({ encrypted: true, verified: false })
  })

  it.each(ROLES)('does not ask for TLS without encryption (we are %s)', async ourRole => {
    const meeting = await meet({ ourRole, weAre: 'dialer', options: { encryption: 'off' } })
    await shakeHands(meeting, 'plain')
    expect(await meeting.connecting).toMatchObject({ encrypted: false, verified: false })
  })
})

describe('S2 no silent downgrade', () => {
  it.each(
    ROLES.flatMap(ourRole => [
      { ourRole, encryption: 'required', announced: 'no fingerprint', terms: {} } as const,
      { ourRole, encryption: 'required', announced: 'a fingerprint', terms: PINNED } as const,
      { ourRole, encryption: 'preferred', announced: 'a fingerprint', terms: PINNED } as const,
    ]),
  )(
    'never sends its key in plaintext: $encryption, $announced announced (we are $ourRole)',
    async ({ ourRole, encryption, terms }) => {
      const { wire, connecting } = await meet({ ourRole, weAre: 'dialer', options: { encryption }, terms })
      await wire.expectLine('starttls')
      wire.send('error\n')
      await expectFailure(connecting, 'encryption-refused')
      expect(String(await wire.rest())).toBe('')
    },
  )

  it.each(
    ROLES.flatMap(ourRole => [
      { ourRole, encryption: 'required', announced: 'no fingerprint', terms: {} } as const,
      { ourRole, encryption: 'required', announced: 'a fingerprint', terms: PINNED } as const,
      { ourRole, encryption: 'preferred', announced: 'a fingerprint', terms: PINNED } as const,
    ]),
  )(
    'answers a good key in plaintext with error, and takes it under TLS: $encryption, $announced announced (we are $ourRole)',
    async ({ ourRole, encryption, terms }) => {
      const meeting = await meet({ ourRole, weAre: 'acceptor', options: { encryption }, terms })
      meeting.wire.send(`key:${meeting.keys.theirs}\n`)
      await meeting.wire.expectLine('error')
      await shakeHands(meeting, 'tls')
      expect(await meeting.connecting).toMatchObject({ encrypted: true, verified: 'pinned' in terms })
    },
  )

  it('says that the peer did not encrypt, where that was all that it tried', async () => {
    const { wire, keys, ours, connecting } = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine('error')
    wire.close()
    ours.session.peerGaveUp()
    await expectFailure(connecting, 'encryption-refused')
  })
})

describe('S2 what stands behind starttls is TLS and never a command', () => {
  it.each(ROLES)('does not read a key injected behind starttls (we are %s)', async ourRole => {
    // Even plaintext would be allowed here.
    const meeting = await meet({ ourRole, weAre: 'acceptor', options: { encryption: 'preferred' } })
    meeting.wire.send(`starttls\nkey:${meeting.keys.theirs}\nok\n`)
    await meeting.wire.expectLine('ok')
    expectNoLines(await meeting.wire.rest())
    await expectThatAnotherWins(meeting)
  })

  it.each(ROLES)('does not read an answer injected behind ok (we are %s)', async ourRole => {
    const { wire, keys, connecting } = await meet({
      ourRole,
      weAre: 'dialer',
      options: { encryption: 'preferred' },
    })
    await wire.expectLine('starttls')
    wire.send(`ok\nok:${keys.theirs}\n`)
    await expectFailure(connecting, 'unreachable')
    expectNoLines(await wire.rest())
  })

  it.each(ROLES)('closes where plaintext comes in place of TLS (we are %s)', async ourRole => {
    const meeting = await meet({ ourRole, weAre: 'acceptor', options: { encryption: 'preferred' } })
    meeting.wire.send('starttls\n')
    await meeting.wire.expectLine('ok')
    meeting.wire.send(`key:${meeting.keys.theirs}\n`)
    expectNoLines(await meeting.wire.rest())
    await expectThatAnotherWins(meeting)
  })

  it.each(ROLES)(
    'closes where plaintext comes in place of TLS from the acceptor (we are %s)',
    async ourRole => {
      const { wire, keys, connecting } = await meet({
        ourRole,
        weAre: 'dialer',
        options: { encryption: 'preferred' },
      })
      await wire.expectLine('starttls')
      wire.send('ok\n')
      // The first record of TLS is there before the plaintext comes.
      expect((await wire.bytes(2)).toString('hex')).toBe('1603')
      wire.send(`ok:${keys.theirs}\n`)
      await expectFailure(connecting, 'unreachable')
      expectNoLines(await wire.rest())
    },
  )

  it('does not take a key from before TLS for one inside of it', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor', terms: PINNED })
    // Half a command in plaintext, and its other half under TLS.
    meeting.wire.send('starttls\nkey:')
    await meeting.wire.expectLine('ok')
    await expect(meeting.wire.startTls({ identity: THEIR_IDENTITY })).rejects.toBeInstanceOf(Ended)
    await expectThatAnotherWins(meeting)
  })
})

describe('the certificate is the announced one', () => {
  it.each(
    ROLES.flatMap(ourRole => (['TLSv1.2', 'TLSv1.3'] as const).map(maxVersion => ({ ourRole, maxVersion }))),
  )('tells a wrong acceptor nothing, not even the key ($maxVersion, we are $ourRole)', async way => {
    const { ourRole, maxVersion } = way
    const { wire, connecting } = await meet({ ourRole, weAre: 'dialer', terms: PINNED })
    await wire.expectLine('starttls')
    wire.send('ok\n')
    // With TLS 1.3 we know its certificate, and leave, before TLS is up on its side.
    const heard = await wire.startTls({ identity: OTHER_IDENTITY, maxVersion }).then(
      () => wire.rest(),
      (ended: unknown) => (ended as Ended).left,
    )
    expect(String(heard)).toBe('')
    const failure = await expectFailure(connecting, 'certificate-mismatch')
    expect(failure.fault).toBe('remote')
  })

  it.each(
    ROLES.flatMap(ourRole => [
      { ourRole, shown: 'another certificate', identity: OTHER_IDENTITY },
      { ourRole, shown: 'no certificate', identity: undefined },
      { ourRole, shown: 'our own certificate', identity: OUR_IDENTITY },
    ]),
  )('answers a dialer with $shown with error and closes (we are $ourRole)', async ({ ourRole, identity }) => {
    const meeting = await meet({ ourRole, weAre: 'acceptor', terms: PINNED })
    const { wire, keys } = meeting
    await wire.secure({ identity })
    wire.send(`key:${keys.theirs}\nok\n`)
    await wire.expectLine('error')
    expect(String(await wire.rest())).toBe('')
    await expectThatAnotherWins(meeting)
  })

  it('says that the certificate was wrong, where nothing else came', async () => {
    const meeting = await meet({ ourRole: 'responder', weAre: 'acceptor', terms: PINNED })
    await meeting.wire.secure({ identity: OTHER_IDENTITY })
    meeting.wire.send(`key:${meeting.keys.theirs}\n`)
    await meeting.wire.ended()
    meeting.ours.session.peerGaveUp()
    await expectFailure(meeting.connecting, 'certificate-mismatch')
  })

  it.each(WAYS)('takes the certificate of a longer digest (we are $ourRole and $weAre)', async way => {
    const pinned: Fingerprints = { 'sha-512': THEIR_IDENTITY.fingerprints['sha-512'] ?? '' }
    const meeting = await meet({ ...way, terms: { pinned } })
    await shakeHands(meeting, 'tls')
    expect(await meeting.connecting).toMatchObject({ verified: true })
  })
})

/** An alert of TLS may come, and nothing that the peer could read as an answer. */
function expectNoLines(bytes: Buffer): void {
  expect(bytes.toString('latin1')).not.toMatch(/ok|error|key/)
}
