import { describe, expect, test } from 'vitest'
import { Devices } from '../../main/plumb/devices.ts'
import { Presences } from '../../main/xmpp/presence.ts'
import { Discovery } from '../../main/xmpp/xep-0030.ts'
import { capsVersion } from '../../main/xmpp/xep-0115.ts'
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
