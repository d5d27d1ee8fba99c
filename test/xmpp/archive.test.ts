import { afterEach, describe, expect, test, vi } from 'vitest'
import { Archive, type ArchivePage, type ArchiveQuery, isUnknownId } from '../../main/xmpp/archive.ts'
import { Discovery } from '../../main/xmpp/xep-0030.ts'
import { Failure } from '../../shared/model/failure.ts'
import { answer, error, features } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'
import { parseXml } from './xml.ts'

const MAM = 'urn:xmpp:mam:2'
const RSM = 'http://jabber.org/protocol/rsm'
const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'

afterEach(() => vi.useRealTimers())

interface Place {
  readonly queryId?: string
  /** The attribute, with its name. */
  readonly from?: string
}

/** An archive with a server behind it, which does what a test says. */
class Bench {
  readonly transport = new FakeTransport()
  readonly archive = new Archive(this.transport.iq, new Discovery(this.transport.iq, []), this.transport)

  /** Names the query of that number. */
  async queryId(number: number): Promise<string> {
    const request = await this.transport.nth(number)
    return request.getChild('query', MAM)?.attrs['queryid'] ?? ''
  }

  /** What the query of that number asked of the page: names and texts. */
  async asked(number: number): Promise<string> {
    const request = await this.transport.nth(number)
    const set = request.getChild('query', MAM)?.getChild('set', RSM)?.getChildElements() ?? []
    return set.map(child => `${child.getName()}=${child.text()}`).join(' ')
  }

  /** Hands one result to the archive. */
  async result(
    number: number,
    id: string,
    message = text(`text ${id}`),
    place: Place = {},
  ): Promise<boolean> {
    const { queryId = await this.queryId(number), from = '' } = place
    return this.archive.receive(
      parseXml(
        `<message ${from}><result xmlns='${MAM}' queryid='${queryId}' id='${id}'><forwarded xmlns='urn:xmpp:forward:0'>` +
          `<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>${message}</forwarded></result></message>`,
      ),
    )
  }

  async end(number: number, bounds: readonly string[], complete = false, count = ''): Promise<void> {
    const [first] = bounds
    const set = first === undefined ? count : `<first>${first}</first><last>${bounds.at(-1)}</last>${count}`
    await answer(
      this.transport,
      number,
      `<fin xmlns='${MAM}' complete='${complete}'><set xmlns='${RSM}'>${set}</set></fin>`,
    )
  }

  /** A whole page of texts. */
  async page(number: number, ids: readonly string[], complete = false): Promise<void> {
    for (const id of ids) await this.result(number, id)
    await this.end(number, ids, complete)
  }
}

const text = (body: string, from = `${BOB}/desk`, to = ALICE): string =>
  `<message xmlns='jabber:client' from='${from}' to='${to}' type='chat'><body>${body}</body></message>`

const textsOf = (page: ArchivePage): (string | undefined)[] => page.entries.map(({ chat }) => chat.text)

