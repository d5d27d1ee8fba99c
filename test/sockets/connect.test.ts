import { describe, expect, it } from 'vitest'
import type { Encryption } from '../../main/sockets/connect-peer.ts'
import type { Failure } from '../../shared/model/failure.ts'
import {
  checkThatNothingStaysOpen,
  connected,
  connector,
  IPV4_LOOPBACK,
  IPV6_LOOPBACK,
  OUR_IDENTITY,
  openPair,
  readBytes,
  THEIR_IDENTITY,
} from './rig.ts'

checkThatNothingStaysOpen()

const ABILITIES = [
  { can: 'listens and dials', listen: 0, dial: true },
  { can: 'only listens', listen: 0, dial: false },
  { can: 'only dials', listen: 'off', dial: true },
  { can: 'does neither', listen: 'off', dial: false },
] as const

const FAMILIES = [
  { family: 'IPv4', own: IPV4_LOOPBACK },
  { family: 'IPv6', own: IPV6_LOOPBACK },
] as const

const PROTECTIONS = ['required', 'off'] as const

const EVERY_WAY = FAMILIES.flatMap(({ family, own }) =>
  PROTECTIONS.flatMap(encryption =>
    ABILITIES.flatMap(requestor =>
      ABILITIES.map(responder => ({ family, own, encryption, requestor, responder })),
    ),
  ),
)

describe('N4 each side dials the other', () => {
  it.each(EVERY_WAY)(
    'over $family with encryption $encryption: the requestor $requestor.can, the responder $responder.can',
    async ({ own, encryption, requestor, responder }) => {
      const common = { encryption, ownAddresses: () => [own] }
      const pair = await openPair(
        connector({ ...common, identity: OUR_IDENTITY, listen: requestor.listen, dial: requestor.dial }),
        connector({ ...common, identity: THEIR_IDENTITY, listen: responder.listen, dial: responder.dial }),
      )
      const requestorMayDial = requestor.dial && responder.listen !== 'off'
      const responderMayDial = responder.dial && requestor.listen !== 'off'
      const outcomes = pair.connect()
      if (!requestorMayDial && !responderMayDial) {
        const codes = (await outcomes).map(
          outcome => 'failure' in outcome && (outcome.failure as Failure).code,
        )
        expect(codes).toEqual(['unreachable', 'unreachable'])
        return
      }
      const [a, b] = await connected(outcomes)
      expect([a.by, b.by].toSorted()).toEqual(['acceptor', 'dialer'])
      if (requestorMayDial !== responderMayDial) expect(a.by).toBe(requestorMayDial ? 'dialer' : 'acceptor')
      const protection = { encrypted: encryption === 'required', verified: encryption === 'required' }
      expect(a).toMatchObject(protection)
      expect(b).toMatchObject(protection)
      const address = own.address.includes(':') ? `[${own.address}]` : own.address
      const listening = a.by === 'dialer' ? pair.responder : pair.requestor
      expect((a.by === 'dialer' ? a : b).remote).toBe(`${address}:${listening.port}`)
      a.stream.write('from the requestor')
      b.stream.write('from the responder')
      expect(String(await readBytes(b.stream, 18))).toBe('from the requestor')
      expect(String(await readBytes(a.stream, 18))).toBe('from the responder')
    },
  )

  it('tells hosts of both families at once, IPv4 first, and reaches either', async () => {
    const own = { ownAddresses: () => [IPV6_LOOPBACK, IPV4_LOOPBACK] }
    const pair = await openPair(connector(own), connector({ ...own, identity: THEIR_IDENTITY }))
    const { ourHosts } = pair.requestor.session
    expect(ourHosts.map(({ address }) => address)).toEqual(['127.0.0.1', '::1'])
    expect(new Set(ourHosts.map(({ port }) => port)).size).toBe(1)
    await connected(pair.connect())
  })

  it('tells what it was told to advertise, and dials what it is given', async () => {
    const advertise = [{ address: '203.0.113.7', port: 5000 }]
    const pair = await openPair(
      connector({ advertise, listen: 'off' }),
      connector({ identity: THEIR_IDENTITY, dial: false }),
    )
    expect(pair.requestor.session.ourHosts).toEqual(advertise)
    const [a] = await connected(pair.connect())
    expect(a.by).toBe('dialer')
  })
})

type End = 'verified' | 'encrypted' | 'plain' | Failure['code']

/** Between our own clients: fingerprints are announced by whoever has TLS at all. */
const ENCRYPTIONS: readonly (readonly [Encryption, Encryption, requestor: End, responder: End])[] = [
  ['required', 'required', 'verified', 'verified'],
  ['required', 'preferred', 'verified', 'verified'],
  // Who does not encrypt only reads `error`: errors to a peer stay vague.
  ['required', 'off', 'encryption-refused', 'unreachable'],
  ['preferred', 'required', 'verified', 'verified'],
  ['preferred', 'preferred', 'verified', 'verified'],
  ['preferred', 'off', 'plain', 'plain'],
  ['off', 'required', 'unreachable', 'encryption-refused'],
  ['off', 'preferred', 'plain', 'plain'],
  ['off', 'off', 'plain', 'plain'],
]

const DIRECTIONS = [
  { way: 'both dial', a: {}, b: {} },
  { way: 'the requestor dials', a: { listen: 'off' }, b: { dial: false } },
  { way: 'the responder dials', a: { dial: false }, b: { listen: 'off' } },
] as const

describe('S2 both sides have a say about encryption', () => {
  for (const { way, a, b } of DIRECTIONS) {
    it.each(ENCRYPTIONS)(`${way}: %s with %s gives %s and %s`, async (ours, theirs, ...ends) => {
      const pair = await openPair(
        connector({ ...a, encryption: ours, identity: OUR_IDENTITY }),
        connector({ ...b, encryption: theirs, identity: THEIR_IDENTITY }),
      )
      expect(pair.requestor.session.ourFingerprints !== undefined).toBe(ours !== 'off')
      const outcomes = await pair.connect()
      expect(outcomes.map(outcome => endOf(outcome))).toEqual(ends)
    })
  }
})

function endOf(outcome: Awaited<ReturnType<Awaited<ReturnType<typeof openPair>>['connect']>>[0]): End {
  if ('failure' in outcome) return (outcome.failure as Failure).code
  if (outcome.verified) return 'verified'
  return outcome.encrypted ? 'encrypted' : 'plain'
}
