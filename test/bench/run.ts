import { type ChildProcess, spawn } from 'node:child_process'
import { createCipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { makeIdentity } from '../../main/sockets/certificate.ts'
import { chooseHost } from '../support/choose-host.ts'
import { atServer, Headless } from '../support/headless.ts'
import { runTool } from '../support/tool.ts'
import { startXmppServer } from '../support/xmpp-server.ts'
import { type HistoryTimes, measureHistory } from './history.ts'
import { measureSignIn } from './signing-in.ts'

/*
 * `npm run bench`: one file from one headless client to another over TLS, disk to disk with both checksums, and in
 * the same run the same file through `openssl s_server` and `s_client` (which check nothing), in turns. What
 * counts is the ratio: the machine's own speed cancels out of it. Then ten thousand small files as one folder beside
 * the same bytes as one file, and beside what the disk alone takes for them. Then the history, and signing in, full beside
 * empty, and catching up. Last,
 * how the window feels: typing while a file arrives, and scrolling through very many people and messages, beside the same
 * with few.
 */

const HELP = `npm run bench -- [--mib 2048] [--rounds 3] [--folder DIRECTORY] [--no-window]
`

interface Round {
  readonly megabytesPerSecond: number
  readonly acceptedToConnectedMs: number
  readonly acceptedToFirstByteMs: number
  readonly peakMiB: { readonly sender: number | undefined; readonly receiver: number | undefined }
}

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '2048' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string', default: tmpdir() },
    'no-window': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (text: string): void => void process.stdout.write(`${text}\n`)

if (values.help) say(HELP)
else {
  await bench(Number(values.mib), Number(values.rounds), values.folder)
  await benchFolder(values.folder)
  await benchHistory()
  await benchSignIn()
  if (!values['no-window']) await benchWindow()
}

/** How the app feels while a file arrives as fast as it can. */
async function benchWindow(): Promise<void> {
  if (chooseHost(false) === 'none') {
    say('window                  neither Electron nor a Chromium here: not measured')
    return
  }
  if (runTool('electron-vite', ['build', '--logLevel', 'warn']) !== 0)
    throw new Error('the app was not built')
  const { measureWindow } = await import('./window.ts')
  const { idle, busy } = await measureWindow()
  const line = ({ typing, loopDelayP99 }: typeof idle): string =>
    `typing ${typing.median.toFixed(0)} ms (95 %: ${typing.p95.toFixed(0)} ms), event loop ${loopDelayP99.toFixed(1)} ms late (99 %)`
  say(`window, idle            ${line(idle)}
window, receiving       ${line(busy)}
typing, ratio           ${(busy.typing.median / idle.typing.median).toFixed(2)}`)
  const { measureScrolling } = await import('./scrolling.ts')
  const few = await measureScrolling(60, 100)
  const many = await measureScrolling(5_000, 10_000)
  for (const list of ['people', 'messages'] as const) {
    const words = ({ median: middle, p95 }: typeof few.people): string =>
      `${middle.toFixed(1)} ms a frame (95 %: ${p95.toFixed(1)} ms)`
    say(
      `scrolling ${list.padEnd(14)}few: ${words(few[list])}; 5,000 people, 10,000 messages: ${words(many[list])}`,
    )
  }
}

async function benchHistory(): Promise<void> {
  const { empty, full } = await measureHistory(2_000, 200_000)
  const line = (name: string, key: keyof HistoryTimes): void =>
    say(
      `${name.padEnd(24)}${full[key].toFixed(1)} ms, in an empty one ${empty[key].toFixed(1)} ms, ratio ${(full[key] / empty[key]).toFixed(2)}`,
    )
  say('\nhistory                 2,000 people, 200,000 messages')
  line('start to people', 'open')
  line('a page of 100', 'page')
  line('search, common word', 'searchCommon')
  line('search, no such word', 'searchMissing')
  line('5,000 from the archive', 'catchUp')
  line('longest hold-up of that', 'longestHoldUp')
}

async function benchSignIn(): Promise<void> {
  const { empty, full, catchUp } = await measureSignIn(2_000, 200_000)
  say(`\nsigning in              2,000 people, 200,000 messages
to the list of people   ${full.list.toFixed(0)} ms, with none ${empty.list.toFixed(0)} ms, ratio ${(full.list / empty.list).toFixed(2)}
5,000 messages missed   caught up in ${catchUp.took.toFixed(0)} ms, in ${catchUp.events} events
longest pause of that   ${catchUp.longestPause.toFixed(0)} ms, at rest ${catchUp.longestIdlePause.toFixed(0)} ms`)
}

async function bench(mebibytes: number, rounds: number, where: string): Promise<void> {
  const folder = await mkdtemp(join(where, 'plumb-bench-'))
  try {
    const file = join(folder, 'file.bin')
    await makeFile(file, mebibytes)
    const plumb: Round[] = []
    const openssl: number[] = []
    for (let round = 1; round <= rounds; round++) {
      const reference = await throughOpenssl(file, folder)
      if (reference !== undefined) openssl.push(reference)
      const measured = await throughPlumb(file, folder)
      plumb.push(measured)
      const ratio =
        reference === undefined
          ? ''
          : `, openssl ${reference.toFixed(0)} MB/s, ratio ${(measured.megabytesPerSecond / reference).toFixed(2)}`
      say(`round ${round}: plumb ${measured.megabytesPerSecond.toFixed(0)} MB/s${ratio}`)
    }
    report(mebibytes, plumb, openssl)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Many small files, and the same bytes as one. */
async function benchFolder(where: string): Promise<void> {
  const folder = await mkdtemp(join(where, 'plumb-bench-'))
  try {
    const [files, bytes] = [10_000, 10_000]
    const tree = join(folder, 'small files')
    for (let index = 0; index < files; index++) {
      if (index % 100 === 0) await mkdir(join(tree, `${index / 100}`), { recursive: true })
      await writeFile(join(tree, `${Math.floor(index / 100)}`, `${index}.bin`), randomBytes(bytes))
    }
    const one = join(folder, 'one.bin')
    await writeFile(one, randomBytes(files * bytes))
    const seconds = { one: [] as number[], many: [] as number[], disk: [] as number[] }
    for (let round = 0; round < 3; round++) {
      // First, and removed: what a disk takes to find room for new files for the first time is no part of any of them.
      const written = join(folder, 'written')
      seconds.disk.push(secondsToWrite(written, files, bytes))
      await rm(written, { recursive: true })
      const [asOne, asMany] = [await throughPlumb(one, folder), await throughPlumb(tree, folder)]
      seconds.one.push((files * bytes) / 1e6 / asOne.megabytesPerSecond)
      seconds.many.push((files * bytes) / 1e6 / asMany.megabytesPerSecond)
    }
    const [asOne, asMany, disk] = [median(seconds.one), median(seconds.many), median(seconds.disk)]
    say(
      `10,000 files of 10 kB   ${asMany.toFixed(2)} s, the same bytes as one file ${asOne.toFixed(2)} s, ratio ${(asMany / asOne).toFixed(2)}
the disk alone          ${disk.toFixed(2)} s for such files in a mere loop, not synced: ratio ${(asMany / disk).toFixed(2)}`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the file system itself takes: no network, no checksum, no sync. */
function secondsToWrite(folder: string, files: number, bytes: number): number {
  const content = randomBytes(bytes)
  const startedAt = performance.now()
  for (let index = 0; index < files; index++) {
    const place = join(folder, `${Math.floor(index / 100)}`)
    if (index % 100 === 0) mkdirSync(place, { recursive: true })
    writeFileSync(join(place, `${index}.bin`), content)
  }
  return (performance.now() - startedAt) / 1000
}

function report(mebibytes: number, rounds: readonly Round[], openssl: readonly number[]): void {
  const speed = median(rounds.map(round => round.megabytesPerSecond))
  const peak = (side: 'sender' | 'receiver'): string => {
    const known = rounds.flatMap(({ peakMiB }) => peakMiB[side] ?? [])
    return known.length === 0 ? 'not measured on this system' : `${Math.max(...known).toFixed(0)} MiB`
  }
  say(`
file                    ${mebibytes} MiB, disk to disk, TLS, SHA-256 on both sides
throughput              ${speed.toFixed(0)} MB/s (median of ${rounds.length})`)
  if (openssl.length > 0) {
    say(`openssl, same file      ${median(openssl).toFixed(0)} MB/s
ratio                   ${(speed / median(openssl)).toFixed(2)}`)
  } else say('openssl                 not installed: no reference')
  say(`peak memory, sender     ${peak('sender')}
peak memory, receiver   ${peak('receiver')}
acceptance to connected ${median(rounds.map(round => round.acceptedToConnectedMs)).toFixed(0)} ms
acceptance to data      ${median(rounds.map(round => round.acceptedToFirstByteMs)).toFixed(0)} ms`)
}

async function throughPlumb(file: string, folder: string): Promise<Round> {
  await using server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'secret', bob: 'secret' },
    contacts: [['alice', 'bob']],
  })
  const inbox = join(folder, 'inbox')
  await mkdir(inbox)
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, server.caPem)
  const at = atServer({ host: server.host, port: server.port, caFile })
  await using bob = new Headless([
    'receive',
    '--jid',
    'bob@plumb.test',
    '--into',
    inbox,
    '--count',
    '1',
    ...at,
  ])
  await bob.line('online')
  await using alice = new Headless([
    'send',
    '--jid',
    'alice@plumb.test',
    '--to',
    'bob@plumb.test',
    ...at,
    file,
  ])
  const watch = { sender: peakWatch(alice.pid), receiver: peakWatch(bob.pid) }
  const connected = await bob.line('connected')
  const connectedAt = performance.now()
  await bob.line('progress')
  const firstByteMs = performance.now() - connectedAt
  const done = await bob.line('done')
  const peakMiB = { sender: await watch.sender(), receiver: await watch.receiver() }
  const statuses = await Promise.all([alice.exited, bob.exited])
  if (statuses.some(status => status !== 0)) throw new Error(`${alice.stderr}${bob.stderr}`)
  await rm(inbox, { recursive: true })
  const connectedMs = Number(connected['ms'])
  return {
    megabytesPerSecond: Number(done['bytes']) / 1e6 / Number(done['seconds']),
    acceptedToConnectedMs: connectedMs,
    acceptedToFirstByteMs: connectedMs + firstByteMs,
    peakMiB,
  }
}

/** Reads the kernel's own high-water mark while the process still lives; undefined where there is none. */
function peakWatch(pid: number): () => Promise<number | undefined> {
  let peak: number | undefined
  const look = async (): Promise<void> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const kibibytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1]
    if (kibibytes !== undefined) peak = Number(kibibytes) / 1024
  }
  const timer = setInterval(() => void look(), 100)
  return async () => {
    clearInterval(timer)
    await look()
    return peak
  }
}

