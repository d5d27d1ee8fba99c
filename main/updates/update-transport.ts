import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { dirname, join } from 'node:path'
import { callbackify } from 'node:util'
import {
  configureRequestOptions,
  configureRequestUrl,
  type DownloadOptions,
  HttpExecutor,
} from 'builder-util-runtime'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { MAX_BLOCK_MAP_BYTES, requireBlockMap } from './block-map.ts'
import { notVerified, sha512Of } from './release-signature.ts'

/** What Node's and Electron's requests have in common. */
export interface UpdateRequest extends NodeJS.EventEmitter {
  abort(): void
  end(data?: Buffer): void
}

/** Opens one request; Electron's `net.request` in the app, so that the system's proxy is used. */
export type OpenRequest = (options: RequestOptions) => UpdateRequest

/** What describes a release is small; a whole release is not larger than this. */
const MAX_TEXT_BYTES = 256 * 1024
const MAX_BYTES = 1024 ** 3
/** A server that says nothing for so long is left. */
const SILENCE_MS = 60_000
/** How many redirects led to a request, and how much it may bring: the library copies both to the next one. */
const TURNS = Symbol('turns')
const LIMIT = Symbol('limit')

type CarriedOptions = RequestOptions & { [TURNS]?: number; [LIMIT]?: number }

/**
 * How electron-updater reaches the feed. Beyond what its own executor does: a download that was cut off goes on where it
 * was, also in the next run; a server that falls silent or does not stop is left; and nothing tells the server who asks.
 */
export class UpdateTransport extends HttpExecutor<UpdateRequest> {
  readonly #open: OpenRequest
  readonly #silenceMs: number
  /** Bytes of the release that is downloaded: more are not taken. */
  expectedBytes = MAX_BYTES

  constructor(openRequest: OpenRequest, silenceMs = SILENCE_MS) {
    super()
    this.#open = openRequest
    this.#silenceMs = silenceMs
  }

  override createRequest(
    options: CarriedOptions,
    callback: (response: IncomingMessage) => void,
  ): UpdateRequest {
    const { 'x-user-staging-id': _, ...headers } = (options.headers ?? {}) as Record<string, string>
    const request = this.#open({ ...options, headers })
    const silence = setTimeout(() => {
      request.abort()
      request.emit('error', silent())
    }, this.#silenceMs)
    request.on('error', () => clearTimeout(silence))
    request.on('abort', () => clearTimeout(silence))
    const part = partBytes(headers['range'])
    options[LIMIT] ??= limitOf(options)
    const limit = part ?? options[LIMIT]
    request.on('response', (response: IncomingMessage) => {
      clearTimeout(silence)
      // Electron's goes on to hold the connection where nobody reads it any more.
      response.on('close', () => {
        if (!response.readableEnded) request.abort()
      })
      try {
        if (response.headers.location !== undefined) this.#turn(options)
        callback(response)
      } catch (error) {
        // Nobody else would hear of it: the library waits.
        request.emit('error', error)
        request.abort()
      }
      // A part was asked for, and all of it comes: the library may wait for the end of the part, or give up and leave it
      // running.
      if (part !== undefined && response.statusCode === 200)
        response.destroy(new Failure('update-unavailable', say('update.no-parts')))
      this.#watch(response, (response.statusCode ?? 0) < 300 ? limit : MAX_TEXT_BYTES)
    })
    return request
  }

  /** Electron tells of a redirect by an event, and Node by the answer, which the base class reads. */
  protected override addRedirectHandlers(
    request: UpdateRequest,
    options: CarriedOptions,
    reject: (error: Error) => void,
    _redirects: number,
    handler: (options: RequestOptions) => void,
  ): void {
    request.on('redirect', (_status: number, _method: string, url: string) => {
      request.abort()
      try {
        this.#turn(options)
        handler(HttpExecutor.prepareRedirectUrlOptions(url, options))
      } catch (error) {
        reject(error as Error)
      }
    })
  }

  /** The library counts none of its redirects: a server that sends in circles would be asked for ever. */
  #turn(options: CarriedOptions): void {
    options[TURNS] = (options[TURNS] ?? 0) + 1
    if (options[TURNS] > this.maxRedirects) throw this.createMaxRedirectError()
  }

  /** The text at `url`; null where it is empty. Rejects with what the library throws. */
  async text(url: URL): Promise<string | null> {
    const options: RequestOptions = { headers: { accept: '*/*' } }
    configureRequestUrl(url, options)
    return await this.request(options)
  }

  /** electron-updater calls it for the maps of blocks of the old and the new release. */
  override async downloadToBuffer(url: URL, options: DownloadOptions): Promise<Buffer> {
    const packed = await super.downloadToBuffer(url, options)
    await requireBlockMap(packed, 'gzip')
    return packed
  }

