import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from '@playwright/test'
import { CONTENT_SECURITY_POLICY } from '../../main/desktop/app-protocol.ts'
import type { EventName, EventValue } from '../../shared/ipc/events.ts'
import { SHOWN_SIDE } from '../../shared/model/limits.ts'
import type { SendAnswer } from '../../shared/model/shown-transfer.ts'
import { NOW } from '../renderer/factories.ts'
import { paintedPng } from '../support/pictures.ts'
import type { Screen } from './screens.ts'

const RENDERER = fileURLToPath(new URL('../../out/renderer/', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}
const SIZE = { width: 1220, height: 780 }

const NOT_EVERYTHING: SendAnswer = {
  kind: 'confirm',
  ticket: 't',
  sendable: [
    { name: 'notes.txt', size: 1000, files: null, zipped: false, leftOut: 0 },
    { name: 'Photos 2026', size: 3_400_000, files: 12, zipped: false, leftOut: 0 },
  ],
  refused: [
    {
      name: 'letter.odt',
      failure: { code: 'file-not-found', message: 'letter.odt is no longer there: it was moved or deleted.' },
    },
    {
      name: 'secret.key',
      failure: { code: 'file-unreadable', message: 'secret.key cannot be read: check its permissions.' },
    },
  ],
}

interface ScreenPage {
  /** Whether all that the page has asked for is there. */
  readonly isQuiet: () => boolean
  /** What answers the calls of the screen that is shown. */
  answering?: AsyncDisposable
}

const pages = new WeakMap<Page, ScreenPage>()

/** For one screen after the other: that is sooner done than a page for each. */
export async function newScreenPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ reducedMotion: 'reduce', timezoneId: 'UTC', locale: 'en-GB' })
  await page.clock.setFixedTime(NOW)
  pages.set(page, { isQuiet: watchRequests(page) })
  return page
}

/** The built window in a page of its own, with a main process that only ever tells what the screen says. */
export async function openScreen(
  browser: Browser,
  screen: Screen,
  colorScheme: 'light' | 'dark',
): Promise<Page> {
  const page = await newScreenPage(browser)
  await showScreen(page, screen, colorScheme)
  return page
}

/** The same in the place of the screen that was shown before. */
export async function showScreen(page: Page, screen: Screen, colorScheme: 'light' | 'dark'): Promise<void> {
  const { state, language = state.settings.language } = screen
  const kept = pages.get(page)
  if (kept === undefined) throw new Error('bug: this page is not for screens')
  await kept.answering?.[Symbol.asyncDispose]()
  await page.unrouteAll()
  // Nothing is pointed at.
  await page.mouse.move(-1, -1)
  await page.setViewportSize(screen.size ?? SIZE)
  await page.emulateMedia({ colorScheme })
  await page.route('**/*', async route => {
    const { pathname } = new URL(route.request().url())
    if (pathname.startsWith('/picture/')) {
      const shown = state.transfers.find(({ id }) => pathname.endsWith(`/${id}`))?.picture
      await route.fulfill(
        shown && pathname !== '/picture/gone'
          ? { body: paintedPng(shown.width, shown.height), contentType: 'image/png' }
          : { status: 404 },
      )
      return
    }
    if (pathname.startsWith('/face/')) {
      // Each picture is another by its hash.
      const blue = Number.parseInt(pathname.slice(-2), 16)
      await route.fulfill({ body: paintedPng(SHOWN_SIDE, SHOWN_SIDE, blue), contentType: 'image/png' })
      return
    }
    const file = join(RENDERER, pathname)
    await route.fulfill({
      body: await readFile(file),
      headers: {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': CONTENT_SECURITY_POLICY,
      },
    })
  })
  kept.answering = await page.addInitScript(answerCalls, {
    load: { ...state, settings: { ...state.settings, language } },
    messages: [...(screen.messages ?? [])],
    choosing: screen.choosing ?? NOT_EVERYTHING,
    reach: screen.reach ?? null,
    found: screen.found ?? { messages: [], transfers: [] },
    answers: screen.answers ?? {},
  })
  await page.goto('http://plumb.localhost/index.html')
  await page.getByRole('main').waitFor()
  await screen.act?.(page)
  // What is not there from the beginning is read when it is first shown.
  do await page.evaluate(twoFrames)
  while (!kept.isQuiet())
  // The list of messages measures itself first.
  const flow = messagesOf(page)
  if ((await flow.count()) > 0) await flow.getByText(/./).last().waitFor()
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}

