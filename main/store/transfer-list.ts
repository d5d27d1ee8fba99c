import * as z from 'zod'
import { personId } from '../../shared/model/person-id.ts'
import { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { openVersioned } from './versioned-file.ts'

/** A transfer as it is kept: what the window shows, and where the file is, which the window never learns. */
export const KeptTransfer = z.strictObject({
  shown: ShownTransfer,
  /** Absolute: of the source, or of what arrived. */
  path: z.string().nullable(),
})
export type KeptTransfer = z.infer<typeof KeptTransfer>

const Stored = z.strictObject({ transfers: z.array(KeptTransfer) })

/** The newest of them. */
export const MAX_KEPT = 1_000

export interface TransferList {
  /** As they were left, oldest first. */
  readonly transfers: readonly KeptTransfer[]
  readonly damage: string | undefined
  /** Rejects with `cannot-write`. */
  save(transfers: readonly KeptTransfer[]): Promise<void>
}

/** Opens transfers.json in `folder`. `owner`: our own bare JID, for what version 1 did not note whose it is. */
export function openTransferList(folder: string, owner: string | undefined): TransferList {
  const file = openVersioned<z.infer<typeof Stored>>({
    folder,
    name: 'transfers',
    what: 'The list of transfers',
    schema: Stored,
    migrations: [withRoutes, old => withAccounts(old, owner)],
    initial: { transfers: [] },
  })
  return {
    get transfers() {
      return file.value.transfers
    },
    damage: file.damage,
    save: transfers => file.saveSoon({ transfers: transfers.slice(-MAX_KEPT) }),
  }
}

/** Version 2: other routes than DTCP, folders, and transfers that go on. */
function withRoutes(old: Record<string, unknown>): Record<string, unknown> {
  const transfers = old['transfers'] as { shown: Record<string, unknown>; path: unknown }[]
  return {
    transfers: transfers.map(({ shown, path }) => ({
      path,
      account: null,
      shown: {
        ...shown,
        files: null,
        receipt: shown['receipt'] === null ? null : { ...(shown['receipt'] as object), relay: 'none' },
        attempts: [],
        resumedFrom: null,
        restarted: false,
        canPause: false,
      },
    })),
  }
}

/** Version 3: whose they are is part of whom they are with. */
function withAccounts(old: Record<string, unknown>, owner: string | undefined): Record<string, unknown> {
  const transfers = old['transfers'] as {
    shown: Record<string, unknown>
    path: unknown
    account: string | null
  }[]
  return {
    transfers: transfers.flatMap(({ shown, path, account: noted }) => {
      const account = noted ?? owner
      if (account === undefined) return []
      return [{ path, shown: { ...shown, person: personId(account, String(shown['person'])) } }]
    }),
  }
}
