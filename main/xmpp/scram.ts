import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

/** A server may not make us compute for minutes. */
const MAX_ITERATIONS = 1_000_000
/** RFC 7677 asks for 4096 at least; fewer would make the proof cheap to guess from. */
const MIN_ITERATIONS = 4096

/** The mechanisms that are used, best first. */
export const SCRAM_MECHANISMS = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-1': 'sha1' } as const
export type ScramName = keyof typeof SCRAM_MECHANISMS

const derive = promisify(pbkdf2)

/**
 * The client's side of SCRAM (RFC 5802, RFC 7677) in the shape that @xmpp/sasl asks of a mechanism. The
 * library brings SHA-1 only, and neither checks the nonce nor the server's signature.
 */
export class Scram {
  readonly name: ScramName
  readonly clientFirst = true
  readonly #nonce: string
  #challenge: string | undefined
  #firstBare = ''
  #proven = false
  #serverSignature: Buffer | undefined

  /** `nonce` is given only by tests, who have the one of the RFC. */
  constructor(name: ScramName, nonce = randomBytes(18).toString('base64')) {
    this.name = name
    this.#nonce = nonce
  }

  /** The first message, after the challenge the final one, and nothing behind the server's proof. */
  async response({ username, password }: { username: string; password: string }): Promise<string> {
    if (this.#challenge === undefined) {
      const name = username.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C')
      this.#firstBare = `n=${name},r=${this.#nonce}`
      return `n,,${this.#firstBare}`
    }
    if (this.#serverSignature !== undefined) {
      // Some servers send their proof as one more challenge, and an empty success behind it.
      this.final(this.#challenge)
      return ''
    }
    const { nonce, salt, iterations } = parseChallenge(this.#challenge)
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) throw malformed()
    const hash = SCRAM_MECHANISMS[this.name]
    const size = createHash(hash).digest().length
    const salted = await derive(password.normalize('NFKC'), salt, iterations, size, hash)
    const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
    const clientKey = hmac(salted, 'Client Key')
    const storedKey = createHash(hash).update(clientKey).digest()
    const withoutProof = `c=${Buffer.from('n,,').toString('base64')},r=${nonce}`
    const authMessage = `${this.#firstBare},${this.#challenge},${withoutProof}`
    const signature = hmac(storedKey, authMessage)
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), authMessage)
    return `${withoutProof},p=${proof.toString('base64')}`
  }

  challenge(text: string): void {
    this.#challenge = text
  }

  /** The server proves that it knows the password too: throws where it does not. */
  final(text: string): void {
    if (this.#proven && text === '') return
    const claimed = Buffer.from(/^v=([A-Za-z0-9+/=]+)/.exec(text)?.[1] ?? '', 'base64')
    const expected = this.#serverSignature
    if (expected === undefined || claimed.length !== expected.length || !timingSafeEqual(claimed, expected)) {
      throw new Failure('sign-in-failed', say('sign-in.server-not-proven'))
    }
    this.#proven = true
  }
}

function parseChallenge(text: string): { nonce: string; salt: Buffer; iterations: number } {
  const parts = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=([1-9][0-9]{0,9})(?:,|$)/.exec(text)
  const iterations = Number(parts?.[3])
  if (parts?.[1] === undefined || parts[2] === undefined) throw malformed()
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) throw malformed()
  return { nonce: parts[1], salt: Buffer.from(parts[2], 'base64'), iterations }
}

function malformed(): Failure {
  return new Failure('sign-in-failed', say('sign-in.no-scram'))
}