describe('what an archive can be used for', () => {
  test.each([
    [[MAM, 'urn:xmpp:sid:0'], { archive: true, stanzaIds: true }],
    [[MAM], { archive: true, stanzaIds: false }],
    [['urn:xmpp:mam:1', 'urn:xmpp:sid:0'], { archive: false, stanzaIds: true }],
    [[], { archive: false, stanzaIds: false }],
  ])('with %j', async (names, expected) => {
    const { archive, transport } = new Bench()
    const support = archive.support()
    const question = await answer(transport, 1, features(...names))
    expect(question.attrs['to']).toBe(ALICE)
    expect(await support).toEqual(expected)
  })

  test('is nothing where the server refuses to say, and throws where it does not or nobody waits', async () => {
    const { archive, transport } = new Bench()
    const support = archive.support()
    await answer(transport, 1, error('service-unavailable'), 'error')
    expect(await support).toEqual({ archive: false, stanzaIds: false })
    const lost = new Failure('server-connection-lost', 'lost')
    const asking = expect(archive.support()).rejects.toBe(lost)
    await transport.nth(2)
    transport.iq.rejectAll(lost)
    await asking
    const reason = new Error('enough')
    await expect(archive.support(AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('a page', () => {
  test('is asked of our own account', async () => {
    const { archive, transport } = new Bench()
    const asking = archive.query({ with: BOB, start: new Date('2020-01-01T00:00:00Z'), after: 'a0', max: 50 })
    asking.catch(() => {})
    const request = await transport.nth(1)
    expect([request.attrs['type'], request.attrs['to']]).toEqual(['set', undefined])
    const query = request.getChild('query', MAM)
    expect(query?.getChild('set', RSM)?.getChildText('max')).toBe('50')
    expect(query?.getChild('set', RSM)?.getChildText('after')).toBe('a0')
    const fields = query?.getChild('x', 'jabber:x:data')?.getChildren('field') ?? []
    expect(fields.map(field => [field.attrs['var'], field.getChildText('value')])).toEqual([
      ['FORM_TYPE', MAM],
      ['with', BOB],
      ['start', '2020-01-01T00:00:00.000Z'],
    ])
  })

  test('has what came before its end, in that order', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ max: 50 })
    expect(await bench.result(1, 'a1')).toBe(true)
    expect(await bench.result(1, 'a2', text('mine', `${ALICE}/phone`, BOB))).toBe(true)
    await bench.end(1, ['a1', 'a2'], true, '<count>2</count>')
    const page = await asking
    expect(page).toMatchObject({ first: 'a1', last: 'a2', complete: true, count: 2, progressed: true })
    expect(page.entries).toMatchObject([
      {
        archiveId: 'a1',
        chat: { person: BOB, direction: 'in', source: 'archive', archiveId: 'a1', text: 'text a1' },
      },
      { archiveId: 'a2', chat: { person: BOB, direction: 'out', text: 'mine' } },
    ])
    expect(page.entries[0]?.chat.at).toEqual(new Date('2020-01-01T00:00:00Z'))
  })

  test('leaves out what says nothing, and is as long as before', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ max: 50 })
    await bench.result(1, 'a1', text('not ours', BOB, 'eve@plumb.test'))
    await bench.result(1, 'a2')
    await bench.result(1, 'a3', '<body>none</body>')
    await bench.end(1, ['a1', 'a3'])
    const page = await asking
    expect(textsOf(page)).toEqual(['text a2'])
    expect(page).toMatchObject({ first: 'a1', last: 'a3', progressed: true })
  })

  test('without bounds has those of its messages', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ max: 50 })
    for (const id of ['a1', 'a2', 'a3']) await bench.result(1, id)
    await bench.end(1, [])
    expect(await asking).toMatchObject({ first: 'a1', last: 'a3', progressed: true })
  })

  test('that is empty has none', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ after: 'a9', max: 50 })
    await bench.end(1, [], true)
    expect(await asking).toEqual({
      entries: [],
      first: undefined,
      last: undefined,
      complete: true,
      count: undefined,
      progressed: false,
    })
  })

  test('of two queries at once is told apart', async () => {
    const bench = new Bench()
    const one = bench.archive.query({ max: 50 })
    const two = bench.archive.query({ max: 50 })
    await bench.result(2, 'b1')
    await bench.result(1, 'a1')
    await bench.end(2, ['b1'])
    await bench.end(1, ['a1'])
    expect([textsOf(await one), textsOf(await two)]).toEqual([['text a1'], ['text b1']])
  })

  test.each([
    ['from nobody', '', true],
    ['from our account', `from='${ALICE}'`, true],
    ['from our account, spelt in another way', "from='Alice@Plumb.test'", true],
    ['from a contact', `from='${BOB}'`, false],
    ['from a device of a contact', `from='${BOB}/desk'`, false],
    ['from our server', "from='plumb.test'", false],
    ['from another device of ours', `from='${ALICE}/phone'`, false],
    ['from this device', `from='${ALICE}/sofa'`, false],
    ['from a room', "from='room@plumb.test'", false],
    ['from what is no address', "from='@'", false],
    ['from an empty address', "from=''", false],
  ])('takes a result %s: %j', async (_, from, isTaken) => {
    const bench = new Bench()
    const asking = bench.archive.query({ max: 50 })
    expect(await bench.result(1, 'a1', undefined, { from })).toBe(isTaken)
    await bench.end(1, ['a1'])
    expect(textsOf(await asking)).toEqual(isTaken ? ['text a1'] : [])
  })

  test('takes no result of another query, or none, or one that is over', async () => {
    const bench = new Bench()
    expect(await bench.result(1, 'a0', undefined, { queryId: 'x' })).toBe(false)
    const asking = bench.archive.query({ max: 50 })
    expect(await bench.result(1, 'a1', undefined, { queryId: 'guessed' })).toBe(false)
    expect(await bench.result(1, 'a1', undefined, { queryId: '' })).toBe(false)
    await bench.end(1, [], true)
    expect((await asking).entries).toEqual([])
    expect(await bench.result(1, 'a2')).toBe(false)
    const [text1, text2] = ['<message/>', `<message><result xmlns='${MAM}' id='a'/></message>`]
    expect([bench.archive.receive(parseXml(text1)), bench.archive.receive(parseXml(text2))]).toEqual([
      false,
      false,
    ])
  })

  test.each([
    ['without an id', "id=''"],
    ['with an endless id', `id='${'i'.repeat(2_000)}'`],
  ])('leaves out a message %s', async (_, id) => {
    const bench = new Bench()
    const asking = bench.archive.query({ max: 50 })
    const queryId = await bench.queryId(1)
    const envelope = `<forwarded xmlns='urn:xmpp:forward:0'>${text('x')}</forwarded>`
    expect(
      bench.archive.receive(
        parseXml(`<message><result xmlns='${MAM}' queryid='${queryId}' ${id}>${envelope}</result></message>`),
      ),
    ).toBe(true)
    await bench.end(1, [])
    expect(await asking).toMatchObject({ entries: [], first: undefined, progressed: false })
  })

  test('has no more than was asked for', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ max: 3 })
    for (let number = 0; number < 1_000; number++) await bench.result(1, `a${number}`)
    await bench.end(1, ['a0', 'a2'])
    expect(textsOf(await asking)).toEqual(['text a0', 'text a1', 'text a2'])
  })

  test.each<[string, ArchiveQuery, readonly string[]]>([
    ['forwards', { after: 'a0', max: 2 }, ['a1', 'a2']],
    ['backwards', { before: '', max: 2 }, ['a4', 'a5']],
    ['backwards from somewhere', { before: 'a6', max: 2 }, ['a4', 'a5']],
  ])('%s of which the server gives more has what is next, and is not the end', async (_, query, expected) => {
    const bench = new Bench()
    const asking = bench.archive.query(query)
    await bench.page(1, ['a1', 'a2', 'a3', 'a4', 'a5'], true)
    const page = await asking
    expect(page.entries.map(({ archiveId }) => archiveId)).toEqual(expected)
    expect(page).toMatchObject({
      first: expected.at(0),
      last: expected.at(-1),
      complete: false,
      progressed: true,
    })
  })

  test('that is full is not the end, whatever the server says', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ before: '', max: 2 })
    await bench.page(1, ['a1', 'a2'], true)
    expect(await asking).toMatchObject({ complete: false, progressed: true })
  })

  test('with bounds and without messages leads on', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ after: 'a0', max: 50 })
    await bench.end(1, ['a1', 'a9'])
    expect(await asking).toMatchObject({ entries: [], last: 'a9', complete: false, progressed: true })
  })

  test('with very long messages is asked for again, and shorter', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ before: '', max: 50 })
    const long = text('x'.repeat(65_536))
    for (let number = 0; number < 50; number++) await bench.result(1, `a${number}`, long)
    await bench.end(1, ['a0', 'a49'])
    expect(await bench.asked(2)).toBe('max=25 before=')
    for (let number = 25; number < 50; number++) await bench.result(2, `a${number}`, long)
    await bench.end(2, ['a25', 'a49'])
    const page = await asking
    expect(page).toMatchObject({ first: 'a25', last: 'a49' })
    expect(page.entries).toHaveLength(25)
  })

  test.each<[string, ArchiveQuery, readonly string[], boolean]>([
    ['forwards with something new', { after: 'a1', max: 9 }, ['a2', 'a3'], true],
    ['forwards to where it was', { after: 'a1', max: 9 }, ['a0', 'a1'], false],
    ['backwards with something new', { before: 'a5', max: 9 }, ['a3', 'a4'], true],
    ['backwards to where it was', { before: 'a5', max: 9 }, ['a5', 'a6'], false],
    ['from the newest', { before: '', max: 9 }, ['a3', 'a4'], true],
    ['from the beginning', { max: 9 }, ['a0'], true],
  ])('%s has progressed: %j', async (_, query, ids, progressed) => {
    const bench = new Bench()
    const asking = bench.archive.query(query)
    await bench.page(1, ids)
    expect((await asking).progressed).toBe(progressed)
  })
})

