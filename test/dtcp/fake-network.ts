import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import type { FakeClock } from './fake-clock.ts'
import type { Random } from './random.ts'

/** How a network treats what is sent over it. */
export interface Weather {
  /** Largest time that one message takes, one way. */
  readonly latencyMs: number
  /** How a byte stream is cut on its way. */
  readonly cut: 'whole' | 'anywhere' | 'bytes'
}

export interface World {
  readonly clock: FakeClock
  readonly random: Random
  readonly weather: Weather
  /** Notes what happens; the text is only made when somebody reads it. */
  readonly note: (text: () => string) => void
  /** A rule is broken. */
  readonly violate: (text: string) => never
}

/** What travels. TLS is modelled as an exchange of certificates, and as a layer that bytes belong to. */
export type Parcel =
  | { readonly kind: 'bytes'; readonly layer: 'plain' | 'tls'; readonly bytes: Uint8Array }
  /** In this order: the dialer's hello, the acceptor's answer with its certificate, the dialer's certificate. */
  | { readonly kind: 'tls-hello' }
  | { readonly kind: 'tls-answer'; readonly certificate: Fingerprints | undefined }
  | { readonly kind: 'tls-finish'; readonly certificate: Fingerprints | undefined }
  | { readonly kind: 'end' }

/** Whoever sits at one end of a connection. */
export interface Holder {
  /** The dial is connected. */
  connected(): void
  arrived(parcel: Exclude<Parcel, { kind: 'end' }>): void
  gone(how: 'refused' | 'ended' | 'reset'): void
}

/** Something that listens: gives the holder of the acceptor's end. */
export interface Listening {
  accept(end: End): Holder
}

/** What a host leads to, from where the dialer stands. */
export type Path =
  | { readonly kind: 'reaches'; readonly listener: Listening }
  | { readonly kind: 'refused' }
  | { readonly kind: 'black-hole' }

/** Beyond the longest line (S1) nothing is learnt from single bytes any more. */
const MOST_SINGLE_BYTES = 600

interface Queued {
  at: number
  parcel: Parcel
}

/** One TCP connection. */
export class Wire {
  readonly id: number
  readonly dialer: End
  acceptor: End | undefined
  /** The network has broken it, so that what was on its way is lost. */
  broken = false

  constructor(id: number, world: World, path: Path) {
    this.id = id
    this.dialer = new End(this, world)
    const { clock } = world
    const there = world.random.unit() * world.weather.latencyMs
    if (path.kind === 'black-hole') return
    if (path.kind === 'refused') {
      clock.in(there * 2, () => {
        if (!this.dialer.isClosed) this.dialer.holder?.gone('refused')
      })
      return
    }
    clock.in(there, () => {
      // A dial that was called off may have reached the other computer already.
      if (this.broken || (this.dialer.isClosed && world.random.chance(0.5))) return
      const acceptor = new End(this, world)
      this.acceptor = acceptor
      acceptor.holder = path.listener.accept(acceptor)
      if (this.dialer.isClosed) this.dialer.push({ kind: 'end' })
      const back = world.random.unit() * world.weather.latencyMs
      clock.in(back, () => {
        if (!this.dialer.isClosed && !this.broken) this.dialer.holder?.connected()
      })
      acceptor.notBefore(clock.now + back)
    })
  }

  other(end: End): End | undefined {
    return end === this.dialer ? this.acceptor : this.dialer
  }

  /** Both ends learn of it, at once. */
  reset(): void {
    this.broken = true
    for (const end of [this.dialer, this.acceptor]) {
      if (end !== undefined && !end.isClosed) end.holder?.gone('reset')
    }
  }

  /** Nothing arrives any more, and nobody is told. */
  fallSilent(): void {
    this.broken = true
  }
}

/** One end of a connection: sends to the other, in order, cut and joined as the weather likes it. */
export class End {
  readonly wire: Wire
  readonly #world: World
  holder: Holder | undefined
  isClosed = false
  readonly #queue: Queued[] = []
  #earliest = 0
  #pumping = false

  constructor(wire: Wire, world: World) {
    this.wire = wire
    this.#world = world
  }

  notBefore(at: number): void {
    this.#earliest = Math.max(this.#earliest, at)
  }

  push(parcel: Parcel): void {
    const { clock, random, weather } = this.#world
    // What is written in one go often travels in one packet.
    const together = this.#queue.length > 0 && random.chance(0.5)
    const latency = together ? 0 : random.unit() * weather.latencyMs
    const at = Math.max(this.#earliest, clock.now + latency)
    this.#earliest = at
    this.#queue.push({ at, parcel })
    this.#pump()
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    if (this.wire.other(this) !== undefined) this.push({ kind: 'end' })
  }

  #pump(): void {
    const head = this.#queue[0]
    if (this.#pumping || head === undefined) return
    this.#pumping = true
    const { clock } = this.#world
    clock.in(Math.max(0, head.at - clock.now), () => {
      this.#pumping = false
      this.#deliver()
      this.#pump()
    })
  }

  #deliver(): void {
    const { wire } = this
    if (wire.broken) {
      this.#queue.length = 0
      return
    }
    const head = this.#queue.shift()
    const other = wire.other(this)
    if (head === undefined || other === undefined) return
    const { parcel } = head
    if (parcel.kind === 'end') {
      if (!other.isClosed) other.holder?.gone('ended')
      return
    }
    if (parcel.kind !== 'bytes') {
      other.holder?.arrived(parcel)
      return
    }
    this.#deliverBytes(other, parcel)
  }

  #deliverBytes(other: End, first: Parcel & { kind: 'bytes' }): void {
    const { clock, random, weather } = this.#world
    let { bytes } = first
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const { parcel, at } = next
      if (at > clock.now || parcel.kind !== 'bytes' || parcel.layer !== first.layer) break
      bytes = Buffer.concat([bytes, parcel.bytes])
      this.#queue.shift()
    }
    const { layer } = first
    switch (weather.cut) {
      case 'whole':
        other.holder?.arrived({ kind: 'bytes', layer, bytes })
        return
      case 'bytes':
        for (let index = 0; index < Math.min(bytes.length, MOST_SINGLE_BYTES); index++) {
          other.holder?.arrived({ kind: 'bytes', layer, bytes: bytes.subarray(index, index + 1) })
        }
        if (bytes.length <= MOST_SINGLE_BYTES) return
        other.holder?.arrived({ kind: 'bytes', layer, bytes: bytes.subarray(MOST_SINGLE_BYTES) })
        return
      case 'anywhere': {
        const length = random.int(1, bytes.length)
        const rest = bytes.subarray(length)
        if (rest.length > 0) {
          const at = clock.now + random.unit() * 2
          this.#queue.unshift({ at, parcel: { kind: 'bytes', layer, bytes: rest } })
          this.notBefore(at)
        }
        other.holder?.arrived({ kind: 'bytes', layer, bytes: bytes.subarray(0, length) })
        return
      }
      default:
        weather.cut satisfies never
    }
  }
}
