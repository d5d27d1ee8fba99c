import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Sending, type SendingOptions } from '../../main/messenger/sending.ts'
import { Transfers } from '../../main/messenger/transfers.ts'
import { Failure } from '../../shared/model/failure.ts'
import { makeFile } from '../support/files.ts'

const BOB = 'bob@plumb.test'
const DEVICE = { address: `${BOB}/desk`, isPlumb: true }

let folder: string
/** Sources that a test left open. */
const sources = new Set<{ close(): Promise<void> }>()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-sending-'))
})

afterEach(async () => {
  for (const source of sources) await source.close()
  sources.clear()
  await rm(folder, { recursive: true, force: true })
})

type Core = ReturnType<SendingOptions['plumb']>

/** A sender whose core finds the device, and ends a transfer, when the test says so. */
function makeRig() {
  const transfers = new Transfers({
    list: { transfers: [], damage: undefined, save: async () => {} },
    push: () => {},
    notSaved: () => {},
    changedState: () => {},
  })
  const searches: PromiseWithResolvers<typeof DEVICE>[] = []
  const offered: { readonly name: string; readonly end: () => void }[] = []
  const core: Core = {
    findRecipient: () => {
      const search = Promise.withResolvers<typeof DEVICE>()
      searches.push(search)
      return search.promise
    },
    sendAgain: () => Promise.reject(new Error('bug: nothing was left')),
    devicesOf: () => [{ address: DEVICE.address, show: 'online', status: '', direct: true }],
    understandsFolders: async () => true,
    send: async (source, _recipient, { transfer = '' }) => {
      const { promise, resolve } = Promise.withResolvers<Failure>()
      const failure = new Failure('declined', 'The contact declined the file.')
      offered.push({
        name: source.name,
        end: () => {
          transfers.apply({ event: 'failed', transfer, code: failure.code, message: failure.message })
          resolve(failure)
        },
      })
      sources.add(source)
      const outcome = await promise
      await source.close()
      return outcome
    },
  }
  const sending = new Sending({
    transfers,
    plumb: () => core,
    account: () => 'me@plumb.test',
    mayWait: () => false,
    requireAllowed: () => {},
  })
  return { sending, transfers, searches, offered }
}

async function makeFiles(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `part ${index}.bin`)
  return Promise.all(names.map(name => makeFile(join(folder, name), 10)))
}

describe('several files for one person', () => {
  test('are offered in the order in which they were given, however long each takes to be found', async () => {
    const { sending, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(3))
    for (let turn = 0; turn < 3; turn++) {
      await vi.waitFor(() => expect(searches).toHaveLength(turn + 1))
      expect(offered).toHaveLength(turn)
      searches[turn]?.resolve(DEVICE)
      await vi.waitFor(() => expect(offered).toHaveLength(turn + 1))
    }
    expect(offered.map(({ name }) => name)).toEqual(['part 0.bin', 'part 1.bin', 'part 2.bin'])
  })

  test('are offered four at a time; one that ends lets the next one go', async () => {
    const { sending, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(5))
    for (let turn = 0; turn < 4; turn++) {
      await vi.waitFor(() => expect(searches).toHaveLength(turn + 1))
      searches[turn]?.resolve(DEVICE)
    }
    await vi.waitFor(() => expect(offered).toHaveLength(4))
    expect(searches).toHaveLength(4)
    offered[2]?.end()
    await vi.waitFor(() => expect(searches).toHaveLength(5))
    searches[4]?.resolve(DEVICE)
    await vi.waitFor(() => expect(offered.at(-1)?.name).toBe('part 4.bin'))
  })

  test('go on behind one whose device is not found', async () => {
    const { sending, transfers, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(2))
    await vi.waitFor(() => expect(searches).toHaveLength(1))
    searches[0]?.reject(new Failure('peer-offline', 'bob is not online: try again later.'))
    await vi.waitFor(() => expect(searches).toHaveLength(2))
    searches[1]?.resolve(DEVICE)
    await vi.waitFor(() => expect(offered.map(({ name }) => name)).toEqual(['part 1.bin']))
    expect(transfers.shown[0]?.state).toMatchObject({ kind: 'failed', failure: { code: 'peer-offline' } })
  })
})

test('more files at once than anybody means are refused whole', async () => {
  const { sending, transfers } = makeRig()
  const paths = Array.from({ length: 1_001 }, () => '/a')
  await expect(sending.offer(BOB, paths)).rejects.toMatchObject({ code: 'not-allowed' })
  expect(transfers.shown).toEqual([])
})

describe('sending again', () => {
  test('twice at the same time offers once', async () => {
    const { sending, transfers, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(1))
    await vi.waitFor(() => expect(searches).toHaveLength(1))
    searches[0]?.resolve(DEVICE)
    await vi.waitFor(() => expect(offered).toHaveLength(1))
    offered[0]?.end()
    const id = transfers.shown[0]?.id ?? ''
    const presses = await Promise.allSettled([sending.retry(id), sending.retry(id)])
    expect(presses.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await vi.waitFor(() => expect(searches).toHaveLength(2))
  })

  test('in the moment in which the first try ends is a try of its own, and can be cancelled', async () => {
    const { sending, transfers, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(1))
    await vi.waitFor(() => expect(searches).toHaveLength(1))
    searches[0]?.resolve(DEVICE)
    await vi.waitFor(() => expect(offered).toHaveLength(1))
    const id = transfers.shown[0]?.id ?? ''
    transfers.apply({ event: 'failed', transfer: id, code: 'declined', message: 'No.' })
    await sending.retry(id)
    offered[0]?.end()
    await vi.waitFor(() => expect(searches).toHaveLength(2))
    expect(sending.cancel(id)).toBe(true)
    searches[1]?.reject(new Failure('cancelled', 'You cancelled the transfer.'))
    await vi.waitFor(() =>
      expect(transfers.shown[0]?.state).toMatchObject({ failure: { code: 'cancelled' } }),
    )
  })
})
