/** What can be released: a final version, or a beta. Others would get a feed that nobody follows. */
const VERSION = /^\d+\.\d+\.\d+(-beta\.\d+)?$/

/**
 * What the changelog says of a version, without its headline. `tag` is the one that asks for it, if one does. Throws
 * where the version cannot be released so.
 */
export function releaseNotes(changelog: string, version: string, tag?: string): string {
  if (!VERSION.test(version))
    throw new Error(
      `${version} in package.json is no version to release: 1.2.0 would be one, or 1.2.0-beta.1.`,
    )
  if (tag !== undefined && tag !== `v${version}`)
    throw new Error(`The tag is ${tag}, but package.json says ${version}: the tag would be v${version}.`)
  const sections = changelog.split(/^## +/m).slice(1)
  const section = sections.find(text => /^\[?v?([^\s\]]+)/.exec(text)?.[1] === version)
  const notes = section?.split('\n').slice(1).join('\n').trim() ?? ''
  if (notes === '')
    throw new Error(`CHANGELOG.md says nothing of ${version}: give it a section “## ${version}”.`)
  return `${notes}\n`
}
