import { type Browser, chromium, expect, type Locator, type Page, test } from '@playwright/test'
import type { Message } from '../../shared/model/message.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { findChromium } from '../electron-host/find-chromium.ts'
import { MINUTE, message, NOW, person, RECEIPT, transfer, windowState } from '../renderer/factories.ts'
import { openScreen, tell } from './open-screen.ts'

/* The three lists draw only what is to be seen. Where nothing is measured, they draw nothing: they need a browser. */

const ANNA = person({ address: 'anna@example.org', name: 'Anna' })

let browser: Browser

test.beforeAll(async () => {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('there is no Chromium on this computer')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})

test.afterAll(() => browser?.close())

/** So many messages of different heights, the newest now. */
function talk(count: number): Message[] {
  return Array.from({ length: count }, (_, index) =>
    message({
      id: `m${index}`,
      text: `Message ${index}. ${'And so it goes on, word after word. '.repeat(index % 7)}`,
      direction: index % 3 === 0 ? 'out' : 'in',
      at: NOW - (count - index) * MINUTE,
    }),
  )
}

function said(id: string, direction: 'in' | 'out'): Message {
  return message({ id, text: `Said ${id}`, direction, at: NOW })
}

async function openTalk(
  messages: readonly Message[],
  transfers: ShownTransfer[] = [],
): Promise<{ readonly page: Page; readonly flow: Locator }> {
  const state = windowState({ people: [ANNA], transfers })
  const page = await openScreen(
    browser,
    {
      name: 'talk',
      state,
      messages,
      act: opened => opened.getByRole('listitem').getByRole('button').click(),
    },
    'light',
  )
  return { page, flow: page.getByRole('region', { name: /^Messages/ }) }
}

/** Pixels below what is to be seen. */
function distanceToEnd(flow: Locator): Promise<number> {
  return flow.evaluate(element => element.scrollHeight - element.scrollTop - element.clientHeight)
}

async function topOf(locator: Locator): Promise<number> {
  return (await locator.boundingBox())?.y ?? Number.NaN
}

/** A place in the middle of what is to be seen of a conversation. */
async function scrollUp(page: Page, flow: Locator, pixels: number): Promise<void> {
  await flow.hover()
  await page.mouse.wheel(0, -pixels)
  await expect.poll(() => distanceToEnd(flow)).toBeGreaterThan(Math.min(pixels, 500) - 50)
}

test('a conversation begins at its newest, and who is there stays there', async () => {
  const { page, flow } = await openTalk(talk(80))
  await expect(flow.getByText('Message 79.')).toBeInViewport()
  await expect.poll(() => distanceToEnd(flow)).toBeLessThan(2)
  await tell(page, 'messagesChanged', [said('a', 'in'), said('b', 'in'), said('c', 'in'), said('d', 'in')])
  await expect(flow.getByText('Said d')).toBeInViewport()
  await expect.poll(() => distanceToEnd(flow)).toBeLessThan(2)
  await expect(page.getByRole('button', { name: 'Newest' })).toBeHidden()
  // Also where there is less room for it.
  await page.setViewportSize({ width: 1000, height: 500 })
  await expect.poll(() => distanceToEnd(flow)).toBeLessThan(2)
})

test('few messages are at the bottom', async () => {
  const { flow } = await openTalk([said('a', 'in')])
  const box = await flow.boundingBox()
  expect(await topOf(flow.getByText('Said a'))).toBeGreaterThan((box?.y ?? 0) + (box?.height ?? 0) - 100)
})

test('who reads further up is left there, and what they say themselves is shown', async () => {
  const { page, flow } = await openTalk(talk(80))
  await scrollUp(page, flow, 1_500)
  const newest = page.getByRole('button', { name: 'Newest' })
  await expect(newest).toBeVisible()
  const before = await flow.evaluate(element => element.scrollTop)
  await tell(page, 'messagesChanged', [said('a', 'in')])
  await expect(page.getByRole('log')).toHaveText('Anna: Said a')
  expect(await flow.evaluate(element => element.scrollTop)).toBe(before)
  await newest.click()
  await expect(flow.getByText('Said a')).toBeInViewport()
  await expect(newest).toBeHidden()
  await scrollUp(page, flow, 1_500)
  await tell(page, 'messagesChanged', [said('b', 'out')])
  await expect(flow.getByText('Said b')).toBeInViewport()
  await expect.poll(() => distanceToEnd(flow)).toBeLessThan(2)
})

test('older messages come in front without moving the others, to the very first', async () => {
  const { page, flow } = await openTalk(talk(250))
  await expect(flow.getByText('Message 249.')).toBeInViewport()
  // The oldest that was read first: what is before it comes when one gets near.
  const oldest = flow.getByText('Message 150.', { exact: false })
  await flow.hover()
  await expect(async () => {
    await page.mouse.wheel(0, -300)
    await expect(oldest).toBeInViewport({ timeout: 50 })
  }).toPass({ intervals: [0] })
  const seen: number[] = []
  for (let frame = 0; frame < 5; frame++) {
    await page.evaluate(() => new Promise(requestAnimationFrame))
    seen.push(await topOf(oldest))
  }
  expect(new Set(seen.map(Math.round)).size).toBe(1)
  await expect(flow.getByText('Message 149.')).toBeAttached()
  await flow.focus()
  await expect(async () => {
    await page.keyboard.press('PageUp')
    await expect(flow.getByText('Message 0.')).toBeInViewport({ timeout: 50 })
  }).toPass({ intervals: [0] })
})

