import { describe, expect, test } from 'vitest'
import { Roster } from '../../main/xmpp/roster.ts'
import { Failure } from '../../shared/model/failure.ts'
import { FakeTransport } from './fake-transport.ts'

const NS = 'jabber:iq:roster'
const OWN_BARE = 'alice@plumb.test'

function create() {
  const transport = new FakeTransport()
  const roster = new Roster(transport.iq, () => OWN_BARE)
  return { transport, roster }
}

/** A roster that was fetched with these items. */
async function fetched(items: string) {
  const { transport, roster } = create()
  await answerFetch(transport, roster, items)
  return { transport, roster }
}

async function answerFetch(transport: FakeTransport, roster: Roster, items: string): Promise<void> {
  const number = transport.sent.length + 1
  const fetching = roster.fetch()
  const request = await transport.nth(number)
  expect(request.toString()).toContain(`<query xmlns="${NS}"/>`)
  expect(request.attrs['to']).toBeUndefined()
  transport.receive(
    `<iq type='result' id='${request.attrs['id']}'><query xmlns='${NS}'>${items}</query></iq>`,
  )
  await fetching
}

const push = (items: string, from = ''): string =>
  `<iq type='set' id='push' ${from}><query xmlns='${NS}'>${items}</query></iq>`

describe('the contact list', () => {
  test('is asked of the own account', async () => {
    const { roster } = await fetched(
      "<item jid='bob@plumb.test' name='Bob' subscription='both'><group>Friends</group></item>" +
        "<item jid='Carol@PLUMB.test' subscription='to'/>",
    )
    for (const address of ['bob@plumb.test', 'bob@plumb.test/desk', 'carol@plumb.test']) {
      expect(roster.has(address)).toBe(true)
    }
    for (const address of ['dave@plumb.test', 'bob@evil.test', 'plumb.test', '']) {
      expect(roster.has(address)).toBe(false)
    }
  })

  test('is empty with a server that keeps none', async () => {
    const { transport, roster } = await fetched("<item jid='bob@plumb.test'/>")
    const fetching = roster.fetch()
    const request = await transport.nth(2)
    transport.receive(`<iq type='error' id='${request.attrs['id']}'><error code='503'/></iq>`)
    await fetching
    expect(roster.has('bob@plumb.test')).toBe(false)
  })

  test('is kept, and the failure told, when the connection is lost while it is read anew', async () => {
    const { transport, roster } = await fetched("<item jid='bob@plumb.test'/>")
    const fetching = roster.fetch()
    const lost = new Failure('server-connection-lost', 'gone')
    transport.iq.rejectAll(lost)
    await expect(fetching).rejects.toBe(lost)
    expect(roster.has('bob@plumb.test')).toBe(true)
  })

  test('is forgotten when it is read anew', async () => {
    const { transport, roster } = await fetched("<item jid='bob@plumb.test'/>")
    await answerFetch(transport, roster, "<item jid='carol@plumb.test'/>")
    expect(roster.has('bob@plumb.test')).toBe(false)
    expect(roster.has('carol@plumb.test')).toBe(true)
  })

  test('is empty where the server sends none', async () => {
    const { transport, roster } = create()
    const fetching = roster.fetch()
    const request = await transport.nth(1)
    transport.receive(`<iq type='result' id='${request.attrs['id']}'/>`)
    await fetching
    expect(roster.has('bob@plumb.test')).toBe(false)
  })

  test.each([
    ['without an address', '<item/>'],
    ['with an empty address', "<item jid=''/>"],
    ['with an address that is none', "<item jid='@'/>"],
    ['in another namespace', "<item xmlns='urn:x' jid='bob@plumb.test'/>"],
    ['too deep', "<group><item jid='bob@plumb.test'/></group>"],
    ['with another name', "<contact jid='bob@plumb.test'/>"],
    ['of a gateway', "<item jid='icq.plumb.test'/>"],
    ['that was removed', "<item jid='bob@plumb.test' subscription='remove'/>"],
  ])('passes over an item %s', async (_, item) => {
    const { roster } = await fetched(`${item}<item jid='carol@plumb.test'/>`)
    expect(roster.has('bob@plumb.test')).toBe(false)
    expect(roster.has('')).toBe(false)
    expect(roster.contacts.map(({ address }) => address)).toEqual(['carol@plumb.test'])
  })

  test('says of each who sees whom, and what was asked', async () => {
    const { roster } = await fetched(
      "<item jid='bob@plumb.test' name='Bob' subscription='both'/>" +
        "<item jid='carol@plumb.test' subscription='none' ask='subscribe'/>" +
        "<item jid='dave@plumb.test' subscription='invented' ask='unsubscribe'/>",
    )
    expect(roster.contacts).toEqual([
      { address: 'bob@plumb.test', name: 'Bob', subscription: 'both', asked: false, groups: [] },
      { address: 'carol@plumb.test', name: undefined, subscription: 'none', asked: true, groups: [] },
      { address: 'dave@plumb.test', name: undefined, subscription: 'none', asked: false, groups: [] },
    ])
    expect(roster.find('bob@plumb.test')?.name).toBe('Bob')
    expect(roster.find('eve@plumb.test')).toBeUndefined()
  })

  test('has fifty thousand people at most', async () => {
    const items = Array.from({ length: 50_100 }, (_, number) => `<item jid='p${number}@plumb.test'/>`)
    const { roster } = await fetched(items.join(''))
    expect(roster.contacts).toHaveLength(50_000)
  })
})

