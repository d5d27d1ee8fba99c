import { Worker } from 'node:worker_threads'
import type { RouterJob } from './ask-router.ts'

/** What a router says must not fill the memory of the program. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }

/** The only place that knows where the router thread's code is: a bundler replaces this line and nothing else. */
export function startRouterThread(job: RouterJob): Worker {
  return new Worker(new URL('./router-worker.ts', import.meta.url), {
    name: 'router',
    workerData: job,
    resourceLimits: RESOURCE_LIMITS,
    // Options of this process, such as an evaluated script, are not the thread's.
    execArgv: [],
  })
}