describe('a page that does not come', () => {
  test('for an id that is not known any more says so', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ after: 'gone', max: 50 }).catch((thrown: unknown) => thrown)
    await answer(bench.transport, 1, error('item-not-found'), 'error')
    expect(isUnknownId(await asking)).toBe(true)
  })

  test('for another reason is told apart', async () => {
    const bench = new Bench()
    const asking = bench.archive.query({ max: 50 }).catch((thrown: unknown) => thrown)
    await answer(bench.transport, 1, error('forbidden'), 'error')
    const thrown = await asking
    expect(thrown).toMatchObject({ name: 'IqError', error: { condition: 'forbidden' } })
    expect(isUnknownId(thrown)).toBe(false)
    expect(isUnknownId(new Failure('timed-out', 'x'))).toBe(false)
  })

  test.each([
    ['nothing', ''],
    ['the end of an older archive', "<fin xmlns='urn:xmpp:mam:1'/>"],
    ['two ends', `<fin xmlns='${MAM}'/><fin xmlns='${MAM}'/>`],
  ])('but %s is a failure', async (_, content) => {
    const bench = new Bench()
    const asking = expect(bench.archive.query({ max: 50 })).rejects.toMatchObject({ code: 'protocol-error' })
    await answer(bench.transport, 1, content)
    await asking
  })

  test('is given up after half a minute of silence, and not before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const bench = new Bench()
    let failure: unknown
    const asking = bench.archive.query({ max: 50 }).catch((thrown: unknown) => {
      failure = thrown
    })
    await bench.transport.nth(1)
    await vi.advanceTimersByTimeAsync(29_000)
    await bench.result(1, 'a1')
    await vi.advanceTimersByTimeAsync(29_000)
    expect(failure).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1_001)
    await asking
    expect(failure).toMatchObject({ code: 'timed-out' })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is given up after five minutes, however much came', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const bench = new Bench()
    const asking = expect(bench.archive.query({ max: 50 })).rejects.toMatchObject({ code: 'timed-out' })
    await bench.transport.nth(1)
    for (let minutes = 0; minutes < 5; minutes += 0.25) {
      await bench.result(1, 'a1')
      await vi.advanceTimersByTimeAsync(15_000)
    }
    await asking
    expect(vi.getTimerCount()).toBe(0)
  })

  test('for a reason of ours throws that', async () => {
    const bench = new Bench()
    const controller = new AbortController()
    const reason = new Error('enough')
    const asking = expect(bench.archive.query({ max: 50 }, controller.signal)).rejects.toBe(reason)
    await bench.transport.nth(1)
    controller.abort(reason)
    await asking
    expect(await bench.result(1, 'a1')).toBe(false)
  })

  test('with the connection fails', async () => {
    const bench = new Bench()
    const lost = new Failure('server-connection-lost', 'lost')
    const asking = expect(bench.archive.query({ max: 50 })).rejects.toBe(lost)
    await bench.transport.nth(1)
    bench.transport.iq.rejectAll(lost)
    await asking
  })
})

