import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readPassphrase } from './passphrase.ts'
import { ROOT } from './root.ts'
import { readPrivateKey, readRollout, setRollout, signReleases } from './sign-release.ts'

/* `npm run release:sign`: signs what was built. To be run on a computer that is no server. docs/releasing.md has the rest. */

const USAGE = `Usage: npm run release:sign -- [FOLDER] [--key FILE] [--rollout PERCENT]

  FOLDER              with the artifacts and the feed files of one release; by default dist/
  --key FILE          the private key; by default PLUMB_RELEASE_KEY, or ~/.plumb-release/key.pem
  --rollout PERCENT   who gets it first: so many in a hundred; 100: everybody. Without it, as the feed files say.

The passphrase is asked for, or taken from PLUMB_RELEASE_PASSPHRASE.
`

try {
  const { values, positionals } = parseArgs({
    options: { key: { type: 'string' }, rollout: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  if (values.help === true) process.stdout.write(USAGE)
  else {
    const key = values.key ?? process.env['PLUMB_RELEASE_KEY'] ?? join(homedir(), '.plumb-release', 'key.pem')
    const rollout = values.rollout === undefined ? undefined : readRollout(values.rollout)
    await run(resolve(positionals[0] ?? join(ROOT, 'dist')), resolve(key), rollout)
  }
} catch (error) {
  const isUsage = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
  process.stderr.write(`${(error as Error).message}\n${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = isUsage ? 2 : 1
}

async function run(folder: string, key: string, rollout: number | undefined): Promise<void> {
  const privateKey = readPrivateKey(key, await readPassphrase(`The passphrase of ${key}: `))
  const signatures = await signReleases({ folder, privateKey })
  process.stdout.write(`Signed in ${folder}:\n${signatures.map(name => `  ${name}\n`).join('')}`)
  if (rollout === undefined) return
  const feeds = setRollout(folder, rollout)
  process.stdout.write(`For ${rollout} in a hundred: ${feeds.join(', ')}\n`)
}
