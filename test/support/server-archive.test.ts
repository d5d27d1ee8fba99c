import { type Client, xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import {
  comeOnline,
  condition,
  DOMAIN,
  featuresOf,
  record,
  refusalOf,
  settle,
  signIn,
  stanzaFor,
  startServer,
} from './server-rig.ts'
import { attribute } from './xmpp-server/stanzas.ts'
import type { XmppServer } from './xmpp-server.ts'

const ARCHIVE = 'urn:xmpp:mam:2'
const IDS = 'urn:xmpp:sid:0'
const [ALICE, BOB, CAROL] = ['alice@plumb.test', 'bob@plumb.test', 'carol@plumb.test']

function body(text: string): Element {
  return xml('body', {}, text)
}

function chat(to: string, ...children: readonly Element[]): Element {
  return xml('message', { to, type: 'chat' }, ...children)
}

interface Page {
  readonly bodies: readonly (string | null)[]
  readonly results: readonly Element[]
  readonly complete: boolean
  readonly first: string | null | undefined
  readonly last: string | null | undefined
  readonly count: number
}

interface Question {
  readonly with?: string
  readonly start?: string
  readonly end?: string
  readonly max?: number
  readonly after?: string
  readonly before?: string
}

async function ask(asker: Client, question: Question = {}, to?: string): Promise<Page> {
  const { max, after, before, ...filter } = question
  const fields = Object.entries({ FORM_TYPE: ARCHIVE, ...filter })
  const query = xml(
    'query',
    { xmlns: ARCHIVE, queryid: 'q' },
    xml(
      'x',
      { xmlns: 'jabber:x:data', type: 'submit' },
      ...fields.map(([name, value]) => xml('field', { var: name }, xml('value', {}, value))),
    ),
    xml(
      'set',
      { xmlns: 'http://jabber.org/protocol/rsm' },
      ...(max === undefined ? [] : [xml('max', {}, String(max))]),
      ...(after === undefined ? [] : [xml('after', {}, after)]),
      ...(before === undefined ? [] : [xml('before', {}, before)]),
    ),
  )
  const received = record(asker)
  const answer = await asker.iqCaller.request(xml('iq', { type: 'set', to }, query))
  const fin = answer.getChild('fin', ARCHIVE)
  const results = received.flatMap(stanza => stanza.getChild('result', ARCHIVE) ?? [])
  const set = fin?.getChild('set', 'http://jabber.org/protocol/rsm')
  return {
    results,
    bodies: results.map(each => messageIn(each)?.getChildText('body') ?? null),
    complete: (fin && attribute(fin, 'complete')) === 'true',
    first: set?.getChildText('first'),
    last: set?.getChildText('last'),
    count: Number(set?.getChildText('count')),
  }
}

function messageIn(result: Element): Element | undefined {
  return result.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message', 'jabber:client')
}

function stampIn(result: Element | undefined): string | undefined {
  const delay = result?.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('delay', 'urn:xmpp:delay')
  return delay && attribute(delay, 'stamp')
}

/** `count` messages of bob's, a minute apart, with the ids m1, m2 … */
function fill(server: XmppServer, count: number, from = BOB): string[] {
  return server.fillArchive(
    'alice',
    Array.from({ length: count }, (_, index) => ({
      id: `m${index + 1}`,
      at: new Date(Date.UTC(2026, 0, 1, 0, index, 0, 250)),
      message: xml('message', { from: `${from}/one`, to: ALICE, type: 'chat' }, body(`text ${index + 1}`)),
    })),
  )
}

describe('an archive', () => {
  test('is announced of the account, where there is one', async () => {
    const alice = await signIn(await startServer({ chat: true }), 'alice')
    expect(await featuresOf(alice)).toEqual(expect.arrayContaining([ARCHIVE, IDS]))
    expect(await featuresOf(alice, DOMAIN)).not.toContain(ARCHIVE)

    const other = await signIn(await startServer(), 'alice')
    expect(await featuresOf(other)).not.toContain(ARCHIVE)
    expect(await refusalOf(ask(other))).toBe('service-unavailable')
  })

  test('keeps what was sent and what came, under the ids that the live copies have', async () => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    const bob = await comeOnline(server, 'bob')
    const received = stanzaFor(bob, stanza => stanza.is('message'))
    await alice.send(chat(BOB, body('hello')))
    const [id] = (await received).getChildren('stanza-id', IDS)
    const mine = await ask(alice)
    const theirs = await ask(bob)
    for (const page of [mine, theirs]) {
      expect(page).toMatchObject({ bodies: ['hello'], complete: true, count: 1 })
      expect(page.results.map(messageIn)[0]?.attrs).toMatchObject({
        from: `${ALICE}/one`,
        to: BOB,
        type: 'chat',
      })
      expect(page.results[0]?.attrs).toMatchObject({ queryid: 'q', id: page.first })
    }
    expect(id?.attrs).toMatchObject({ by: BOB, id: theirs.first })
    // The sender's own id would tell the receiver of the sender's archive.
    expect((await received).getChildren('stanza-id', IDS)).toHaveLength(1)
    expect(mine.first).not.toBe(theirs.first)
  })

  test.each([
    ['a text', { type: 'chat' }, [body('x')], 1],
    ['a text of no type', {}, [body('x')], 1],
    ['a receipt', {}, [xml('received', { xmlns: 'urn:xmpp:receipts', id: 'a' })], 1],
    ['a marker', {}, [xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: 'a' })], 1],
    ['what asks for it', {}, [xml('x', 'urn:x'), xml('store', 'urn:xmpp:hints')], 1],
    ['no text that asks for the opposite', {}, [body('x'), xml('no-store', 'urn:xmpp:hints')], 0],
    ['no chat state', { type: 'chat' }, [xml('composing', 'http://jabber.org/protocol/chatstates')], 0],
    ['no headline', { type: 'headline' }, [body('x')], 0],
    ['no error', { type: 'error' }, [body('x')], 0],
  ])('keeps %s', async (_, attributes, children, count) => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    await alice.send(xml('message', { to: `${BOB}/one`, ...attributes }, ...children))
    await settle(alice)
    expect(server.archiveOf('alice')).toHaveLength(count)
    expect(server.archiveOf('bob')).toHaveLength(count)
  })

  test('keeps marks only if they ask for it where it is told to', async () => {
    const server = await startServer({ chat: { archive: { marks: false } } })
    const alice = await comeOnline(server, 'alice')
    const marker = xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: 'a' })
    await alice.send(chat(`${BOB}/one`, marker))
    await settle(alice)
    expect(server.archiveOf('alice')).toHaveLength(0)
    await alice.send(chat(`${BOB}/one`, marker, xml('store', 'urn:xmpp:hints')))
    await settle(alice)
    expect(server.archiveOf('alice')).toHaveLength(1)
  })

  test('lets nobody give its ids', async () => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    const bob = await comeOnline(server, 'bob')
    const received = record(bob)
    const forged = (by: string) => xml('stanza-id', { xmlns: IDS, by, id: 'forged' })
    const all = [forged(BOB), forged('Bob@Plumb.test'), forged(ALICE), forged('room@other.test')]
    await alice.send(chat(BOB, body('kept'), ...all))
    await alice.send(xml('message', { to: `${BOB}/one`, type: 'headline' }, xml('x', 'urn:x'), ...all))
    await settle(alice, bob)
    const messages = received.filter(stanza => stanza.is('message'))
    const ids = messages.map(message =>
      message.getChildren('stanza-id', IDS).map(each => `${attribute(each, 'by')} ${attribute(each, 'id')}`),
    )
    expect(ids).toEqual([
      ['room@other.test forged', `${BOB} ${server.archiveOf('bob')[0]?.id}`],
      ['room@other.test forged'],
    ])
    const archived = server.archiveOf('bob')[0]?.message.getChildren('stanza-id', IDS)
    expect(archived?.map(each => attribute(each, 'by'))).toEqual(['room@other.test'])
  })

  test("is nobody else's to read", async () => {
    const server = await startServer({ chat: true, contacts: [['alice', 'bob']] })
    fill(server, 3)
    const bob = await comeOnline(server, 'bob')
    const received = record(bob)
    expect(await refusalOf(ask(bob, {}, ALICE))).toBe('service-unavailable')
    expect(await refusalOf(ask(bob, {}, DOMAIN))).toBe('service-unavailable')
    await settle(bob)
    expect(received.filter(stanza => stanza.is('message'))).toEqual([])
    expect(await ask(bob)).toMatchObject({ bodies: [], complete: true, count: 0, first: null })
  })

  test.each([
    ['the first ones', { max: 2 }, ['m1', 'm2'], false],
    ['those that follow', { max: 2, after: 'm2' }, ['m3', 'm4'], false],
    ['the rest', { max: 2, after: 'm4' }, ['m5'], true],
    ['nothing behind the last', { max: 2, after: 'm5' }, [], true],
    ['the last ones', { max: 2, before: '' }, ['m4', 'm5'], false],
    ['those before', { max: 3, before: 'm4' }, ['m1', 'm2', 'm3'], true],
    ['those between', { max: 5, after: 'm1', before: 'm4' }, ['m2', 'm3'], true],
    ['exactly all', { max: 5 }, ['m1', 'm2', 'm3', 'm4', 'm5'], true],
    ['only the number', { max: 0 }, [], false],
  ])('gives %s', async (_, question, ids, complete) => {
    const server = await startServer({ chat: true })
    fill(server, 5)
    const page = await ask(await signIn(server, 'alice'), question)
    expect(page.results.map(each => attribute(each, 'id'))).toEqual(ids)
    expect(page).toMatchObject({ complete, count: 5, first: ids.at(0) ?? null, last: ids.at(-1) ?? null })
  })

  test.each([{ after: 'unknown' }, { before: 'unknown' }])('does not know %o', async question => {
    const server = await startServer({ chat: true })
    fill(server, 2)
    expect(await refusalOf(ask(await signIn(server, 'alice'), question))).toBe('item-not-found')
  })

  test('filters by who it was with, and when', async () => {
    const server = await startServer({ chat: true })
    fill(server, 3)
    server.fillArchive('alice', [
      {
        at: new Date('2026-01-01T00:01:00Z'),
        message: xml('message', { from: ALICE, to: `${CAROL}/x` }, body('to carol')),
      },
    ])
    const alice = await signIn(server, 'alice')
    const bodies = async (question: Question) => (await ask(alice, question)).bodies
    expect(await bodies({ with: CAROL })).toEqual(['to carol'])
    expect(await bodies({ with: `${BOB}/whatever`, before: '', max: 2 })).toEqual(['text 2', 'text 3'])
    expect(await bodies({ start: '2026-01-01T00:01:00Z' })).toEqual(['text 2', 'text 3', 'to carol'])
    expect(await bodies({ end: '2026-01-01T00:00:59Z' })).toEqual(['text 1'])
    expect((await ask(alice, { with: BOB, max: 1 })).count).toBe(3)
    expect(await refusalOf(ask(alice, { start: 'yesterday' }))).toBe('bad-request')
  })

  test('gives no more than its page, whatever is asked for', async () => {
    const usual = await startServer({ chat: true })
    fill(usual, 60)
    expect((await ask(await signIn(usual, 'alice'), { max: 1000 })).results).toHaveLength(50)
    const small = await startServer({ chat: { archive: { maxPage: 7 } } })
    fill(small, 60)
    expect((await ask(await signIn(small, 'alice'), { max: 50 })).results).toHaveLength(7)
  })

  test('stamps in whole seconds, or in milliseconds where it is asked to', async () => {
    const seconds = await startServer({ chat: true })
    const milliseconds = await startServer({ chat: { archive: { stamps: 'milliseconds' } } })
    for (const [server, stamp] of [
      [seconds, '2026-01-01T00:00:00Z'],
      [milliseconds, '2026-01-01T00:00:00.250Z'],
    ] as const) {
      fill(server, 1)
      expect(stampIn((await ask(await signIn(server, 'alice'))).results[0])).toBe(stamp)
    }
  })

  test('is paged through in no time with 50,000 messages in it, and can be emptied', async () => {
    const server = await startServer({ chat: { archive: { maxPage: 1000 } } })
    expect(fill(server, 50_000)).toHaveLength(50_000)
    const alice = await signIn(server, 'alice')
    const page = await ask(alice, { after: 'm49000', max: 1000 })
    expect(page).toMatchObject({ complete: true, first: 'm49001', last: 'm50000', count: 50_000 })
    server.purgeArchive('alice')
    expect(await refusalOf(ask(alice, { after: 'm49000' }))).toBe('item-not-found')
    expect(await ask(alice)).toMatchObject({ bodies: [], count: 0 })
  })
})

