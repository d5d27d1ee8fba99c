import type { Worker } from 'node:worker_threads'
import type { Host } from '../dtcp/host.ts'
import { startRouterThread } from './start-router-thread.ts'

/** How a router was reached, to reach it again without a search. */
export type Via =
  | { readonly protocol: 'nat-pmp' }
  | { readonly protocol: 'upnp'; readonly location: string; readonly service: string }

export interface MappingRequest {
  /** IPv4 literal of the router. Nobody else is asked or believed. */
  readonly gateway: string
  /** Our own address in the router's network. */
  readonly local: string
  /** TCP, of ours. */
  readonly port: number
  /** Wanted; the router may give another one. */
  readonly externalPort: number
  readonly leaseSeconds: number
  /** A mapping that is renewed; without it all protocols are tried. */
  readonly via?: Via | undefined
}

/** A port that the router hands on to us. */
export interface Mapping {
  readonly request: MappingRequest
  readonly via: Via
  readonly external: Host
  /** From now. */
  readonly leaseSeconds: number
}

export type RouterAnswer =
  | { readonly kind: 'mapped'; readonly mapping: Mapping }
  /** It answered, and would not. `words`: its reason, one line for people. */
  | { readonly kind: 'refused'; readonly words: string }
  /** It would, but nobody on the internet can reach the address that it has itself. */
  | { readonly kind: 'not-public'; readonly address: string }
  | { readonly kind: 'silent' }

/** Speaks with the router. Neither rejects, and both end soon after the signal is aborted. */
export interface RouterClient {
  map(request: MappingRequest, signal: AbortSignal): Promise<RouterAnswer>
  unmap(mapping: Mapping, signal: AbortSignal): Promise<void>
}

export type RouterJob = (
  | { readonly kind: 'map'; readonly request: MappingRequest }
  | { readonly kind: 'unmap'; readonly mapping: Mapping }
) & { readonly search: SearchTarget }

/** Where routers are searched for. */
export interface SearchTarget {
  readonly address: string
  readonly port: number
}

/** The multicast group of UPnP's search. */
const SSDP_GROUP: SearchTarget = { address: '239.255.255.250', port: 1900 }

/** Several times what any router needs; the thread's own times are shorter. */
const MAP_TIMEOUT_MS = 12_000
const UNMAP_TIMEOUT_MS = 5_000

/**
 * UPnP and NAT-PMP by the library, on a thread of their own: what a router or anybody in its network sends
 * can end the thread or keep it busy, and nothing else. The thread lives for one question and never keeps the
 * process alive.
 */
export function routerThread(search: SearchTarget = SSDP_GROUP): RouterClient {
  return {
    map: async (request, signal) =>
      (await ask({ kind: 'map', request, search }, MAP_TIMEOUT_MS, signal)) ?? { kind: 'silent' },
    unmap: async (mapping, signal) => {
      await ask({ kind: 'unmap', mapping, search }, UNMAP_TIMEOUT_MS, signal)
    },
  }
}

/** Resolves with undefined where there was no thread, or it was ended before it had an answer. */
async function ask(
  job: RouterJob,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<RouterAnswer | undefined> {
  if (signal.aborted) return undefined
  const { promise, resolve } = Promise.withResolvers<RouterAnswer | undefined>()
  const none = (): void => resolve(undefined)
  let thread: Worker
  try {
    thread = startRouterThread(job)
  } catch {
    return undefined
  }
  thread.unref()
  thread.on('message', resolve)
  thread.on('error', none)
  thread.on('exit', none)
  const timer = setTimeout(none, timeoutMs).unref()
  signal.addEventListener('abort', none)
  const answer = await promise
  clearTimeout(timer)
  signal.removeEventListener('abort', none)
  void thread.terminate()
  return answer
}
