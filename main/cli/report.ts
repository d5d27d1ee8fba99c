import { inUnits } from '../../shared/in-units.ts'
import type { Failure, FailureCode } from '../../shared/model/failure.ts'
import type { Reach } from '../../shared/model/reach.ts'
import type { MethodName, Relay, TransferEvent } from '../../shared/model/transfer.ts'
import { reachLines } from './reach-report.ts'

/** Where the headless client's words go. */
export interface Output {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: { write(text: string): unknown }
}

/** Tells the person, or the program, what happens. */
export interface Report {
  online(jid: string): void
  transfer(event: TransferEvent): void
  /** How others reach this computer. */
  reach(reach: Reach): void
  /** Something that concerns no transfer: it goes to stderr. */
  notice(text: string): void
  /** A failure that belongs to no transfer. */
  failed(failure: Failure): void
  /** Nothing more is to come. */
  end(): void
}

/** Which options help with a failure: the sentences themselves are for the window, too. */
const HINTS: Partial<Record<FailureCode, string>> = {
  'server-not-found': '--server',
  'server-unreachable': '--server',
  'certificate-not-trusted': '--ca',
  'not-encrypted': '--tls',
  'peer-offline': '--wait',
  unreachable: '--listen and --advertise',
  'timed-out': '--listen and --advertise',
  'encryption-refused': '--encryption',
  'port-in-use': '--listen',
}

function hinted({ code, message }: Pick<Failure, 'code' | 'message'>): string {
  const options = HINTS[code]
  return options === undefined ? message : `${message} See ${options}.`
}

/** One JSON object a line on stdout, nothing else there. */
export function jsonReport({ stdout, stderr }: Output): Report {
  const line = (value: object): void => void stdout.write(`${visibleJson(value)}\n`)
  return {
    online: jid => line({ event: 'online', jid }),
    transfer: event => {
      line(event)
      if (event.event === 'failed') stderr.write(`${printable(hinted(event))}\n`)
    },
    reach: reach => line({ event: 'reach', ...reach }),
    notice: text => void stderr.write(`${printable(text)}\n`),
    failed: failure => {
      const { code, message } = failure
      line({ event: 'failed', code, message })
      stderr.write(`${printable(hinted(failure))}\n`)
    },
    end: () => {},
  }
}

interface Shown {
  readonly name: string
  readonly peer: string
  readonly direction: 'in' | 'out'
  readonly size: number | undefined
  bytes: number
  pace: Pace
}

type Pace =
  | { readonly kind: 'rests' }
  /** What was there before, the first progress tells. */
  | { readonly kind: 'connected' }
  /** Over this connection: milliseconds of the clock that only goes forward, and the bytes that were there then. */
  | { readonly kind: 'moves'; readonly since: number; readonly from: number }

const RESTS = { kind: 'rests' } as const

/** Lines for people; on a terminal a bar with speed and time left below them. */
export function humanReport({ stdout, stderr }: Output): Report {
  const shown = new Map<string, Shown>()
  const terminal = stdout.isTTY === true
  let bar = false
  const clear = (): void => {
    if (bar) stdout.write('\r\u001b[2K')
    bar = false
  }
  const draw = (): void => {
    const text = barText([...shown.values()], stdout.columns || 80)
    if (!terminal || text === undefined) return
    stdout.write(`\r\u001b[2K${text}`)
    bar = true
  }
  const say = (stream: { write(text: string): unknown }, text: string): void => {
    clear()
    stream.write(`${printable(text)}\n`)
    draw()
  }
  const transfer = (event: TransferEvent): void => {
    const entry = shown.get(event.transfer)
    switch (event.event) {
      case 'offer': {
        const { name, peer, direction, size, files } = event
        shown.set(event.transfer, { name, peer, direction, size, bytes: 0, pace: RESTS })
        const words = direction === 'out' ? `Offering ${name} to ${peer}` : `${peer} offers ${name}`
        const many = files === undefined ? '' : `, ${files === 1 ? '1 file' : `${files} files`}`
        say(stdout, `${words}${many}, ${size === undefined ? 'size unknown' : inUnits(size)}`)
        break
      }
      case 'connected': {
        if (entry !== undefined) entry.pace = { kind: 'connected' }
        const safety = event.verified
          ? 'encrypted and verified'
          : event.encrypted
            ? 'encrypted, not verified'
            : 'not encrypted'
        say(stdout, `${entry?.name}: ${wayOf(event)} in ${event.ms} ms, ${safety}`)
        break
      }
      case 'route':
        if (!event.ok) say(stdout, `${entry?.name}: no ${WAYS[event.method]}. ${event.message ?? ''}`)
        break
      case 'waiting':
        say(stdout, `${entry?.name}: waits for ${entry?.peer} to come online.`)
        break
      case 'interrupted':
        // One of an earlier run whose sender is not back yet: nobody has heard of it here.
        if (entry === undefined) break
        entry.pace = RESTS
        say(stdout, `${entry.name}: interrupted, and goes on when both are back. ${event.message}`)
        break
      case 'paused':
        if (entry === undefined) break
        entry.pace = RESTS
        say(stdout, `${entry.name}: paused${event.by === 'them' ? ' by the other side' : ''}.`)
        break
      case 'restarted':
        say(stdout, `${entry?.name}: changed since a part of it was sent, so all of it goes anew.`)
        break
      case 'progress':
        if (entry !== undefined) progressed(entry, event.bytes)
        draw()
        break
      case 'done': {
        shown.delete(event.transfer)
        const { path, bytes, seconds, resumedFrom, sha256 } = event
        const words = entry?.direction === 'in' ? 'Saved' : 'Delivered'
        const how =
          resumedFrom === 0
            ? `(${inUnits(bytes / Math.max(seconds, 0.001))}/s)`
            : // What was interrupted took as long as the interruption: no speed comes of that.
              `(${inUnits(resumedFrom)} were there already)`
        const size = inUnits(bytes)
        say(stdout, `${words} ${path}, ${size} in ${seconds.toFixed(1)} s ${how}, SHA-256 ${sha256}`)
        break
      }
      case 'failed':
        shown.delete(event.transfer)
        say(stderr, entry === undefined ? hinted(event) : `${entry.name}: ${hinted(event)}`)
        break
    }
  }
  return {
    online: jid => say(stdout, `Signed in as ${jid}`),
    transfer,
    reach: reach => {
      for (const line of reachLines(reach)) say(stdout, line)
    },
    notice: text => say(stderr, text),
    failed: failure => say(stderr, hinted(failure)),
    end: clear,
  }
}

