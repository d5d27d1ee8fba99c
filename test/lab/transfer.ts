import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFile, sha256Of } from '../support/files.ts'
import { Client, jidOf, type Said } from './client.ts'
import { canBeDirect } from './kinds.ts'
import type { Lab } from './lab.ts'
import type { Site } from './site.ts'

/** After this a client that says nothing more is ended. */
const PATIENCE_MS = 180_000

/** What the lines of both sites do to the packets between them. */
export interface Weather {
  /** Round trip between the two clients; half of it between a client and the server. */
  readonly rttMs: number
  /** How many packets each of the two lines loses in each direction, between 0 and 1. */
  readonly loss: number
}

export interface TransferOptions {
  readonly sender: Site
  readonly receiver: Site
  readonly weather: Weather
  /** Of the file. */
  readonly bytes: number
  /** As both headless clients are told; their own default otherwise. */
  readonly methods?: string | undefined
  readonly portMapping?: string | undefined
}

export interface Outcome {
  /** Everything that is not as it must be. */
  readonly problems: readonly string[]
  /** Who stands between the two clients; undefined where nothing arrived. */
  readonly route: { readonly method: string; readonly relay: string } | undefined
  /** From the acceptance to the connection that carried the file, as the sender measured it. */
  readonly connectedMs: number | undefined
  /** From the acceptance to the verified end. */
  readonly totalMs: number | undefined
  /** From the failure of an attempt to the first bytes over the next route; undefined where none failed. */
  readonly failoverMs: number | undefined
  /** What both clients said, in its order. */
  readonly log: readonly string[]
}

/** Sends one file from site to site, each with a client that is started for it. */
export async function transfer(lab: Lab, options: TransferOptions): Promise<Outcome> {
  const { sender, receiver, weather, bytes, methods, portMapping } = options
  for (const site of [sender, receiver]) {
    // A packet between the clients passes both lines, once in each direction.
    await site.setLine({ delayMs: weather.rttMs / 4, loss: weather.loss })
  }
  const folder = await mkdtemp(join(lab.folder, 'transfer-'))
  try {
    const inbox = join(folder, 'inbox')
    await mkdir(inbox)
    const file = await makeFile(join(folder, 'file.bin'), bytes)
    const args = [
      ...(methods === undefined ? [] : ['--methods', methods]),
      ...(portMapping === undefined ? [] : ['--port-mapping', portMapping]),
    ]
    const into = ['receive', '--into', inbox, '--count', '1', '--state', join(folder, 'state-receiver')]
    const to = [
      'send',
      '--to',
      jidOf(receiver),
      '--wait',
      '60',
      '--state',
      join(folder, 'state-sender'),
      file,
    ]
    const clients = [
      new Client(receiver, lab.server, [...into, ...args]),
      new Client(sender, lab.server, [...to, ...args]),
    ] as const
    const hung = await runToTheEnd(clients)
    const [incoming, outgoing] = clients
    const names = await readdir(inbox)
    const arrived =
      names.join() === 'file.bin' && (await sha256Of(join(inbox, 'file.bin'))) === (await sha256Of(file))
    const outcome = measure(outgoing, incoming)
    const { route } = outcome
    const usesDtcp = methods?.includes('dtcp') ?? true
    const possible = canBeDirect(sender.kind, receiver.kind, portMapping !== 'off')
    const connections = outgoing.said.filter(({ event }) => event === 'connected').length
    const left = (await sender.mappings()) + (await receiver.mappings())
    const problems = [
      hung && `nothing more happened for ${PATIENCE_MS / 1000} s`,
      !arrived && `the file did not arrive: there is ${names.join(', ') || 'nothing'}`,
      arrived &&
        usesDtcp &&
        possible &&
        route?.method !== 'dtcp' &&
        'not by DTCP, though one side can be reached',
      arrived &&
        !possible &&
        route?.relay === 'none' &&
        'direct, though neither side can be reached: the lab leaks',
      arrived && route === undefined && 'the file arrived, and its sender did not hear of it',
      connections > 1 && `${connections} connections were made, though no wire was cut`,
      left > 0 && `${left} mappings are left in the routers`,
    ]
    return { ...outcome, problems: problems.filter(problem => problem !== false) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Until both have ended; one that fails takes the other along. Resolves with whether they had to be killed. */
async function runToTheEnd(clients: readonly Client[]): Promise<boolean> {
  const ended = Promise.all(
    clients.map(async client => {
      if ((await client.exited) !== 0) for (const each of clients) each.interrupt()
    }),
  )
  const over = new AbortController()
  const patience = delay(PATIENCE_MS, true, { signal: over.signal }).catch(() => false)
  const hung = await Promise.race([ended.then(() => false), patience])
  over.abort()
  if (hung) for (const client of clients) client.kill()
  await ended
  return hung
}

function measure(outgoing: Client, incoming: Client): Omit<Outcome, 'problems'> {
  const connected = outgoing.last('connected')
  const done = outgoing.last('done')
  const failed = outgoing.said.findLast(line => line.event === 'route' && line['ok'] === false)
  const carried = incoming.said.find(
    line =>
      failed !== undefined && line.at > failed.at && (line.event === 'progress' || line.event === 'done'),
  )
  return {
    route:
      connected === undefined || done === undefined
        ? undefined
        : { method: String(connected['method']), relay: String(connected['relay']) },
    connectedMs: numberIn(connected, 'ms'),
    totalMs: done === undefined ? undefined : Number(done['seconds']) * 1000,
    failoverMs: failed === undefined || carried === undefined ? undefined : carried.at - failed.at,
    log: [...logOf(outgoing, 'sender'), ...logOf(incoming, 'receiver')]
      .toSorted((a, b) => a.at - b.at)
      .map(({ text }) => text),
  }
}

function numberIn(line: Said | undefined, name: string): number | undefined {
  const value = line?.[name]
  return typeof value === 'number' ? value : undefined
}

function logOf(client: Client, who: string): { at: number; text: string }[] {
  const lines = client.said.map(({ at, ...line }) => ({
    at,
    text: `${(at / 1000).toFixed(3)} ${who} ${JSON.stringify(line)}`,
  }))
  const complaint = client.stderr.trim()
  return complaint === ''
    ? lines
    : [...lines, { at: Number.POSITIVE_INFINITY, text: `${who} on stderr: ${complaint}` }]
}
