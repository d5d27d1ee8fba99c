import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

/*
 * The signature of a release, in a file of its own beside each artifact: `NAME.sig`. It is text that a person can read
 * and that `openssl pkeyutl` can verify: a statement of five lines, and the Ed25519 signature of exactly these bytes.
 *
 *   Plumb release 1
 *   file: Plumb-1.2.0-x64.AppImage
 *   version: 1.2.0
 *   size: 104857600
 *   sha512: 128 hex digits
 *   signature: base64
 *
 * The name and the version are signed too: else whoever has the feed could give out an old release, which is signed as
 * well, under the number of a new one.
 */

/** What is said of one artifact. */
export interface ReleaseStatement {
  /** Without a folder. */
  readonly file: string
  /** By semantic versioning. */
  readonly version: string
  /** Bytes. */
  readonly size: number
  /** Hex, lower case. */
  readonly sha512: string
}

/** A signature file is never longer. */
export const MAX_SIGNATURE_BYTES = 4096
export const SIGNATURE_SUFFIX = '.sig'
/** No folder, no drive, nothing hidden. */
export const ARTIFACT_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,199}$/

const FORM =
  /^(Plumb release 1\nfile: ([^\n]+)\nversion: ([^\n]+)\nsize: ([1-9][0-9]{0,11})\nsha512: ([0-9a-f]{128})\n)signature: ([A-Za-z0-9+/]{86}==)\n$/

/** Ed25519 public keys of releases, PEM (SPKI). Throws where one is none. */
export function readReleaseKeys(pems: readonly string[]): KeyObject[] {
  return pems.map(pem => {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType !== 'ed25519')
      throw new Failure('bug', 'bug: a release key that is not Ed25519')
    return key
  })
}

/** The text of a signature file. `privateKey`: Ed25519. Throws `usage` where nobody could read it. */
export function signRelease(statement: ReleaseStatement, privateKey: KeyObject): string {
  if (!ARTIFACT_NAME.test(statement.file))
    throw new Failure('usage', `No file of a release is called ${statement.file}.`)
  const signed = statementText(statement)
  const text = `${signed}signature: ${sign(null, Buffer.from(signed), privateKey).toString('base64')}\n`
  if (!FORM.test(text)) throw new Failure('usage', `What is said of ${statement.file} is no release.`)
  return text
}

/** What a signature file says, once one of `keys` made it. Throws `update-not-verified`. */
export function verifyRelease(text: string, keys: readonly KeyObject[]): ReleaseStatement {
  const [, signed = '', file = '', version = '', size = '', sha512 = '', signature = ''] =
    FORM.exec(text) ?? []
  if (signed === '') throw notVerified(say('refusal.unreadable-signature'))
  const bytes = Buffer.from(signature, 'base64')
  if (!keys.some(key => verify(null, Buffer.from(signed), key, bytes)))
    throw notVerified(say('refusal.not-ours'))
  return { file, version, size: Number(size), sha512 }
}

/** Base64, as electron-updater writes it, or hex. */
export async function sha512Of(path: string, encoding: 'base64' | 'hex'): Promise<string> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(path), hash)
  return hash.digest(encoding)
}

/** `why` goes on behind “because”. */
export function notVerified(why: string, cause?: unknown): Failure {
  return new Failure('update-not-verified', say('update.refused', { reason: why }), { cause })
}

function statementText({ file, version, size, sha512 }: ReleaseStatement): string {
  return `Plumb release 1\nfile: ${file}\nversion: ${version}\nsize: ${size}\nsha512: ${sha512}\n`
}