describe('the groups of a contact', () => {
  test.each([
    ['in their order', '<group>Work</group><group>Friends</group>', ['Work', 'Friends']],
    ['each once, trimmed', '<group> A </group><group>A</group><group>\n</group><group/>', ['A']],
    ['of this namespace only', "<group xmlns='urn:other'>X</group><x><group>Y</group></x>", []],
  ])('are read %s', async (_, inside, groups) => {
    const { roster } = await fetched(`<item jid='bob@plumb.test'>${inside}</item>`)
    expect(roster.find('bob@plumb.test')?.groups).toEqual(groups)
  })

  test('are a hundred at most, with names that can be shown', async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `<group>g${index}</group>`).join('')
    const long = `${'g'.repeat(199)}😀`
    const { roster } = await fetched(
      `<item jid='bob@plumb.test'>${many}</item><item jid='carol@plumb.test'><group>${long}</group></item>`,
    )
    expect(roster.find('bob@plumb.test')?.groups).toHaveLength(100)
    expect(roster.find('carol@plumb.test')?.groups).toEqual(['g'.repeat(199)])
  })
})

describe('a list that was kept', () => {
  const BOB = {
    address: 'bob@plumb.test',
    name: 'Bob',
    subscription: 'both',
    asked: false,
    groups: ['Friends'],
  } as const

  async function resume(version: string, answer: string) {
    const { transport, roster } = create()
    let changes = 0
    roster.on('changed', () => {
      changes += 1
    })
    const fetching = roster.fetch({ version, contacts: version === '' ? [] : [BOB] })
    const request = await transport.nth(1)
    transport.receive(answer.replace('ID', String(request.attrs['id'])))
    await fetching
    return { transport, roster, changes, asked: request.getChild('query', NS)?.attrs['ver'] }
  }

  test('holds where the server has nothing new, and is changed by what follows', async () => {
    const { transport, roster, changes, asked } = await resume('ver14', "<iq type='result' id='ID'/>")
    expect([asked, changes, roster.version]).toEqual(['ver14', 1, 'ver14'])
    expect(roster.contacts).toEqual([BOB])
    // RFC 6121 section 2.6.3.
    const item = "<item jid='bob@plumb.test' subscription='remove'/>"
    transport.receive(`<iq type='set' id='p'><query xmlns='${NS}' ver='ver42'>${item}</query></iq>`)
    expect([roster.contacts, roster.version]).toEqual([[], 'ver42'])
  })

  test('is forgotten where the server sends another', async () => {
    const query = `<query xmlns='${NS}' ver='ver20'><item jid='carol@plumb.test'/></query>`
    const { roster } = await resume('ver14', `<iq type='result' id='ID'>${query}</iq>`)
    expect(roster.contacts.map(({ address }) => address)).toEqual(['carol@plumb.test'])
    expect(roster.version).toBe('ver20')
  })

  test('is forgotten where the server sends an empty one, or keeps none', async () => {
    for (const answer of [
      `<iq type='result' id='ID'><query xmlns='${NS}'/></iq>`,
      "<iq type='error' id='ID'><error code='503'/></iq>",
    ]) {
      const { roster } = await resume('ver14', answer)
      expect([roster.contacts, roster.version]).toEqual([[], undefined])
    }
  })

  test('may be asked for before there is any', async () => {
    const first = await resume('', `<iq type='result' id='ID'><query xmlns='${NS}' ver='1'/></iq>`)
    expect([first.asked, first.roster.version]).toEqual(['', '1'])
    const empty = await resume('', "<iq type='result' id='ID'/>")
    expect([empty.roster.contacts, empty.roster.version]).toEqual([[], undefined])
  })

  test('has no version that would fill the disk', async () => {
    const query = `<query xmlns='${NS}' ver='${'v'.repeat(1_025)}'/>`
    const { roster } = await resume('1', `<iq type='result' id='ID'>${query}</iq>`)
    expect(roster.version).toBeUndefined()
  })

  test('is not changed by the version of somebody else', async () => {
    const { transport, roster } = await resume('ver14', "<iq type='result' id='ID'/>")
    transport.receive(`<iq type='set' id='p' from='mallory@evil.test'><query xmlns='${NS}' ver='evil'/></iq>`)
    await new Promise(resolve => setImmediate(resolve))
    expect(roster.version).toBe('ver14')
  })
})

