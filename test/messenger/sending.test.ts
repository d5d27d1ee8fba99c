import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Sending, type SendingOptions } from '../../main/messenger/sending.ts'
import { Transfers } from '../../main/messenger/transfers.ts'
import type { KeptTransfer } from '../../main/store/transfer-list.ts'
import type { OutgoingEntry } from '../../main/transfer/journal.ts'
import { Failure } from '../../shared/model/failure.ts'
import { personId } from '../../shared/model/person-id.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { transfer } from '../renderer/factories.ts'
import { eventually } from '../support/eventually.ts'
import { makeFile } from '../support/files.ts'

const BOB = 'bob@plumb.test'
const ME = 'me@plumb.test'
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

interface RigOptions {
  /** What an earlier run left. */
  readonly kept?: readonly KeptTransfer[]
  /** Whether it will be seen when the person comes online. */
  readonly mayWait?: boolean
}

/** A sender whose core finds the device, and ends a transfer, when the test says so. */
function makeRig({ kept = [], mayWait = false }: RigOptions = {}) {
  const transfers = new Transfers({
    history: { saveTransfers: async () => [], transfer: async () => null },
    kept,
    summarize: () => {},
    push: () => {},
    notSaved: () => {},
    changedState: () => {},
  })
  const searches: PromiseWithResolvers<typeof DEVICE>[] = []
  const offered: {
    readonly name: string
    readonly again: OutgoingEntry | undefined
    /** Tells the end, and resolves. */
    readonly end: () => void
    readonly resolve: () => void
  }[] = []
  const core: Core = {
    findRecipient: (_to, _waitMs, signal) => {
      const search = Promise.withResolvers<typeof DEVICE>()
      signal.addEventListener('abort', () => search.reject(signal.reason))
      searches.push(search)
      return search.promise
    },
    sendAgain: (entry, ...others) => send(entry, ...others),
    devicesOf: () => [
      { address: DEVICE.address, show: 'online', status: '', idleSince: undefined, direct: true },
    ],
    understandsFolders: async () => true,
    send: (...all) => send(undefined, ...all),
  }
  async function send(
    again: OutgoingEntry | undefined,
    ...[source, _recipient, { transfer: id = '' }]: Parameters<Core['send']>
  ): Promise<Failure> {
    const { promise, resolve } = Promise.withResolvers<Failure>()
    const failure = new Failure('declined', 'The contact declined the file.')
    offered.push({
      name: source.name,
      again,
      end: () => {
        transfers.apply({ event: 'failed', transfer: id, code: failure.code, message: failure.message })
        resolve(failure)
      },
      resolve: () => resolve(failure),
    })
    sources.add(source)
    const outcome = await promise
    await source.close()
    return outcome
  }
  const sending = new Sending({
    transfers,
    plumb: () => core,
    account: ME,
    mayWait: () => mayWait,
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
      await eventually(() => expect(searches).toHaveLength(turn + 1))
      expect(offered).toHaveLength(turn)
      searches[turn]?.resolve(DEVICE)
      await eventually(() => expect(offered).toHaveLength(turn + 1))
    }
    expect(offered.map(({ name }) => name)).toEqual(['part 0.bin', 'part 1.bin', 'part 2.bin'])
  })

  test('are offered four at a time; one that ends lets the next one go', async () => {
    const { sending, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(5))
    for (let turn = 0; turn < 4; turn++) {
      await eventually(() => expect(searches).toHaveLength(turn + 1))
      searches[turn]?.resolve(DEVICE)
    }
    await eventually(() => expect(offered).toHaveLength(4))
    expect(searches).toHaveLength(4)
    offered[2]?.end()
    await eventually(() => expect(searches).toHaveLength(5))
    searches[4]?.resolve(DEVICE)
    await eventually(() => expect(offered.at(-1)?.name).toBe('part 4.bin'))
  })

  test('do not wait for one that is paused', async () => {
    const { sending, transfers, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(5))
    for (let turn = 0; turn < 4; turn++) {
      await eventually(() => expect(searches).toHaveLength(turn + 1))
      searches[turn]?.resolve(DEVICE)
    }
    await eventually(() => expect(offered).toHaveLength(4))
    const first = transfers.shown.find(({ name }) => name === 'part 0.bin')?.id ?? ''
    transfers.apply({ event: 'paused', transfer: first, by: 'them' })
    sending.paused(first)
    await eventually(() => expect(searches).toHaveLength(5))
    searches[4]?.resolve(DEVICE)
    await eventually(() => expect(offered.at(-1)?.name).toBe('part 4.bin'))
  })

  test('go on behind one whose device is not found', async () => {
    const { sending, transfers, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(2))
    await eventually(() => expect(searches).toHaveLength(1))
    searches[0]?.reject(new Failure('peer-offline', 'bob is not online: try again later.'))
    await eventually(() => expect(searches).toHaveLength(2))
    searches[1]?.resolve(DEVICE)
    await eventually(() => expect(offered.map(({ name }) => name)).toEqual(['part 1.bin']))
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
    await eventually(() => expect(searches).toHaveLength(1))
    searches[0]?.resolve(DEVICE)
    await eventually(() => expect(offered).toHaveLength(1))
    offered[0]?.end()
    const id = transfers.shown[0]?.id ?? ''
    const presses = await Promise.allSettled([sending.retry(id), sending.retry(id)])
    expect(presses.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await eventually(() => expect(searches).toHaveLength(2))
  })

  test('in the moment in which the first try ends is a try of its own, and can be cancelled', async () => {
    const { sending, transfers, searches, offered } = makeRig()
    await sending.offer(BOB, await makeFiles(1))
    await eventually(() => expect(searches).toHaveLength(1))
    searches[0]?.resolve(DEVICE)
    await eventually(() => expect(offered).toHaveLength(1))
    const id = transfers.shown[0]?.id ?? ''
    transfers.apply({ event: 'failed', transfer: id, code: 'declined', message: 'No.' })
    await sending.retry(id)
    offered[0]?.resolve()
    await eventually(() => expect(searches).toHaveLength(2))
    expect(sending.cancel(id)).toBe(true)
    searches[1]?.reject(new Failure('cancelled', 'You cancelled the transfer.'))
    await eventually(() =>
      expect(transfers.shown[0]?.state).toMatchObject({ failure: { code: 'cancelled' } }),
    )
  })
})

