import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Arch, build as buildArtifacts, type Configuration, Platform } from 'electron-builder'
import { runTool } from '../support/tool.ts'
import { thirdPartyNotices } from './notices.ts'
import { feedsIn } from './release-files.ts'
import { ROOT } from './root.ts'

export interface BuildOptions {
  /** Where the artifacts go; emptied first. */
  readonly output: string
  /** As in electron-builder.yml, or `dir`: nothing but the unpacked app. Default: all of this platform. */
  readonly targets?: readonly string[] | undefined
  /** Of `targets`, without which it has no effect. Default: this computer's. */
  readonly arch?: 'x64' | 'arm64' | undefined
  /** Where the installed app looks for updates. Without it, it looks nowhere. */
  readonly feed?: string | undefined
  /** A distribution of Electron that is there already, in the place of the one that would be downloaded. */
  readonly electronDist?: string | undefined
  readonly homepage?: string | undefined
  readonly maintainer?: string | undefined
  /** In the place of package.json's. */
  readonly version?: string | undefined
}

/** Builds the bundles, then what people download. Returns the paths of the artifacts. */
export async function build(options: BuildOptions): Promise<string[]> {
  if (runTool('electron-vite', ['build', '--logLevel', 'warn']) !== 0)
    throw new Error('The bundles could not be built: see above.')
  return await pack(options)
}

/** What people download, of bundles that are there. */
export async function pack(options: BuildOptions): Promise<string[]> {
  const { output, targets, arch, feed, electronDist, version } = options
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  writeFileSync(join(output, 'THIRD-PARTY.txt'), thirdPartyNotices(ROOT))
  // Beside what electron-builder.yml says.
  const config: Configuration = {
    directories: { output },
    extraResources: [{ from: join(output, 'THIRD-PARTY.txt'), to: 'THIRD-PARTY.txt' }],
    // Null: nothing is written that an app could look at.
    publish: feed === undefined ? null : { provider: 'generic', url: feed },
    extraMetadata: {
      homepage: options.homepage ?? 'https://plumb.invalid/',
      ...(version === undefined ? {} : { version }),
    },
    linux: { maintainer: options.maintainer ?? 'The Plumb authors <authors@plumb.invalid>' },
    ...(electronDist === undefined ? {} : { electronDist }),
  }
  const made = await buildArtifacts({
    projectDir: ROOT,
    config,
    publish: 'never',
    targets: Platform.current().createTarget(
      targets === undefined ? null : [...targets],
      ...(arch === undefined ? [] : [Arch[arch]]),
    ),
  })
  // Who follows the beta channel gets final versions as well. electron-builder, asked for that, names most artifacts three
  // times in each feed file.
  for (const name of feedsIn(output))
    if (name.startsWith('latest'))
      copyFileSync(join(output, name), join(output, name.replace('latest', 'beta')))
  const feeds = feedsIn(output).map(name => join(output, name))
  return [...new Set([...made, ...feeds])].filter(path => !path.endsWith('.blockmap')).sort()
}
