import { inUnits } from '../../shared/in-units.ts'
import type { Failure, FailureCode } from '../../shared/model/failure.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'

/** Where the headless client's words go. */
export interface Output {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: { write(text: string): unknown }
}

/** Tells the person, or the program, what happens. */
export interface Report {
  online(jid: string): void
  transfer(event: TransferEvent): void
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
  readonly size: number
  bytes: number
  startedAt: number
}

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
        const { name, peer, direction, size } = event
        shown.set(event.transfer, { name, peer, direction, size, bytes: 0, startedAt: 0 })
        const words = direction === 'out' ? `Offering ${name} to ${peer}` : `${peer} offers ${name}`
        say(stdout, `${words}, ${inUnits(size)}`)
        break
      }
      case 'connected': {
        if (entry !== undefined) entry.startedAt = performance.now()
        const safety = event.verified
          ? 'encrypted and verified'
          : event.encrypted
            ? 'encrypted, not verified'
            : 'not encrypted'
        say(stdout, `${entry?.name}: connected directly with ${event.remote} in ${event.ms} ms, ${safety}`)
        break
      }
      case 'progress':
        if (entry !== undefined) entry.bytes = event.bytes
        draw()
        break
      case 'done': {
        shown.delete(event.transfer)
        const speed = inUnits(event.bytes / Math.max(event.seconds, 0.001))
        const words = entry?.direction === 'in' ? 'Saved' : 'Delivered'
        say(
          stdout,
          `${words} ${event.path}, ${inUnits(event.bytes)} in ${event.seconds.toFixed(1)} s (${speed}/s), SHA-256 ${event.sha256}`,
        )
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
    notice: text => say(stderr, text),
    failed: failure => say(stderr, hinted(failure)),
    end: clear,
  }
}

/** All that moves as one bar; undefined where nothing does. */
function barText(transfers: readonly Shown[], columns: number): string | undefined {
  const moving = transfers.filter(({ startedAt }) => startedAt > 0)
  const [first] = moving
  if (first === undefined) return undefined
  const bytes = moving.reduce((sum, transfer) => sum + transfer.bytes, 0)
  const size = moving.reduce((sum, transfer) => sum + transfer.size, 0)
  const elapsed = (performance.now() - Math.min(...moving.map(({ startedAt }) => startedAt))) / 1000
  const speed = bytes / Math.max(elapsed, 0.001)
  const share = size === 0 ? 1 : Math.min(bytes / size, 1)
  const left = speed > 0 ? ` ${clock((size - bytes) / speed)} left` : ''
  const tail = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${inUnits(speed)}/s${left}`
  // The last column stays free: at some terminals a line that fills it is two.
  const room = columns - 1 - tail.length
  const head = cutTo(
    Math.min(room, 30),
    printable(moving.length === 1 ? first.name : `${moving.length} files`),
  )
  const width = room - columnsOf(head) - 3
  const filled = Math.round(share * width)
  return width < 5
    ? `${head}${tail}`.slice(0, Math.max(columns - 1, 0))
    : `${head} [${'#'.repeat(filled)}${'-'.repeat(width - filled)}]${tail}`
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
