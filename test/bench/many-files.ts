import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { makeIdentity } from '../../main/sockets/certificate.ts'
import { DiskPool } from '../../main/transfer/disk-pool.ts'
import type { PackedContent, SourceFile } from '../../main/transfer/packed/packed-content.ts'
import { PackedReceiver } from '../../main/transfer/packed/packed-receiver.ts'
import { PackedSender } from '../../main/transfer/packed/packed-sender.ts'
import type { PackedExpectation, PackedTarget } from '../../main/transfer/packed/packed-target.ts'
import { createPartialFile } from '../../main/transfer/partial-file.ts'
import { receiveFile } from '../../main/transfer/receive-file.ts'
import { openSource, sendFile } from '../../main/transfer/send-file.ts'

/** Seconds from the first byte to the last word, disk to disk over TLS in one process, synced, each the best of three. */
export interface ManyFilesFigures {
  readonly many: number
  /** The same bytes as one file. */
  readonly one: number
  /** The same file as raw bytes, as for other programs. */
  readonly raw: number
}

const ROUNDS = 3

/** So many files of that size, in a folder of their own below `where`. */
export async function measureManyFiles(
  where: string,
  files = 10_000,
  fileBytes = 10_000,
): Promise<ManyFilesFigures> {
  const root = await mkdtemp(join(where, 'plumb-bench-many-'))
  const disk = new DiskPool()
  try {
    const sources = await makeFiles(join(root, 'many'), files, fileBytes)
    const single = await makeFile(join(root, 'one.bin'), files * fileBytes)
    const many: number[] = []
    const one: number[] = []
    const raw: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const staging = join(root, `many-${round}`)
      await mkdir(staging)
      const folder: PackedContent = { kind: 'folder', files: sources, folders: [] }
      const offered: PackedExpectation = { kind: 'folder', size: files * fileBytes, files }
      many.push(await packed(folder, offered, { root: staging, commit: async () => staging }, disk))
      const path = join(root, `one-${round}`)
      const target = { name: 'one.bin', path, commit: async () => path }
      one.push(
        await packed({ kind: 'file', file: single }, { kind: 'file', size: single.size }, target, disk),
      )
      raw.push(await plain(single.path, root, disk))
    }
    return { many: Math.min(...many), one: Math.min(...one), raw: Math.min(...raw) }
  } finally {
    await disk.close()
    await rm(root, { recursive: true, force: true })
  }
}

async function packed(
  content: PackedContent,
  expected: PackedExpectation,
  target: PackedTarget,
  disk: DiskPool,
): Promise<number> {
  const [near, far] = await connection()
  const { signal } = new AbortController()
  const sender = new PackedSender(content, disk)
  const receiver = new PackedReceiver(expected, target, disk)
  const startedAt = performance.now()
  await Promise.all([sender.send(near, { signal }), receiver.receive(far, { signal })])
  const seconds = (performance.now() - startedAt) / 1000
  await Promise.all([sender.close(), receiver.close()])
  near.destroy()
  far.destroy()
  return seconds
}

async function plain(path: string, folder: string, disk: DiskPool): Promise<number> {
  const [near, far] = await connection()
  const { signal } = new AbortController()
  const source = await openSource(path)
  const partial = await createPartialFile(folder, 'raw.bin')
  const startedAt = performance.now()
  await Promise.all([
    sendFile(source, near, { signal, disk }),
    receiveFile(far, partial, { size: source.size, signal, disk }),
  ])
  await partial.commit()
  const seconds = (performance.now() - startedAt) / 1000
  await source.close()
  near.destroy()
  far.destroy()
  return seconds
}

/** Both ends of a TLS connection, with somebody who hears their errors. */
async function connection(): Promise<readonly [near: Duplex, far: Duplex]> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const socket = net.connect(port, '127.0.0.1')
  const [accepted] = await once(server, 'connection')
  server.close()
  const { key, certificate } = await makeIdentity()
  const far = new tls.TLSSocket(accepted, { isServer: true, key, cert: certificate, minVersion: 'TLSv1.3' })
  const near = tls.connect({ socket, rejectUnauthorized: false, minVersion: 'TLSv1.3' })
  for (const stream of [near, far]) stream.on('error', () => {})
  await Promise.all([once(far, 'secure'), once(near, 'secureConnect')])
  return [near, far]
}

async function makeFiles(folder: string, count: number, bytes: number): Promise<readonly SourceFile[]> {
  await mkdir(folder)
  const content = randomBytes(bytes)
  const files: SourceFile[] = []
  for (let index = 0; index < count; index++) {
    const name = `file ${index}.bin`
    content.writeUInt32BE(index)
    await writeFile(join(folder, name), content)
    files.push(await sourceOf(join(folder, name), name))
  }
  return files
}

async function makeFile(path: string, bytes: number): Promise<SourceFile> {
  await using file = await open(path, 'w')
  const chunk = randomBytes(1024 * 1024)
  for (let left = bytes; left > 0; left -= chunk.length)
    await file.write(chunk, 0, Math.min(left, chunk.length))
  return sourceOf(path, 'one.bin')
}

async function sourceOf(path: string, name: string): Promise<SourceFile> {
  const { size, mtimeNs } = await stat(path, { bigint: true })
  return { path, name, size: Number(size), mtimeNs }
}
