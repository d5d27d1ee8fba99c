import { rmSync } from 'node:fs'
import { join } from 'node:path'
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

/** The list of transfers of when there was no history. */
export interface OldTransferList {
  /** As they were left, oldest first. */
  readonly transfers: readonly KeptTransfer[]
  readonly damage: string | undefined
  /** It is in the history now. Throws where the file stays. */
  remove(): void
}

/**
 * Opens transfers.json in `folder`; one that is not there is empty. `owner`: our own bare JID, for what version 1 did not
 * note whose it is.
 */
export function openOldTransferList(folder: string, owner: string | undefined): OldTransferList {
  const name = 'transfers'
  const file = openVersioned<z.infer<typeof Stored>>({
    folder,
    name,
    what: 'transfers',
    schema: Stored,
    migrations: [withRoutes, old => withAccounts(old, owner)],
    initial: { transfers: [] },
  })
  return {
    transfers: file.value.transfers,
    damage: file.damage,
    remove: () => rmSync(join(folder, `${name}.json`), { force: true }),
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

/** Version 3: whose they are is part of whom they are with, and pictures are shown. */
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
      const person = personId(account, String(shown['person']))
      return [{ path, shown: { ...shown, listed: true, picture: null, person } }]
    }),
  }
}
