import { createConnection, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Host } from '../../main/dtcp/host.ts'

/** Listens, says where, and never comes back to accept anything. */
const LISTENS_AND_SLEEPS = `
const { parentPort, workerData } = require('node:worker_threads')
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  setImmediate(() => Atomics.wait(workerData, 0, 0))
})`

/**
 * A host that swallows what comes to it, as one behind a firewall does: its system's queue is full, so that
 * a new connection is neither accepted nor refused.
 */
export async function startBlackHole(): Promise<{ readonly host: Host } & AsyncDisposable> {
  const asleep = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(LISTENS_AND_SLEEPS, { eval: true, workerData: asleep })
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  const fillers: Socket[] = []
  do {
    if (fillers.length > 2048) throw new Error('the queue of the system takes no end of connections')
    const filler = createConnection({ host: '127.0.0.1', port })
    filler.on('error', () => {})
    fillers.push(filler)
    // On loopback a connection that can be made is made at once.
    for (let turn = 0; turn < 20 && filler.connecting; turn++) await nextTurn()
  } while (fillers.at(-1)?.connecting === false)
  return {
    host: { address: '127.0.0.1', port },
    [Symbol.asyncDispose]: async () => {
      for (const filler of fillers) filler.destroy()
      Atomics.store(asleep, 0, 1)
      Atomics.notify(asleep, 0)
      await worker.terminate()
    },
  }
}
