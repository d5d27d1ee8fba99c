import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { normalizeAddress } from '../dtcp/host.ts'

type LookupAll = (
  name: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Looks names up for sockets, and gives only addresses that may be dialed: whoever owns a name can let it point anywhere.
 * The system's lookup cannot be stopped and shares its few threads with the disk, so that only `limit` may run at once.
 */
export class GuardedLookups {
  readonly #limit: number
  readonly #lookup: LookupAll
  #running = 0

  constructor(limit: number, lookup: LookupAll = systemLookup) {
    this.#limit = limit
    this.#lookup = lookup
  }

  /** For one socket. `mayDial` is asked with the canonical text of each address. */
  where(mayDial: (address: string) => boolean): LookupFunction {
    return (name, options, done) => {
      if (this.#running >= this.#limit) {
        process.nextTick(done, new Error(`too many names at once: ${name}`), [])
        return
      }
      this.#running += 1
      this.#lookup(name, { ...options, all: true }, (error, addresses) => {
        this.#running -= 1
        if (error !== null) {
          done(error, [])
          return
        }
        const allowed = addresses.filter(({ address }) => {
          const literal = normalizeAddress(address)
          return literal !== undefined && mayDial(literal)
        })
        const [first] = allowed
        if (first === undefined) done(new Error(`${name} is at no address that may be dialed`), [])
        else if (options.all === true) done(null, allowed)
        else done(null, first.address, first.family)
      })
    }
  }
}