describe('a message for who is not there', () => {
  async function sendToNobody(options: Parameters<typeof startServer>[0]) {
    const server = await startServer(options)
    const alice = await comeOnline(server, 'alice')
    const received = record(alice)
    await alice.send(chat(BOB, body('are you there')))
    await settle(alice)
    const bob = await signIn(server, 'bob')
    const later = record(bob)
    await bob.send(xml('presence'))
    await settle(bob)
    const errors = received.filter(stanza => stanza.is('message')).map(condition)
    return { errors, later: later.filter(stanza => stanza.is('message')), bob }
  }

  test('comes back without an archive, and where it is asked for', async () => {
    for (const chat of [false, { offline: 'bounce' }] as const) {
      expect(await sendToNobody({ chat })).toMatchObject({ errors: ['service-unavailable'], later: [] })
    }
  })

  test('is in the archive and nowhere else', async () => {
    const { errors, later, bob } = await sendToNobody({ chat: true })
    expect({ errors, later }).toEqual({ errors: [], later: [] })
    expect((await ask(bob)).bodies).toEqual(['are you there'])
  })

  test('is also delivered later where it is asked for, with the id of the archive and its time', async () => {
    const { errors, later, bob } = await sendToNobody({ chat: { offline: 'deliver' } })
    expect(errors).toEqual([])
    const archived = await ask(bob)
    expect(later.map(stanza => stanza.getChildText('body'))).toEqual(['are you there'])
    expect(later[0]?.getChild('stanza-id', IDS)?.attrs).toMatchObject({ by: BOB, id: archived.first })
    expect(later[0]?.getChild('delay', 'urn:xmpp:delay')).toBeDefined()
  })

  test('comes back where it is nothing that is kept', async () => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    const answer = stanzaFor(alice, stanza => stanza.is('message'))
    await alice.send(chat(BOB, body('secret'), xml('no-store', 'urn:xmpp:hints')))
    expect(condition(await answer)).toBe('service-unavailable')
  })

  test('does not come back when a lost connection is given up, since the archive has it', async () => {
    const server = await startServer({ chat: true, resumptionMs: 50 })
    const alice = await comeOnline(server, 'alice')
    await comeOnline(server, 'bob')
    await server.kick(`${BOB}/one`)
    const received = record(alice)
    await alice.send(chat(BOB, body('on the way')))
    const unkept = xml('no-store', 'urn:xmpp:hints')
    const answer = stanzaFor(alice, stanza => attribute(stanza, 'type') === 'error')
    await alice.send(chat(BOB, body('not kept'), unkept))
    await answer
    await settle(alice)
    expect(received.filter(stanza => stanza.is('message'))).toHaveLength(1)
    expect(server.archiveOf('bob').map(each => each.message.getChildText('body'))).toEqual(['on the way'])
  })
})
