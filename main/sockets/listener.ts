import { createServer, type Server, type Socket } from 'node:net'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

/** A burst of connections must not push a real one out of the kernel's queue. */
const BACKLOG = 1024

/**
 * The one listener of all sessions. It is open only while somebody holds it, and with port 0 each opening
 * has a new port.
 */
export class Listener {
  /** 0 for any free one. */
  readonly port: number
  readonly #onConnection: (socket: Socket) => void
  #holders = 0
  #server: Promise<Server> | undefined

  constructor(port: number, onConnection: (socket: Socket) => void) {
    this.port = port
    this.#onConnection = onConnection
  }

  /**
   * Opens the port, or joins those who hold it open. The caller must call `release` once.
   * Throws `port-in-use` when a fixed port is taken or not permitted.
   */
  async hold(): Promise<{ port: number; release: () => void }> {
    this.#holders += 1
    this.#server ??= this.#open()
    const opening = this.#server
    let server: Server | undefined
    let released = false
    const release = (): void => {
      if (released) return
      released = true
      this.#holders -= 1
      if (this.#holders > 0 || this.#server !== opening) return
      this.#server = undefined
      // Now, not in a moment: who opens a fixed port again at once would find it taken by ourselves.
      server?.close()
    }
    try {
      server = await opening
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('bug: a listener without a port')
      return { port: address.port, release }
    } catch (error) {
      release()
      throw error
    }
  }

  async #open(): Promise<Server> {
    try {
      return await this.#listen('::')
    } catch (error) {
      // Computers without IPv6 have no dual-stack wildcard.
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE' || code === 'EACCES') throw this.#failure(error)
    }
    try {
      return await this.#listen('0.0.0.0')
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #listen(host: string): Promise<Server> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true })
      server.once('error', reject)
      server.listen({ port: this.port, host, backlog: BACKLOG }, () => {
        server.off('error', reject)
        // Single connections that the system could not hand over (out of descriptors) are lost, no more.
        server.on('error', () => {})
        server.on('connection', this.#onConnection)
        resolve(server)
      })
    })
  }

  #failure(cause: unknown): Failure {
    const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    const port = String(this.port)
    const message = taken ? say('port.taken', { port }) : say('port.forbidden', { port })
    return new Failure('port-in-use', message, { cause })
  }
}
