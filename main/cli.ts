import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Failure, type FailureCode } from '../shared/model/failure.ts'
import { type Command, type CommonOptions, HELP, type Place, readArguments } from './cli/arguments.ts'
import { humanReport, jsonReport, type Report } from './cli/report.ts'
import { type Host, normalizeAddress } from './dtcp/host.ts'
import { type AcceptPolicy, Plumb } from './plumb.ts'
import { type OpenSource, openSource } from './transfer/open-source.ts'

const EXIT = { done: 0, failed: 1, usage: 2, notSignedIn: 3, declined: 4, interrupted: 130 } as const

const SIGN_IN_FAILURES: ReadonlySet<FailureCode> = new Set([
  'wrong-password',
  'server-not-found',
  'server-unreachable',
  'certificate-not-trusted',
  'not-encrypted',
  'sign-in-failed',
  'sign-in-timed-out',
  'signed-in-elsewhere',
  'server-connection-lost',
])

/** How many files of one command are offered at once. */
const FILES_AT_ONCE = 4

await exit(await main(process.argv.slice(2)))

async function main(args: readonly string[]): Promise<number> {
  let command: Command
  try {
    command = readArguments(args)
  } catch (error) {
    process.stderr.write(`${Failure.from(error).message}\n`)
    return EXIT.usage
  }
  if (command.kind === 'help') {
    process.stdout.write(HELP)
    return EXIT.done
  }
  if (command.kind === 'version') {
    const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8')
    process.stdout.write(`${(JSON.parse(manifest) as { version: string }).version}\n`)
    return EXIT.done
  }
  const report = command.json ? jsonReport(process) : humanReport(process)
  const interrupted = interruption()
  try {
    return command.kind === 'send'
      ? await send(command, report, interrupted)
      : await receive(command, report, interrupted)
  } catch (error) {
    const failure = Failure.from(error)
    if (interrupted.aborted) return EXIT.interrupted
    report.failed(failure)
    return SIGN_IN_FAILURES.has(failure.code)
      ? EXIT.notSignedIn
      : failure.code === 'usage'
        ? EXIT.usage
        : EXIT.failed
  } finally {
    report.end()
  }
}

async function send(
  command: Command & { kind: 'send' },
  report: Report,
  interrupted: AbortSignal,
): Promise<number> {
  const password = await readPassword(command)
  const ca = await readAuthorities(command)
  const failures: (Failure | undefined)[] = []
  const fail = (failure: Failure, about = ''): void => {
    const transfer = randomBytes(6).toString('hex')
    report.transfer({ event: 'failed', transfer, code: failure.code, message: about + failure.message })
    failures.push(failure)
  }
  const sources: OpenSource[] = []
  for (const file of command.files) {
    try {
      sources.push(await openSource(resolve(file)))
    } catch (error) {
      fail(Failure.from(error), `${file}: `)
    }
  }
  if (sources.length === 0) return EXIT.failed
  const plumb = await signIn(command, password, ca, new Set(), report, interrupted)
  const stop = stopWhen(plumb, interrupted)
  try {
    const recipient = await plumb.findRecipient(command.to, command.waitMs, stop.signal)
    const waiting = [...sources]
    const sendNext = async (): Promise<void> => {
      for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
        failures.push(await plumb.send(source, recipient, stop.signal))
      }
    }
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, sendNext))
  } catch (error) {
    for (const source of sources) fail(Failure.from(error), `${source.name}: `)
  } finally {
    await plumb.stop(stopped())
  }
  if (interrupted.aborted) return EXIT.interrupted
  const codes = failures.flatMap(failure => (failure === undefined ? [] : [failure.code]))
  if (codes.length === 0) return EXIT.done
  return codes.every(code => code === 'declined') ? EXIT.declined : EXIT.failed
}

