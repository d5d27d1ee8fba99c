import { describe, expect, test } from 'vitest'
import { Devices } from '../../main/plumb/devices.ts'
import { Presences } from '../../main/xmpp/presence.ts'
import { Discovery } from '../../main/xmpp/xep-0030.ts'
import { capsVersion } from '../../main/xmpp/xep-0115.ts'
import { Failure } from '../../shared/model/failure.ts'
import { FakeTransport } from '../xmpp/fake-transport.ts'
import { parseXml } from '../xmpp/xml.ts'

const DIRECT = [
  'http://jabber.org/protocol/si',
  'http://jabber.org/protocol/si/profile/file-transfer',
  'http://jabber.org/protocol/dtcp',
]
const info = (features: readonly string[]): string =>
  `<query xmlns='http://jabber.org/protocol/disco#info'>${features.map(name => `<feature var='${name}'/>`).join('')}</query>`
const versionOf = (features: readonly string[]): string =>
  capsVersion(parseXml(info(features)), 'sha-1') ?? ''

function create(isContact: (address: string) => boolean = () => true) {
  const transport = new FakeTransport()
  const presences = new Presences()
  const devices = new Devices(presences, new Discovery(transport.iq, []), isContact)
  const arrive = (address: string, version?: string): void => {
    const caps =
      version === undefined
        ? ''
        : `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:x' ver='${version}'/>`
    presences.receive(parseXml(`<presence from='${address}'>${caps}</presence>`))
  }
  const answer = async (number: number, features: readonly string[]): Promise<string> => {
    const { attrs } = await transport.nth(number)
    const learned = new Promise(resolve => devices.once('learned', resolve))
    transport.receive(`<iq type='result' id='${attrs['id']}' from='${attrs['to']}'>${info(features)}</iq>`)
    await learned
    return String(attrs['to'])
  }
  return { transport, presences, devices, arrive, answer }
}

