import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  type BigIntStats,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Duplex, duplexPair } from 'node:stream'
import tls from 'node:tls'
import { afterEach } from 'vitest'
import { DiskPool, type DiskPoolOptions } from '../../main/transfer/disk-pool.ts'
import { createCertificateAuthority } from '../support/certificates.ts'

const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** Runs after the test, the last one first. */
export function afterwards(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp)
}

/** An empty folder, by its real path. */
export function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'plumb-transfer-')))
  afterwards(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}

export function subfolder(parent: string, name: string): string {
  const path = join(parent, name)
  mkdirSync(path)
  return path
}

export function fileOf(bytes: Uint8Array | number, name = 'file.bin'): { path: string; bytes: Buffer } {
  const content = typeof bytes === 'number' ? randomBytes(bytes) : Buffer.from(bytes)
  const path = join(folder(), name)
  writeFileSync(path, content)
  return { path, bytes: content }
}

/** Small buffers, so that small files already need several. */
export const CHUNK_BYTES = 1024

export function pool(options: DiskPoolOptions = {}): DiskPool {
  const disk = new DiskPool({
    chunkBytes: CHUNK_BYTES,
    smallChunkBytes: CHUNK_BYTES,
    buffersPerTransfer: 4,
    threads: 2,
    ...options,
  })
  afterwards(() => disk.close())
  return disk
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** A signal that nobody aborts. */
export function never(): AbortSignal {
  return new AbortController().signal
}

export type Pair = readonly [near: Duplex, far: Duplex]

/** Without sockets. Like a socket, and unlike `duplexPair`, it keeps nothing of what was written to it. */
export function memoryPair(): Pair {
  const pair = duplexPair()
  for (const stream of pair) {
    const write = stream._write.bind(stream)
    stream._write = (chunk, encoding, done) => write(Buffer.from(chunk), encoding, done)
  }
  return watched(pair)
}

export async function tcpPair(): Promise<Pair> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const near = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [[far]] = await Promise.all([once(server, 'connection'), once(near, 'connect')])
  server.close()
  return watched([near, far])
}

const authority = createCertificateAuthority()
const identity = authority.then(ca => ca.issue({ names: ['peer.test'] }))

export async function tlsPair(): Promise<Pair> {
  const [near, far] = await tcpPair()
  const { certPem, keyPem } = await identity
  const ca = (await authority).caPem
  const server = new tls.TLSSocket(far, { isServer: true, cert: certPem, key: keyPem })
  const client = tls.connect({ socket: near, ca, servername: 'peer.test' })
  await Promise.all([once(server, 'secure'), once(client, 'secureConnect')])
  return watched([client, server])
}

/** An owner's `error` listener, as the contract asks for one, and an end to both. */
function watched(pair: Pair): Pair {
  for (const stream of pair) {
    stream.on('error', () => {})
    afterwards(() => stream.destroy())
  }
  return pair
}

/** How many of this process's descriptors belong to that file. Works wherever fstat does. */
export function descriptorsOf(file: BigIntStats): number {
  let count = 0
  for (let fd = 0; fd < 1024; fd += 1) {
    try {
      const stats = fstatSync(fd, { bigint: true })
      if (stats.ino === file.ino && stats.dev === file.dev) count += 1
    } catch {
      // Not open.
    }
  }
  return count
}
