import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from '@playwright/test'
import { findChromium } from '../electron-host/find-chromium.ts'
import { DraggedFiles } from '../support/drop-files.ts'
import { runTool } from '../support/tool.ts'
import { openScreen } from './open-screen.ts'
import { DROP_SCREEN, SCREENS, type Screen } from './screens.ts'

/*
 * `npm run screenshots`: builds the window and writes a picture of every screen and state, light and dark. With names,
 * or beginnings of names, only of those.
 */

const FOLDER = fileURLToPath(new URL('../../out/screenshots/', import.meta.url))
const executablePath = findChromium()
const names = process.argv.slice(2)
const isWanted = ({ name }: Screen): boolean =>
  names.length === 0 || names.some(beginning => name.startsWith(beginning))

if (executablePath === undefined) {
  process.stderr.write('There is no Chromium here: install chromium, or Chrome, and try again.\n')
  process.exitCode = 1
} else if (runTool('electron-vite', ['build', '--logLevel', 'error']) !== 0) process.exitCode = 1
else await takePictures(executablePath)

async function takePictures(program: string): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true })
  await mkdir(FOLDER, { recursive: true })
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
  const screens = SCREENS.filter(isWanted)
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const screen of screens) await takePicture(browser, screen, colorScheme)
      if (isWanted(DROP_SCREEN)) await takeDropPicture(browser, colorScheme)
    }
  } finally {
    await browser.close()
  }
  const count = screens.length + (isWanted(DROP_SCREEN) ? 1 : 0)
  process.stdout.write(`${count * 2} pictures are in ${FOLDER}\n`)
}

async function takePicture(browser: Browser, screen: Screen, colorScheme: 'light' | 'dark'): Promise<void> {
  const page = await openScreen(browser, screen, colorScheme)
  await page.screenshot({ path: join(FOLDER, `${screen.name}-${colorScheme}.png`) })
  await page.close()
}

async function takeDropPicture(browser: Browser, colorScheme: 'light' | 'dark'): Promise<void> {
  const page = await openScreen(browser, DROP_SCREEN, colorScheme)
  const here = fileURLToPath(import.meta.url)
  await DraggedFiles.over(page.getByRole('region', { name: /^Conversation/ }), [here, here, here])
  await page.getByText('Drop to send to').waitFor()
  await page.screenshot({ path: join(FOLDER, `${DROP_SCREEN.name}-${colorScheme}.png`) })
  await page.close()
}