describe('a change', () => {
  test('gives a name and groups, as XML can carry them', async () => {
    const { transport, roster } = await fetched("<item jid='bob@plumb.test'><group>Friends</group></item>")
    const groups = [' Friends ', 'A < B', 'Friends', '', 'C\u0000']
    const setting = roster.set('bob@plumb.test', { name: 'Bob\u0000 & Co', groups })
    const request = await transport.nth(2)
    expect(request.attrs).toMatchObject({ type: 'set' })
    expect(request.attrs['to']).toBeUndefined()
    const item = request.getChild('query', NS)?.getChild('item')
    expect(item?.attrs).toEqual({ jid: 'bob@plumb.test', name: 'Bob\ufffd & Co' })
    expect(item?.getChildren('group').map(group => group.text())).toEqual(['Friends', 'A < B', 'C\ufffd'])
    transport.receive(`<iq type='result' id='${request.attrs['id']}'/>`)
    await setting
    // The server's push may come behind its answer.
    expect(roster.find('bob@plumb.test')).toMatchObject({
      name: 'Bob\ufffd & Co',
      groups: ['Friends', 'A < B', 'C\ufffd'],
    })
  })

  test('removes, and tells when it is refused', async () => {
    const { transport, roster } = await fetched("<item jid='bob@plumb.test'/>")
    const removing = roster.remove('bob@plumb.test')
    const request = await transport.nth(2)
    expect(request.toString()).toContain('<item jid="bob@plumb.test" subscription="remove"/>')
    transport.receive(`<iq type='error' id='${request.attrs['id']}'><error code='405'/></iq>`)
    await expect(removing).rejects.toMatchObject({ error: { condition: 'not-allowed' } })
    expect(roster.has('bob@plumb.test')).toBe(true)
  })

  test('is told once a list or a push', async () => {
    const { transport, roster } = create()
    let changes = 0
    roster.on('changed', () => {
      changes += 1
    })
    await answerFetch(transport, roster, "<item jid='bob@plumb.test'/><item jid='carol@plumb.test'/>")
    transport.receive(push("<item jid='dave@plumb.test'/>"))
    transport.receive(push("<item jid='eve@plumb.test'/>", "from='mallory@evil.test'"))
    expect(changes).toBe(2)
  })
})

describe('a push', () => {
  test.each([
    ['without an address, from the server', ''],
    ['from the own bare address', `from='${OWN_BARE}'`],
    ['from the own bare address in another case', "from='ALICE@Plumb.test'"],
  ])('%s adds, changes and removes, and is confirmed', async (_, from) => {
    const { transport, roster } = await fetched('')
    transport.receive(push("<item jid='bob@plumb.test' subscription='none' ask='subscribe'/>", from))
    expect(roster.has('bob@plumb.test')).toBe(true)
    expect((await transport.nth(2)).attrs).toMatchObject({ type: 'result', id: 'push' })
    transport.receive(push("<item jid='bob@plumb.test' subscription='both'/>", from))
    expect(roster.has('bob@plumb.test')).toBe(true)
    transport.receive(push("<item jid='BOB@plumb.test' subscription='remove'/>", from))
    expect(roster.has('bob@plumb.test')).toBe(false)
  })

  test.each([
    ['the own account with a resource', `${OWN_BARE}/sofa`],
    ['another resource of the own account', `${OWN_BARE}/phone`],
    ['the server', 'plumb.test'],
    ['a contact', 'bob@plumb.test/desk'],
    ['a contact, bare', 'bob@plumb.test'],
    ['a stranger', 'mallory@evil.test/x'],
    ['the same name elsewhere', 'alice@evil.test'],
    ['a domain that begins with the own address', `${OWN_BARE}.evil.test`],
    ['an address that is none', '@'],
    ['an empty address', ''],
  ])('from %s changes nothing', async (_, from) => {
    const { transport, roster } = await fetched("<item jid='bob@plumb.test'/>")
    const items =
      "<item jid='mallory@evil.test' subscription='both'/><item jid='bob@plumb.test' subscription='remove'/>"
    transport.receive(push(items, `from='${from}'`))
    await new Promise(resolve => setImmediate(resolve))
    expect(roster.has('mallory@evil.test')).toBe(false)
    expect(roster.has('bob@plumb.test')).toBe(true)
  })

  test('of type get is refused', async () => {
    const { transport } = create()
    transport.receive(`<iq type='get' id='1' from='mallory@evil.test/x'><query xmlns='${NS}'/></iq>`)
    expect((await transport.nth(1)).toString()).toContain('service-unavailable')
  })
})