function watchRequests(page: Page): () => boolean {
  let open = 0
  page.on('request', () => {
    open += 1
  })
  const close = (): void => {
    open -= 1
  }
  page.on('requestfinished', close)
  page.on('requestfailed', close)
  return () => open === 0
}

/** Runs in the page. */
async function twoFrames(): Promise<void> {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
}

/** The messages of the conversation that is shown, whatever they are called. */
export function messagesOf(page: Page): Locator {
  return page.locator('div[role="region"][tabindex="0"]')
}

/** Somebody in the list, or something that was found there. */
export function row(page: Page, name: string): Locator {
  return page.getByRole('listitem').filter({ hasText: name }).getByRole('button')
}

/** Runs in the page, in the place of the preload. */
function answerCalls(told: {
  load: unknown
  messages: { id: string; person: string; at: number }[]
  choosing: unknown
  reach: unknown
  found: unknown
  answers: Record<string, unknown>
}): void {
  const ok = async (value?: unknown): Promise<unknown> => ({ ok: true, value })
  const listeners: ((event: unknown) => void)[] = []
  const answers: Record<string, (...args: never[]) => Promise<unknown>> = {
    load: () => ok(told.load),
    readConversation: (asked: string, where: { kind: string; id?: string; at?: number }, count: number) => {
      const all = told.messages.filter(({ person }) => person === asked)
      const place = all.findIndex(
        ({ id, at }) => id === where.id || (where.at !== undefined && at > where.at),
      )
      const start = { newest: all.length - count, before: place - count, after: place + 1 }
      const from = Math.max(0, start[where.kind as keyof typeof start] ?? place - count / 2)
      const to = where.kind === 'before' ? place : Math.min(all.length, from + count)
      const page = all.slice(from, to)
      return ok({
        messages: page,
        transfers: [],
        older: from > 0,
        newer: to < all.length && where.kind !== 'before',
      })
    },
    chooseFiles: () => ok(told.choosing),
    search: () => ok(told.found),
    // It is on its way for ever, so that both can be seen.
    correctMessage: () => new Promise(() => {}),
    exportPerson: () => ok(true),
    // Nobody answers, where the screen says nothing of it.
    checkReach: () => (told.reach === null ? new Promise(() => {}) : Promise.resolve(told.reach)),
    chooseDownloadFolder: async () => ({
      ok: false,
      failure: {
        code: 'cannot-write',
        message: 'The settings could not be saved: make room on the disk.',
      },
    }),
    showTransfer: async () => ({
      ok: false,
      failure: {
        code: 'file-not-found',
        message: 'contract_v7_final.pdf is no longer where it was: it was moved or deleted.',
      },
    }),
  }
  const bridge = new Proxy(
    {},
    {
      get: (_, name) =>
        name === 'isOnDisk'
          ? () => false
          : name === 'onEvent'
            ? (listener: (event: unknown) => void) => listeners.push(listener)
            : (answers[String(name)] ?? (() => Promise.resolve(told.answers[String(name)] ?? { ok: true }))),
    },
  )
  Object.defineProperty(window, 'plumb', { value: bridge })
  let sequence = 0
  Object.defineProperty(window, 'tell', {
    value: (name: string, value: unknown) => {
      sequence += 1
      for (const listener of listeners) listener({ sequence, name, value })
    },
  })
}

/** The main process tells the window something. */
export async function tell<N extends EventName>(page: Page, name: N, value: EventValue<N>): Promise<void> {
  await page.evaluate(
    told => (window as unknown as { tell(name: string, value: unknown): void }).tell(told.name, told.value),
    { name, value },
  )
}
