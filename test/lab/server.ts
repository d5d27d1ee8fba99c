import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificateAuthority } from '../support/certificates.ts'
import type { Namespace } from './namespace.ts'
import { untilSaid } from './until-said.ts'

export const DOMAIN = 'lab.test'
/** The JID of its SOCKS5 proxy. */
export const PROXY = `proxy.${DOMAIN}`
export const PASSWORD = 'secret'
const PORT = 5222
const PROXY_PORT = 5000

export interface ServerOptions {
  readonly namespace: Namespace
  readonly address: string
  /** All of them are each other's contacts. */
  readonly usernames: readonly string[]
  /** For its files. */
  readonly folder: string
}

export interface Server {
  /** `HOST:PORT`. */
  readonly place: string
  /** A file with its authority (PEM). */
  readonly caFile: string
}

/** A Prosody with a SOCKS5 proxy (XEP-0065), both at one address. It ends with its namespace. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { namespace, address, usernames, folder } = options
  const ca = await createCertificateAuthority()
  const { certPem, keyPem } = await ca.issue({ names: [DOMAIN] })
  const accounts = join(folder, 'data', DOMAIN.replaceAll('.', '%2e'), 'accounts')
  await mkdir(accounts, { recursive: true })
  const files = {
    'ca.pem': ca.caPem,
    'server.crt': certPem,
    'server.key': keyPem,
    groups: ['[People]', ...usernames.map(name => `${name}@${DOMAIN}=${name}`), ''].join('\n'),
    'prosody.cfg.lua': configuration(folder, address),
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  for (const name of usernames) {
    await writeFile(join(accounts, `${name}.dat`), `return { password = "${PASSWORD}" }\n`)
  }
  const prosody = namespace.start('prosody', ['-F', '--config', join(folder, 'prosody.cfg.lua')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await untilSaid(prosody, /Activated service 'c2s'/)
  return { place: `${address}:${PORT}`, caFile: join(folder, 'ca.pem') }
}

function configuration(folder: string, address: string): string {
  const path = (name: string): string => JSON.stringify(join(folder, name))
  return `
run_as_root = true
pidfile = ${path('prosody.pid')}
data_path = ${path('data')}
log = { { levels = { min = "info" }; to = "console" } }
interfaces = { "${address}" }
c2s_ports = { ${PORT} }
c2s_require_encryption = true
ssl = { certificate = ${path('server.crt')}; key = ${path('server.key')} }
modules_enabled = { "roster"; "saslauth"; "tls"; "disco"; "smacks"; "ping"; "posix"; "groups" }
modules_disabled = { "s2s" }
groups_file = ${path('groups')}
authentication = "internal_plain"
storage = "internal"

VirtualHost "${DOMAIN}"
Component "${PROXY}" "proxy65"
  proxy65_address = "${address}"
  proxy65_ports = { ${PROXY_PORT} }
`
}
