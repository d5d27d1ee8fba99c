import { describe, expect, it } from 'vitest'
import { ProxyFinder } from '../../main/bytestreams/proxy.ts'
import { proxyQuestions } from '../../main/plumb/proxy-questions.ts'
import { xml } from '../../main/xmpp/stanza.ts'
import { Discovery, NS_DISCO_INFO, NS_DISCO_ITEMS } from '../../main/xmpp/xep-0030.ts'
import { NS_BYTESTREAMS } from '../../main/xmpp/xep-0065.ts'
import { IqNetwork } from '../support/iq-network.ts'

const OWN = 'alice@plumb.test/sofa'
const SERVER = 'plumb.test'

/** A server that lists these, and services that are proxies with these `<streamhost/>`. */
function create(
  items: readonly string[],
  proxies: Readonly<Record<string, readonly Record<string, string>[]>>,
) {
  const network = new IqNetwork()
  const { iq } = network.join(OWN)
  const server = network.join(SERVER).iq
  server.handle('get', NS_DISCO_ITEMS, () => ({
    payload: xml('query', { xmlns: NS_DISCO_ITEMS }, ...items.map(jid => xml('item', { jid }))),
  }))
  for (const [jid, hosts] of Object.entries(proxies)) {
    const service = jid === SERVER ? server : network.join(jid).iq
    service.handle('get', NS_DISCO_INFO, () => ({
      payload: xml(
        'query',
        { xmlns: NS_DISCO_INFO },
        xml('identity', { category: 'proxy', type: 'bytestreams' }),
      ),
    }))
    service.handle('get', NS_BYTESTREAMS, () => ({
      payload: xml('query', { xmlns: NS_BYTESTREAMS }, ...hosts.map(host => xml('streamhost', host))),
    }))
  }
  const finder = new ProxyFinder(proxyQuestions(iq, new Discovery(iq, []), () => SERVER))
  return { network, finder }
}

describe('the server is asked for its proxy', () => {
  it('and the proxy for all its addresses', async () => {
    const jid = 'proxy.plumb.test'
    const { finder } = create(['rooms.plumb.test', 'Proxy.Plumb.test'], {
      [jid]: [
        { jid, host: '192.0.2.1', port: '5000' },
        { jid, host: 'proxy.plumb.test', port: '7777' },
      ],
    })
    expect(await finder.find()).toEqual({
      jid,
      addresses: [
        { host: '192.0.2.1', port: 5000 },
        { host: 'proxy.plumb.test', port: 7777 },
      ],
    })
  })

  it('and the proxy may have a resource behind its name there, as ejabberd’s do', async () => {
    const jid = 'proxy.plumb.test'
    const { finder } = create([jid], { [jid]: [{ jid: `${jid}/8512`, host: '192.0.2.1', port: '7777' }] })
    expect(await finder.find()).toEqual({ jid, addresses: [{ host: '192.0.2.1', port: 7777 }] })
  })

  it('and may be it itself', async () => {
    const { finder } = create([], { [SERVER]: [{ jid: SERVER, host: '192.0.2.1', port: '5000' }] })
    expect((await finder.find())?.jid).toBe(SERVER)
  })

  it('and nobody is who is a person, or a device of one', async () => {
    const { network, finder } = create(['bob@plumb.test', 'bob@plumb.test/desk', 'x.plumb.test/y', '@'], {})
    expect(await finder.find()).toBeUndefined()
    expect(network.sent.filter(({ from }) => from === OWN).map(({ to }) => to)).toEqual([SERVER, SERVER])
  })

  it.each([
    ['names somebody else', [{ jid: 'proxy.evil.test', host: '192.0.2.1', port: '5000' }]],
    ['names nothing', []],
    ['has no port', [{ jid: 'proxy.plumb.test', host: '192.0.2.1', port: 'x' }]],
  ])('and has none where the proxy %s', async (_, hosts) => {
    const { finder } = create(['proxy.plumb.test'], { 'proxy.plumb.test': hosts })
    expect(await finder.find()).toBeUndefined()
  })
})
