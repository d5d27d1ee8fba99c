import { parentPort, workerData } from 'node:worker_threads'
import type { HistoryRequest } from '../../../main/store/history/requests.ts'

/* A thread of the history that ends: at once, or when it is asked for a profile; until then it is the real one. */

if (workerData === 'ends') process.exit(3)

parentPort?.on('message', (request: HistoryRequest) => {
  if (request.kind === 'operation' && request.name === 'profiles') process.exit(3)
})
await import('../../../main/store/history/history-worker.ts')