  /** electron-updater calls it to fetch a release whole. Resolves with `destination`. */
  async download(url: URL, destination: string, options: DownloadOptions): Promise<string> {
    const { sha512 } = options
    if (sha512 === null || sha512 === undefined) throw notVerified(say('refusal.nothing-known'))
    const partial = await partialFile(destination, sha512)
    try {
      await this.#fetchRest(url, partial, options)
    } catch (error) {
      if (!isRefusal(error) || (await sizeOf(partial)) === 0) throw error
      // Some servers have no rests to give, and never would.
      await rm(partial, { force: true })
      await this.#fetchRest(url, partial, options)
    }
    if ((await sha512Of(partial, 'base64')) !== sha512) {
      await rm(partial, { force: true })
      throw notVerified(say('refusal.not-as-announced'))
    }
    await rename(partial, destination)
    return destination
  }

  async #fetchRest(url: URL, partial: string, options: DownloadOptions): Promise<void> {
    const here = await sizeOf(partial)
    if (here === this.expectedBytes) return
    // What is longer than the whole is not its beginning.
    if (here > this.expectedBytes) await rm(partial)
    const from = here > this.expectedBytes ? 0 : here
    const range = from > 0 ? { range: `bytes=${from}-` } : {}
    const request: RequestOptions & { redirect: 'manual' } = {
      headers: { ...options.headers, ...range },
      redirect: 'manual',
    }
    configureRequestUrl(url, request)
    // The library's own name: Electron would give this program's version, and the system's.
    configureRequestOptions(request)
    await options.cancellationToken.createPromise<void>((resolve, reject, onCancel) => {
      const cancelled = new AbortController()
      onCancel(() => cancelled.abort())
      this.doDownload(
        request,
        {
          destination: null,
          options,
          onCancel: () => {},
          callback: error => (error === null ? resolve() : reject(error)),
          responseHandler: (response, done) => {
            const resumed = response.statusCode === 206 && beginsAt(response, from)
            const begun = resumed ? from : 0
            // The library's shape: it wants to be called back, with null where all went well.
            const stored = this.#store(response, partial, begun, options, cancelled.signal)
            callbackify(() => stored)(done)
          },
        },
        0,
      )
    })
  }

  /** What came before it broke off is there afterwards. */
  async #store(
    response: IncomingMessage,
    partial: string,
    begun: number,
    { onProgress }: DownloadOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const total = this.expectedBytes
    let transferred = begun
    // Nothing may pass by before the file is open.
    response.pause()
    const file = await open(partial, begun > 0 ? 'a' : 'w')
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        signal.throwIfAborted()
        transferred += chunk.length
        if (transferred > total) throw notVerified(say('refusal.too-large'))
        await file.appendFile(chunk)
        const percent = (transferred / total) * 100
        onProgress?.({ total, delta: chunk.length, transferred, percent, bytesPerSecond: 0 })
      }
    } finally {
      await file.close()
    }
    // Some servers end in the middle as if it were the end.
    if (transferred < total) throw new Failure('update-unavailable', say('update.cut-off'))
  }

  #watch(response: IncomingMessage, limit: number): void {
    let bytes = 0
    let silence = setTimeout(() => response.destroy(silent()), this.#silenceMs)
    response.on('data', (chunk: Buffer | string) => {
      // What is small comes at once, or it is as good as silence.
      if (limit !== MAX_TEXT_BYTES) {
        clearTimeout(silence)
        silence = setTimeout(() => response.destroy(silent()), this.#silenceMs)
      }
      bytes += chunk.length
      if (bytes > limit) response.destroy(new Failure('update-unavailable', say('update.sent-more')))
    })
    response.on('close', () => clearTimeout(silence))
    response.on('end', () => clearTimeout(silence))
    response.on('error', () => clearTimeout(silence))
  }
}

/** Beside the folder that electron-updater empties; those of other releases are removed. */
async function partialFile(destination: string, sha512: string): Promise<string> {
  const folder = join(dirname(dirname(destination)), 'partial')
  await mkdir(folder, { recursive: true })
  const name = Buffer.from(sha512, 'base64').toString('hex').slice(0, 32)
  for (const other of await readdir(folder))
    if (other !== name) await rm(join(folder, other), { force: true })
  return join(folder, name)
}

/** 0 where it is not there. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}

/** What the library makes of a client's error. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /, status 4\d\d: /.test(error.message)
}

function beginsAt(response: IncomingMessage, from: number): boolean {
  return String(response.headers['content-range']).startsWith(`bytes ${from}-`)
}

/** How much a range asks for that has an end. */
function partBytes(range = ''): number | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? []
  return first === undefined ? undefined : Number(last) - Number(first) + 1
}

function limitOf({ path }: RequestOptions): number {
  const [, kind] = /\.(yml|sig|blockmap)(\?|$)/.exec(path ?? '') ?? []
  if (kind === undefined) return MAX_BYTES
  return kind === 'blockmap' ? MAX_BLOCK_MAP_BYTES : MAX_TEXT_BYTES
}

function silent(): Failure {
  return new Failure('update-unavailable', say('update.server-silent'))
}
