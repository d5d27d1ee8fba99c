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
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing on ${screen.name}, ${colorScheme}`, async () => {
      const page = await openScreen(browser, screen, colorScheme)
      const complaints: string[] = []
      page.on('console', line => {
        if (line.type() === 'error') complaints.push(line.text())
      })
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
      await page.close()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
        [],
      )
      expect(complaints).toEqual([])
    })
  }
}
