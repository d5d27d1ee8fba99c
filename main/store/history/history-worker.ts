/** The history's thread: a disk that is busy holds up nothing but it. Serves one request after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { HistoryDatabase } from './history-database.ts'
import { historyFailure } from './history-failure.ts'
import type { HistoryAnswer, HistoryRequest, OperationName, Result } from './requests.ts'

const tell = (answer: HistoryAnswer): void => parentPort?.postMessage(answer)

const database = new HistoryDatabase({
  folder: String(workerData),
  damaged: sentence => tell({ kind: 'damaged', sentence }),
})

/** The types of `ask` in history.ts hold on both sides; here they are those of all operations at once. */
function serve(name: OperationName, values: readonly unknown[]): Result<OperationName> {
  return Reflect.apply(database[name], database, values)
}

function answer(request: HistoryRequest): HistoryAnswer {
  const { id } = request
  try {
    if (request.kind === 'operation') return { id, kind: 'done', result: serve(request.name, request.values) }
    database.close()
    return { id, kind: 'done', result: undefined }
  } catch (error) {
    const failure = historyFailure(error)
    return { id, kind: 'failed', code: failure.code, message: failure.message, cause: String(failure.cause) }
  }
}

parentPort?.on('message', (request: HistoryRequest) => tell(answer(request)))
