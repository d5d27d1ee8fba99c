import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { parse } from 'es-module-lexer/minimal/js'

/* What the window reads before it can show anything: the rest comes with what needs it. */

const RENDERER = new URL('../../out/renderer/', import.meta.url)
const MAX_CODE_BYTES = 500_000
const MAX_STYLE_BYTES = 30_000

/** Adds a script, and all that it imports before it runs. */
function addCodeOf(script: URL, found: Set<string>): ReadonlySet<string> {
  if (found.has(script.href)) return found
  found.add(script.href)
  const [imports] = parse(readFileSync(script, 'utf8'))
  for (const { d, n = '' } of imports) if (d === -1) addCodeOf(new URL(n, script), found)
  return found
}

const bytesOf = (files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + statSync(fileURLToPath(file)).size, 0)

test('a window that opens reads less than 500 kB of code, and 30 kB of style', () => {
  const page = readFileSync(new URL('index.html', RENDERER), 'utf8')
  const [script] = [...page.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, src = '']) => src)
  const styles = [...page.matchAll(/<link rel="stylesheet"[^>]* href="([^"]+)"/g)].map(
    ([, href = '']) => href,
  )
  const code = bytesOf(addCodeOf(new URL(script ?? '', RENDERER), new Set()))
  const style = bytesOf(styles.map(href => new URL(href, RENDERER).href))
  test.info().annotations.push({ type: 'bytes', description: `${code} of code, ${style} of style` })
  expect(code).toBeGreaterThan(100_000)
  expect(code).toBeLessThan(MAX_CODE_BYTES)
  expect(style).toBeGreaterThan(10_000)
  expect(style).toBeLessThan(MAX_STYLE_BYTES)
})
