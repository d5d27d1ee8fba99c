import { parseArgs } from 'node:util'
import { Failure } from '../../shared/model/failure.ts'
import { METHODS, type MethodName } from '../../shared/model/transfer.ts'
import { MAX_HOSTS } from '../dtcp/host.ts'
import type { AcceptPolicy } from '../plumb.ts'
import type { Encryption } from '../sockets/connect-peer.ts'
import type { TlsMode } from '../xmpp/server-address.ts'
import { bareJid, normalizeJid } from '../xmpp/stanza.ts'
import { parseAccount } from '../xmpp/stream.ts'

/** What the person asked for, checked as far as that goes without the network or the disk. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | (CommonOptions & {
      readonly kind: 'send'
      /** Bare or full JID. */
      readonly to: string
      readonly files: readonly string[]
      readonly waitMs: number
    })
  | (CommonOptions & {
      readonly kind: 'receive'
      readonly into: string
      readonly accept: AcceptPolicy
      /** Infinity: until it is interrupted. */
      readonly count: number
    })
  | (CommonOptions & { readonly kind: 'check' })

/** HOST:PORT, where the host is a name or an IP address without brackets. */
export interface Place {
  readonly host: string
  readonly port: number
}

export interface CommonOptions {
  /** Bare JID. */
  readonly jid: string
  /** Undefined: a new one each run. */
  readonly resource: string | undefined
  readonly passwordFile: string | undefined
  readonly server: Place | undefined
  readonly tls: TlsMode | undefined
  readonly caFile: string | undefined
  readonly listen: number | 'off'
  /** Names are looked up before they are told to anybody: peers dial IP addresses only. */
  readonly advertise: readonly Place[] | undefined
  readonly dial: boolean
  readonly allowLoopback: boolean
  /** Undefined: required wherever the other program can. */
  readonly encryption: Encryption | undefined
  /** In their order. */
  readonly methods: readonly MethodName[]
  /** Whether the router is asked for a port. */
  readonly portMapping: boolean
  /** Where what is under way is noted; undefined: the platform's own place. */
  readonly state: string | undefined
  readonly json: boolean
}

export const HELP = `plumb: files straight from one XMPP account to another

  plumb send    --jid YOU@SERVER --to THEM@SERVER FILE...
  plumb receive --jid YOU@SERVER --into DIRECTORY
  plumb check   --jid YOU@SERVER

FILE may be a folder. What was cut off goes on when the same command runs again, on either side.
check says how others reach this computer.
The password comes from the environment variable PLUMB_PASSWORD or from --password-file.

Account
  --jid JID                 your address; with a resource to choose its name
  --password-file FILE      read the password from the first line of FILE
  --server HOST:PORT        connect there instead of looking the server up
  --tls required|direct|off STARTTLS, TLS from the first byte, or none (only to this computer)
  --ca FILE                 trust the authorities in FILE (PEM) instead of the built-in ones

Sending
  --to JID                  an address, or one of its devices with its resource
  --wait SECONDS            how long to wait for it to come online, or back (default 30)

Receiving
  --into DIRECTORY          where files go; nothing there is ever overwritten
  --accept WHOM             contacts (default), anyone, or addresses separated by commas
  --count N                 end after N files

Connection
  --listen PORT|off         the port to be reached at (default: any free one)
  --advertise HOST:PORT,... tell the other side these places (three at most) instead of what was found
  --dial on|off             whether to connect to the other side (default on)
  --allow-loopback          use loopback and private addresses: tests, two accounts on one computer
  --encryption required|preferred|off
                            preferred takes a peer without TLS; off neither asks for TLS nor serves it.
                            Without it: required, but for programs that know only SOCKS5 or in-band
                            bytestreams, which have no encryption of their own
  --methods NAMES           the ways of transfer, in order (default dtcp,socks5,ibb): direct, SOCKS5
                            bytestreams, in-band bytestreams
  --port-mapping on|off     whether to ask the router for a port (default on; off with --allow-loopback)
  --state DIRECTORY         where to note what is under way (default: the platform's own place)

Output
  --json                    one JSON object a line
  --help, --version

Exit status: 0 everything arrived, 1 something failed, 2 wrong usage, 3 not signed in, 4 declined,
130 interrupted.
`

