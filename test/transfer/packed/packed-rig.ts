import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Duplex, duplexPair } from 'node:stream'
import type { DiskPool } from '../../../main/transfer/disk-pool.ts'
import type { PackedContent, SourceFile } from '../../../main/transfer/packed/packed-content.ts'
import { type PackedReceiveOptions, PackedReceiver } from '../../../main/transfer/packed/packed-receiver.ts'
import { PackedSender, type PackedSendOptions } from '../../../main/transfer/packed/packed-sender.ts'
import type {
  FileTarget,
  FolderTarget,
  PackedExpectation,
} from '../../../main/transfer/packed/packed-target.ts'
import { afterwards, folder, never, type Pair, sha256 } from '../rig.ts'

export const MEBIBYTE = 1024 * 1024

export function sourceOf(path: string, name = basename(path)): SourceFile {
  const { size, mtimeNs } = statSync(path, { bigint: true })
  return { path, name, size: Number(size), mtimeNs }
}

/** A single file on the disk, to be sent. */
export function oneFile(bytes: Uint8Array | number, name = 'file.bin') {
  const content = typeof bytes === 'number' ? randomBytes(bytes) : Buffer.from(bytes)
  const path = join(folder(), name)
  writeFileSync(path, content)
  return {
    path,
    bytes: content,
    content: { kind: 'file', file: sourceOf(path) } as PackedContent,
    expected: { kind: 'file', size: content.length } as PackedExpectation,
    sha256: sha256(content),
  }
}

/** A folder on the disk, to be sent: from names to content, or to its size. */
export function tree(files: Record<string, Uint8Array | number>, folders: readonly string[] = []) {
  const root = folder()
  const contents = new Map<string, Buffer>()
  for (const [name, bytes] of Object.entries(files)) {
    const content = typeof bytes === 'number' ? randomBytes(bytes) : Buffer.from(bytes)
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
    contents.set(name, content)
  }
  for (const name of folders) mkdirSync(join(root, name), { recursive: true })
  const sources = [...contents.keys()].map(name => sourceOf(join(root, name), name))
  const size = sources.reduce((sum, file) => sum + file.size, 0)
  return {
    root,
    contents,
    size,
    content: { kind: 'folder', files: sources, folders } as PackedContent,
    expected: { kind: 'folder', size, files: sources.length } as PackedExpectation,
    sha256: sha256(Buffer.from([...contents].map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join(''))),
  }
}

/** Where a single file goes: beside its final name, like a `PartialFile`. */
export function fileTarget(options: { existing?: string } = {}) {
  const place = folder()
  const final = join(place, 'got.bin')
  const target: FileTarget = {
    name: 'got.bin',
    path: join(place, '.got.bin.part'),
    ...options,
    async commit() {
      renameSync(target.path, final)
      return final
    },
  }
  return { target, final, partial: target.path, isThere: () => existsSync(final) }
}

/** Where a folder goes. */
export function folderTarget(options: { existing?: string } = {}) {
  const place = folder()
  const root = join(place, '.folder.part')
  const final = join(place, 'folder')
  mkdirSync(root)
  const target: FolderTarget = {
    root,
    ...options,
    async commit() {
      renameSync(root, final)
      return final
    },
  }
  return { target, root, final, isThere: () => existsSync(final) }
}

/** All files below a folder; of empty folders the name with "/" behind it and nothing. */
export function everythingIn(root: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(root.length + 1).replaceAll('\\', '/')
    if (entry.isFile()) found.set(name, readFileSync(path))
    else if (readdirSync(path).length === 0) found.set(`${name}/`, Buffer.alloc(0))
  }
  return new Map([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

export function sorted(contents: ReadonlyMap<string, Buffer>, ...empty: string[]): Map<string, Buffer> {
  const all = [...contents, ...empty.map(name => [`${name}/`, Buffer.alloc(0)] as const)]
  return new Map(all.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** A sender that is closed after the test. */
export function senderOf(
  content: PackedContent,
  disk: DiskPool,
  timing?: ConstructorParameters<typeof PackedSender>[2],
) {
  const sender = new PackedSender(content, disk, timing)
  afterwards(() => sender.close())
  return sender
}

/** A receiver that is closed after the test. */
export function receiverOf(
  expected: PackedExpectation,
  target: FileTarget | FolderTarget,
  disk: DiskPool,
  timing?: ConstructorParameters<typeof PackedReceiver>[3],
) {
  const receiver = new PackedReceiver(expected, target, disk, timing)
  afterwards(() => receiver.close())
  return receiver
}

/** What one side told while it was under way. */
export interface Told {
  readonly begun: { resumedFrom: number; restarted: boolean }[]
  readonly progress: number[]
}

function telling() {
  const told: Told = { begun: [], progress: [] }
  return {
    told,
    onBegin: (verdict: Told['begun'][number]) => void told.begun.push(verdict),
    onProgress: (bytes: number) => void told.progress.push(bytes),
  }
}

export function send(sender: PackedSender, stream: Duplex, options: Partial<PackedSendOptions> = {}) {
  const { told, ...listeners } = telling()
  const result = sender.send(stream, { signal: never(), ...listeners, ...options })
  result.catch(() => {})
  return { result, told }
}

export function receive(
  receiver: PackedReceiver,
  stream: Duplex,
  options: Partial<PackedReceiveOptions> = {},
) {
  const { told, ...listeners } = telling()
  const result = receiver.receive(stream, { signal: never(), ...listeners, ...options })
  result.catch(() => {})
  return { result, told }
}

/** One attempt of both sides over one connection. What belongs to the connection ends with it. */
export async function attempt(sender: PackedSender, receiver: PackedReceiver, [near, far]: Pair) {
  const sending = send(sender, near)
  const receiving = receive(receiver, far)
  // As the owners of connections do: whoever is done with one closes it.
  sending.result.finally(() => near.destroy()).catch(() => {})
  receiving.result.finally(() => far.end()).catch(() => {})
  const [sent, received] = await Promise.allSettled([sending.result, receiving.result])
  far.destroy()
  return { sent, received, sender: sending.told, receiver: receiving.told }
}

/** Two ends, and a break of the connection when so many bytes of the sender have reached the receiver. */
export function breakingPair(afterBytes: number): Pair & { readonly carried: () => number } {
  const [near, middleNear] = duplexPair()
  const [middleFar, far] = duplexPair()
  for (const stream of [near, middleNear, middleFar, far]) {
    stream.on('error', () => {})
    afterwards(() => stream.destroy())
  }
  let carried = 0
  const cut = (): void => {
    far.destroy(new Error('cut'))
    near.destroy(new Error('cut'))
  }
  middleNear.on('data', (chunk: Buffer) => {
    // Copied, since a sender fills its memory again.
    const part = Buffer.from(chunk.subarray(0, afterBytes - carried))
    carried += part.length
    const isLast = carried === afterBytes
    middleFar.write(part, () => isLast && cut())
  })
  middleFar.on('data', (chunk: Buffer) => middleNear.write(chunk))
  near.on('finish', () => middleFar.end())
  far.on('finish', () => middleNear.end())
  if (afterBytes === 0) setImmediate(cut)
  return Object.assign([near, far] as const, { carried: () => carried })
}

/** Descriptors of this process that lead below a folder, where the system can tell. */
export function openBelow(root: string): string[] {
  if (!existsSync('/proc/self/fd')) return []
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(root) ? [path] : []
    } catch {
      return []
    }
  })
}
