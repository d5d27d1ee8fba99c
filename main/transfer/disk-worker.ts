/**
 * The disk thread: reads, writes and hashes, so that the event loop does none of it.
 *
 * It serves requests strictly in order, one at a time; only for what the disk is told to keep does it not wait. Two
 * things follow. The digests see the bytes in the order in which they were asked for. And an answer to `forget` says
 * that nothing of that job is under way any more, so its file may be closed: a descriptor that is closed too early is
 * a number that the next file gets.
 */
import { createHash, type Hash } from 'node:crypto'
import fs from 'node:fs'
import { getEnvironmentData, parentPort } from 'node:worker_threads'
import { Failure, type FailureCode } from '../../shared/model/failure.ts'
import { type Language, speak } from '../../shared/words/language.ts'
import { errnoOf } from './disk-failure.ts'
import type { PackedAnswers, PackedRequest } from './packed/requests.ts'
import { forgetPacked, servePacked } from './packed/serve-packed.ts'

/** What every request about a stretch of a file says; `buffer` lies in shared memory. */
interface Stretch {
  readonly fd: number
  readonly buffer: Uint8Array
  /** How many bytes, from the start of the buffer. */
  readonly length: number
  /** Where in the file, in bytes. */
  readonly position: number
}

export type DiskRequest = { readonly id: number; readonly job: number } & (
  | ({ readonly kind: 'read' } & Stretch)
  | ({ readonly kind: 'write'; readonly md5: boolean } & Stretch)
  | { readonly kind: 'digest'; readonly md5: boolean }
  | { readonly kind: 'forget' }
  | PackedRequest
)

/** Lower-case hex. */
export interface Digests {
  readonly sha256: string
  readonly md5?: string
}

export type DiskAnswer = { readonly id: number } & (
  | { readonly kind: 'read'; readonly length: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'digest'; readonly digests: Digests }
  | { readonly kind: 'packed'; readonly result: PackedAnswers[keyof PackedAnswers] }
  | {
      readonly kind: 'failed'
      readonly message: string
      /** The operating system's name of what went wrong, where it did. */
      readonly code: string | undefined
      /** Where the thread knows what it means. */
      readonly failure: FailureCode | undefined
    }
)

interface Hashes {
  readonly sha256: Hash
  readonly md5: Hash | undefined
}

const jobs = new Map<number, Hashes>()

function hashesOf(job: number, md5: boolean): Hashes {
  let hashes = jobs.get(job)
  if (hashes === undefined) {
    hashes = { sha256: createHash('sha256'), md5: md5 ? createHash('md5') : undefined }
    jobs.set(job, hashes)
  }
  return hashes
}

/** Reads until the stretch is full or the file ends, and returns how many bytes there were. */
function readStretch({ fd, buffer, length, position }: Stretch): number {
  let done = 0
  while (done < length) {
    const read = fs.readSync(fd, buffer, done, length - done, position + done)
    if (read === 0) break
    done += read
  }
  return done
}

function writeStretch({ fd, buffer, length, position }: Stretch): void {
  for (let done = 0; done < length; ) {
    done += fs.writeSync(fd, buffer, done, length - done, position + done)
  }
}

function serve(request: DiskRequest): DiskAnswer | Promise<DiskAnswer> {
  const { id } = request
  switch (request.kind) {
    case 'read': {
      const length = readStretch(request)
      hashesOf(request.job, false).sha256.update(request.buffer.subarray(0, length))
      return { id, kind: 'read', length }
    }
    case 'write': {
      const bytes = request.buffer.subarray(0, request.length)
      const hashes = hashesOf(request.job, request.md5)
      writeStretch(request)
      hashes.sha256.update(bytes)
      hashes.md5?.update(bytes)
      return { id, kind: 'done' }
    }
    case 'digest': {
      const hashes = hashesOf(request.job, request.md5)
      jobs.delete(request.job)
      const sha256 = hashes.sha256.digest('hex')
      const digests = hashes.md5 === undefined ? { sha256 } : { sha256, md5: hashes.md5.digest('hex') }
      return { id, kind: 'digest', digests }
    }
    case 'forget': {
      jobs.delete(request.job)
      const done: DiskAnswer = { id, kind: 'done' }
      return forgetPacked(request.job)?.then(() => done) ?? done
    }
    default: {
      const result = servePacked(request.job, request)
      if (result instanceof Promise) return result.then(result => ({ id, kind: 'packed', result }))
      return { id, kind: 'packed', result }
    }
  }
}

function failed({ id }: DiskRequest, error: unknown): DiskAnswer {
  const { message } = error as Error
  if (!(error instanceof Failure))
    return { id, kind: 'failed', message, code: errnoOf(error), failure: undefined }
  return { id, kind: 'failed', message, code: errnoOf(error.cause), failure: error.code }
}

function answer(request: DiskRequest): DiskAnswer | Promise<DiskAnswer> {
  try {
    const served = serve(request)
    return served instanceof Promise ? served.catch(error => failed(request, error)) : served
  } catch (error) {
    return failed(request, error)
  }
}

const spoken = getEnvironmentData('language') as Language | undefined
if (spoken !== undefined) speak(spoken)
parentPort?.on('message', (request: DiskRequest) => {
  const answered = answer(request)
  if (answered instanceof Promise) void answered.then(later => parentPort?.postMessage(later))
  else parentPort?.postMessage(answered)
})
