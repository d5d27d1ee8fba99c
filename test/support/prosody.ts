import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from './certificates.ts'
import { prosodyMissing } from './prosody-available.ts'
import {
  contactsByName,
  findPorts,
  HOST,
  type RealServer,
  type RealServerOptions,
  runServer,
  startProgram,
} from './real-server.ts'

const CHAT_MODULES = ['blocklist', 'carbons', 'csi', 'mam', 'pep', 'user_account_management', 'vcard_legacy']

/** A throwaway Prosody on the loopback address: own configuration, data, certificate and port. */
export async function startProsody(options: RealServerOptions): Promise<RealServer> {
  const missing = prosodyMissing()
  if (missing !== undefined) throw new Error(missing)

  const domain = options.domain.toLowerCase()
  const ca = options.ca ?? (await createCertificateAuthority())
  const certificate = options.certificate ?? (await ca.issue({ names: [domain] }))
  const folder = await mkdtemp(join(tmpdir(), 'plumb-prosody-'))
  const forget = () => rm(folder, { recursive: true, force: true })
  try {
    const { port, proxyPort } = await findPorts(options)
    await writeFile(join(folder, 'server.crt'), certificate.certPem)
    await writeFile(join(folder, 'server.key'), certificate.keyPem, { mode: 0o600 })
    const configFile = join(folder, 'prosody.cfg.lua')
    const place = { folder, domain, port, proxyPort }
    await writeFile(configFile, configuration(place, options))
    await writeData(join(folder, 'data'), domain, options)
    const start = () =>
      startProgram({
        name: 'Prosody',
        command: 'prosody',
        args: ['-F', '--config', configFile],
        cwd: folder,
        port,
      })
    return await runServer({ ...place, caPem: ca.caPem }, start, forget)
  } catch (error) {
    await forget()
    throw error
  }
}

function configuration(
  { folder, domain, port, proxyPort }: Pick<RealServer, 'folder' | 'domain' | 'port' | 'proxyPort'>,
  { tls = 'required', chat = false, registration = false }: RealServerOptions,
): string {
  const modules = [
    ...['roster', 'saslauth', 'disco', 'smacks', 'ping', 'posix'],
    ...(tls === 'off' ? [] : ['tls']),
    ...(chat ? CHAT_MODULES : []),
    ...(registration ? ['register_ibr'] : []),
  ]
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
proxy65_interfaces = { ${lua(HOST)} }
proxy65_ports = { ${proxyPort ?? ''} }

modules_enabled = { ${modules.map(name => `${lua(name)}; `).join('')}}
-- Nothing here may talk to another server, or look for one.
modules_disabled = { "s2s"; "s2s_auth_certs" }

authentication = "internal_plain"
storage = "internal"
default_archive_policy = true
-- The usual limit of this storage is reached by a test of many messages.
storage_archive_item_limit = 100000

VirtualHost ${lua(domain)}
${proxyPort === undefined ? '' : proxyComponent(domain)}`
}

function proxyComponent(domain: string): string {
  return `
Component ${lua(`proxy.${domain}`)} "proxy65"
proxy65_address = ${lua(HOST)}
`
}

/** Writes its data files, which is quicker than one `prosodyctl register` for each account. */
async function writeData(
  folder: string,
  domain: string,
  { accounts, contacts }: Pick<RealServerOptions, 'accounts' | 'contacts'>,
): Promise<void> {
  const hostFolder = join(folder, encodeName(domain))
  for (const store of ['accounts', 'roster']) await mkdir(join(hostFolder, store), { recursive: true })
  for (const [username, password] of Object.entries(accounts)) {
    const fileName = `${encodeName(username.toLowerCase())}.dat`
    await writeFile(join(hostFolder, 'accounts', fileName), `return { password = ${lua(password)} }\n`)
  }
  for (const [username, friends] of contactsByName(contacts)) {
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
