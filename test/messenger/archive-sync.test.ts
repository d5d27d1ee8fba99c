import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ArchiveSync } from '../../main/messenger/archive-sync.ts'
import { History } from '../../main/store/history/history.ts'
import { Archive } from '../../main/xmpp/archive.ts'
import { IqRouter } from '../../main/xmpp/iq.ts'
import { attribute, type Element } from '../../main/xmpp/stanza.ts'
import { Discovery } from '../../main/xmpp/xep-0030.ts'
import { parseXml } from '../xmpp/xml.ts'

/* The history and an archive whose server does what it should not. */

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'
const MAM = 'urn:xmpp:mam:2'
const RSM = 'http://jabber.org/protocol/rsm'
const DAY_MS = 24 * 60 * 60_000

interface Oddity {
  /** Messages of a page, whatever was asked for. */
  readonly most?: number
  /** What it says of the end of a page instead of the truth. */
  readonly complete?: boolean
  /** What it does with an id that it does not know. */
  readonly unknown?: 'refuse' | 'all'
}

interface Stored {
  readonly id: string
  readonly at: number
  readonly text: string
  readonly from: string
}

/** A server with our archive. */
class OddServer {
  readonly address = `${ALICE}/sofa`
  readonly iq = new IqRouter(this, () => {})
  readonly archive = new Archive(this.iq, new Discovery(this.iq, []), this)
  readonly stored: Stored[] = []
  oddity: Oddity = {}
  queries = 0

  /** So many messages of Bob, a minute apart and until `end`. */
  fill(count: number, end = Date.now() - 60_000): string[] {
    const from = this.stored.length + 1
    const texts = Array.from({ length: count }, (_, index) => `m${from + index}`)
    for (const [index, text] of texts.entries()) {
      this.stored.push({ id: `a-${text}`, text, at: end - (count - index) * 60_000, from: BOB })
    }
    return texts
  }

  /** The archive is another one, with the same messages. */
  renumber(): void {
    for (const [index, each] of this.stored.entries()) this.stored[index] = { ...each, id: `b-${each.text}` }
  }

  async send(stanza: Element): Promise<void> {
    const request = parseXml(stanza.toString())
    queueMicrotask(() => this.#answer(request))
  }

  #answer(request: Element): void {
    const query = request.getChild('query', MAM)
    const set = query?.getChild('set', RSM)
    if (query === undefined || set === undefined) return
    this.queries += 1
    const { most, complete, unknown = 'refuse' } = this.oddity
    const start = Date.parse(query.getChild('x')?.getChildByAttr('var', 'start')?.getChildText('value') ?? '')
    const all = this.stored.filter(({ at }) => Number.isNaN(start) || at >= start)
    const indexOf = (name: string): number | undefined => {
      const id = set.getChildText(name)
      return id === null || id === '' ? undefined : all.findIndex(each => each.id === id)
    }
    const [after, before] = [indexOf('after'), indexOf('before')]
    const id = attribute(request, 'id')
    if ((after === -1 || before === -1) && unknown === 'refuse') {
      const condition = "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      this.iq.receive(parseXml(`<iq type='error' id='${id}'><error type='cancel'>${condition}</error></iq>`))
      return
    }
    const found = all.slice((after ?? -1) + 1, before ?? all.length)
    const max = most ?? Number(set.getChildText('max'))
    const isBackwards = set.getChild('before') !== undefined
    const page = isBackwards ? found.slice(-max) : found.slice(0, max)
    for (const each of page) this.#result(query, each)
    const bounds = page.length === 0 ? '' : `<first>${page.at(0)?.id}</first><last>${page.at(-1)?.id}</last>`
    const isComplete = complete ?? page.length === found.length
    this.iq.receive(
      parseXml(
        `<iq type='result' id='${id}'><fin xmlns='${MAM}' complete='${isComplete}'><set xmlns='${RSM}'>${bounds}</set></fin></iq>`,
      ),
    )
  }

  #result(query: Element, { id, at, text, from }: Stored): void {
    const message = `<message xmlns='jabber:client' type='chat' from='${from}/x' to='${ALICE}' id='${text}'><body>${text}</body></message>`
    const delay = `<delay xmlns='urn:xmpp:delay' stamp='${new Date(at).toISOString()}'/>`
    this.archive.receive(
      parseXml(
        `<message><result xmlns='${MAM}' queryid='${attribute(query, 'queryid')}' id='${id}'><forwarded xmlns='urn:xmpp:forward:0'>${delay}${message}</forwarded></result></message>`,
      ),
    )
  }
}

function bench(mayWrite: (person: string) => boolean = () => true) {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-archive-sync-'))
  const history = new History({ folder, damaged: () => {} })
  onTestFinished(async () => {
    await history.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const server = new OddServer()
  const sync = new ArchiveSync({ account: ALICE, history: history.calls, mayWrite })
  return {
    server,
    sync,
    history: history.calls,
    /** A new session reads what it has not. */
    catchUp: async (): Promise<void> => {
      sync.lost()
      const archived = { archive: server.archive, isLive: true }
      await sync.catchUp(archived, new AbortController().signal, () => {})
    },
    texts: async (): Promise<string[]> => {
      const { messages } = await history.calls.page(ALICE, BOB, { kind: 'newest' }, 500)
      return messages.map(({ text }) => text)
    },
    unread: async (): Promise<number | undefined> => {
      const { conversations } = await history.calls.openAccount(ALICE)
      return conversations.find(({ address }) => address === BOB)?.unread
    },
  }
}

test('an archive that calls each page its last leaves no gap', async () => {
  const { server, catchUp, texts } = bench()
  const all = server.fill(3)
  await catchUp()
  all.push(...server.fill(20))
  server.oddity = { most: 5, complete: true }
  await catchUp()
  expect(await texts()).toEqual(all)
})

test('an archive that cannot be read to its end leaves the place where it was', async () => {
  const { server, sync, history, catchUp, texts } = bench()
  const all = server.fill(3)
  await catchUp()
  all.push(...server.fill(20))
  // Whatever is asked for, it has nothing.
  server.oddity = { most: 0 }
  server.stored.push({ id: 'live', text: 'live', at: Date.now(), from: BOB })
  await catchUp()
  await sync.learned('live')
  expect((await history.archivePlace(ALICE)).inStepUpTo).not.toBe('live')
  server.oddity = {}
  await catchUp()
  expect(await texts()).toEqual([...all, 'live'])
})

test('an archive that got other ids, and begins anew where it does not know one, brings nothing old to the end', async () => {
  const { server, catchUp, texts, unread } = bench()
  server.fill(1_100, Date.now() - 3 * DAY_MS)
  const newest = server.fill(100)
  await catchUp()
  expect((await texts()).slice(-100)).toEqual(newest)
  server.renumber()
  server.oddity = { unknown: 'all' }
  newest.push(...server.fill(2, Date.now()))
  await catchUp()
  expect((await texts()).slice(-102)).toEqual(newest)
  expect(await unread()).toBe(2)
})

test('somebody who says nothing that is shown takes nobody’s place among strangers', async () => {
  const wrote: string[] = []
  const { server, catchUp } = bench(person => wrote.push(person) > 0)
  server.fill(1)
  server.stored.push({ id: 'a-x', text: '\u200E', at: Date.now() - 1_000, from: 'eve@evil.test' })
  await catchUp()
  expect(wrote).toEqual([BOB])
})
