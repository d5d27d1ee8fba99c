import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { CertificateAuthority, ServerCertificate } from './certificates.ts'

export const HOST = '127.0.0.1'
const START_TIMEOUT_MS = 45_000
const POLL_INTERVAL_MS = 20
/** They say goodbye to their clients first: Prosody takes up to 2 s for it. */
const STOP_TIMEOUT_MS = 6_000
/** How much of what one says is kept for the report of a failed start. */
const MAX_LOG_LENGTH = 64 * 1024

export interface RealServerOptions {
  readonly domain: string
  /** Passwords by user name. */
  readonly accounts: Readonly<Record<string, string>>
  /** Pairs of user names that see each other's presence (subscription 'both'). */
  readonly contacts?: readonly (readonly [string, string])[]
  /** Default: `required`, STARTTLS before anything else. `direct`: TLS from the first byte. */
  readonly tls?: 'required' | 'direct' | 'off'
  /** Who signs the certificate; otherwise a new one for this server alone. */
  readonly ca?: CertificateAuthority
  /** Shown instead of a good one: one that expired, or for another name. */
  readonly certificate?: ServerCertificate
  /** With a proxy for SOCKS5 bytestreams (XEP-0065), `proxy.` and the domain. Default: none. */
  readonly proxy?: boolean
  /**
   * With what a chat needs: archive, copies, avatars and what else accounts publish, cards, blocking, client state, and
   * change of password. Default: without.
   */
  readonly chat?: boolean
  /** Whether strangers can get themselves an account (XEP-0077). Default: no. */
  readonly registration?: boolean
}

/** A throwaway server on the loopback address: own configuration, data, certificate and ports. */
export interface RealServer extends AsyncDisposable {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly domain: string
  /** Of the CA that signed the server's certificate. With `tls: 'off'` nobody needs it. */
  readonly caPem: string
  /** Where its configuration, data and certificate are. */
  readonly folder: string
  /** Where its proxy takes connections; undefined where there is none. */
  readonly proxyPort: number | undefined
  /** Stops it and starts it again, on the same port and with the same data. */
  restart(): Promise<void>
  /** Stops it and deletes all that it wrote. */
  close(): Promise<void>
}

export interface Program {
  /** As people call it. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  /** What it listens on when it is ready. */
  readonly port: number
  /** Printed when it is ready, where listening is not enough. */
  readonly readyWord?: string
}

/** Starts a server; resolves when it takes connections. */
export async function startProgram(program: Program): Promise<ChildProcess> {
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: { ...process.env, ...program.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test run that is cut short must not leave a server behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))

  let log = ''
  let isSaid = program.readyWord === undefined
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-MAX_LOG_LENGTH)
      if (program.readyWord !== undefined && log.includes(program.readyWord)) isSaid = true
    })
  }
  // `error` is what a program that cannot be started ends with, instead of `exit`.
  let gone: string | undefined
  child.once('error', error => {
    gone = error.message
  })
  child.once('exit', (code, signal) => {
    gone = `it ended with ${signal ?? code}`
  })

  const deadline = Date.now() + START_TIMEOUT_MS
  while (!isSaid || !(await accepts(program.port))) {
    if (gone === undefined && Date.now() < deadline) {
      await delay(POLL_INTERVAL_MS)
      continue
    }
    await stopProgram(child)
    throw new Error(`${program.name} did not start: ${gone ?? 'it accepts no connections'}\n${log}`)
  }
  return child
}

export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  clearTimeout(timer)
}

/** Free ones, for the server itself and for its proxy. */
export async function findPorts({
  proxy = false,
}: Pick<RealServerOptions, 'proxy'>): Promise<Pick<RealServer, 'port' | 'proxyPort'>> {
  const [port = 0, proxyPort] = await findFreePorts(proxy ? 2 : 1)
  return { port, proxyPort }
}

/** All of them are taken before one is given back, so that no two are the same. */
async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, HOST))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  const closed = servers.map(server => once(server, 'close'))
  for (const server of servers) server.close()
  await Promise.all(closed)
  return ports
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, HOST)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Each user name with its contacts, lower case. */
export function contactsByName(
  contacts: RealServerOptions['contacts'] = [],
): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>()
  for (const pair of contacts) {
    const [one, other] = [pair[0].toLowerCase(), pair[1].toLowerCase()]
    byName.set(one, [...(byName.get(one) ?? []), other])
    byName.set(other, [...(byName.get(other) ?? []), one])
  }
  return byName
}

/** What all of them do alike around their configuration. */
export async function runServer(
  place: Pick<RealServer, 'port' | 'domain' | 'caPem' | 'folder' | 'proxyPort'>,
  start: () => Promise<ChildProcess>,
  forget: () => Promise<void>,
): Promise<RealServer> {
  let running = await start()
  let closing: Promise<void> | undefined
  const stopAndForget = async (): Promise<void> => {
    try {
      await stopProgram(running)
    } finally {
      await forget()
    }
  }
  const close = () => {
    closing ??= stopAndForget()
    return closing
  }
  return {
    ...place,
    host: HOST,
    async restart() {
      await stopProgram(running)
      running = await start()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
