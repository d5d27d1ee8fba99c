import { Failure } from '../../../shared/model/failure.ts'
import { Packing } from './packing.ts'
import type { PackedAnswers, PackedRequest } from './requests.ts'
import { Unpacking } from './unpacking.ts'

type Answer = PackedAnswers[keyof PackedAnswers]

/** By job: both live from `open` to `forgetPacked`, across connections. */
const packings = new Map<number, Packing>()
const unpackings = new Map<number, Unpacking>()

/** Serves one request on a disk thread. Throws a Failure. */
export function servePacked(job: number, request: PackedRequest): Answer | Promise<Answer> {
  switch (request.kind) {
    case 'pack-open':
      packings.set(job, new Packing(request.content, request.folders))
      return undefined
    case 'pack-files':
      packingOf(job).add(request.files)
      return undefined
    case 'pack-begin':
      packingOf(job).begin()
      return undefined
    case 'pack-claims':
      packingOf(job).claim(request.claims)
      return undefined
    case 'pack-check':
      return packingOf(job).check()
    case 'pack-fill':
      return packingOf(job).fill(request.buffer)
    case 'pack-pause':
      packingOf(job).pause()
      return undefined
    case 'unpack-open':
      unpackings.set(job, new Unpacking(request.expected, request.place))
      return undefined
    case 'unpack-begin':
      return unpackingOf(job).begin() as Promise<undefined>
    case 'unpack-feed':
      return unpackingOf(job).feed(request.buffer.subarray(0, request.length))
    case 'unpack-manifest':
      return unpackingOf(job).manifest(request.from, request.count)
    case 'unpack-claim':
      return unpackingOf(job).claim()
    case 'unpack-finish':
      return unpackingOf(job).finish()
    case 'unpack-pause':
      return unpackingOf(job).pause() as Promise<undefined>
  }
}

/** Nothing of that job is open any more once this has returned, or resolved. */
export function forgetPacked(job: number): Promise<void> | undefined {
  packings.get(job)?.pause()
  packings.delete(job)
  const paused = unpackings.get(job)?.pause()
  unpackings.delete(job)
  return paused
}

function packingOf(job: number): Packing {
  return known(packings.get(job))
}

function unpackingOf(job: number): Unpacking {
  return known(unpackings.get(job))
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Failure('bug', 'bug: the disk thread knows nothing of this transfer')
  return value
}
