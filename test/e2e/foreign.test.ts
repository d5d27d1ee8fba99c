import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Element } from '@xmpp/xml'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readGiveUp } from '../../main/xmpp/xep-0046.ts'
import { ForeignClient } from '../support/foreign-client.ts'
import { atServer, Headless } from '../support/headless.ts'
import { startXmppServer, type XmppServer } from '../support/xmpp-server.ts'

/*
 * The headless client against a program that knows the XEPs and nothing of ours: no fingerprints, no stream ids,
 * no checksums, no notices. (Rules N1 to N7 and S1 to S6 from the outside.)
 */

let server: XmppServer
let folder: string
let inbox: string
let at: string[]
let carol: ForeignClient

beforeAll(async () => {
  server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { bob: 'secret', carol: 'secret', eve: 'secret' },
    contacts: [['bob', 'carol']],
  })
  folder = await mkdtemp(join(tmpdir(), 'plumb-foreign-'))
  await writeFile(join(folder, 'ca.pem'), server.caPem)
  at = atServer({ host: server.host, port: server.port, caFile: join(folder, 'ca.pem') })
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(async context => {
  inbox = join(folder, `inbox-${randomBytes(4).toString('hex')}`)
  await mkdir(inbox)
  carol = await signIn('carol')
  context.onTestFinished(() => carol[Symbol.asyncDispose]())
})

function signIn(name: string): Promise<ForeignClient> {
  return ForeignClient.signIn({
    jid: `${name}@plumb.test`,
    password: 'secret',
    host: server.host,
    port: server.port,
    ca: server.caPem,
  })
}

const content = randomBytes(200_000)
const sha256 = createHash('sha256').update(content).digest('hex')
const md5 = createHash('md5').update(content).digest('hex')

function receive(...more: string[]): Headless {
  return new Headless(['receive', '--jid', 'bob@plumb.test', '--into', inbox, ...at, '--count', '1', ...more])
}

function send(path: string, ...more: string[]): Headless {
  return new Headless(['send', '--jid', 'bob@plumb.test', '--to', carol.address, ...at, ...more, path])
}

async function online(plumb: Headless): Promise<string> {
  return String((await plumb.line('online'))['jid'])
}

/** Offers to bob, negotiates and dials his first host, up to the answered key. */
async function connectTo(bob: Headless, tls: boolean, file: Record<string, string>) {
  const to = await online(bob)
  expect(await carol.offer(to, file)).toBe('http://jabber.org/protocol/dtcp')
  const theirs = await carol.request(to, { key: 'c7b5ea3f', hosts: [] })
  const wire = await carol.dial(theirs.hosts[0] ?? '', tls)
  wire.send(`key:${theirs.key}`)
  expect(await wire.line()).toBe('ok:c7b5ea3f')
  wire.send('ok')
  return wire
}

