import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, type Mock, vi } from 'vitest'
import type { Attention, PasswordStore } from '../../main/messenger/ports.ts'
import { Messenger, type MessengerPorts } from '../../main/messenger.ts'
import { History, type HistoryCalls } from '../../main/store/history/history.ts'
import { openSettings } from '../../main/store/settings.ts'
import { openOldTransferList } from '../../main/store/transfer-list.ts'
import type { EventName } from '../../shared/ipc/events.ts'
import type { Person } from '../../shared/model/person.ts'
import { type PersonId, personId } from '../../shared/model/person-id.ts'
import type { Offer, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import { startXmppServer, type XmppServer, type XmppServerOptions } from '../support/xmpp-server.ts'

/* Whole messengers of people who share a server, with what the desktop would give them. */

/** Of this test. */
export let server: XmppServer
/** Of this test: homes, and files to send. */
export let folder: string
/** Where people sign in. */
let place: Pick<XmppServer, 'host' | 'port' | 'caPem'>
const open: Someone[] = []

const SERVER: XmppServerOptions = {
  domain: 'plumb.test',
  accounts: { alice: 'secret', bob: 'secret', eve: 'secret' },
  contacts: [['alice', 'bob']],
}

beforeEach(async () => {
  server = await startXmppServer(SERVER)
  place = server
  folder = await mkdtemp(join(tmpdir(), 'plumb-messenger-'))
})

afterEach(async () => {
  await Promise.all(open.splice(0).map(someone => someone.quit()))
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

/** Another server for this test. */
export async function replaceServer(options: Partial<XmppServerOptions>): Promise<void> {
  await server.close()
  server = await startXmppServer({ ...SERVER, ...options })
  place = server
}

/** A real server for this test, of the same domain, beside the one in the process. */
export function goTo(real: Pick<XmppServer, 'host' | 'port' | 'caPem'>): void {
  place = real
}

export interface Someone {
  /** Our own bare JID. */
  readonly address: string
  readonly messenger: Messenger
  readonly ports: MessengerPorts & { isInFront: () => boolean; idleSeconds: () => number }
  readonly updates: {
    state: UpdateState
    readonly check: Mock<() => Promise<void>>
    readonly restart: Mock<() => void>
  }
  readonly downloads: string
  /** Where its settings and its history are. */
  readonly home: string
  readonly events: { readonly name: EventName; readonly value: unknown }[]
  readonly attentions: Attention[]
  /** Files that were marked as foreign, that were opened, and that were warned of. */
  readonly marked: readonly string[]
  readonly opened: readonly string[]
  readonly warned: readonly string[]
  /** Waits until something is so, looked at after each event. */
  until<T>(look: () => T | undefined): Promise<T>
  /** Ends it in order, as the desktop does. */
  quit(): Promise<void>
  person(address: string): Person | undefined
  /** Somebody in the eyes of this account. */
  to(address: string): PersonId
  transfer(name: string): ShownTransfer | undefined
  offers(): readonly Offer[]
}

export async function start(
  name: string,
  options: {
    inFront?: boolean
    /** Of a second device of the same person. */
    home?: string
    passwords?: PasswordStore
    /** In the place of the history's own. */
    history?: (calls: HistoryCalls) => HistoryCalls
  } = {},
): Promise<Someone> {
  const home = join(folder, options.home ?? name)
  const downloads = join(home, 'Downloads')
  await mkdir(home, { recursive: true })
  const kept = new Map<string, string>()
  const [marked, opened, warned]: [string[], string[], string[]] = [[], [], []]
  const updates = { state: { kind: 'off' } as UpdateState, check: vi.fn(async () => {}), restart: vi.fn() }
  const lost: string[] = []
  let historyLost = (sentence: string): void => void lost.push(sentence)
  const history = new History({ folder: home, damaged: sentence => historyLost(sentence) })
  const ports = {
    app: { version: '0', platform: 'linux' as const, hasKeyring: true, languages: ['en-GB'] },
    settings: openSettings(home, downloads),
    passwords: options.passwords ?? {
      available: true,
      load: (account: string) => kept.get(account),
      save: (account: string, password: string) => void kept.set(account, password),
      forget: (account: string) => void kept.delete(account),
    },
    dialogs: {
      choosePicture: vi.fn(async () => undefined as string | undefined),
      chooseFiles: vi.fn(async () => [] as string[]),
      chooseSavePath: vi.fn(async () => undefined as string | undefined),
      chooseFolder: vi.fn(async () => undefined as string | undefined),
      chooseExportPath: vi.fn(async () => undefined as string | undefined),
      confirmOpeningProgram: async (file: string, from: string) => {
        warned.push(`${file} from ${from}`)
        return false
      },
    },
    shell: {
      open: async (path: string) => void opened.push(path),
      showInFolder: vi.fn(),
      openLink: vi.fn(async () => {}),
      markAsForeign: async (path: string) => void marked.push(path),
    },
    history: options.history?.(history.calls) ?? history.calls,
    oldTransfers: openOldTransferList(home, undefined),
    updates,
    stateFolder: join(home, 'under-way'),
    pastedFolder: join(home, 'pasted'),
    ca: place.caPem,
    allowLoopback: true,
    isInFront: () => options.inFront ?? true,
    idleSeconds: () => 0,
  }
  const messenger: Messenger = await Messenger.open(ports)
  historyLost = sentence => messenger.historyLost(sentence)
  for (const sentence of lost) messenger.tell(sentence)
  const events: { name: EventName; value: unknown }[] = []
  const attentions: Attention[] = []
  messenger.on('event', (event, value) => events.push({ name: event, value }))
  messenger.on('attention', attention => attentions.push(attention))
  const state = () => messenger.calls.load() as Awaited<ReturnType<typeof messenger.calls.load>>
  const address = `${name}@plumb.test`
  const someone: Someone = {
    address,
    messenger,
    ports,
    updates,
    downloads,
    home,
    events,
    attentions,
    marked,
    opened,
    warned,
    until: look =>
      new Promise(resolve => {
        const check = (): void => {
          const found = look()
          if (found === undefined || found === false) return
          messenger.off('event', check)
          resolve(found)
        }
        messenger.on('event', check)
        check()
      }),
    quit: async () => {
      await messenger.stop()
      await history.close()
    },
    person: wanted => state().people.find(person => person.address === wanted),
    to: other => personId(address, other),
    transfer: wanted => state().transfers.findLast(transfer => transfer.name === wanted),
    offers: () => state().offers,
  }
  open.push(someone)
  return someone
}

export async function signIn(name: string, options: Parameters<typeof start>[1] = {}): Promise<Someone> {
  const someone = await start(name, options)
  await signInAs(someone, name)
  return someone
}

export async function signInAs({ messenger }: Someone, name: string): Promise<void> {
  await messenger.calls.signIn({
    address: `${name}@plumb.test`,
    password: 'secret',
    server: { host: place.host, port: place.port },
    remember: false,
  })
}

export async function twoPeople(options: { inFront?: boolean } = {}): Promise<readonly [Someone, Someone]> {
  const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob', options)])
  const knows = (someone: Someone, other: string): Promise<unknown> =>
    someone.until(() => someone.person(other)?.devices.find(({ direct }) => direct === true))
  await Promise.all([knows(alice, 'bob@plumb.test'), knows(bob, 'alice@plumb.test')])
  return [alice, bob]
}

export async function makeFile(name: string, bytes = 1_000): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, Buffer.alloc(bytes, 7))
  return path
}

export const send = (from: Someone, to: string, ...paths: string[]) =>
  from.messenger.calls.sendDropped(from.to(to), paths)
export const stateOf = (
  someone: Someone,
  name: string,
  kind: ShownTransfer['state']['kind'],
): Promise<ShownTransfer> =>
  someone.until(() => {
    const transfer = someone.transfer(name)
    return transfer?.state.kind === kind ? transfer : undefined
  })
