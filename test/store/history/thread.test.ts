import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { History, type HistoryOptions } from '../../../main/store/history/history.ts'
import { startHistoryThread } from '../../../main/store/history/start-history-thread.ts'
import { ANNA, entry, incoming, ME, open, page, temporaryFolder } from './rig.ts'

function start(more: Partial<HistoryOptions> = {}): {
  readonly history: History
  readonly folder: string
  readonly damage: readonly string[]
} {
  const { folder = temporaryFolder() } = more
  const damage: string[] = []
  const history = new History({ damaged: sentence => damage.push(sentence), ...more, folder })
  onTestFinished(() => history.close())
  return { history, folder, damage }
}

describe('the history on its thread', () => {
  test('answers in the order of the calls, each seeing those before', async () => {
    const { history } = start()
    const order: number[] = []
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const answer = await history.calls.noteLive(ME, incoming(`m${index}`))
        order.push(index)
        return answer
      }),
    )
    expect(order).toEqual([...Array(20).keys()])
    expect(answers.at(-1)).toMatchObject({ kind: 'new', summary: { unread: 20 } })
    const read = await history.calls.page(ME, ANNA, { kind: 'newest' }, 500)
    expect(read.messages.map(({ text }) => text)).toEqual(order.map(index => `m${index}`))
  })

  test('takes and gives everything that crosses', async () => {
    const { history } = start()
    expect(await history.calls.saveBlob('avatar', 'k', Uint8Array.of(1, 2))).toBe(true)
    expect(await history.calls.blob('avatar', 'k')).toEqual(Uint8Array.of(1, 2))
    const contact = {
      address: ANNA,
      name: undefined,
      subscription: 'both',
      asked: false,
      groups: ['a'],
    } as const
    await history.calls.saveContacts(ME, [contact], null)
    expect((await history.calls.openAccount(ME)).contacts).toEqual([contact])
    const archived = page('forwards', [entry('a1', { text: 'hello', receipt: undefined })])
    expect((await history.calls.noteArchive(ME, archived)).added).toHaveLength(1)
  })

  test('is in the file when it was closed, for good', async () => {
    const { history, folder } = start()
    void history.calls.noteLive(ME, incoming('hello'))
    const closed = history.close()
    await expect(history.calls.noteLive(ME, incoming('too late'))).rejects.toMatchObject({
      code: 'interrupted',
    })
    await closed
    expect(readdirSync(folder)).toEqual(['history.db'])
    await expect(history.calls.openAccount(ME)).rejects.toMatchObject({ code: 'interrupted' })
    await history.close()
    expect(readdirSync(folder)).toEqual(['history.db'])
    const { history: again } = start({ folder })
    expect((await again.calls.openAccount(ME)).conversations).toMatchObject([{ last: { text: 'hello' } }])
  })

  test('fails with a Failure', async () => {
    const { history } = start({ folder: join(temporaryFolder(), 'gone') })
    await expect(history.calls.openAccount(ME)).rejects.toMatchObject({
      name: 'Failure',
      code: 'cannot-write',
      fault: 'local',
    })
    await expect(history.calls.unsent(ME)).rejects.toMatchObject({ code: 'cannot-write' })
  })

  test('says once what it set aside', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'history.db'), 'no database '.repeat(1_000))
    const { history, damage } = start({ folder })
    expect(await history.calls.noteLive(ME, incoming('again'))).toMatchObject({ kind: 'new' })
    expect(await history.calls.openAccount(ME)).toMatchObject({ conversations: [{ unread: 1 }] })
    expect(damage).toEqual([expect.stringMatching(/^What was said could not be read and begins anew\./)])
  })

  test('that dies fails what it was doing, and another one serves the rest', async () => {
    let started = 0
    const { history } = start({
      start: where => {
        started += 1
        return started === 1
          ? new Worker(new URL('./troubled-history-worker.ts', import.meta.url), { workerData: where })
          : startHistoryThread(where)
      },
    })
    await history.calls.noteLive(ME, incoming('before'))
    const [lost, after] = await Promise.allSettled([
      history.calls.profiles(ME),
      history.calls.noteLive(ME, incoming('after')),
    ])
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'bug' } })
    expect(after).toMatchObject({ status: 'fulfilled', value: { kind: 'new', summary: { unread: 2 } } })
    expect(await history.calls.profiles(ME)).toEqual([])
    expect(started).toBe(2)
  })

  test('that cannot begin fails what waits, and is started again for the next call only', async () => {
    let started = 0
    const { history } = start({
      start: () => {
        started += 1
        return new Worker(new URL('./troubled-history-worker.ts', import.meta.url), { workerData: 'ends' })
      },
    })
    const calls = await Promise.allSettled([history.calls.unsent(ME), history.calls.unsent(ME)])
    expect(calls).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
    expect(started).toBe(1)
    await expect(history.calls.unsent(ME)).rejects.toMatchObject({ code: 'bug' })
    expect(started).toBe(2)
  })

  test('lets the process end', async () => {
    const module = new URL('../../../main/store/history/history.ts', import.meta.url)
    const script = `
      const { History } = await import(${JSON.stringify(module.href)})
      const history = new History({ folder: ${JSON.stringify(temporaryFolder())}, damaged: console.log })
      console.log((await history.calls.openAccount('me@a.org')).inStep)
    `
    const run = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
    expect(run.stdout.trim()).toBe('false')
  })
})

test('whatever was acknowledged is there after the program was killed, time and again', async () => {
  const folder = temporaryFolder()
  const child = fileURLToPath(new URL('./writing-child.ts', import.meta.url))
  const acknowledged = new Set<number>()
  for (const kills of [500, 1_500, 3_000]) {
    const program = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(program, 'exit')
    for await (const line of createInterface(program.stdout)) {
      acknowledged.add(Number(line))
      if (Number(line) === kills) program.kill('SIGKILL')
    }
    expect(await ended).toEqual([null, 'SIGKILL'])
    const bench = open({ folder })
    const { conversations } = bench.history.openAccount(ME)
    const found = new Set<number>()
    for (const { address, unread, last } of conversations) {
      let shown = bench.history.page(ME, address, { kind: 'newest' }, 500)
      expect(last?.text).toBe(shown.messages.at(-1)?.text)
      let count = shown.messages.length
      for (const { text } of shown.messages) found.add(Number(text))
      while (shown.older) {
        const id = shown.messages[0]?.id ?? ''
        shown = bench.history.page(ME, address, { kind: 'before', id }, 500)
        count += shown.messages.length
        for (const { text } of shown.messages) found.add(Number(text))
      }
      expect(unread).toBe(count)
    }
    expect([...acknowledged].filter(number => !found.has(number))).toEqual([])
    expect(bench.damage).toEqual([])
    bench.history.close()
  }
  expect(acknowledged.size).toBeGreaterThan(3_000)
})
