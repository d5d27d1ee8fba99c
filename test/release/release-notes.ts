import { existsSync, readFileSync } from 'node:fs'
import { releaseNotes } from './changelog.ts'

/*
 * `node test/release/release-notes.ts [TAG]`: prints what CHANGELOG.md says of the version in package.json. Ends with 1 where
 * it says nothing, or where the tag is another version's. Only with what Node brings: nothing is installed where it runs.
 */

const root = new URL('../../', import.meta.url)
const changelog = new URL('CHANGELOG.md', root)
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }
try {
  const text = existsSync(changelog) ? readFileSync(changelog, 'utf8') : ''
  process.stdout.write(releaseNotes(text, version, process.argv[2]))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
