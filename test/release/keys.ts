import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeReleaseKeys } from './make-keys.ts'
import { isFromEnvironment, readPassphrase } from './passphrase.ts'

/* `npm run release:keys`: makes the key that releases are signed with. docs/releasing.md says when, and where to keep it. */

const USAGE = `Usage: npm run release:keys -- [--key FILE]

  --key FILE   where the private key goes, encrypted; by default ~/.plumb-release/key.pem

The passphrase is asked for, or taken from PLUMB_RELEASE_PASSPHRASE.
`

try {
  const { values } = parseArgs({ options: { key: { type: 'string' }, help: { type: 'boolean' } } })
  if (values.help === true) process.stdout.write(USAGE)
  else await run(resolve(values.key ?? join(homedir(), '.plumb-release', 'key.pem')))
} catch (error) {
  const isUsage = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
  process.stderr.write(`${(error as Error).message}\n${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = isUsage ? 2 : 1
}

async function run(file: string): Promise<void> {
  const passphrase = await readPassphrase('A passphrase for the new release key, 16 characters or more: ')
  if (!isFromEnvironment() && (await readPassphrase('The same once more: ')) !== passphrase)
    throw new Error('These are two different ones: nothing was made.')
  const pem = makeReleaseKeys({ file, passphrase })
  process.stdout.write(`
The private key is in ${file}.
Keep a copy of it and of its passphrase where no server is. Who has both can release; without one that the
installed apps believe, nobody can update them any more.

The public key was added to resources/release-keys.json: commit that. Builds from now on believe it.

${pem}`)
}
