import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type ConsoleMessage, chromium, expect, type Page, test } from '@playwright/test'
import type { default as Axe, RunOptions } from 'axe-core'
import { findChromium } from '../electron-host/find-chromium.ts'
import { newScreenPage, showScreen } from './open-screen.ts'
import { SCREENS } from './screens.ts'

/** As small as there is: every page reads it. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
let page: Page

test.beforeAll(async () => {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('there is no Chromium on this computer')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  page = await newScreenPage(browser)
})

test.afterAll(() => browser?.close())

async function violations(options: RunOptions = {}): Promise<readonly string[]> {
  return await page.evaluate(async asked => {
    const there = globalThis as unknown as { readonly axe: typeof Axe }
    const { violations: found } = await there.axe.run(document, { ...asked, resultTypes: ['violations'] })
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }, options)
}

for (const screen of SCREENS) {
  test(`axe finds nothing on ${screen.name}, light or dark`, async () => {
    await showScreen(page, screen, 'light')
    const complaints: string[] = []
    const listen = (line: ConsoleMessage): void => {
      // A picture that is not there is a part of what is shown.
      if (line.type() === 'error' && !line.location().url.endsWith('/picture/gone'))
        complaints.push(line.text())
    }
    page.on('console', listen)
    await page.evaluate(AXE)
    const light = await violations()
    // The same page in other colours: what speaks of colours is asked again.
    await page.emulateMedia({ colorScheme: 'dark' })
    const dark = await violations({ runOnly: ['color-contrast', 'link-in-text-block'] })
    page.off('console', listen)
    expect([...light, ...dark]).toEqual([])
    expect(complaints).toEqual([])
  })
}
