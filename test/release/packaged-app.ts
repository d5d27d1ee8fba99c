import { execFile } from 'node:child_process'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { extractAll } from '@electron/asar'

const PACK = fileURLToPath(new URL('./pack-stand-in.ts', import.meta.url))

/** Packs the built app into `folder`, which exists. Returns the unpacked app, as an AppImage holds it. */
export async function packApp(folder: string): Promise<string> {
  // In a process of its own: it has a lot to say, which is worth reading only where it fails.
  await promisify(execFile)(process.execPath, ['--no-warnings', PACK, folder])
  const output = join(folder, 'dist')
  const app = (await readdir(output)).find(name => name.endsWith('-unpacked'))
  if (app === undefined) throw new Error(`Nothing was packed into ${output}.`)
  return join(output, app)
}

/** A copy of what `packApp` made with its asar extracted, since only Electron reads one. Returns the app's folder. */
export async function extractApp(packed: string, to: string): Promise<string> {
  await mkdir(to, { recursive: true })
  await cp(packed, to, { recursive: true, filter: path => basename(path) !== 'app.asar' })
  const app = join(to, 'resources', 'app')
  extractAll(join(packed, 'resources', 'app.asar'), app)
  return app
}
