import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { BUNDLED } from './bundled-packages.ts'

/** SPDX names of licences under which others' code may be in what we ship. */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
])

interface Package {
  readonly name: string
  readonly version: string
  /** SPDX. */
  readonly license: string
  readonly text: string
}

/** Name, licence and licence text of every package that is in the bundles. Throws where one may not be shipped. */
export function thirdPartyNotices(root: string): string {
  const packages = bundledPackages(root)
  const refused = packages.filter(({ license }) => !isAllowed(license))
  if (refused.length > 0) {
    const list = refused.map(({ name, license }) => `${name} (${license})`).join(', ')
    throw new Error(`These packages may not be shipped, because of their licence: ${list}.`)
  }
  const list = packages.map(({ name, version, license }) => `${name} ${version} (${license})`).join('\n')
  const texts = packages.map(
    ({ name, version, text }) => `${'-'.repeat(80)}\n${name} ${version}\n\n${text.trim()}\n`,
  )
  return `Plumb contains the following packages. Electron's own licences are in LICENSE.electron.txt and
LICENSES.chromium.html.

${list}

${texts.join('\n')}`
}

function bundledPackages(root: string): Package[] {
  const folders = new Set(
    readdirSync(join(root, BUNDLED)).flatMap(
      file => JSON.parse(readFileSync(join(root, BUNDLED, file), 'utf8')) as string[],
    ),
  )
  const packages = [...folders].map(readPackage).sort((a, b) => a.name.localeCompare(b.name, 'en'))
  const seen = new Set<string>()
  return packages.filter(({ name, version }) => {
    const isNew = !seen.has(`${name} ${version}`)
    seen.add(`${name} ${version}`)
    return isNew
  })
}

function readPackage(folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
    licenses?: readonly { type: string }[]
    author?: string | { name: string }
  }
  const license = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' OR ') ?? 'unknown'
  const file = readdirSync(folder).find(name => /^(licen[cs]e|copying)/i.test(name))
  const { author } = manifest
  const holder = typeof author === 'string' ? author : (author?.name ?? 'its authors')
  // Some name their licence, and have no text of it.
  const text =
    file === undefined
      ? `${license}, by ${holder} (${basename(folder)} has no licence text).`
      : readFileSync(join(folder, file), 'utf8')
  return { name: manifest.name, version: manifest.version, license, text }
}

/** “(MIT OR Apache-2.0)”: one of them; “MIT AND Zlib”: all. */
function isAllowed(license: string): boolean {
  const plain = license.replace(/[()]/g, '')
  return plain.split(' OR ').some(choice => choice.split(' AND ').every(name => ALLOWED.has(name.trim())))
}
