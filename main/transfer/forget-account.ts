import { hasArrived, reopenArrival } from './arrival.ts'
import { Journal } from './journal.ts'

/**
 * Forgets what was under way of an account (a bare JID) that is not ours any more, with what of it had arrived in part.
 * Nothing of it may be at work. Throws `cannot-write` where the journal in `folder` cannot be opened.
 */
export async function forgetAccount(folder: string, account: string): Promise<void> {
  const journal = Journal.open(folder)
  for (const entry of journal.entries) {
    if (entry.account !== account) continue
    if (entry.kind === 'in' && entry.done === undefined) {
      const found = await reopenArrival(entry, async () => {}).catch(() => undefined)
      // A folder that is gone, or that is not ours to write into, has nothing that could be removed.
      if (found !== undefined && !hasArrived(found)) await found.discard().catch(() => {})
    }
    await journal.remove(entry.id)
  }
}
