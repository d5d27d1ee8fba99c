import { generateKeyPairSync } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { writeFileSync as writeWhole } from 'atomically'
import { RELEASE_KEYS, trustedKeys } from './release-files.ts'
import { ROOT } from './root.ts'

/** Whoever has the file can try passphrases for as long as they like. */
const MIN_PASSPHRASE = 16

export interface MakeKeysOptions {
  /** Where the private key goes; nothing may be there. */
  readonly file: string
  readonly passphrase: string
  /** The keys that the app believes, to which the public one is added. */
  readonly trusted?: string
}

/**
 * Makes an Ed25519 pair: the private key, encrypted, as a file that only this user may read; the public one among those
 * that the app believes. Returns the public one, PEM. Throws, with nothing changed, where the file is there already or
 * would be in the repository.
 */
export function makeReleaseKeys({ file, passphrase, trusted = RELEASE_KEYS }: MakeKeysOptions): string {
  if (passphrase.length < MIN_PASSPHRASE)
    throw new Error(`The passphrase is too short: take at least ${MIN_PASSPHRASE} characters.`)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const place = join(realpathSync(dirname(file)), basename(file))
  if (`${place}${sep}`.startsWith(realpathSync(ROOT) + sep))
    throw new Error('The private key must not be in the repository: name another place with --key.')
  const keys = trustedKeys(trusted)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
  const open = openExclusively(place)
  try {
    writeFileSync(open, secret)
    fsyncSync(open)
  } finally {
    closeSync(open)
  }
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  writeWhole(trusted, `${JSON.stringify({ keys: [...keys, pem] }, null, 2)}\n`)
  return pem
}

function openExclusively(file: string): number {
  try {
    return openSync(file, 'wx', 0o600)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new Error(`${file} is there already: a release key is never overwritten. Name another file.`, {
      cause,
    })
  }
}
