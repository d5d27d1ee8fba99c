import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { AppDriver } from '../support/app-driver.ts'
import { dropFiles } from '../support/drop-files.ts'
import { makeSparseFile } from '../support/files.ts'
import { startXmppServer } from '../support/xmpp-server.ts'

/** Milliseconds. */
export interface WindowFigures {
  /** From a key to the next painted frame: the median and the 95th percentile. */
  readonly typing: { readonly median: number; readonly p95: number }
  /** How late the main process's event loop was, at the 99th percentile. */
  readonly loopDelayP99: number
}

const KEYS = 60
const GIB = 1024 ** 3

/** The window of the receiver, first idle and then while a file arrives at full speed, in one run. */
export async function measureWindow(): Promise<{
  readonly idle: WindowFigures
  readonly busy: WindowFigures
}> {
  await using server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'a', bob: 'b' },
    contacts: [['alice', 'bob']],
  })
  const folder = await mkdtemp(join(tmpdir(), 'plumb-bench-window-'))
  try {
    await using alice = await AppDriver.start({ server })
    await using bob = await AppDriver.start({ server })
    await alice.signIn('alice@plumb.test', 'a')
    await bob.signIn('bob@plumb.test', 'b')
    await Promise.all([alice.seesDirect('bob'), bob.seesDirect('alice')])
    const idle = await measure(bob)
    await dropFiles(alice.conversation, [await makeSparseFile(join(folder, 'film.mkv'), 8 * GIB)])
    await bob.prompt.getByRole('button', { name: 'Accept' }).click()
    await expect(bob.transfer('film.mkv')).toContainText('%')
    const busy = await measure(bob)
    await bob
      .transfer('film.mkv')
      .getByRole('button', { name: /^Cancel/ })
      .click()
    await expect(bob.transfer('film.mkv')).toContainText('You cancelled this.')
    return { idle, busy }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure({ app, page }: AppDriver): Promise<WindowFigures> {
  await app.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks')
    const histogram = monitorEventLoopDelay({ resolution: 5 })
    histogram.enable()
    Object.assign(globalThis, { benchHistogram: histogram })
  })
  const typing = await measureTyping(page)
  const loopDelayP99 = await app.evaluate(() => {
    const { benchHistogram } = globalThis as unknown as {
      benchHistogram: { percentile(p: number): number; disable(): void }
    }
    benchHistogram.disable()
    // What is beyond the resolution of the timer itself.
    return benchHistogram.percentile(99) / 1e6 - 5
  })
  return { typing, loopDelayP99 }
}

async function measureTyping(page: Page): Promise<WindowFigures['typing']> {
  const field = page.getByRole('textbox', { name: /^Message/ })
  await field.fill('')
  await field.evaluate(element => {
    const samples: number[] = []
    Object.assign(window, { benchSamples: samples })
    element.addEventListener('keydown', () => {
      const at = performance.now()
      // Two frames on: React has drawn the character, and it was painted.
      requestAnimationFrame(() => requestAnimationFrame(() => samples.push(performance.now() - at)))
    })
  })
  await field.pressSequentially('x'.repeat(KEYS), { delay: 30 })
  const samples = await page.evaluate(() => (window as unknown as { benchSamples: number[] }).benchSamples)
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0
  await field.fill('')
  return { median: at(0.5), p95: at(0.95) }
}
