import { expect, type Locator, type Page } from '@playwright/test'
import xml from '@xmpp/xml'
import { AppDriver } from '../support/app-driver.ts'
import { startXmppServer, type XmppServer } from '../support/xmpp-server.ts'

/** Milliseconds from one painted frame to the next while a list is scrolled: the median and the 95th percentile. */
export interface Frames {
  readonly median: number
  readonly p95: number
}

export interface ScrollFigures {
  readonly people: Frames
  readonly messages: Frames
}

const TURNS = 60
const WHEEL_PIXELS = 600

/** The window of somebody with so many contacts, and so many messages in one conversation. */
export async function measureScrolling(contacts: number, messages: number): Promise<ScrollFigures> {
  await using server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'a', bob: 'b' },
    contacts: [['alice', 'bob']],
  })
  addContacts(server, contacts)
  await using bob = await AppDriver.start({ server })
  await bob.signIn('bob@plumb.test', 'b')
  await bob.open('alice')
  const people = await framesOf(
    bob.page,
    bob.page.getByRole('navigation', { name: 'People' }).getByRole('list'),
    1,
  )
  const to = server.sessions()[0]?.jid ?? ''
  for (let number = 1; number <= messages; number++) {
    const attributes = { from: 'alice@plumb.test/desk', to, type: 'chat' }
    server.inject(
      to,
      xml('message', attributes, xml('body', {}, `Message ${number}: ${'so it goes '.repeat(number % 9)}`)),
    )
  }
  await expect(bob.messages.getByText(`Message ${messages}:`)).toBeVisible({ timeout: 60_000 })
  return { people, messages: await framesOf(bob.page, bob.messages, -1) }
}

/** The server's contact list has many more than it has accounts. */
function addContacts(server: XmppServer, count: number): void {
  server.intercept(stanza => {
    const query = stanza.getChild('query', 'jabber:iq:roster')
    if (query !== undefined && stanza.attrs['type'] === 'result') {
      for (let number = 0; number < count; number++) {
        query.c('item', { jid: `friend${number}@plumb.test`, name: `Friend ${number}`, subscription: 'both' })
      }
    }
    return undefined
  })
}

/** Turns the wheel over an element as quickly as a person would. */
async function framesOf(page: Page, over: Locator, direction: 1 | -1): Promise<Frames> {
  const box = await over.boundingBox()
  if (box === null) throw new Error('there is nothing to scroll')
  await page.mouse.move(box.x + box.width / 2, box.y + Math.min(box.height / 2, 200))
  await page.evaluate(() => {
    const frames: number[] = []
    let last = performance.now()
    const next = (): void => {
      const now = performance.now()
      frames.push(now - last)
      last = now
      requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
    Object.assign(window, { benchFrames: frames })
  })
  for (let turn = 0; turn < TURNS; turn++) await page.mouse.wheel(0, direction * WHEEL_PIXELS)
  const frames = await page.evaluate(() => (window as unknown as { benchFrames: number[] }).benchFrames)
  const sorted = frames.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
  return { median: at(0.5), p95: at(0.95) }
}
