import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { access, constants, mkdir, readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Failure, type FailureCode } from '../shared/model/failure.ts'
import type { TransferEvent } from '../shared/model/transfer.ts'
import { speak } from '../shared/words/language.ts'
import { type Command, type CommonOptions, HELP, type Place, readArguments } from './cli/arguments.ts'
import { humanReport, jsonReport, type Report } from './cli/report.ts'
import { stateFolder } from './cli/state-folder.ts'
import { type Host, normalizeAddress } from './dtcp/host.ts'
import { type AcceptPolicy, type IncomingOffer, Plumb, type Recipient } from './plumb.ts'
import { type Content, openContent } from './transfer/content.ts'

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
/** How long a receiver that counts waits for a sender to come back. */
const SENDER_PATIENCE_MS = 30_000

// Its own words are English, and so is the rest.
speak({ tag: 'en', locale: 'en', isolates: false })
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
  const ending = untilSignal()
  try {
    switch (command.kind) {
      case 'send':
        return await send(command, report, ending)
      case 'receive':
        return await receive(command, report, ending)
      case 'check':
        return await check(command, report, ending)
    }
  } catch (error) {
    const failure = Failure.from(error)
    if (ending.signal.aborted) return EXIT.interrupted
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

async function send(command: Command & { kind: 'send' }, report: Report, ending: Ending): Promise<number> {
  const password = await readPassword(command)
  const ca = await readAuthorities(command)
  const failures: (Failure | undefined)[] = []
  const fail = (failure: Failure, about = ''): void => {
    const transfer = randomBytes(6).toString('hex')
    report.transfer({ event: 'failed', transfer, code: failure.code, message: about + failure.message })
    failures.push(failure)
  }
  const contents: Content[] = []
  for (const file of command.files) {
    try {
      const content = await openContent(file, ending.signal)
      contents.push(content)
      if (content.leftOut > 0) {
        const what =
          content.leftOut === 1
            ? '1 link or special file in it is'
            : `${content.leftOut} links or special files in it are`
        report.notice(`${file}: ${what} not sent.`)
      }
    } catch (error) {
      fail(Failure.from(error), `${file}: `)
    }
  }
  if (contents.length === 0) return EXIT.failed
  const plumb = await signIn(command, password, ca, new Set(), report, ending)
  const stop = stopWhen(plumb, ending)
  let sending: Promise<unknown> = Promise.resolve()
  try {
    const recipient = await plumb.findRecipient(command.to, command.waitMs, stop.signal)
    const waiting = [...contents]
    const sendNext = async (): Promise<void> => {
      for (let content = waiting.shift(); content !== undefined; content = waiting.shift()) {
        failures.push(await sendOne(plumb, content, recipient, command.waitMs))
      }
    }
    sending = Promise.all(Array.from({ length: FILES_AT_ONCE }, sendNext))
    const stopped = Promise.withResolvers<void>()
    stop.signal.addEventListener('abort', () => {
      waiting.length = 0
      stopped.resolve()
    })
    if (stop.signal.aborted) stopped.resolve()
    await Promise.race([sending, stopped.promise])
  } catch (error) {
    for (const content of contents) fail(Failure.from(error), `${content.name}: `)
  } finally {
    await plumb.stop(ending.reason(), { keep: ending.keep })
    await sending
  }
  if (ending.signal.aborted) return EXIT.interrupted
  const codes = failures.flatMap(failure => (failure === undefined ? [] : [failure.code]))
  if (codes.length === 0) return EXIT.done
  return codes.every(code => code === 'declined') ? EXIT.declined : EXIT.failed
}

/** Goes on with what an earlier run was sending to the same person, where it is still the same. */
function sendOne(
  plumb: Plumb,
  content: Content,
  recipient: Recipient,
  patienceMs: number,
): Promise<Failure | undefined> {
  const { signal } = new AbortController()
  const options = { signal, patienceMs }
  const cutOff = plumb.unsent.find(
    entry => entry.path === content.path && entry.peer === recipient.address.split('/')[0],
  )
  return cutOff === undefined
    ? plumb.send(content, recipient, options)
    : plumb.sendAgain(cutOff, content, recipient, options)
}

async function receive(
  command: Command & { kind: 'receive' },
  report: Report,
  ending: Ending,
): Promise<number> {
  const password = await readPassword(command)
  const ca = await readAuthorities(command)
  const into = resolve(command.into)
  const isDirectory = await stat(into).then(
    entry => entry.isDirectory(),
    () => false,
  )
  if (!isDirectory) throw new Failure('usage', `There is no directory ${into}: make it first.`)
  const enough = Promise.withResolvers<void>()
  const counted = new Set<string>()
  const over = new Set<string>()
  const patience = new Map<string, NodeJS.Timeout>()
  let failed = 0
  const ended = (transfer: string, well: boolean): void => {
    clearTimeout(patience.get(transfer))
    // One of an earlier run that never went on is none of these.
    if (!counted.has(transfer) || over.has(transfer)) return
    over.add(transfer)
    if (!well) failed += 1
    if (over.size >= command.count) enough.resolve()
  }
  const follow = (event: TransferEvent): void => {
    const { transfer } = event
    switch (event.event) {
      case 'connected':
        clearTimeout(patience.get(transfer))
        counted.add(transfer)
        break
      case 'interrupted':
        // Whoever counts waits for an end: it is told, though what has arrived stays.
        if (counted.has(transfer) && Number.isFinite(command.count)) {
          clearTimeout(patience.get(transfer))
          patience.set(
            transfer,
            setTimeout(() => {
              report.transfer({ event: 'failed', transfer, code: event.code, message: notBack() })
              ended(transfer, false)
            }, SENDER_PATIENCE_MS),
          )
        }
        break
      case 'done':
        counted.add(transfer)
        ended(transfer, true)
        break
      case 'failed':
        // What we declined ourselves is no file.
        if (event.code !== 'declined') ended(transfer, false)
        break
      default:
        break
    }
  }
  const offered = (offer: IncomingOffer): void => {
    if (counted.size >= command.count) {
      offer.decline()
      return
    }
    counted.add(offer.transfer)
    offer.accept(into)
  }
  const plumb = await signIn(command, password, ca, command.accept, report, ending, signedIn => {
    signedIn.on('offered', offered)
    signedIn.on('transfer', follow)
    signedIn.restore()
  })
  const stop = stopWhen(plumb, ending)
  const stopping = Promise.withResolvers<void>()
  stop.signal.addEventListener('abort', () => stopping.resolve())
  if (stop.signal.aborted) stopping.resolve()
  await Promise.race([enough.promise, stopping.promise])
  for (const timer of patience.values()) clearTimeout(timer)
  await plumb.stop(ending.reason(), { keep: ending.keep })
  if (ending.signal.aborted) return EXIT.interrupted
  // Signed out for good: whoever waits for files has to know.
  stop.signal.throwIfAborted()
  return failed > 0 ? EXIT.failed : EXIT.done
}

async function check(command: CommonOptions, report: Report, ending: Ending): Promise<number> {
  const password = await readPassword(command)
  const ca = await readAuthorities(command)
  const plumb = await signIn(command, password, ca, new Set(), report, ending)
  try {
    report.reach(await plumb.checkReach(ending.signal))
    return EXIT.done
  } finally {
    await plumb.stop(ending.reason(), { keep: true })
  }
}

async function signIn(
  options: CommonOptions,
  password: string,
  ca: string | undefined,
  accept: AcceptPolicy,
  report: Report,
  ending: Ending,
  follow: (plumb: Plumb) => void = () => {},
): Promise<Plumb> {
  const { jid, server, tls, listen, dial, allowLoopback, encryption, methods, portMapping } = options
  const resource = options.resource ?? `plumb-${randomBytes(4).toString('hex')}`
  const advertise = await resolveAll(options.advertise)
  const direct = {
    listen,
    advertise,
    dial,
    allowLoopback,
    encryption: encryption ?? 'required',
    portMapping: portMapping && listen !== 'off' && advertise === undefined,
  }
  const account = { jid, password, resource, server, tls, ca }
  const state = options.state === undefined ? await usualState(report) : resolve(options.state)
  const plumb = await Plumb.signIn(
    { ...account, accept, direct, methods, state, plainBytestreams: encryption !== 'required' },
    ending.signal,
  )
  plumb.on('transfer', event => report.transfer(event))
  plumb.on('turned-away', turnedAway(report))
  plumb.on('interrupted', () => report.notice('The connection to the server is lost; trying again.'))
  plumb.on('reconnected', () => report.notice('The connection to the server is back.'))
  report.online(plumb.address)
  follow(plumb)
  return plumb
}

/** Undefined where it cannot be had: then what is cut off begins anew, and nothing else is lost. */
async function usualState(report: Report): Promise<string | undefined> {
  const folder = stateFolder()
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.W_OK)
    return folder
  } catch {
    report.notice('What is cut off will have to begin anew, since nothing can be noted here: see --state.')
    return undefined
  }
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
function stopWhen(plumb: Plumb, ending: Ending): AbortController {
  const stop = new AbortController()
  const abort = (): void => stop.abort(ending.signal.reason)
  if (ending.signal.aborted) abort()
  ending.signal.addEventListener('abort', abort)
  plumb.on('ended', failure => stop.abort(failure))
  return stop
}

