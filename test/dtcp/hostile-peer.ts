import type { End, Holder, Listening, Parcel, World } from './fake-network.ts'

/** Somebody who found our listener, or whom a host leads to, and who does not mean well. */

/** What a hostile dialer says, line after line. */
const DIALER_SCRIPTS: readonly [readonly string[], ...(readonly string[])[]] = [
  [],
  ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['key:\n', 'key\n', 'key: \n', 'ok\n', 'error\n'],
  ['key:guess-1\n', 'key:guess-2\n', 'key:guess-3\n', 'key:guess-4\n', 'key:guess-5\n', 'key:guess-6\n'],
  ['x'.repeat(513), 'x'],
  [`key:${'k'.repeat(600)}\n`],
  ['starttls\nkey:injected\n'],
  ['starttls\n', 'key:injected\n'],
  ['starttls\n'],
  ['\n\n\n'],
  ['starttls:x\n', 'STARTTLS\n', ' starttls\n', 'start'],
  ['\0\x01\x02\xff\xfe', '\n', '\xff'.repeat(100)],
  ['ke', 'y:', 'half'],
]

/** What a hostile acceptor answers, one piece to each piece that it reads. */
const ACCEPTOR_SCRIPTS: readonly [readonly string[], ...(readonly string[])[]] = [
  [],
  ['ok:wrong-key\n', 'ok:wrong-key\n'],
  ['error\n', 'error\n', 'error\n'],
  ['ok\n', 'ok:injected\n'],
  ['ok\nok:injected\n'],
  ['HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['x'.repeat(513)],
  ['y'.repeat(70_000)],
  ['ok\n'],
  ['error\nok:injected\n'],
  ['ok', ':', 'half'],
]

/** Dials a listener and plays a script; a key that was good once is tried as well. */
export class HostileDialer implements Holder {
  readonly #world: World
  readonly #end: () => End
  readonly #deadKeys: () => readonly string[]

  constructor(world: World, end: () => End, deadKeys: () => readonly string[]) {
    this.#world = world
    this.#end = end
    this.#deadKeys = deadKeys
  }

  connected(): void {
    const { random, clock } = this.#world
    const script = random.chance(0.1)
      ? this.#deadKeys().map(key => `key:${key}\n`)
      : [...random.pick(DIALER_SCRIPTS)]
    let after = 0
    for (const text of script) {
      after += random.unit() * 100
      clock.in(after, () => send(this.#end(), text))
    }
    // Half of them never close by themselves.
    if (random.chance(0.5)) clock.in(after + random.unit() * 8_000, () => this.#end().close())
  }

  arrived(): void {}

  gone(): void {
    this.#end().close()
  }
}

/** What listens where a host leads to that is not the peer's. */
export class HostileListener implements Listening {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  accept(end: End): Holder {
    const { random, clock } = this.#world
    const script = random.pick(ACCEPTOR_SCRIPTS)
    let next = 0
    if (random.chance(0.2)) clock.in(random.unit() * 6_000, () => end.close())
    return {
      connected: () => {},
      arrived: (parcel: Exclude<Parcel, { kind: 'end' }>) => {
        const text = parcel.kind === 'bytes' ? script[next++] : undefined
        if (text !== undefined) send(end, text)
      },
      gone: () => end.close(),
    }
  }
}

function send(end: End, text: string): void {
  if (end.isClosed) return
  end.push({ kind: 'bytes', layer: 'plain', bytes: Buffer.from(text, 'latin1') })
}
