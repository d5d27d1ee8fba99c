import { setEnvironmentData, Worker } from 'node:worker_threads'
import { language } from '../../shared/words/language.ts'

/** The only place that knows where the disk thread's code is: a bundler replaces this line and nothing else. */
export function startDiskThread(): Worker {
  // It says why a disk fails, in the language of this moment.
  setEnvironmentData('language', language())
  // Options of this process, such as an evaluated script, are not the thread's.
  return new Worker(new URL('./disk-worker.ts', import.meta.url), { name: 'disk', execArgv: [] })
}