describe('page after page', () => {
  /** What the pages hold, and what was asked for. */
  async function walk(pages: AsyncIterable<ArchivePage>): Promise<string[]> {
    const texts: string[] = []
    for await (const page of pages) texts.push(textsOf(page).join(' '))
    return texts
  }

  test('leads forwards to the end', async () => {
    const bench = new Bench()
    const walking = walk(bench.archive.forwards({ after: 'a0', max: 2 }))
    await bench.page(1, ['a1', 'a2'])
    await bench.page(2, ['a3', 'a4'])
    await bench.page(3, ['a5'], true)
    expect(await walking).toEqual(['text a1 text a2', 'text a3 text a4', 'text a5'])
    const asked = await Promise.all([1, 2, 3].map(number => bench.asked(number)))
    expect(asked).toEqual(['max=2 after=a0', 'max=2 after=a2', 'max=2 after=a4'])
  })

  test('leads forwards from the very beginning', async () => {
    const bench = new Bench()
    const walking = walk(bench.archive.forwards({ max: 2 }))
    await bench.page(1, ['a1', 'a2'])
    await bench.page(2, [], true)
    expect(await walking).toEqual(['text a1 text a2', ''])
    expect(await bench.asked(1)).toBe('max=2')
  })

  test('leads backwards to the beginning', async () => {
    const bench = new Bench()
    const walking = walk(bench.archive.backwards({ with: BOB, before: '', max: 2 }))
    await bench.page(1, ['a4', 'a5'])
    await bench.page(2, ['a2', 'a3'])
    await bench.page(3, ['a1'], true)
    expect(await walking).toEqual(['text a4 text a5', 'text a2 text a3', 'text a1'])
    const asked = await Promise.all([1, 2, 3].map(number => bench.asked(number)))
    expect(asked).toEqual(['max=2 before=', 'max=2 before=a4', 'max=2 before=a2'])
  })

  test('does not stop where nothing in a page is for us', async () => {
    const bench = new Bench()
    const walking = walk(bench.archive.forwards({ max: 2 }))
    await bench.result(1, 'a1', text('x', BOB, 'eve@plumb.test'))
    await bench.end(1, ['a1'])
    await bench.page(2, ['a2'], true)
    expect(await walking).toEqual(['', 'text a2'])
  })

  test.each([
    ['the same page again and again', [['a1'], ['a1']]],
    ['nothing again and again', [[]]],
    ['pages in a circle', [['a1'], ['a2'], ['a3'], ['a1']]],
  ])('ends with a server that gives %s', async (_, pages) => {
    const bench = new Bench()
    const walking = walk(bench.archive.forwards({ max: 1 }))
    for (const [index, ids] of pages.entries()) await bench.page(index + 1, ids)
    expect(await walking).toHaveLength(pages.length)
    expect(bench.transport.sent).toHaveLength(pages.length)
  })

  test('ends where nobody goes on', async () => {
    const bench = new Bench()
    const pages = bench.archive.backwards({ before: '', max: 1 })
    const first = pages.next()
    await bench.page(1, ['a1'])
    await first
    await pages.return()
    expect(bench.transport.sent).toHaveLength(1)
  })

  test('ends with its signal', async () => {
    const bench = new Bench()
    const controller = new AbortController()
    const reason = new Error('enough')
    const walking = expect(walk(bench.archive.forwards({ max: 1 }, controller.signal))).rejects.toBe(reason)
    await bench.page(1, ['a1'])
    await bench.transport.nth(2)
    controller.abort(reason)
    await walking
  })
})
