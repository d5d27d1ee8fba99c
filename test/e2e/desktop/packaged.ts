import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import { findChromium } from '../../electron-host/find-chromium.ts'
import { packApp } from '../../release/packaged-app.ts'

/**
 * Whether a packaged app can be tried here: it runs on the test host, which has a launcher for Linux only, and its feed
 * has releases for x64. On CI a Chromium that is missing is a failure.
 */
export const canRunPackaged =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  (findChromium() !== undefined || process.env['CI'] !== undefined)

/** With the app as it is packaged, which is done once for all of these tests. */
export const test = base.extend<object, { packed: string }>({
  packed: [
    // Playwright reads from it which other fixtures are needed.
    // oxlint-disable no-empty-pattern
    // biome-ignore lint/correctness/noEmptyPattern: so there has to be one
    async ({}, use) => {
      // oxlint-enable no-empty-pattern
      const folder = await mkdtemp(join(tmpdir(), 'plumb-packed-'))
      await use(await packApp(folder))
      await rm(folder, { recursive: true })
    },
    { scope: 'worker' },
  ],
})