/** How the process is asked to end. */
interface Ending {
  readonly signal: AbortSignal
  /** Whether what is under way is to go on in the next run: a person who says stop means it, a system does not. */
  readonly keep: boolean
  reason(): Failure
}

/** The first signal ends in order, a second one at once. */
function untilSignal(): Ending {
  const controller = new AbortController()
  let keep = true
  const onSignal = (name: NodeJS.Signals | undefined): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    keep = name === 'SIGTERM' || name === 'SIGHUP'
    controller.abort(new Failure('cancelled', 'Interrupted.'))
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => onSignal(name))
  // Whoever read our lines is gone, and with them whoever wanted the files.
  process.stdout.on('error', () => onSignal(undefined))
  process.on('uncaughtException', error => {
    process.stderr.write(`bug: ${error.stack ?? error.message}\n`)
    process.exit(EXIT.failed)
  })
  return {
    signal: controller.signal,
    get keep() {
      return keep
    },
    reason: () =>
      controller.signal.aborted && keep
        ? new Failure('interrupted', 'Plumb was ended: the same command goes on with it.')
        : new Failure('cancelled', 'Plumb was ended.'),
  }
}

function notBack(): string {
  return 'The connection was lost and the sender did not come back: what has arrived is kept, and the same command goes on with it.'
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

/** Not before the last word has left: a pipe may still be taking it. */
async function exit(status: number): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map(stream => new Promise(done => stream.write('', done))),
  )
  process.exit(status)
}
