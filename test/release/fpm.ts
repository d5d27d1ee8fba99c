#!/usr/bin/env node
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/*
 * In the place of fpm, which electron-builder downloads: the same deb by dpkg-deb, for the tests. It understands just what
 * electron-builder passes for `-s dir -t deb`, and its file names are those of electron-builder.
 */

const once = new Map<string, string>()
const many = new Map<string, string[]>()
const copies: { from: string; to: string }[] = []
const MANY = new Set(['d', 'deb-recommends'])
const FLAGS = new Set(['--force', '--debug'])

const args = process.argv.slice(2)
for (let index = 0; index < args.length; index++) {
  const arg = args[index] as string
  if (FLAGS.has(arg)) continue
  if (!arg.startsWith('-')) {
    const [from = '', to = ''] = arg.split(/=(?=\/)/)
    copies.push({ from, to })
    continue
  }
  const [name = '', inline] = arg.replace(/^--?/, '').split(/=(.*)/s)
  const value = inline ?? args[++index] ?? ''
  if (MANY.has(name)) many.set(name, [...(many.get(name) ?? []), value])
  else once.set(name, value)
}
const type = once.get('t')
if (type !== 'deb') {
  process.stderr.write(`This stands in for fpm for deb only, not for ${type}.\n`)
  process.exit(2)
}

const root = mkdtempSync(join(tmpdir(), 'plumb-fpm-'))
try {
  for (const { from, to } of copies) {
    const target = join(root, to)
    mkdirSync(from.endsWith('/') ? target : dirname(target), { recursive: true })
    execFileSync('cp', ['-a', from.endsWith('/') ? `${from}.` : from, target])
  }
  const [summary = '', ...more] = (once.get('description') ?? '').trimEnd().split('\n')
  const fields = {
    Package: once.get('name'),
    Version: once.get('version'),
    Architecture: once.get('architecture'),
    Maintainer: once.get('maintainer'),
    Depends: many.get('d')?.join(', '),
    Recommends: many.get('deb-recommends')?.join(', '),
    Section: once.get('category'),
    Priority: once.get('deb-priority'),
    Homepage: once.get('url'),
    Description: [summary, ...more.map(line => (line.trim() === '' ? ' .' : ` ${line}`))].join('\n'),
  }
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  mkdirSync(join(root, 'DEBIAN'))
  writeFileSync(join(root, 'DEBIAN/control'), given.map(([name, value]) => `${name}: ${value}\n`).join(''))
  for (const [option, name] of [
    ['after-install', 'postinst'],
    ['after-remove', 'postrm'],
  ] as const) {
    const script = once.get(option)
    if (script === undefined) continue
    copyFileSync(script, join(root, 'DEBIAN', name))
    chmodSync(join(root, 'DEBIAN', name), 0o755)
  }
  chmodSync(root, 0o755)
  const compression = `-Z${once.get('deb-compression') ?? 'xz'}`
  const out = once.get('package') as string
  execFileSync('dpkg-deb', ['--root-owner-group', compression, '--build', root, out], { stdio: 'inherit' })
} finally {
  rmSync(root, { recursive: true })
}
