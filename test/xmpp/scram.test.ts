import { describe, expect, test } from 'vitest'
import { Scram, type ScramName } from '../../main/xmpp/scram.ts'
import { deriveCredential, startScram } from '../support/xmpp-server/scram.ts'

const PENCIL = { username: 'user', password: 'pencil' }

/** RFC 5802 section 5, RFC 7677 section 3. */
const VECTORS = [
  {
    name: 'SCRAM-SHA-1',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    first: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    challenge: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    answer: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    proof: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    name: 'SCRAM-SHA-256',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    challenge: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    answer:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
      'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    proof: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const

describe.each(VECTORS)(
  'the exchange of the RFC with $name',
  ({ name, nonce, first, challenge, answer, proof }) => {
    async function answered(): Promise<Scram> {
      const scram = new Scram(name, nonce)
      expect(await scram.response(PENCIL)).toBe(first)
      scram.challenge(challenge)
      expect(await scram.response(PENCIL)).toBe(answer)
      return scram
    }

    test('comes out as written there, and the proof is taken', async () => {
      const scram = await answered()
      scram.final(proof)
    })

    test('takes the proof as one more challenge, with an empty success behind it', async () => {
      const scram = await answered()
      scram.challenge(proof)
      expect(await scram.response(PENCIL)).toBe('')
      scram.final('')
    })

    test.each([
      ['is for another exchange', `v=${Buffer.alloc(32).toString('base64')}`],
      ['is cut short', proof.slice(0, 8)],
      ['is missing', ''],
      ['is an error', 'e=invalid-proof'],
      ['is no base64', 'v=%%%'],
      ['differs in one bit', flipped(proof)],
      ['does not stand first', `x,${proof}`],
    ])('refuses a proof that %s', async (_, forged) => {
      const scram = await answered()
      expect(() => scram.final(forged)).toThrow(
        expect.objectContaining({
          code: 'sign-in-failed',
          message: expect.stringContaining('may be a false one'),
        }),
      )
    })

    test('refuses a wrong proof that comes as a challenge, and an empty success then', async () => {
      const scram = await answered()
      scram.challenge(flipped(proof))
      await expect(scram.response(PENCIL)).rejects.toMatchObject({ code: 'sign-in-failed' })
      expect(() => scram.final('')).toThrow(expect.objectContaining({ code: 'sign-in-failed' }))
    })
  },
)

/** The last bit that base64 keeps. */
function flipped(proof: string): string {
  const bytes = Buffer.from(proof.slice(2), 'base64')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return `v=${bytes.toString('base64')}`
}

describe('a challenge', () => {
  const [, { nonce }] = VECTORS
  const salt = 's=W22ZaJ0SNY7soEsUEjb6gQ=='

  test.each([
    ['does not extend the nonce', `r=${nonce},${salt},i=4096`],
    ['has another nonce', `r=x${nonce}y,${salt},i=4096`],
    ['has the beginning of the nonce only', `r=${nonce.slice(0, -1)},${salt},i=4096`],
    ['asks for too few rounds', `r=${nonce}x,${salt},i=4095`],
    ['asks for one round', `r=${nonce}x,${salt},i=1`],
    ['asks for no rounds', `r=${nonce}x,${salt},i=0`],
    ['asks for less than none', `r=${nonce}x,${salt},i=-4096`],
    ['asks for rounds that take minutes', `r=${nonce}x,${salt},i=1000001`],
    ['asks for more rounds than a number holds', `r=${nonce}x,${salt},i=99999999999999999999`],
    ['writes its rounds in another way', `r=${nonce}x,${salt},i=4e4`],
    ['has no salt', `r=${nonce}x,s=,i=4096`],
    ['has no rounds', `r=${nonce}x,${salt}`],
    ['has a mandatory extension', `m=new,r=${nonce}x,${salt},i=4096`],
    ['has a comma in the nonce', `r=${nonce},x,${salt},i=4096`],
    ['has a control character in the nonce', `r=${nonce}\u0007,${salt},i=4096`],
    ['is empty', ''],
    ['is something else', '<html>'],
  ])('that %s is refused', async (_, challenge) => {
    const scram = new Scram('SCRAM-SHA-256', nonce)
    await scram.response(PENCIL)
    scram.challenge(challenge)
    await expect(scram.response(PENCIL)).rejects.toMatchObject({
      code: 'sign-in-failed',
      message: 'The server answered the sign-in with something else than SCRAM.',
    })
  })

  test('with an extension at its end is taken', async () => {
    const scram = new Scram('SCRAM-SHA-256', nonce)
    await scram.response(PENCIL)
    scram.challenge(`r=${nonce}x,${salt},i=4096,ext=1`)
    expect(await scram.response(PENCIL)).toContain(`r=${nonce}x,p=`)
  })

  test('that is left out leaves nothing proven', () => {
    const scram = new Scram('SCRAM-SHA-256', nonce)
    expect(() => scram.final('')).toThrow(expect.objectContaining({ code: 'sign-in-failed' }))
    expect(() => scram.final(`v=${Buffer.alloc(0).toString('base64')}`)).toThrow()
  })
})

describe('against a server', () => {
  test.each([
    ['SCRAM-SHA-1', 'alice', 'secret'],
    ['SCRAM-SHA-256', 'alice', 'secret'],
    ['SCRAM-SHA-256', 'a=b,c', 'pässword, = "1" 🚰'],
    // The same name and password, typed on a computer that composes characters in another way.
    ['SCRAM-SHA-256', 'zu\u0308rich', 'pa\u0308sswo\u0308rd'],
  ] as const)('%s lets %s in', async (name: ScramName, username, password) => {
    const composed = { username: username.normalize('NFC'), password: password.normalize('NFC') }
    const credential = deriveCredential(name, composed.password, 4096)
    const names: string[] = []
    const lookUp = (asked: string) => {
      names.push(asked)
      return asked === composed.username ? credential : undefined
    }
    const scram = new Scram(name)
    const start = startScram(name, await scram.response({ username, password }), lookUp, 4096)
    if (start.kind !== 'challenge') throw new Error(start.condition)
    scram.challenge(start.text)
    const end = start.finish(await scram.response({ username, password }))
    expect(names).toEqual([composed.username])
    if (end.kind !== 'success') throw new Error(end.condition)
    scram.final(end.text)
  })

  test('each exchange has a nonce of its own, of 144 random bits', async () => {
    const firsts = await Promise.all(
      Array.from({ length: 100 }, () => new Scram('SCRAM-SHA-256').response(PENCIL)),
    )
    expect(new Set(firsts).size).toBe(100)
    for (const first of firsts) expect(first).toMatch(/^n,,n=user,r=[A-Za-z0-9+/]{24}$/)
  })
})
