import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Transfers } from '../../main/messenger/transfers.ts'
import type { KeptTransfer } from '../../main/store/transfer-list.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'
import { transfer } from '../renderer/factories.ts'

const SIZE = 1_000_000
const progress = (bytes: number): TransferEvent => ({ event: 'progress', transfer: 't', bytes, size: SIZE })
const CONNECTED: TransferEvent = {
  event: 'connected',
  transfer: 't',
  method: 'dtcp',
  by: 'dialer',
  remote: '[::1]:1',
  relay: 'none',
  encrypted: true,
  verified: true,
  network: 'local',
  code: undefined,
  ms: 1,
  canPause: true,
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function open(kept: readonly KeptTransfer[], saved: (changed: readonly KeptTransfer[]) => void): Transfers {
  return new Transfers({
    history: {
      saveTransfers: async changed => {
        saved(changed)
        return []
      },
      transfer: async () => null,
    },
    kept,
    summarize: () => {},
    push: () => {},
    notSaved: () => {},
    changedState: () => {},
  })
}

test('a program that was killed knows how far a transfer was, and the disk has rest', async () => {
  let disk: readonly KeptTransfer[] = []
  let writes = 0
  const transfers = open([], all => {
    disk = all
    writes += 1
  })
  const shown = transfer({ id: 't', name: 'a.bin', size: SIZE, state: { kind: 'connecting' } })
  transfers.begin(shown, null)
  transfers.apply(CONNECTED)
  for (let bytes = 1_000; bytes <= 600_000; bytes += 1_000) {
    transfers.apply(progress(bytes))
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(writes).toBeLessThan(10)
  const { state } = open(disk, () => {}).get('t').shown
  expect(state.kind).toBe('interrupted')
  expect('bytes' in state && state.bytes).toBeGreaterThanOrEqual(500_000)
})

test('what changes after there was nothing to write is written', async () => {
  let disk: readonly KeptTransfer[] = []
  const transfers = open([], all => {
    disk = all
  })
  await transfers.flush()
  transfers.begin(transfer({ id: 't', name: 'a.bin', size: SIZE, state: { kind: 'connecting' } }), null)
  await transfers.flush()
  expect(disk).toHaveLength(1)
})