/** MB/s of the same file through openssl's own programs; undefined where they are not installed. */
async function throughOpenssl(file: string, folder: string): Promise<number | undefined> {
  const identity = await makeIdentity()
  const pem = join(folder, 'reference.pem')
  await writeFile(pem, `${identity.key}\n${identity.certificate}\n`)
  const port = String(await freePort())
  const output = join(folder, 'reference.out')
  const target = await open(output, 'w')
  const source = await open(file, 'r')
  const tls = ['-tls1_3', '-ciphersuites', 'TLS_AES_256_GCM_SHA384']
  try {
    const server = spawn(
      'openssl',
      [
        's_server',
        '-quiet',
        '-naccept',
        '1',
        '-accept',
        `127.0.0.1:${port}`,
        '-cert',
        pem,
        '-key',
        pem,
        ...tls,
      ],
      { stdio: ['pipe', target.fd, 'ignore'] },
    )
    const missing = await Promise.race([
      once(server, 'error').then(() => true),
      once(server, 'spawn').then(() => false),
    ])
    if (missing) return undefined
    await listening(Number(port), server)
    const startedAt = performance.now()
    const client = spawn(
      'openssl',
      [
        's_client',
        '-quiet',
        '-no_ign_eof',
        '-nocommands',
        '-verify_quiet',
        '-connect',
        `127.0.0.1:${port}`,
        ...tls,
      ],
      { stdio: [source.fd, 'ignore', 'ignore'] },
    )
    await Promise.all([once(client, 'exit'), once(server, 'exit')])
    const seconds = (performance.now() - startedAt) / 1000
    const { size } = await stat(file)
    if ((await stat(output)).size !== size) throw new Error('openssl did not deliver the whole file')
    return size / 1e6 / seconds
  } finally {
    await Promise.all([target.close(), source.close()])
    await rm(output, { force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** s_server says nothing of its own when quiet, and ends after one connection: the kernel's list is asked. */
async function listening(port: number, server: ChildProcess): Promise<void> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  for (;;) {
    if (server.exitCode !== null) throw new Error(`openssl s_server ended with ${server.exitCode}`)
    const table = await readFile('/proc/net/tcp', 'utf8').catch(() => undefined)
    // Without that list there is nothing to look at: a moment has to do.
    if (table === undefined) return new Promise(resolve => setTimeout(resolve, 1_000))
    if (table.includes(`:${hex} 00000000:0000 0A`)) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function makeFile(path: string, mebibytes: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16))
  const zeros = Buffer.alloc(1024 * 1024)
  const chunks = Readable.from(Array.from({ length: mebibytes }, () => zeros))
  await pipeline(chunks, cipher, createWriteStream(path))
  // Read once, so that neither side of the comparison pays for a cold cache.
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), async chunks => {
    for await (const _chunk of chunks);
  })
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