test('a card that grows at the end stays whole in sight', async () => {
  const file = transfer({ id: 'f', name: 'film.mkv', at: NOW, state: { kind: 'connecting' } })
  const { page, flow } = await openTalk(talk(40), [file])
  const card = flow.getByRole('article', { name: 'film.mkv' })
  await expect(card).toBeInViewport({ ratio: 1 })
  const moving: ShownTransfer = {
    ...file,
    state: { kind: 'moving', bytes: 1_000_000, bytesPerSecond: 1, secondsLeft: 50 },
    receipt: { ...RECEIPT, relay: 'proxy' },
    attempts: [{ method: 'dtcp', code: 'unreachable', message: 'Both are behind routers. '.repeat(9) }],
    restarted: true,
  }
  await tell(page, 'transfersChanged', { changed: [moving], removed: [] })
  await expect(card.getByText('Why not direct')).toBeVisible()
  await expect.poll(() => distanceToEnd(flow)).toBeLessThan(2)
  // By the keyboard: between the two halves of a click the card may still move.
  await card.getByText('Why not direct').press('Enter')
  await expect(card.getByText('Both are behind routers.')).toBeInViewport()
  await expect.poll(() => distanceToEnd(flow)).toBeLessThan(2)
})

test('the list of people is walked by the keyboard from its first to its last', async () => {
  const people = Array.from({ length: 3_000 }, (_, index) =>
    person({ address: `friend${index}@example.org`, name: `Friend ${String(index).padStart(4, '0')}` }),
  )
  const page = await openScreen(browser, { name: 'people', state: windowState({ people }) }, 'light')
  const row = (index: number): Locator =>
    page.getByRole('button', { name: `Friend ${String(index).padStart(4, '0')}` })
  await page.getByRole('searchbox').focus()
  await page.keyboard.press('ArrowDown')
  await expect(row(0)).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(row(1)).toBeFocused()
  await page.keyboard.press('End')
  await expect(row(2_999)).toBeFocused()
  await expect(row(2_999)).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('PageUp')
  await expect(row(2_989)).toBeFocused()
  await expect(row(2_989)).toBeInViewport({ ratio: 1 })
  // Held down, it gets there all the same.
  for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowUp')
  await expect(row(2_969)).toBeFocused()
  await expect(row(2_969)).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('Home')
  await expect(row(0)).toBeFocused()
  await page.keyboard.press('ArrowDown')
  // Where it was scrolled away, Tab still comes back to it.
  await page.getByRole('searchbox').focus()
  await row(3).hover()
  await expect(async () => {
    await page.mouse.wheel(0, 20_000)
    await expect(row(1)).not.toBeInViewport({ timeout: 50 })
  }).toPass({ intervals: [0] })
  await page.keyboard.press('Tab')
  await expect(row(1)).toBeFocused()
  await expect(row(1)).toBeInViewport({ ratio: 1 })
})

test('the list of transfers keeps the focus where somebody is, whatever becomes of them', async () => {
  const transfers = Array.from({ length: 1_000 }, (_, index) =>
    transfer({
      id: `t${index}`,
      name: `file ${index}.bin`,
      at: NOW + index,
      state: { kind: 'moving', bytes: 1_000_000, bytesPerSecond: 0, secondsLeft: null },
      canPause: true,
    }),
  )
  const page = await openScreen(
    browser,
    { name: 'transfers', state: windowState({ people: [ANNA], transfers }) },
    'light',
  )
  const list = page.getByRole('region', { name: 'List of transfers' })
  const [first, second] = transfers
  if (first === undefined || second === undefined) throw new Error('there are some')
  await list.focus()
  await page.keyboard.press('Tab')
  await expect(list.getByRole('button', { name: 'Pause file 0.bin' })).toBeFocused()
  // Paused, it stays where it was, and so does the keyboard.
  const paused: ShownTransfer = {
    ...first,
    state: { kind: 'paused', bytes: 1_000_000, by: 'us' },
    canPause: false,
  }
  await tell(page, 'transfersChanged', { changed: [paused], removed: [] })
  await expect(list.getByRole('button', { name: 'Resume file 0.bin' })).toBeFocused()
  // Over, it goes to another group: the list has the focus then.
  const over: ShownTransfer = { ...first, state: { kind: 'done', at: NOW, seconds: 1, sha256: '' } }
  await tell(page, 'transfersChanged', { changed: [over], removed: [] })
  await expect(list).toBeFocused()
  await page.keyboard.press('End')
  await expect(list.getByRole('article', { name: 'file 0.bin' })).toBeInViewport()
})