describe('what an earlier run left', () => {
  const at = 40
  const failure = { code: 'interrupted', message: 'Plumb was closed.' } as const

  function kept(name: string, more: Partial<ShownTransfer> = {}, account = ME): KeptTransfer {
    const state = { kind: 'interrupted', bytes: 4, failure } as const
    return {
      shown: transfer({
        id: name,
        name,
        person: personId(account, BOB),
        direction: 'out',
        size: 10,
        state,
        ...more,
      }),
      path: join(folder, name),
    }
  }

  function entry(id: string, more: Partial<OutgoingEntry> = {}): OutgoingEntry {
    return {
      kind: 'out',
      id,
      key: '00112233445566778899aabbccddeeff',
      account: ME,
      peer: BOB,
      name: id,
      size: 10,
      files: undefined,
      at,
      paused: undefined,
      path: join(folder, id),
      mtimeNs: '1',
      accepted: true,
      by: { pid: 1, bootedAt: 0 },
      ...more,
    }
  }

  test('goes on in its order, each with what was noted of it', async () => {
    const paths = await makeFiles(3)
    const names = paths.map((_, index) => `part ${index}.bin`)
    const { sending, searches, offered } = makeRig({
      kept: [
        kept(names[0] ?? ''),
        kept(names[1] ?? '', { state: { kind: 'waiting' } }),
        kept(names[2] ?? '', { state: { kind: 'paused', bytes: 4, by: 'us' } }),
        kept('over', { state: { kind: 'failed', at, bytes: 0, failure } }),
        kept('coming in', { direction: 'in' }),
        kept('of another account', {}, 'other@plumb.test'),
      ],
    })
    const paused = entry(names[2] ?? '', { paused: 'us' })
    sending.goOn([paused, entry('unknown'), entry(names[0] ?? '')])
    for (let turn = 0; turn < 3; turn++) {
      await eventually(() => expect(searches).toHaveLength(turn + 1))
      searches[turn]?.resolve(DEVICE)
      await eventually(() => expect(offered).toHaveLength(turn + 1))
    }
    expect(offered.map(({ name }) => name)).toEqual(names)
    expect(offered.map(({ again }) => again)).toEqual([entry(names[0] ?? ''), undefined, paused])
    expect(['over', 'coming in', 'of another account', 'unknown'].some(id => sending.has(id))).toBe(false)
  })

  test('goes on without its pause where it is resumed before they are there', async () => {
    await makeFiles(1)
    const id = 'part 0.bin'
    const state = { kind: 'paused', bytes: 4, by: 'us' } as const
    const { sending, transfers, searches, offered } = makeRig({ kept: [kept(id, { state })], mayWait: true })
    sending.goOn([entry(id, { paused: 'us' })])
    expect(transfers.get(id).shown.state).toEqual(state)
    expect(sending.resume(id)).toBe(true)
    expect(transfers.get(id).shown.state).toMatchObject({ kind: 'interrupted', bytes: 4 })
    await eventually(() => expect(searches).toHaveLength(1))
    searches[0]?.resolve(DEVICE)
    await eventually(() => expect(offered).toHaveLength(1))
    expect(offered[0]?.again).toEqual(entry(id))
    expect(sending.resume('unknown')).toBe(false)
  })

  test('is shown as it was left until they are there, and also after signing out once more', async () => {
    await makeFiles(1)
    const id = 'part 0.bin'
    const { sending, transfers, searches } = makeRig({ kept: [kept(id)], mayWait: true })
    sending.goOn([entry(id)])
    await eventually(() => expect(searches).toHaveLength(1))
    searches[0]?.reject(new Failure('peer-offline', 'bob is not online: try again later.'))
    await eventually(() => expect(searches).toHaveLength(2))
    expect(transfers.get(id).shown.state).toMatchObject({ kind: 'interrupted', bytes: 4 })
    sending.suspendAll()
    await eventually(() => expect(sending.has(id)).toBe(false))
    expect(transfers.get(id).shown.state).toMatchObject({ kind: 'interrupted', bytes: 4 })
    sending.goOn([entry(id)])
    await eventually(() => expect(searches).toHaveLength(3))
  })
})
