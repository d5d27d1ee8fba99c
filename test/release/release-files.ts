import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { load } from 'js-yaml'
import * as z from 'zod'
import { ROOT } from './root.ts'

/* What lies in a folder of a release, and which keys the app believes. */

/** By electron-builder.yml's artifactName; group 1 is the version, as semantic versioning has it. */
const ARTIFACT =
  /^Plumb-(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)-(?:x64|arm64|amd64|x86_64|aarch64|universal)\.(?:AppImage|deb|rpm|exe|dmg|zip)$/
const FEED = /^(?:latest|beta)(?:-[a-z0-9-]+)?\.yml$/

export const RELEASE_KEYS = join(ROOT, 'resources/release-keys.json')

export interface Artifact {
  readonly name: string
  readonly path: string
  readonly version: string
}

/** What people download, in `folder`. */
export function artifactsIn(folder: string): Artifact[] {
  return namesIn(folder)
    .sort()
    .flatMap(name => {
      const version = ARTIFACT.exec(name)?.[1]
      return version === undefined ? [] : [{ name, path: join(folder, name), version }]
    })
}

/** Of one feed file, what is used here; what else it says stays as it is. */
const FeedFile = z.looseObject({
  version: z.string(),
  files: z.array(z.looseObject({ url: z.string(), sha512: z.string(), size: z.number() })).min(1),
})
export type FeedFile = z.infer<typeof FeedFile>

/** The names of the files in `folder` in which the app looks for its version. */
export function feedsIn(folder: string): string[] {
  return namesIn(folder)
    .filter(name => FEED.test(name))
    .sort()
}

/** Throws where it is none. */
export function readFeedFile(path: string): FeedFile {
  try {
    return FeedFile.parse(load(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new Error(`${basename(path)} is no feed file: build or fetch it again.`, { cause })
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw new Error(`There is no folder ${folder}.`, { cause })
  }
}

/** PEM. */
export function trustedKeys(file = RELEASE_KEYS): string[] {
  return z.strictObject({ keys: z.array(z.string()) }).parse(JSON.parse(readFileSync(file, 'utf8'))).keys
}