describe('receiving from a program that knows only the XEPs', () => {
  it('takes a file over TLS without fingerprints: encrypted, not verified', async () => {
    await using bob = receive()
    const wire = await connectTo(bob, true, { name: 'test.bin', size: String(content.length), hash: md5 })
    wire.socket.end(content)
    expect(await bob.exited, bob.stderr).toBe(0)
    expect(await bob.line('connected')).toMatchObject({ by: 'acceptor', encrypted: true, verified: false })
    expect(await bob.line('done')).toMatchObject({ bytes: content.length, sha256 })
    expect(await readFile(join(inbox, 'test.bin'))).toEqual(content)
  })

  it('takes one in the clear only where the person allowed it', async () => {
    await using bob = receive('--encryption', 'preferred')
    const wire = await connectTo(bob, false, { name: 'test.bin', size: String(content.length) })
    wire.socket.end(content)
    expect(await bob.exited, bob.stderr).toBe(0)
    expect(await bob.line('connected')).toMatchObject({ encrypted: false, verified: false })

    await using strict = receive()
    const to = await online(strict)
    await carol.offer(to, { name: 'test.bin', size: '5' }, 'a1')
    const theirs = await carol.request(to, { key: 'k', hosts: [] })
    const plain = await carol.dial(theirs.hosts[0] ?? '', false)
    plain.send(`key:${theirs.key}`)
    expect(await plain.line()).toBe('error')
  })

  it('dials the other side, sends its key, and takes what stands right behind the answer', async () => {
    await using bob = receive('--listen', 'off', '--encryption', 'off')
    const to = await online(bob)
    const { host, next } = await carol.listen()
    await carol.offer(to, { name: 'test.bin', size: String(content.length) })
    const theirs = await carol.request(to, { key: 'a:b=ok', hosts: ['127.0.0.1:9', host] })
    expect(theirs.hosts).toEqual([])
    const wire = await next()
    expect(await wire.line()).toBe('key:a:b=ok')
    wire.socket.write(Buffer.concat([Buffer.from(`ok:${theirs.key}\n`), content]))
    expect(await bob.exited, bob.stderr).toBe(0)
    expect(await bob.line('connected')).toMatchObject({ by: 'dialer', remote: host })
    expect(await readFile(join(inbox, 'test.bin'))).toEqual(content)
  })

  it('keeps nothing of a file that is too short, too long, or not what its checksum says', async () => {
    for (const [bytes, hash, code] of [
      [content.subarray(1), undefined, 'incomplete'],
      [Buffer.concat([content, Buffer.from('x')]), undefined, 'too-many-bytes'],
      [content, createHash('md5').update('other').digest('hex'), 'checksum-mismatch'],
    ] as const) {
      await using bob = receive()
      const file = { name: 'test.bin', size: String(content.length), ...(hash === undefined ? {} : { hash }) }
      const wire = await connectTo(bob, true, file)
      wire.socket.end(bytes)
      expect(await bob.exited).toBe(1)
      expect((await bob.line('failed'))['code']).toBe(code)
      expect(await readdir(inbox)).toEqual([])
    }
  })

  it('gives a hostile name no power', async () => {
    await using bob = receive()
    const name = '..\\..%2f../etc/\u202Egpj.exe'
    const wire = await connectTo(bob, true, { name, size: '5' })
    wire.socket.end('hello')
    expect(await bob.exited, bob.stderr).toBe(0)
    expect(await readdir(inbox)).toEqual(['gpj.exe'])
  })

  it('refuses queries that belong to no accepted offer, malformed ones, and a key a second time (N7)', async () => {
    await using bob = receive()
    const to = await online(bob)
    const refused = (mine: { key: string; hosts: string[] }, who = carol) =>
      who.request(to, mine).then(
        () => 'answered',
        error => error.error.condition,
      )
    expect(await refused({ key: 'early', hosts: [] })).toBe('feature-not-implemented')
    await carol.offer(to, { name: 'test.bin', size: '5' })
    await using eve = await signIn('eve')
    expect(await refused({ key: 'stranger', hosts: [] }, eve)).toBe('feature-not-implemented')
    for (const key of ['', 'with space', 'line\nbreak', 'é', 'x'.repeat(257)]) {
      expect(await refused({ key, hosts: [] }), JSON.stringify(key)).toBe('bad-request')
    }
    for (const host of ['', 'nonsense', '1.2.3.4', '1.2.3.4:0', '1.2.3.4:65536', '300.1.1.1:80']) {
      expect(await refused({ key: 'k', hosts: [host] }), host).toBe('bad-request')
    }
    const { host, next } = await carol.listen()
    const first = await carol.request(to, { key: 'once', hosts: ['10.255.255.1:22', host] })
    const wire = await next()
    // A TLS that is never answered keeps the session alive for the moment.
    expect(await wire.line()).toBe('starttls')
    expect(await refused({ key: 'once', hosts: [] })).toBe('conflict')
    expect(first.key).toMatch(/^[0-9a-f]{32,}$/)
  })

  it('gives up with the other’s key when no host answers, and fails when both have (N5, N6)', async () => {
    await using bob = receive()
    const to = await online(bob)
    await carol.offer(to, { name: 'test.bin', size: '5' })
    const stray = once(carol.strays, 'stray')
    const theirs = await carol.request(to, { key: 'mine', hosts: ['127.0.0.1:9', 'localhost:8000'] })
    const [stanza] = await stray
    expect(readGiveUp(stanza)).toBe('mine')
    expect(theirs.hosts.length).toBeGreaterThan(0)
    await carol.giveUp(to, theirs.key, 'over')
    expect(await bob.exited).toBe(1)
    expect(await bob.line('failed')).toMatchObject({ code: 'unreachable' })
  })
})

