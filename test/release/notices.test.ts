import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BUNDLED } from './bundled-packages.ts'
import { thirdPartyNotices } from './notices.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plumb-notices-'))
  mkdirSync(join(root, BUNDLED), { recursive: true })
})

afterEach(() => rmSync(root, { recursive: true }))

function addPackage(name: string, manifest: object, text?: string): string {
  const folder = join(root, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }))
  if (text !== undefined) writeFileSync(join(folder, 'LICENSE'), text)
  return folder
}

function bundle(name: string, folders: readonly string[]): void {
  writeFileSync(join(root, BUNDLED, `${name}.json`), JSON.stringify(folders))
}

it('name each package once, with its licence and the text of it', () => {
  const one = addPackage('one', { license: 'MIT' }, 'Permission is granted.\n')
  const two = addPackage('two', { licenses: [{ type: 'ISC' }], author: { name: 'Ada' } })
  bundle('main', [one, two])
  bundle('renderer', [one])
  const notices = thirdPartyNotices(root)
  expect(notices.match(/^one 1\.0\.0 \(MIT\)$/gm)).toHaveLength(1)
  expect(notices.match(/Permission is granted\./g)).toHaveLength(1)
  expect(notices).toMatch(/^ISC, by Ada/m)
})

it.each([
  ['(MIT OR GPL-3.0)', true],
  ['MIT AND ISC', true],
  ['MIT AND GPL-3.0', false],
  ['GPL-3.0', false],
  [undefined, false],
])('a package under %s may be shipped: %s', (license, allowed) => {
  bundle('main', [addPackage('some', { license }, 'text')])
  if (allowed) expect(thirdPartyNotices(root)).toContain('some 1.0.0')
  else expect(() => thirdPartyNotices(root)).toThrow(/may not be shipped.*some/)
})
