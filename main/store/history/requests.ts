import type { FailureCode } from '../../../shared/model/failure.ts'
import type { HistoryDatabase } from './history-database.ts'

/* What crosses between the history and its thread. */

export type OperationName = Exclude<keyof HistoryDatabase, 'close'>

export type Arguments<N extends OperationName> = Parameters<HistoryDatabase[N]>
export type Result<N extends OperationName> = ReturnType<HistoryDatabase[N]>

export type HistoryRequest =
  | { readonly id: number; readonly kind: 'close' }
  | {
      readonly id: number
      readonly kind: 'operation'
      readonly name: OperationName
      readonly values: Arguments<OperationName>
    }

export type HistoryAnswer =
  | { readonly id: number; readonly kind: 'done'; readonly result: Result<OperationName> }
  | {
      readonly id: number
      readonly kind: 'failed'
      readonly code: FailureCode
      readonly message: string
      /** What was underneath, for the one who reads stderr. */
      readonly cause: string
    }
  | { readonly kind: 'damaged'; readonly sentence: string }