describe('the devices of contacts', () => {
  test('are asked what they can do, and a program only once', async () => {
    const { transport, devices, arrive, answer } = create()
    const version = versionOf(DIRECT)
    arrive('bob@plumb.test/desk', version)
    expect(devices.of('bob@plumb.test')).toMatchObject([{ direct: undefined, show: 'online' }])
    expect(await answer(1, DIRECT)).toBe('bob@plumb.test/desk')
    expect(devices.of('bob@plumb.test')).toMatchObject([{ direct: true }])
    arrive('carol@plumb.test/desk', version)
    expect(devices.of('carol@plumb.test')).toMatchObject([{ direct: true }])
    expect(transport.sent).toHaveLength(1)
  })

  test('that lie about their program speak for themselves only', async () => {
    const { devices, arrive, answer } = create()
    const version = versionOf(DIRECT)
    arrive('eve@plumb.test/desk', version)
    await answer(1, ['something else'])
    expect(devices.of('eve@plumb.test')).toMatchObject([{ direct: false }])
    arrive('bob@plumb.test/desk', version)
    expect(devices.of('bob@plumb.test')).toMatchObject([{ direct: undefined }])
    expect(await answer(2, DIRECT)).toBe('bob@plumb.test/desk')
  })

  test('without caps are asked one by one, a few at a time', async () => {
    const { transport, devices, arrive, answer } = create()
    for (let number = 1; number <= 20; number++) arrive(`friend${number}@plumb.test/desk`)
    expect(transport.sent).toHaveLength(8)
    await answer(1, DIRECT)
    await transport.nth(9)
    expect(devices.of('friend1@plumb.test')).toMatchObject([{ direct: true }])
  })

  test('that refuse hold nobody else up', async () => {
    const { transport, devices, arrive } = create()
    for (let number = 1; number <= 10; number++) arrive(`friend${number}@plumb.test/desk`)
    const { attrs } = await transport.nth(1)
    transport.receive(`<iq type='error' id='${attrs['id']}' from='${attrs['to']}'><error code='503'/></iq>`)
    expect((await transport.nth(9)).attrs['to']).toBe('friend9@plumb.test/desk')
    expect(devices.of('friend1@plumb.test')).toMatchObject([{ direct: undefined }])
  })

  test('in thousands with the same program are asked by a few questions', async () => {
    const { transport, devices, arrive, answer } = create()
    const version = versionOf(DIRECT)
    for (let number = 1; number <= 5_000; number++) arrive(`friend${number}@plumb.test/desk`, version)
    expect(transport.sent).toHaveLength(8)
    const learned = new Set<string>()
    devices.on('learned', bare => learned.add(bare))
    await answer(1, DIRECT)
    expect(learned.size).toBe(5_000)
    for (let number = 2; number <= 8; number++) await answer(number, DIRECT)
    expect(transport.sent).toHaveLength(8)
    expect(devices.of('friend5000@plumb.test')).toMatchObject([{ direct: true }])
  })

  test('that become another program are asked again, and what they were is forgotten', async () => {
    const { transport, devices, arrive, answer } = create()
    arrive('bob@plumb.test/desk')
    await answer(1, DIRECT)
    // The same again is no news.
    arrive('bob@plumb.test/desk')
    expect(transport.sent).toHaveLength(1)
    arrive('bob@plumb.test/desk', versionOf(['urn:other']))
    expect(devices.of('bob@plumb.test')).toMatchObject([{ direct: undefined }])
    await answer(2, ['urn:other'])
    expect(devices.of('bob@plumb.test')).toMatchObject([{ direct: false }])
  })

  test('that go in the middle of a question leave nothing behind', async () => {
    const { transport, presences, devices, arrive } = create()
    arrive('bob@plumb.test/desk')
    const { attrs } = await transport.nth(1)
    presences.receive(parseXml("<presence from='bob@plumb.test/desk' type='unavailable'/>"))
    transport.receive(`<iq type='result' id='${attrs['id']}' from='bob@plumb.test/desk'>${info(DIRECT)}</iq>`)
    arrive('bob@plumb.test/desk')
    await transport.nth(2)
    expect(devices.of('bob@plumb.test')).toMatchObject([{ direct: undefined }])
  })

  test('are asked anew in a new session, whatever was under way in the old one', async () => {
    const { presences, transport, devices, arrive, answer } = create()
    for (let number = 1; number <= 20; number++) arrive(`friend${number}@plumb.test/desk`)
    presences.clear()
    devices.clear()
    transport.iq.rejectAll(new Failure('server-connection-lost', 'gone'))
    arrive('bob@plumb.test/desk')
    expect(await answer(9, DIRECT)).toBe('bob@plumb.test/desk')
    expect(transport.sent).toHaveLength(9)
  })

  test.each(DIRECT)('that leave out %s take no files directly', async missing => {
    const { devices, arrive, answer } = create()
    arrive('bob@plumb.test/desk')
    await answer(
      1,
      DIRECT.filter(name => name !== missing),
    )
    expect(devices.of('bob@plumb.test')).toMatchObject([{ direct: false }])
  })

  test('of strangers are not asked anything', () => {
    const { transport, arrive } = create(() => false)
    arrive('eve@plumb.test/desk')
    expect(transport.sent).toEqual([])
  })

  test('say whether somebody is away or busy', () => {
    const { presences, devices } = create()
    presences.receive(
      parseXml("<presence from='bob@plumb.test/a'><show>xa</show><status>Lunch</status></presence>"),
    )
    presences.receive(
      parseXml("<presence from='bob@plumb.test/b'><show>dnd</show><priority>5</priority></presence>"),
    )
    expect(devices.of('bob@plumb.test')).toMatchObject([
      { address: 'bob@plumb.test/b', show: 'busy' },
      { address: 'bob@plumb.test/a', show: 'away', status: 'Lunch' },
    ])
  })
})
