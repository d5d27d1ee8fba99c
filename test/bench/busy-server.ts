/**
 * A server on a thread of its own, so that what it does is nobody's pause, and a little way off, as all servers are: Alice
 * knows very many people, Anna nobody.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import xml from '@xmpp/xml'
import { startXmppServer } from '../support/xmpp-server.ts'

/** Of each byte, to the server as from it: one in the same country. */
const WAY_MS = 10

export interface BusyServer {
  readonly people: number
  /** The archive of Alice ends with the entry of this number. */
  readonly archived: number
}

const { people, archived }: BusyServer = workerData
const server = await startXmppServer({
  domain: 'plumb.test',
  accounts: { alice: 'secret', anna: 'secret' },
  chat: { archive: { maxPage: 250, stamps: 'milliseconds' } },
})

server.intercept((stanza, to) => {
  const query = stanza.getChild('query', 'jabber:iq:roster')
  if (query === undefined || stanza.attrs['type'] !== 'result' || !to.startsWith('alice@')) return undefined
  for (let number = 0; number < people; number++) {
    const item = { jid: `person${number}@b.org`, name: `Person ${number}`, subscription: 'both' }
    query.c('item', item).c('group').t('Friends')
  }
  return undefined
})

const fill = (from: number, count: number): void => {
  server.fillArchive(
    'alice',
    Array.from({ length: count }, (_, index) => ({
      id: `a${from + index}`,
      at: new Date(Date.UTC(2025, 0) + (from + index) * 1_000),
      message: xml(
        'message',
        {
          from: `person${(from + index) % people}@b.org/phone`,
          to: 'alice@plumb.test',
          type: 'chat',
          id: `s${from + index}`,
        },
        xml('body', {}, `Message ${from + index}: Lorem ipsum dolor sit amet, consectetur adipiscing elit`),
      ),
    })),
  )
}

/** Carries everything on, late. */
function carry(from: Socket, to: Socket): void {
  from.on('data', chunk => setTimeout(() => to.write(chunk), WAY_MS))
  from.on('close', () => setTimeout(() => to.destroy(), WAY_MS))
  from.on('error', () => {})
}

const way = createServer(client => {
  const there = connect(server.port, server.host)
  carry(client, there)
  carry(there, client)
}).listen(0, server.host)
await once(way, 'listening')

fill(archived, 1)
let newest = archived
parentPort?.on('message', (count: number) => {
  if (count === 0) {
    way.close()
    return void server.close().then(() => parentPort?.close())
  }
  fill(newest + 1, count)
  newest += count
  parentPort?.postMessage(newest)
})
const { host, caPem } = server
parentPort?.postMessage({ host, port: (way.address() as AddressInfo).port, caPem })
