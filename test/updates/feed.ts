import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import { dump } from 'js-yaml'
import { signRelease } from '../../main/updates/release-signature.ts'

export const KEYS = generateKeyPairSync('ed25519')
export const PUBLIC_PEM = KEYS.publicKey.export({ type: 'spki', format: 'pem' }).toString()

export interface Release {
  readonly version: string
  readonly content: Buffer
  /** What is served under its name, where that is something else. */
  readonly served?: Buffer
  readonly signedBy?: KeyObject | undefined
  /** What the signature is for, where that is something else. */
  readonly signed?: Partial<{ file: string; version: string; size: number; sha512: string }>
  readonly signature?: string | null
  readonly blockMapSize?: number
  /** What else the feed says. */
  readonly more?: Record<string, unknown>
}

/** An AppImage that notes how it was started. */
export function appImage(version: string, bytes = 300_000): Buffer {
  const script = Buffer.from(`#!/bin/sh\necho ${version} >> "$0.ran"\nexit 0\n`)
  return Buffer.concat([script, Buffer.alloc(bytes - script.length, version)])
}

/** `content` with a map of its blocks behind it, as electron-builder makes AppImages; its end is its length. */
export function withBlockMap(content: Buffer, map: unknown): { content: Buffer; blockMapSize: number } {
  const packed = deflateRawSync(JSON.stringify(map))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(packed.length)
  return { content: Buffer.concat([content, packed, length]), blockMapSize: packed.length }
}

/** Names and sizes of blocks. */
export function blockMap(...blocks: readonly (readonly [string, unknown])[]): unknown {
  const [checksums, sizes] = [blocks.map(([name]) => name), blocks.map(([, size]) => size)]
  return { version: '2', files: [{ name: 'file', offset: 0, checksums, sizes }] }
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => boolean

/** A server that gives out releases as a real one does, on loopback. */
export class Feed implements AsyncDisposable {
  readonly files = new Map<string, Buffer>()
  /** Path, and the range that was asked for. */
  readonly requests: string[] = []
  readonly headers: Record<string, string | string[] | undefined>[] = []
  takesRanges = true
  /** Answers in the place of the server where it returns true. */
  answer: Answer = () => false
  readonly #server = createServer((request, response) => this.#serve(request, response))

  static async start(): Promise<Feed> {
    const feed = new Feed()
    feed.#server.listen(0, '127.0.0.1')
    await once(feed.#server, 'listening')
    return feed
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/releases/`)
  }

  /** As `npm run dist` and `npm run release:sign` leave it. */
  publish(
    { version, content, served, signedBy, signed, signature, blockMapSize, more }: Release,
    channel = 'latest',
  ): string {
    const name = `Plumb-${version}-x86_64.AppImage`
    const hash = createHash('sha512').update(content)
    const sha512 = hash.copy().digest('base64')
    const file = {
      url: name,
      sha512,
      size: content.length,
      ...(blockMapSize === undefined ? {} : { blockMapSize }),
    }
    const info = {
      version,
      files: [file],
      path: name,
      sha512,
      releaseDate: '2026-11-22T00:00:00.000Z',
      ...more,
    }
    this.files.set(`${channel}-linux.yml`, Buffer.from(dump(info)))
    this.files.set(name, served ?? content)
    const statement = { file: name, version, size: content.length, sha512: hash.digest('hex'), ...signed }
    const text = signature ?? signRelease(statement, signedBy ?? KEYS.privateKey)
    if (signature !== null) this.files.set(`${name}.sig`, Buffer.from(text))
    return name
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://feed').pathname)
    const { range } = request.headers
    this.requests.push(range === undefined ? path : `${path} ${range}`)
    this.headers.push(request.headers)
    if (this.answer(request, response)) return
    const file = this.files.get(path.replace('/releases/', ''))
    if (file === undefined) {
      response.writeHead(404).end()
      return
    }
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
    // As most servers do for objects, it takes one range at a time.
    if (first === undefined || !this.takesRanges) {
      response.writeHead(200, { 'content-length': file.length }).end(file)
      return
    }
    const from = Number(first)
    const end = last === '' || last === undefined ? file.length : Math.min(Number(last) + 1, file.length)
    if (from >= file.length) response.writeHead(416).end()
    else
      response
        .writeHead(206, { 'content-range': `bytes ${from}-${end - 1}/${file.length}` })
        .end(file.subarray(from, end))
  }
}