describe('sending to a program that knows only the XEPs', () => {
  let path: string

  beforeEach(async () => {
    path = join(inbox, 'for carol.bin')
    await writeFile(path, content)
  })

  it('sends over TLS to a host that it dials, and is the requestor that has the last word', async () => {
    const { host, next } = await carol.listen()
    const offers: string[] = []
    carol.onOffer('accept', file => offers.push(`${file.attrs['name']} ${file.attrs['size']}`))
    const asked = carol.respond({ key: 'a1b2c3d4', hosts: [host] })
    await using bob = send(path, '--listen', 'off')
    const theirs = await asked
    expect(offers).toEqual([`for carol.bin ${content.length}`])
    expect(theirs.hosts).toEqual([])
    const wire = await (await next()).serveTls()
    expect(await wire.line()).toBe('key:a1b2c3d4')
    wire.send(`ok:${theirs.key}`)
    expect(await wire.line()).toBe('ok')
    expect(await wire.bytes(content.length)).toEqual(content)
    wire.socket.end()
    expect(await bob.exited, bob.stderr).toBe(0)
    expect(await bob.line('connected')).toMatchObject({ by: 'dialer', encrypted: true, verified: false })
    expect(await bob.line('done')).toMatchObject({ bytes: content.length, sha256 })
  })

  it('sends to one that dials and waits for the end of the stream; no ack is asked for (S4)', async () => {
    carol.onOffer('accept')
    const asked = carol.respond({ key: 'a1b2c3d4', hosts: [] })
    await using bob = send(path, '--encryption', 'off')
    const theirs = await asked
    const wire = await carol.dial(theirs.hosts[0] ?? '', false)
    wire.send('starttls')
    expect(await wire.line()).toBe('error')
    wire.send('key:wrong')
    expect(await wire.line()).toBe('error')
    wire.send(`key:${theirs.key}`)
    expect(await wire.line()).toBe('ok:a1b2c3d4')
    expect(await wire.rest()).toEqual(content)
    wire.socket.end()
    expect(await bob.exited, bob.stderr).toBe(0)
    expect(await bob.line('connected')).toMatchObject({ by: 'acceptor', encrypted: false })
  })

  it('does not call a file delivered that the other side stopped reading', async () => {
    carol.onOffer('accept')
    const asked = carol.respond({ key: 'a1b2c3d4', hosts: [] })
    await using bob = send(path, '--encryption', 'off')
    const theirs = await asked
    const wire = await carol.dial(theirs.hosts[0] ?? '', false)
    wire.send(`key:${theirs.key}`)
    expect(await wire.line()).toBe('ok:a1b2c3d4')
    wire.socket.resetAndDestroy()
    expect(await bob.exited).toBe(1)
    expect(['connection-lost', 'unconfirmed']).toContain((await bob.line('failed'))['code'])
  })

  it.each([
    [{ offset: '50000' }, 50_000, content.length],
    [{ offset: '50000', length: '1000' }, 50_000, 51_000],
    [{ length: '0' }, 0, 0],
  ] as const)('sends the part that is asked for: %j', async (range, from, end) => {
    const files: Element[] = []
    carol.onOffer('accept', file => files.push(file), range)
    const asked = carol.respond({ key: 'a1b2c3d4', hosts: [] })
    await using bob = send(path, '--encryption', 'off')
    const theirs = await asked
    expect(files[0]?.getChild('range')).toBeDefined()
    const wire = await carol.dial(theirs.hosts[0] ?? '', false)
    wire.send(`key:${theirs.key}`)
    expect(await wire.line()).toBe('ok:a1b2c3d4')
    expect(await wire.rest()).toEqual(content.subarray(from, end))
    wire.socket.end()
    expect(await bob.exited, bob.stderr).toBe(0)
    const part = createHash('sha256').update(content.subarray(0, end)).digest('hex')
    expect(await bob.line('done')).toMatchObject({ resumedFrom: from, sha256: part })
  })

  it.each([
    { offset: String(content.length + 1) },
    { offset: '10', length: String(content.length) },
    { offset: '-5' },
    { length: 'all' },
  ])('refuses a part that is not there: %j', async range => {
    carol.onOffer('accept', undefined, range)
    await using bob = send(path)
    expect(await bob.exited).toBe(1)
    expect(await bob.line('failed')).toMatchObject({ code: 'protocol-error' })
  })

  it('ends with 4 when the person over there says no', async () => {
    carol.onOffer('forbidden')
    await using bob = send(path)
    expect(await bob.exited).toBe(4)
    expect(await bob.line('failed')).toMatchObject({ code: 'declined' })
  })

  it('finds the device by its bare address, and says when there is none that takes files', async () => {
    carol.onOffer('forbidden')
    const to = 'carol@plumb.test'
    await using bob = new Headless(['send', '--jid', 'bob@plumb.test', '--to', to, ...at, path])
    expect(await bob.exited).toBe(4)
    await carol[Symbol.asyncDispose]()
    await using late = new Headless([
      'send',
      '--jid',
      'bob@plumb.test',
      '--to',
      to,
      '--wait',
      '0',
      ...at,
      path,
    ])
    expect(await late.exited).toBe(1)
    expect(await late.line('failed')).toMatchObject({ code: 'peer-offline' })
  })

  it('refuses plaintext from one that has no TLS, and says what to do', async () => {
    carol.onOffer('accept')
    const { host, next } = await carol.listen()
    const asked = carol.respond({ key: 'k', hosts: [host] })
    await using bob = send(path, '--listen', 'off')
    await asked
    const wire = await next()
    expect(await wire.line()).toBe('starttls')
    wire.send('error')
    expect(await wire.line()).toBeUndefined()
    expect(await bob.exited).toBe(1)
    expect(await bob.line('failed')).toMatchObject({ code: 'encryption-refused' })
  })
})
