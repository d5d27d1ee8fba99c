import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from './certificates.ts'
import { ejabberdLibraries, ejabberdMissing } from './ejabberd-available.ts'
import {
  contactsByName,
  findPorts,
  HOST,
  type RealServer,
  type RealServerOptions,
  runServer,
  startProgram,
} from './real-server.ts'

/** On disk alone each message costs as much as all before it: a few thousand take minutes. */
const TABLES_TO_MEMORY = ['archive_msg', 'offline_msg'].map(
  table => `mnesia:change_table_copy_type(${table}, node(), disc_copies)`,
)
const READY = 'ejabberd-has-its-accounts'

const CHAT_MODULES = {
  mod_avatar: {},
  mod_blocking: {},
  mod_carboncopy: {},
  mod_client_state: {},
  mod_mam: { db_type: 'mnesia', default: 'always', assume_mam_usage: true },
  mod_offline: {},
  mod_privacy: {},
  mod_pubsub: { plugins: ['pep'], last_item_cache: false },
  mod_vcard: { search: false },
  mod_vcard_xupdate: {},
}

/** A throwaway ejabberd on the loopback address: own configuration, database, certificate and port. */
export async function startEjabberd(options: RealServerOptions): Promise<RealServer> {
  const libraries = ejabberdLibraries()
  if (libraries === undefined) throw new Error(ejabberdMissing())

  const domain = options.domain.toLowerCase()
  const ca = options.ca ?? (await createCertificateAuthority())
  const certificate = options.certificate ?? (await ca.issue({ names: [domain] }))
  const folder = await mkdtemp(join(tmpdir(), 'plumb-ejabberd-'))
  const forget = () => rm(folder, { recursive: true, force: true })
  try {
    const place = { folder, domain, ...(await findPorts(options)) }
    await writeFile(join(folder, 'server.crt'), certificate.certPem)
    await writeFile(join(folder, 'server.key'), certificate.keyPem, { mode: 0o600 })
    const configFile = join(folder, 'ejabberd.yml')
    await writeFile(configFile, configuration(place, options))
    // Only the first start brings the accounts; they are in its database then.
    let once: string[] = accountsAndContacts(domain, options)
    const start = () => {
      const commands = [
        ...once,
        ...(options.chat === true ? TABLES_TO_MEMORY : []),
        `io:format("${READY}~n")`,
      ]
      once = []
      return startProgram({
        name: 'ejabberd',
        command: 'erl',
        // Without a node name there is no distribution: no cluster, and no port mapper that is left behind.
        args: [
          '-noinput',
          ...['-mnesia', 'dir', JSON.stringify(join(folder, 'database'))],
          ...['-s', 'ejabberd'],
          ...['-eval', `${commands.join(', ')}.`],
        ],
        cwd: folder,
        env: {
          ERL_LIBS: libraries,
          EJABBERD_CONFIG_PATH: configFile,
          EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
          ERL_CRASH_DUMP: join(folder, 'crash.dump'),
          HOME: folder,
        },
        port: place.port,
        readyWord: READY,
      })
    }
    return await runServer({ ...place, caPem: ca.caPem }, start, forget)
  } catch (error) {
    await forget()
    throw error
  }
}

/** Written as JSON, which is YAML too. */
function configuration(
  { folder, domain, port, proxyPort }: Pick<RealServer, 'folder' | 'domain' | 'port' | 'proxyPort'>,
  { tls = 'required', chat = false, registration = false }: RealServerOptions,
): string {
  return JSON.stringify({
    hosts: [domain],
    loglevel: 'info',
    certfiles: [join(folder, 'server.crt'), join(folder, 'server.key')],
    // It would ask for certificates on its own.
    acme: { auto: false },
    listen: [
      {
        port,
        ip: HOST,
        module: 'ejabberd_c2s',
        starttls: tls === 'required',
        starttls_required: tls === 'required',
        tls: tls === 'direct',
      },
    ],
    auth_password_format: 'scram',
    // One account in ten minutes is what an address gets otherwise.
    registration_timeout: 'infinity',
    disable_sasl_mechanisms: ['X-OAUTH2', 'DIGEST-MD5', ...(tls === 'off' ? ['PLAIN'] : [])],
    modules: {
      mod_admin_extra: {},
      mod_caps: {},
      mod_disco: {},
      mod_ping: {},
      mod_roster: {},
      mod_stream_mgmt: {},
      ...(chat ? CHAT_MODULES : {}),
      ...(chat || registration ? { mod_register: { access: registration ? 'all' : 'none' } } : {}),
      ...(proxyPort === undefined ? {} : { mod_proxy65: { ip: HOST, port: proxyPort, hostname: HOST } }),
    },
  })
}

/** As calls in Erlang. */
function accountsAndContacts(domain: string, { accounts, contacts }: RealServerOptions): string[] {
  const host = erlang(domain)
  return [
    ...Object.entries(accounts).map(
      ([username, password]) =>
        `ok = ejabberd_auth:try_register(${erlang(username.toLowerCase())}, ${host}, ${erlang(password)})`,
    ),
    ...[...contactsByName(contacts)].flatMap(([username, friends]) =>
      friends.map(
        friend =>
          `ok = mod_admin_extra:add_rosteritem(${erlang(username)}, ${host}, ${erlang(friend)}, ${host}, ` +
          `<<>>, <<>>, <<"both">>)`,
      ),
    ),
  ]
}

/** A binary of Erlang, byte by byte. */
function erlang(text: string): string {
  return `<<${[...Buffer.from(text)].join(',')}>>`
}