const WAYS: Record<MethodName, string> = {
  dtcp: 'direct connection',
  socks5: 'SOCKS5 connection',
  ibb: 'in-band connection',
}

function wayOf({ relay, remote }: { readonly relay: Relay; readonly remote: string }): string {
  switch (relay) {
    case 'none':
      return `connected directly with ${remote}`
    case 'proxy':
      return `connected through the proxy ${remote}`
    case 'server':
      return 'connected through the servers'
  }
}

/** All that moves as one bar; undefined where nothing does. */
function barText(transfers: readonly Shown[], columns: number): string | undefined {
  const moving = transfers.filter(({ pace }) => pace.kind !== 'rests')
  const [first] = moving
  if (first === undefined) return undefined
  const bytes = moving.reduce((sum, transfer) => sum + transfer.bytes, 0)
  const size = moving.reduce<number | undefined>(
    (sum, transfer) => (sum === undefined || transfer.size === undefined ? undefined : sum + transfer.size),
    0,
  )
  const speed = speedOf(moving)
  const share = size === undefined ? undefined : size === 0 ? 1 : Math.min(bytes / size, 1)
  const left = speed > 0 && size !== undefined ? ` ${clock((size - bytes) / speed)} left` : ''
  // Of what nobody knows the size, what has come is all there is to say.
  const far = share === undefined ? inUnits(bytes) : `${String(Math.floor(share * 100)).padStart(3)} %`
  const tail = ` ${far}  ${inUnits(speed)}/s${left}`
  // The last column stays free: at some terminals a line that fills it is two.
  const room = columns - 1 - tail.length
  const head = cutTo(
    Math.min(room, 30),
    printable(moving.length === 1 ? first.name : `${moving.length} files`),
  )
  const width = room - columnsOf(head) - 3
  const filled = Math.round((share ?? 0) * width)
  return width < 5 || share === undefined
    ? `${head}${tail}`.slice(0, Math.max(columns - 1, 0))
    : `${head} [${'#'.repeat(filled)}${'-'.repeat(width - filled)}]${tail}`
}

function progressed(entry: Shown, bytes: number): void {
  entry.bytes = bytes
  const { pace } = entry
  // Sent anew, it begins again.
  if (pace.kind === 'connected' || (pace.kind === 'moves' && bytes < pace.from)) {
    entry.pace = { kind: 'moves', since: performance.now(), from: bytes }
  }
}

/** Bytes a second of all together. */
function speedOf(transfers: readonly Shown[]): number {
  const moving = transfers.flatMap(({ pace, bytes }) => (pace.kind === 'moves' ? [{ ...pace, bytes }] : []))
  const moved = moving.reduce((sum, { bytes, from }) => sum + bytes - from, 0)
  const elapsed = (performance.now() - Math.min(...moving.map(({ since }) => since))) / 1000
  return moved === 0 ? 0 : moved / Math.max(elapsed, 0.001)
}

/** The beginning of a text that fits. */
function cutTo(columns: number, text: string): string {
  if (columnsOf(text) <= columns) return text
  let head = ''
  for (const character of text) {
    if (columnsOf(`${head}${character}…`) > columns) break
    head += character
  }
  return columnsOf('…') <= columns ? `${head}…` : ''
}

/** How many columns a text takes at most: from Hangul upwards a character may take two. */
function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (character < '\u1100' ? 1 : 2), 0)
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const [hours, ...rest] = parts
  return (hours === 0 ? rest : parts)
    .map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0')))
    .join(':')
}

/** JSON whose characters can all be seen: a terminal is not to obey what a name in it says. */
function visibleJson(value: object): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character =>
    Array.from({ length: character.length }, (_, unit) => escapeUnit(character.charCodeAt(unit))).join(''),
  )
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}

/** Addresses are chosen by others: what could move the cursor or turn the text around becomes visible instead. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD')
}
