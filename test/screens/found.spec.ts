import { type Browser, chromium, expect, type Locator, type Page, test } from '@playwright/test'
import type { Message } from '../../shared/model/message.ts'
import { findChromium } from '../electron-host/find-chromium.ts'
import { MINUTE, message, NOW, person, transfer, windowState } from '../renderer/factories.ts'
import { openScreen } from './open-screen.ts'

/* What was found, and the messages themselves: both are lists that need a browser, as in lists.spec.ts. */

const ANNA = person({ address: 'anna@example.org', name: 'Anna' })
const BEN = person({ address: 'ben@example.org', name: 'Ben' })

let browser: Browser

test.beforeAll(async () => {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('there is no Chromium on this computer')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})

test.afterAll(() => browser?.close())

/** Three hundred, the newest of them now. */
const TALK: readonly Message[] = Array.from({ length: 300 }, (_, index) =>
  message({
    id: `m${index}`,
    text: `Number ${index}. ${'And so it goes on, word after word. '.repeat(index % 7)}`,
    direction: index % 3 === 2 ? 'out' : 'in',
    at: NOW - (300 - index) * MINUTE,
  }),
)
const FILE = transfer({
  id: 'f',
  name: 'number.pdf',
  person: ANNA.id,
  at: NOW - 150.5 * MINUTE,
  state: { kind: 'done', at: NOW, seconds: 1, sha256: '' },
})

async function opened(): Promise<{ readonly page: Page; readonly flow: Locator; readonly field: Locator }> {
  const early = TALK.slice(20, 23)
  const page = await openScreen(
    browser,
    {
      name: 'found',
      state: windowState({ people: [ANNA, BEN], transfers: [FILE] }),
      messages: TALK,
      found: { messages: early, transfers: [FILE] },
    },
    'light',
  )
  const flow = page.getByRole('region', { name: /^Messages/ })
  return { page, flow, field: page.getByRole('searchbox') }
}

test('what was found is walked by the keyboard, without its headings, and shown in its place', async () => {
  const { page, flow, field } = await opened()
  await field.fill('an')
  await page.getByRole('heading', { name: 'Messages' }).waitFor()
  const rows = page.getByRole('navigation', { name: 'People' }).getByRole('listitem').getByRole('button')
  await page.keyboard.press('ArrowDown')
  await expect(rows.filter({ hasText: 'Anna' }).first()).toBeFocused()
  for (const index of [20, 21, 22]) {
    await page.keyboard.press('ArrowDown')
    await expect(rows.filter({ hasText: `Number ${index}.` })).toBeFocused()
  }
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  const bubble = flow.getByText('Number 21.')
  await expect(bubble).toBeInViewport({ ratio: 1 })
  // It is in the middle, not at an end.
  await expect(flow.getByText('Number 20.')).toBeInViewport()
  await expect(flow.getByText('Number 22.')).toBeInViewport()
  const marked = flow.locator('[aria-current]')
  await expect(marked).toContainText('Number 21.')
  // For a moment only.
  await expect(marked).toHaveCount(0)
  // And from there one comes back.
  await page.getByRole('button', { name: 'Newest' }).click()
  await expect(flow.getByText('Number 299.')).toBeInViewport()
})

test('a file that was found is shown among what was said then', async () => {
  const { page, flow, field } = await opened()
  await field.fill('number')
  await page
    .getByRole('navigation')
    .getByRole('button', { name: /number.*pdf/ })
    .click()
  await expect(flow.getByRole('article', { name: 'number.pdf' })).toBeInViewport({ ratio: 1 })
  await expect(flow.getByText('Number 150.')).toBeAttached()
})

test('a message is copied as it was typed, or what is selected of it', async () => {
  const { page } = await opened()
  await page.getByRole('listitem').filter({ hasText: 'Anna' }).getByRole('button').click()
  const flow = page.getByRole('region', { name: /^Messages/ })
  const field = page.getByRole('textbox', { name: 'Message Anna' })
  const bubble = flow.getByText('Number 294.')
  const copy = async (): Promise<string> => {
    await bubble.click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Copy' }).click()
    await field.fill('')
    await page.keyboard.press('ControlOrMeta+v')
    return field.inputValue()
  }
  expect(await copy()).toBe(TALK[294]?.text)
  await bubble.evaluate(element => {
    const [text] = element.childNodes
    if (text !== undefined) window.getSelection()?.setBaseAndExtent(text, 0, text, 6)
  })
  expect(await copy()).toBe('Number')
})

test('editing from the menu puts the caret where one goes on', async () => {
  const { page } = await opened()
  await page.getByRole('listitem').filter({ hasText: 'Anna' }).getByRole('button').click()
  const flow = page.getByRole('region', { name: /^Messages/ })
  await flow.getByText('Number 299.').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Edit' }).click()
  const field = page.getByRole('textbox', { name: 'Message Anna' })
  await expect(field).toBeFocused()
  await page.keyboard.type('!')
  await expect(field).toHaveValue(`${TALK[299]?.text}!`)
})
