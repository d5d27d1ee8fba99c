import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

/** The server's side of SCRAM (RFC 5802, RFC 7677), without channel binding. */
export const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-1'] as const
export type ScramMechanism = (typeof SCRAM_MECHANISMS)[number]

const HASHES = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-1': 'sha1' } as const
/** The least that RFC 7677 §4 allows: tests sign in often. */
export const DEFAULT_ITERATIONS = 4096

/** What a server keeps instead of the password. */
export interface ScramCredential {
  readonly salt: Buffer
  readonly iterations: number
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

export type SaslCondition = 'not-authorized' | 'malformed-request' | 'invalid-authzid'

export interface ScramRefusal {
  readonly kind: 'refused'
  readonly condition: SaslCondition
}

export type ScramStart =
  | ScramRefusal
  | { readonly kind: 'challenge'; readonly text: string; readonly finish: Finish }
export type ScramEnd =
  | ScramRefusal
  | { readonly kind: 'success'; readonly username: string; readonly text: string }
type Finish = (clientFinal: string) => ScramEnd

/** NFKC is what SASLprep amounts to for the passwords of tests. */
export function preparePassword(password: string): string {
  return password.normalize('NFKC')
}

export function deriveCredential(
  mechanism: ScramMechanism,
  password: string,
  iterations: number,
): ScramCredential {
  const hash = HASHES[mechanism]
  const salt = randomBytes(16)
  const lengthBytes = createHash(hash).digest().length
  const salted = pbkdf2Sync(preparePassword(password), salt, iterations, lengthBytes, hash)
  return {
    salt,
    iterations,
    storedKey: createHash(hash)
      .update(hmac(hash, salted, 'Client Key'))
      .digest(),
    serverKey: hmac(hash, salted, 'Server Key'),
  }
}

/**
 * Answers the client's first message. `lookUp` finds what is stored for a user name; a stranger gets a
 * challenge all the same, and fails at the end like a wrong password.
 */
export function startScram(
  mechanism: ScramMechanism,
  clientFirst: string,
  lookUp: (username: string) => ScramCredential | undefined,
  iterationsForStrangers: number,
): ScramStart {
  const parts =
    /^(?<gs2>[ny],(?:a=(?<authzid>[^,]*))?,)(?<bare>n=(?<name>[^,]*),r=(?<nonce>[!-+\--~]+)(?:,.*)?)$/s.exec(
      clientFirst,
    )?.groups
  if (parts === undefined) return refused('malformed-request')
  const { gs2 = '', authzid, bare = '', name = '', nonce = '' } = parts
  if (/=(?!2C|3D)/.test(name)) return refused('malformed-request')
  const username = unescapeName(name)
  // Acting as somebody else is not offered, and one's own name needs no saying.
  if (authzid !== undefined && authzid !== '') return refused('invalid-authzid')

  const credential = lookUp(username)
  const fullNonce = nonce + randomBytes(18).toString('base64')
  const salt = (credential?.salt ?? randomBytes(16)).toString('base64')
  const serverFirst = `r=${fullNonce},s=${salt},i=${credential?.iterations ?? iterationsForStrangers}`

  return {
    kind: 'challenge',
    text: serverFirst,
    finish: clientFinal => {
      const final = /^(?<unproven>c=(?<binding>[^,]*),r=(?<nonce>[^,]*)(?:,.*)?),p=(?<proof>[^,]*)$/s.exec(
        clientFinal,
      )?.groups
      if (final === undefined) return refused('malformed-request')
      const { unproven = '', binding = '', nonce: finalNonce, proof: proofText = '' } = final
      // RFC 5802 §5.1: both sides must have seen the same header and nonce.
      if (Buffer.from(binding, 'base64').toString() !== gs2) return refused('not-authorized')
      if (finalNonce !== fullNonce || credential === undefined) return refused('not-authorized')

      const hash = HASHES[mechanism]
      const authMessage = `${bare},${serverFirst},${unproven}`
      const signature = hmac(hash, credential.storedKey, authMessage)
      const proof = Buffer.from(proofText, 'base64')
      if (proof.length !== signature.length) return refused('not-authorized')
      const clientKey = Buffer.from(proof.map((byte, index) => byte ^ (signature[index] ?? 0)))
      const storedKey = createHash(hash).update(clientKey).digest()
      if (!timingSafeEqual(storedKey, credential.storedKey)) return refused('not-authorized')
      const serverSignature = hmac(hash, credential.serverKey, authMessage).toString('base64')
      return { kind: 'success', username, text: `v=${serverSignature}` }
    },
  }
}

function unescapeName(name: string): string {
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

function hmac(hash: string, key: Buffer, text: string): Buffer {
  return createHmac(hash, key).update(text).digest()
}

function refused(condition: SaslCondition): ScramRefusal {
  return { kind: 'refused', condition }
}
