import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, expect, test } from '@playwright/test'
import { findChromium } from '../electron-host/find-chromium.ts'
import { openScreen } from './open-screen.ts'
import { SCREENS } from './screens.ts'

let browser: Browser

test.beforeAll(async () => {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('there is no Chromium on this computer')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})

test.afterAll(() => browser?.close())

for (const screen of SCREENS) {
  test(`axe finds nothing on ${screen.name}, light or dark`, async () => {
    const page = await openScreen(browser, screen, 'light')
    const complaints: string[] = []
    page.on('console', line => {
      if (line.type() === 'error') complaints.push(line.text())
    })
    const light = await new AxeBuilder({ page }).setLegacyMode().analyze()
    // The same page in other colours: what speaks of colours is asked again.
    await page.emulateMedia({ colorScheme: 'dark' })
    const dark = await new AxeBuilder({ page })
      .setLegacyMode()
      .withRules(['color-contrast', 'link-in-text-block'])
      .analyze()
    await page.close()
    const found = [...light.violations, ...dark.violations]
    expect(found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    expect(complaints).toEqual([])
  })
}