const OPTIONS = {
  jid: { type: 'string' },
  to: { type: 'string' },
  into: { type: 'string' },
  'password-file': { type: 'string' },
  server: { type: 'string' },
  tls: { type: 'string' },
  ca: { type: 'string' },
  wait: { type: 'string' },
  accept: { type: 'string' },
  count: { type: 'string' },
  listen: { type: 'string' },
  advertise: { type: 'string' },
  dial: { type: 'string' },
  'allow-loopback': { type: 'boolean' },
  encryption: { type: 'string' },
  methods: { type: 'string' },
  'port-mapping': { type: 'string' },
  state: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parse>['values']

/** Reads the words behind `plumb`. Throws `usage`. */
export function readArguments(args: readonly string[]): Command {
  if (args.some(word => word === '--password' || word.startsWith('--password='))) {
    throw usage('A password in the arguments could be read by others: use PLUMB_PASSWORD or --password-file.')
  }
  const { values, positionals } = parse(args)
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  const [kind, ...files] = positionals
  switch (kind) {
    case undefined:
      throw usage('Say what to do: send, receive or check. See plumb --help.')
    case 'help':
      return { kind: 'help' }
    case 'send': {
      refuse(values, ['into', 'accept', 'count'], kind)
      if (files.length === 0) throw usage('Name at least one file to send.')
      const waitMs = seconds('--wait', values.wait ?? '30') * 1000
      return { ...common(values), kind, to: recipient(required(values.to, '--to')), files, waitMs }
    }
    case 'receive': {
      refuse(values, ['to', 'wait'], kind)
      if (files.length > 0) throw usage(`receive takes no files: what does “${files[0]}” mean?`)
      return {
        ...common(values),
        kind,
        into: required(values.into, '--into'),
        accept: acceptPolicy(values.accept ?? 'contacts'),
        count: values.count === undefined ? Number.POSITIVE_INFINITY : count(values.count),
      }
    }
    case 'check': {
      refuse(values, ['to', 'wait', 'into', 'accept', 'count'], kind)
      if (files.length > 0) throw usage(`check takes no files: what does “${files[0]}” mean?`)
      return { ...common(values), kind }
    }
    default:
      throw usage(`There is no command “${kind}”: use send, receive or check.`)
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (cause) {
    const { message } = cause as Error
    // The first sentence; behind it stands what to do if a word was meant in another way.
    throw new Failure('usage', `${message.split(/\.\s/)[0]}. See plumb --help.`, { cause })
  }
}

function common(values: Values): CommonOptions {
  const jid = required(values.jid, '--jid')
  const slash = jid.indexOf('/')
  const { local, domain } = parseAccount(slash < 0 ? jid : jid.slice(0, slash))
  const advertise =
    values.advertise === undefined
      ? undefined
      : list(values.advertise).map(text => place('--advertise', text))
  if (advertise !== undefined && advertise.length > MAX_HOSTS) {
    throw usage(`--advertise takes at most ${MAX_HOSTS} places: the protocol allows no more.`)
  }
  return {
    jid: `${local}@${domain}`,
    resource: slash < 0 ? undefined : jid.slice(slash + 1) || undefined,
    passwordFile: values['password-file'],
    server: values.server === undefined ? undefined : place('--server', values.server),
    tls:
      values.tls === undefined
        ? undefined
        : oneOf('--tls', values.tls, ['required', 'direct', 'off'] as const),
    caFile: values.ca,
    listen: values.listen === 'off' ? 'off' : port('--listen', values.listen ?? '0', 0),
    advertise,
    dial: oneOf('--dial', values.dial ?? 'on', ['on', 'off'] as const) === 'on',
    allowLoopback: values['allow-loopback'] ?? false,
    encryption:
      values.encryption === undefined
        ? undefined
        : oneOf('--encryption', values.encryption, ['required', 'preferred', 'off'] as const),
    methods: methods(values.methods),
    portMapping: portMapping(values),
    state: values.state === undefined ? undefined : required(values.state, '--state'),
    json: values.json ?? false,
  }
}

/** Whoever stays on this computer has nothing to ask of a router. */
function portMapping(values: Values): boolean {
  const text = values['port-mapping'] ?? (values['allow-loopback'] ? 'off' : 'on')
  return oneOf('--port-mapping', text, ['on', 'off'] as const) === 'on'
}

function methods(text: string | undefined): readonly MethodName[] {
  if (text === undefined) return METHODS
  const named = text.split(',').map(name => oneOf('--methods', name.trim(), METHODS))
  return [...new Set(named)]
}

function refuse(values: Values, names: readonly (keyof Values)[], kind: string): void {
  const wrong = names.find(name => values[name] !== undefined)
  if (wrong !== undefined) throw usage(`--${wrong} has no meaning for ${kind}.`)
}

function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw usage(`${name} is missing. See plumb --help.`)
  return value
}

function list(text: string): string[] {
  return text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find(candidate => candidate === value)
  if (found === undefined) throw usage(`${name} knows ${allowed.join(', ')}, but not “${value}”.`)
  return found
}

function port(name: string, text: string, lowest: number): number {
  const value = Number(text)
  if (!/^[0-9]{1,5}$/.test(text) || value < lowest || value > 65535) {
    throw usage(`${name} takes a port between ${lowest} and 65535, but not “${text}”.`)
  }
  return value
}

function count(text: string): number {
  const value = Number(text)
  if (!/^[0-9]{1,9}$/.test(text) || value < 1) throw usage('--count takes a number of files, 1 or more.')
  return value
}

function seconds(name: string, text: string): number {
  const value = Number(text)
  // Timers hold 24 days at most.
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text) || value > 2_000_000) {
    throw usage(`${name} takes a number of seconds, but not “${text}”.`)
  }
  return value
}

function place(name: string, text: string): Place {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):([0-9]+)$/.exec(text)
  const host = parts?.[1] ?? parts?.[2]
  if (host === undefined) throw usage(`${name} takes HOST:PORT, but not “${text}”.`)
  return { host, port: port(name, parts?.[3] ?? '', 1) }
}

function recipient(text: string): string {
  const address = normalizeJid(text)
  if (address === undefined || !bareJid(address).includes('@')) {
    throw usage(`“${text}” is no XMPP address: it looks like name@server.`)
  }
  return address
}

function acceptPolicy(text: string): AcceptPolicy {
  if (text === 'contacts' || text === 'anyone') return text
  const addresses = list(text).map(recipient).map(bareJid)
  if (addresses.length === 0) throw usage('--accept takes contacts, anyone, or addresses.')
  return new Set(addresses)
}

function usage(message: string): Failure {
  return new Failure('usage', message)
}
