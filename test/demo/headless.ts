import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { humanReport } from '../../main/cli/report.ts'
import { Plumb, type PlumbOptions } from '../../main/plumb.ts'
import { openContent } from '../../main/transfer/content.ts'
import { inUnits } from '../../shared/in-units.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'
import { startXmppServer, type XmppServer } from '../support/xmpp-server.ts'

const FILE_BYTES = 300_000_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/**
 * The demo without windows: a small XMPP server runs inside this process, Alice and Bob sign in to it with the same
 * core that the app uses, and a file goes from her to him over a connection that their two programs made between
 * themselves. Resolves with whether the same file arrived.
 */
export async function runHeadlessDemo(): Promise<boolean> {
  await using server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'her password', bob: 'his password' },
    contacts: [['alice', 'bob']],
  })
  const folder = await mkdtemp(join(tmpdir(), 'plumb-demo-'))
  try {
    return await demo(server, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function demo(server: XmppServer, where: string): Promise<boolean> {
  const file = join(where, 'holiday film.mkv')
  const inbox = join(where, 'inbox of bob')
  await mkdir(inbox)
  say(`An XMPP server runs on ${server.host}, port ${server.port}, with STARTTLS.`)
  say(`Making a file of ${inUnits(FILE_BYTES)}…`)
  await makeFile(file)

  const alice = await signIn(server, 'alice', 'her password')
  const bob = await signIn(server, 'bob', 'his password')
  say(`Signed in: ${alice.address} and ${bob.address}\n`)

  const ofAlice = watch(alice)
  const ofBob = watch(bob)
  const report = humanReport(process)
  alice.on('transfer', event => report.transfer(event))
  bob.on('offered', offer => {
    say(`${offer.peer} offers “${offer.name}” (${inUnits(offer.size ?? 0)}): Bob accepts.`)
    offer.accept(inbox)
  })
  const never = new AbortController().signal
  const recipient = await alice.findRecipient('bob@plumb.test', 10_000, never)
  const failure = await alice.send(await openContent(file, never), recipient, { signal: never })
  report.end()
  if (failure !== undefined) throw failure
  const [sent, received] = await Promise.all([ofAlice.done, ofBob.done])
  const connected = await ofAlice.connected
  const [sentSum, receivedSum] = await Promise.all([checksum(file), checksum(received.path)])
  await Promise.all([alice, bob].map(plumb => plumb.stop(new Failure('cancelled', 'The demo is over.'))))

  const seconds = Math.max(sent.seconds, 0.001)
  say(`
Path         direct TCP (DTCP, XEP-0046), ${connected.remote}; Alice’s program was the ${connected.by}
Connected    ${connected.ms} ms after Bob accepted
Encryption   ${connected.encrypted ? 'TLS' : 'none'}, ${connected.verified ? 'both certificates verified against what XMPP announced' : 'not verified'}
Speed        ${inUnits(sent.bytes / seconds)}/s (${inUnits(sent.bytes)} in ${seconds.toFixed(1)} s, disk to disk, checksums included)
Sent         SHA-256 ${sentSum}
Received     SHA-256 ${receivedSum}
             ${sentSum === receivedSum ? 'The same file arrived.' : 'THE FILES DIFFER.'}`)
  return sentSum === receivedSum && (await stat(received.path)).size === FILE_BYTES
}

function signIn(server: XmppServer, name: string, password: string): Promise<Plumb> {
  const options: PlumbOptions = {
    jid: `${name}@plumb.test`,
    password,
    resource: 'demo',
    server: { host: server.host, port: server.port },
    tls: 'required',
    ca: server.caPem,
    accept: 'contacts',
    plainBytestreams: false,
    direct: {
      listen: 0,
      advertise: undefined,
      dial: true,
      allowLoopback: true,
      encryption: 'required',
      portMapping: false,
    },
  }
  return Plumb.signIn(options)
}

type Kind<K extends TransferEvent['event']> = TransferEvent & { event: K }

/** The first event of each kind that the report needs. */
function watch(plumb: Plumb): { connected: Promise<Kind<'connected'>>; done: Promise<Kind<'done'>> } {
  const connected = Promise.withResolvers<Kind<'connected'>>()
  const done = Promise.withResolvers<Kind<'done'>>()
  plumb.on('transfer', event => {
    if (event.event === 'connected') connected.resolve(event)
    else if (event.event === 'done') done.resolve(event)
    else if (event.event === 'failed') done.reject(new Failure(event.code, event.message))
  })
  done.promise.catch(() => {})
  return { connected: connected.promise, done: done.promise }
}

/** Bytes that no compression could help with, made as fast as the disk takes them. */
async function makeFile(path: string): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16))
  const zeros = Buffer.alloc(1_000_000)
  const chunks = Readable.from(Array.from({ length: FILE_BYTES / zeros.length }, () => zeros))
  await pipeline(chunks, cipher, createWriteStream(path))
}

async function checksum(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}
