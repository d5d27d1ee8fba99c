import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type ServerCertificate,
} from './certificates.ts'
import { prosodyMissing } from './prosody-available.ts'

const HOST = '127.0.0.1'
const START_TIMEOUT_MS = 20_000
const POLL_INTERVAL_MS = 20
/** It says goodbye to its clients first, which takes up to 2 s. */
const STOP_TIMEOUT_MS = 6_000
/** How much of what it says is kept for the report of a failed start. */
const MAX_LOG_LENGTH = 64 * 1024

export interface ProsodyOptions {
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
}

export interface Prosody extends AsyncDisposable {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly domain: string
  /** Of the CA that signed the server's certificate. With `tls: 'off'` nobody needs it. */
  readonly caPem: string
  /** Where its configuration, data and certificate are. */
  readonly folder: string
  /** Stops it and starts it again, on the same port and with the same data. */
  restart(): Promise<void>
  /** Stops it and deletes all that it wrote. */
  close(): Promise<void>
}

/** A throwaway Prosody on the loopback address: own configuration, data, certificate and port. */
export async function startProsody(options: ProsodyOptions): Promise<Prosody> {
  const missing = prosodyMissing()
  if (missing !== undefined) throw new Error(missing)

  const domain = options.domain.toLowerCase()
  const ca = options.ca ?? (await createCertificateAuthority())
  const certificate = options.certificate ?? (await ca.issue({ names: [domain] }))
  const folder = await mkdtemp(join(tmpdir(), 'plumb-prosody-'))
  try {
    const port = await findFreePort()
    await writeFile(join(folder, 'server.crt'), certificate.certPem)
    await writeFile(join(folder, 'server.key'), certificate.keyPem, { mode: 0o600 })
    await writeFile(
      join(folder, 'prosody.cfg.lua'),
      configuration(folder, domain, port, options.tls ?? 'required'),
    )
    await writeData(join(folder, 'data'), domain, options)
    let running = await start(folder, port)

    let closing: Promise<void> | undefined
    const stopAndForget = async (): Promise<void> => {
      try {
        await stop(running)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    }
    const close = () => {
      closing ??= stopAndForget()
      return closing
    }
    return {
      host: HOST,
      port,
      domain,
      caPem: ca.caPem,
      folder,
      async restart() {
        await stop(running)
        running = await start(folder, port)
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const child = spawn('prosody', ['-F', '--config', join(folder, 'prosody.cfg.lua')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test run that is cut short must not leave a server behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))

  let log = ''
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-MAX_LOG_LENGTH)
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
  while (!(await accepts(port))) {
    if (gone === undefined && Date.now() < deadline) {
      await delay(POLL_INTERVAL_MS)
      continue
    }
    await stop(child)
    throw new Error(`Prosody did not start: ${gone ?? 'it accepts no connections'}\n${log}`)
  }
  return child
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  clearTimeout(timer)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, HOST)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function configuration(
  folder: string,
  domain: string,
  port: number,
  tls: NonNullable<ProsodyOptions['tls']>,
): string {
  const ssl = `{ certificate = ${lua(join(folder, 'server.crt'))}; key = ${lua(join(folder, 'server.key'))} }`
  return `
run_as_root = true
pidfile = ${lua(join(folder, 'prosody.pid'))}
data_path = ${lua(join(folder, 'data'))}
log = { { levels = { min = "info" }; to = "console" } }

interfaces = { ${lua(HOST)} }
c2s_ports = { ${tls === 'direct' ? '' : port} }
c2s_direct_tls_ports = { ${tls === 'direct' ? port : ''} }
c2s_require_encryption = ${tls !== 'off'}
ssl = ${ssl}
c2s_direct_tls_ssl = ${ssl}

modules_enabled = { "roster"; "saslauth"; "disco"; "smacks"; "ping"; "posix"; ${tls === 'off' ? '' : '"tls"'} }
-- Nothing here may talk to another server, or look for one.
modules_disabled = { "s2s"; "s2s_auth_certs" }

authentication = "internal_plain"
storage = "internal"

VirtualHost ${lua(domain)}
`
}

/** Writes its data files, which is quicker than one `prosodyctl register` for each account. */
async function writeData(
  folder: string,
  domain: string,
  { accounts, contacts = [] }: Pick<ProsodyOptions, 'accounts' | 'contacts'>,
): Promise<void> {
  const rosters = new Map<string, string[]>()
  for (const pair of contacts) {
    const [one, other] = pair.map(username => username.toLowerCase())
    if (one === undefined || other === undefined) continue
    rosters.set(one, [...(rosters.get(one) ?? []), other])
    rosters.set(other, [...(rosters.get(other) ?? []), one])
  }
  const hostFolder = join(folder, encodeName(domain))
  for (const store of ['accounts', 'roster']) await mkdir(join(hostFolder, store), { recursive: true })
  for (const [username, password] of Object.entries(accounts)) {
    const fileName = `${encodeName(username.toLowerCase())}.dat`
    await writeFile(join(hostFolder, 'accounts', fileName), `return { password = ${lua(password)} }\n`)
  }
  for (const [username, friends] of rosters) {
    const items = friends.map(
      friend => `[${lua(`${friend}@${domain}`)}] = { subscription = "both"; groups = {} }; `,
    )
    await writeFile(
      join(hostFolder, 'roster', `${encodeName(username)}.dat`),
      `return { ${items.join('')}[false] = { version = 1; pending = {} } }\n`,
    )
  }
}

/** A file name as util.datamanager writes it. */
function encodeName(name: string): string {
  return [...Buffer.from(name)]
    .map(byte => String.fromCharCode(byte))
    .map(char => (/[A-Za-z0-9]/.test(char) ? char : `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('')
}

/** A string of Lua, byte by byte where it is not plain ASCII. */
function lua(text: string): string {
  const bytes = [...Buffer.from(text)].map(byte =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${String(byte).padStart(3, '0')}`,
  )
  return `"${bytes.join('')}"`
}
