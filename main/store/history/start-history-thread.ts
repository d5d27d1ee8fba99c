import { Worker } from 'node:worker_threads'

/** The only place that knows where the history's code is: a bundler replaces this line and nothing else. */
export function startHistoryThread(folder: string): Worker {
  return new Worker(new URL('./history-worker.ts', import.meta.url), {
    name: 'history',
    workerData: folder,
    // Options of this process, such as an evaluated script, are not the thread's.
    execArgv: [],
  })
}
