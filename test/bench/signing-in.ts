import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Messenger } from '../../main/messenger.ts'
import { History } from '../../main/store/history/history.ts'
import { openSettings } from '../../main/store/settings.ts'
import { openOldTransferList } from '../../main/store/transfer-list.ts'
import type { EventValue } from '../../shared/ipc/events.ts'
import type { BusyServer } from './busy-server.ts'
import { fillHistory, median, timed, watchLoop } from './history.ts'

/*
 * How long signing in takes, with very many people and messages beside none, in turns and at the same server; and how
 * long the event loop stands still at most while very many messages are caught up. All in milliseconds.
 */

const ROUNDS = 7
const MISSED = 5_000

export interface SignInTimes {
  /** From asking to sign in to the answer with the list of people. */
  readonly list: number
}

export interface CatchUpTimes {
  /** From the sign-in to the last of the messages in the list. */
  readonly took: number
  readonly longestPause: number
  /** Of as long a time in which nothing is done: what else this computer has to do. */
  readonly longestIdlePause: number
  /** What the window heard of it. */
  readonly events: number
}

interface Place {
  readonly host: string
  readonly port: number
  readonly caPem: string
}

export async function measureSignIn(
  people: number,
  messages: number,
): Promise<{ readonly empty: SignInTimes; readonly full: SignInTimes; readonly catchUp: CatchUpTimes }> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-bench-sign-in-'))
  const workerData: BusyServer = { people, archived: messages - 1 }
  const server = new Worker(new URL('./busy-server.ts', import.meta.url), { workerData })
  try {
    const [place]: Place[] = await once(server, 'message')
    if (place === undefined) throw new Error('the server did not start')
    const [alice, anna] = [join(folder, 'alice'), join(folder, 'anna')]
    await Promise.all([mkdir(alice), mkdir(anna)])
    await fillHistory(alice, 'alice@plumb.test', people, messages)
    const times = { empty: [] as number[], full: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      times.empty.push(await timeToList(anna, 'anna@plumb.test', place, 0))
      times.full.push(await timeToList(alice, 'alice@plumb.test', place, people))
    }
    server.postMessage(MISSED)
    const [newest]: number[] = await once(server, 'message')
    const catchUp = await measureCatchUp(alice, place, `Message ${newest}:`, (newest ?? 0) % people)
    return { empty: { list: median(times.empty) }, full: { list: median(times.full) }, catchUp }
  } finally {
    const ended = once(server, 'exit')
    server.postMessage(0)
    await ended
    await rm(folder, { recursive: true, force: true })
  }
}

async function timeToList(home: string, address: string, place: Place, people: number): Promise<number> {
  const { messenger, quit } = await openMessenger(home, place)
  const took = await timed(async () => {
    await signIn(messenger, address, place)
    const { people: listed } = await messenger.calls.load()
    if (listed.length < people) throw new Error(`only ${listed.length} people are in the list`)
  })
  await quit()
  return took
}

async function measureCatchUp(
  home: string,
  place: Place,
  last: string,
  writer: number,
): Promise<CatchUpTimes> {
  const { messenger, quit } = await openMessenger(home, place)
  let events = 0
  const caughtUp = new Promise<void>(resolve => {
    messenger.on('event', (name, value) => {
      events += 1
      if (name !== 'peopleChanged') return
      const { changed } = value as EventValue<'peopleChanged'>
      const person = changed.find(({ address }) => address === `person${writer}@b.org`)
      if (person?.last?.text.startsWith(last)) resolve()
    })
  })
  const watch = watchLoop()
  const took = await timed(async () => {
    await signIn(messenger, 'alice@plumb.test', place)
    await caughtUp
  })
  const longestPause = watch()
  const watchIdle = watchLoop()
  await delay(took)
  const longestIdlePause = watchIdle()
  await quit()
  return { took, longestPause, longestIdlePause, events }
}

async function signIn(messenger: Messenger, address: string, { host, port }: Place): Promise<void> {
  await messenger.calls.signIn({ address, password: 'secret', server: { host, port }, remember: false })
}

/** All of the app but its window. */
async function openMessenger(
  home: string,
  { caPem }: Place,
): Promise<{ readonly messenger: Messenger; readonly quit: () => Promise<void> }> {
  const history = new History({
    folder: home,
    damaged: sentence => {
      throw new Error(sentence)
    },
  })
  const nothing = async (): Promise<undefined> => undefined
  const messenger = await Messenger.open({
    app: { version: '0', platform: 'linux', hasKeyring: false, languages: ['en-GB'] },
    settings: openSettings(home, join(home, 'Downloads')),
    passwords: { available: false, load: () => undefined, save: () => {}, forget: () => {} },
    dialogs: {
      chooseFiles: async () => [],
      chooseSavePath: nothing,
      chooseFolder: nothing,
      chooseExportPath: nothing,
      choosePicture: nothing,
      confirmOpeningProgram: async () => false,
    },
    shell: { open: nothing, showInFolder: () => {}, openLink: nothing, markAsForeign: nothing },
    history: history.calls,
    oldTransfers: openOldTransferList(home, undefined),
    updates: { state: { kind: 'off' }, check: nothing, restart: () => {} },
    stateFolder: join(home, 'under-way'),
    pastedFolder: join(home, 'pasted'),
    ca: caPem,
    allowLoopback: true,
    isInFront: () => false,
    idleSeconds: () => 0,
  })
  return {
    messenger,
    quit: async () => {
      await messenger.stop()
      await history.close()
    },
  }
}
