import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { writeFileSync as writeWhole } from 'atomically'
import { dump } from 'js-yaml'
import {
  type ReleaseStatement,
  SIGNATURE_SUFFIX,
  sha512Of,
  signRelease,
} from '../../main/updates/release-signature.ts'
import {
  artifactsIn,
  type FeedFile,
  feedsIn,
  RELEASE_KEYS,
  readFeedFile,
  trustedKeys,
} from './release-files.ts'

export interface SignOptions {
  /** With the artifacts and the feed files. */
  readonly folder: string
  readonly privateKey: KeyObject
  /** The keys that the app believes. */
  readonly trusted?: string
}

/** PEM, with or without a passphrase. Throws where it cannot be read. */
export function readPrivateKey(file: string, passphrase: string): KeyObject {
  const pem = readKeyFile(file)
  try {
    return createPrivateKey({ key: pem, passphrase })
  } catch (cause) {
    throw new Error(`${file} cannot be read with this passphrase, or is no private key.`, { cause })
  }
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Error(
      `There is no release key in ${file}: name it with --key, or make one with npm run release:keys.`,
      {
        cause,
      },
    )
  }
}

/**
 * Signs every artifact in the folder, beside it. Returns the names of the signatures. Throws, with nothing written, where
 * the app would not believe the key, or where what a feed file announces is not what lies there.
 */
export async function signReleases({
  folder,
  privateKey,
  trusted = RELEASE_KEYS,
}: SignOptions): Promise<string[]> {
  const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  if (!trustedKeys(trusted).includes(pem))
    throw new Error(
      `The apps would not believe this key: its public half is not in ${basename(trusted)} of this checkout.`,
    )
  const artifacts = artifactsIn(folder)
  if (artifacts.length === 0)
    throw new Error(`There is nothing to sign in ${folder}: run npm run dist first.`)
  const statements = new Map<string, ReleaseStatement>()
  for (const { name, path, version } of artifacts)
    statements.set(name, {
      file: name,
      version,
      size: statSync(path).size,
      sha512: await sha512Of(path, 'hex'),
    })
  for (const feed of feedsIn(folder)) requireAnnounced(feed, readFeedFile(join(folder, feed)), statements)
  const signatures = [...statements.values()].map(statement => ({
    path: join(folder, `${statement.file}${SIGNATURE_SUFFIX}`),
    text: signRelease(statement, privateKey),
  }))
  for (const { path, text } of signatures) writeWhole(path, text)
  return signatures.map(({ path }) => basename(path))
}

/** Throws where what the feed file announces is not what lies there. */
export function requireAnnounced(
  feed: string,
  { version, files }: FeedFile,
  statements: ReadonlyMap<string, ReleaseStatement>,
): void {
  for (const { url, sha512, size } of files) {
    const here = statements.get(url)
    if (here === undefined) throw new Error(`${feed} announces ${url}, which is not here: build or fetch it.`)
    const hex = Buffer.from(sha512, 'base64').toString('hex')
    if (here.version !== version || here.size !== size || here.sha512 !== hex)
      throw new Error(`${url} is not what ${feed} announces: build or fetch it again.`)
  }
}

/** A percentage as a person writes it. Throws where it is none. */
export function readRollout(text: string): number {
  const percent = Number(text)
  if (!/^\d+$/.test(text) || percent < 1 || percent > 100)
    throw new Error('A roll-out is a whole number from 1 to 100.')
  return percent
}

/** Gives the release to so many in a hundred first; 100: to all. Returns the feed files that say so now. */
export function setRollout(folder: string, percent: number): string[] {
  const feeds = feedsIn(folder)
  if (feeds.length === 0) throw new Error(`There is no feed file in ${folder}: nothing was rolled out.`)
  const texts = feeds.map(name => {
    const { stagingPercentage: _, ...feed } = readFeedFile(join(folder, name))
    return dump(percent === 100 ? feed : { ...feed, stagingPercentage: percent }, { lineWidth: -1 })
  })
  for (const [index, name] of feeds.entries()) writeWhole(join(folder, name), texts[index] ?? '')
  return feeds
}
