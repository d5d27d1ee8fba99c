import fs from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { Trouble } from './troubled-disk.ts'

const trouble = workerData as Trouble
const { readSync, writeSync } = fs

// Before the trouble begins: code is read from the disk, too.
if (trouble.kind !== 'throws') await import('../../main/transfer/disk-worker.ts')

switch (trouble.kind) {
  case 'fails': {
    let left = trouble.afterBytes
    fs.writeSync = ((fd: number, buffer: Uint8Array, offset: number, length: number, position: number) => {
      if (left === 0) throw Object.assign(new Error(`${trouble.code}: injected`), { code: trouble.code })
      // A disk that fills up takes a part first.
      const written = writeSync(fd, buffer, offset, Math.min(length, left), position)
      left -= written
      return written
    }) as typeof fs.writeSync
    break
  }
  case 'waits': {
    const wait = (): unknown => Atomics.wait(trouble.gate, 0, 0)
    fs.writeSync = ((...stretch: Parameters<typeof writeSync>) => {
      wait()
      return writeSync(...stretch)
    }) as typeof fs.writeSync
    fs.readSync = ((...stretch: Parameters<typeof readSync>) => {
      wait()
      return readSync(...stretch)
    }) as typeof fs.readSync
    break
  }
  case 'exits':
    fs.writeSync = () => process.exit(3)
    break
  case 'throws':
    parentPort?.once('message', () => {
      throw new Error('injected')
    })
    break
}