async function receive(
  command: Command & { kind: 'receive' },
  report: Report,
  interrupted: AbortSignal,
): Promise<number> {
  const password = await readPassword(command)
  const ca = await readAuthorities(command)
  const into = resolve(command.into)
  const isDirectory = await stat(into).then(
    entry => entry.isDirectory(),
    () => false,
  )
  if (!isDirectory) throw new Failure('usage', `There is no directory ${into}: make it first.`)
  const plumb = await signIn(command, password, ca, command.accept, report, interrupted)
  const stop = stopWhen(plumb, interrupted)
  let accepted = 0
  let ended = 0
  let failed = 0
  const enough = Promise.withResolvers<void>()
  plumb.on('offered', offer => {
    if (accepted >= command.count) {
      offer.decline()
      return
    }
    accepted += 1
    offer.accept(into)
  })
  plumb.on('transfer', event => {
    if (event.event !== 'done' && event.event !== 'failed') return
    // What we declined ourselves is no file.
    if (event.event === 'failed' && event.code === 'declined') return
    ended += 1
    if (event.event === 'failed') failed += 1
    if (ended >= command.count) enough.resolve()
  })
  const ending = Promise.withResolvers<void>()
  stop.signal.addEventListener('abort', () => ending.resolve())
  await Promise.race([enough.promise, ending.promise])
  await plumb.stop(stopped())
  if (interrupted.aborted) return EXIT.interrupted
  // Signed out for good: whoever waits for files has to know.
  stop.signal.throwIfAborted()
  return failed > 0 ? EXIT.failed : EXIT.done
}

async function signIn(
  options: CommonOptions,
  password: string,
  ca: string | undefined,
  accept: AcceptPolicy,
  report: Report,
  interrupted: AbortSignal,
): Promise<Plumb> {
  const { jid, server, tls, listen, dial, allowLoopback, encryption } = options
  const resource = options.resource ?? `plumb-${randomBytes(4).toString('hex')}`
  const advertise = await resolveAll(options.advertise)
  const direct = { listen, advertise, dial, allowLoopback, encryption }
  const account = { jid, password, resource, server, tls, ca }
  const plumb = await Plumb.signIn({ ...account, accept, direct }, interrupted)
  plumb.on('transfer', event => report.transfer(event))
  plumb.on('turned-away', turnedAway(report))
  plumb.on('interrupted', () => report.notice('The connection to the server is lost; trying again.'))
  plumb.on('reconnected', () => report.notice('The connection to the server is back.'))
  report.online(plumb.address)
  return plumb
}

/** Says once who was turned away, so that nobody can fill a log. */
function turnedAway(report: Report): (peer: string) => void {
  const told = new Set<string>()
  return peer => {
    const bare = peer.split('/')[0] ?? peer
    if (told.has(bare) || told.size >= 20) return
    told.add(bare)
    report.notice(`Declined a file from ${peer}, who may not send any: see --accept.`)
  }
}

/** Aborted by the person, or when the account is signed out for good. */
function stopWhen(plumb: Plumb, interrupted: AbortSignal): AbortController {
  const stop = new AbortController()
  const abort = (): void => stop.abort(interrupted.reason)
  if (interrupted.aborted) abort()
  interrupted.addEventListener('abort', abort)
  plumb.on('ended', failure => stop.abort(failure))
  return stop
}

/** The first Ctrl-C ends in order, a second one at once. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort(new Failure('cancelled', 'Interrupted.'))
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  // Whoever read our lines is gone, and with them whoever wanted the files.
  process.stdout.on('error', onSignal)
  process.on('uncaughtException', error => {
    process.stderr.write(`bug: ${error.stack ?? error.message}\n`)
    process.exit(EXIT.failed)
  })
  return controller.signal
}

async function resolveAll(places: readonly Place[] | undefined): Promise<Host[] | undefined> {
  return places && Promise.all(places.map(resolvePlace))
}

async function resolvePlace({ host, port }: Place): Promise<Host> {
  const literal = normalizeAddress(host)
  if (literal !== undefined) return { address: literal, port }
  try {
    return { address: (await lookup(host)).address, port }
  } catch (cause) {
    throw new Failure('usage', `There is no address for ${host}: check --advertise.`, { cause })
  }
}

async function readPassword({ passwordFile }: CommonOptions): Promise<string> {
  const text = passwordFile === undefined ? process.env['PLUMB_PASSWORD'] : await readText(passwordFile)
  const password = text?.split(/\r?\n/)[0]
  if (password !== undefined && password !== '') return password
  throw new Failure(
    'usage',
    'The password is missing: set PLUMB_PASSWORD or name a file with --password-file.',
  )
}

async function readAuthorities({ caFile }: CommonOptions): Promise<string | undefined> {
  if (caFile === undefined) return undefined
  const pem = await readText(caFile)
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  throw new Failure('usage', `${caFile} holds no certificate in PEM.`)
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Failure('usage', `${path} cannot be read: check the path.`, { cause })
  }
}

function stopped(): Failure {
  return new Failure('cancelled', 'Plumb was ended.')
}

/** Not before the last word has left: a pipe may still be taking it. */
async function exit(status: number): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map(stream => new Promise(done => stream.write('', done))),
  )
  process.exit(status)
}
