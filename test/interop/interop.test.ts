import { readdir } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEjabberd } from '../support/ejabberd.ts'
import { ejabberdMissing } from '../support/ejabberd-available.ts'
import { sha256Of } from '../support/files.ts'
import type { ForeignName } from '../support/foreign-available.ts'
import { type ForeignOptions, ForeignPrograms } from '../support/foreign-program.ts'
import type { Line, LineProgram } from '../support/line-program.ts'
import { startProsody } from '../support/prosody.ts'
import { prosodyMissing } from '../support/prosody-available.ts'
import { canUse, DOMAIN, NAMES, PROXY, Rig } from './rig.ts'

/*
 * Real programs of others, through real servers: they know stream initiation with SOCKS5 and in-band bytestreams, and
 * nothing of ours. Where the files go wrong, it is their half that decides how.
 */

const WAYS = {
  'SOCKS5, directly': { method: 'socks5', relay: 'none', bytes: 3_000_000 },
  // libpurple sends before the proxy is ready: what fits into the system's buffers would be lost on the way.
  'SOCKS5 through the proxy': { method: 'socks5', relay: 'proxy', bytes: 8_000_000 },
  // QXmpp takes 50 ms for a block.
  'in-band': { method: 'ibb', relay: 'server', bytes: 50_000 },
} as const
type Way = keyof typeof WAYS
const ALL_WAYS = Object.keys(WAYS) as Way[]

/** QXmpp tells nobody of loopback addresses. */
const hasNetwork = Object.values(networkInterfaces())
  .flat()
  .some(address => address?.internal === false && address.family === 'IPv4')

/** slixmpp has no listener of its own. */
function canSend(name: ForeignName, way: Way): boolean {
  return way !== 'SOCKS5, directly' || name === 'libpurple' || (name === 'QXmpp' && hasNetwork)
}

const programs = new ForeignPrograms()
beforeAll(() => programs.build(NAMES))
afterAll(() => programs[Symbol.dispose]())

/** The lines of one transfer, found by the name of its file. */
async function transferOf(plumb: LineProgram, name: string): Promise<(line: Line) => boolean> {
  const offer = await plumb.line('offer', line => line['name'] === name)
  return line => line['transfer'] === offer['transfer']
}

/** What there is of one file, finished or not. */
async function tracesOf(name: string, inbox: string): Promise<string[]> {
  return (await readdir(inbox)).filter(entry => entry.includes(name))
}

const isAt = (name: string) => (line: Line) => String(line['path']).endsWith(`/${name}`)

function proxyOptions(way: Way): Pick<ForeignOptions, 'proxy'> {
  return way === 'SOCKS5 through the proxy' ? { proxy: { jid: PROXY, only: true } } : {}
}

const SERVERS = [
  {
    server: 'Prosody',
    start: startProsody,
    missing: prosodyMissing(),
    waysTo: () => ALL_WAYS,
    waysFrom: () => ALL_WAYS,
  },
  {
    server: 'ejabberd',
    start: startEjabberd,
    missing: ejabberdMissing(),
    // What differs from server to server: the proxy, the order of stanzas, and whom they tell of presence.
    waysTo: (name: ForeignName): readonly Way[] =>
      name === 'QXmpp' ? ['in-band'] : ['SOCKS5 through the proxy'],
    waysFrom: (name: ForeignName): readonly Way[] =>
      name === 'libpurple' ? ['SOCKS5, directly', 'in-band'] : ['SOCKS5 through the proxy'],
  },
] as const

for (const { server, start, missing, waysTo, waysFrom } of SERVERS) {
  describe.skipIf(!canUse(missing))(`through ${server}`, () => {
    let rig: Rig
    beforeAll(async () => {
      rig = await Rig.start(programs, start)
    })
    afterAll(() => rig?.[Symbol.asyncDispose]())

    describe.each(NAMES)('to %s', name => {
      it.each(waysTo(name))('sends a file: %s', async way => {
        const { method, relay, bytes } = WAYS[way]
        const file = await rig.newFile(bytes)
        const { receiver, address } = await rig.foreignReceiver(name)
        const ofPlumb = ['--methods', method, ...(relay === 'proxy' ? ['--listen', 'off'] : [])]
        await using plumb = rig.plumb('send', '--to', address, ...ofPlumb, file.path)

        expect(await plumb.exited, plumb.stdout).toBe(0)
        expect(await receiver.line('done', isAt(file.name))).toMatchObject({ bytes, sha256: file.sha256 })
        const told = { method, relay, encrypted: false, verified: false }
        expect(await plumb.line('connected')).toMatchObject(told)
        expect(await plumb.line('done')).toMatchObject({ method, bytes, sha256: file.sha256 })
      })
    })

    describe.each(NAMES)('from %s', name => {
      it.each(waysFrom(name).filter(way => canSend(name, way)))('receives a file: %s', async way => {
        const { method, relay, bytes } = WAYS[way]
        const file = await rig.newFile(bytes)
        const { receiver, address, inbox } = await rig.plumbReceiver('--methods', method)
        await using sender = rig.foreign(name, {
          task: { send: file.path, to: address },
          ...proxyOptions(way),
        })

        const ofFile = await transferOf(receiver, file.name)
        const told = { method, relay, encrypted: false, verified: false }
        expect(await receiver.line('connected', ofFile)).toMatchObject(told)
        expect(await receiver.line('done', ofFile)).toMatchObject({ method, bytes, sha256: file.sha256 })
        expect(await sha256Of(join(inbox, file.name))).toBe(file.sha256)
        expect(await tracesOf(file.name, inbox)).toEqual([file.name])
        expect(await sender.exited, sender.stdout).toBe(0)
      })
    })

    if (server === 'Prosody') {
      describe.each(NAMES)('when things go wrong at %s', name => goesWrong(name, () => rig))
    }
  })
}

/** What is theirs alone, whatever the server. */
function goesWrong(name: ForeignName, rigOf: () => Rig): void {
  it('its person says no', async () => {
    const rig = rigOf()
    const file = await rig.newFile(1_000)
    const { address } = await rig.foreignReceiver(name, { decline: true })
    await using plumb = rig.plumb('send', '--to', address, file.path)
    expect(await plumb.exited, plumb.stdout).toBe(4)
    expect(await plumb.line('failed')).toMatchObject({ code: 'declined' })
  })

  it('ours says no', async () => {
    const rig = rigOf()
    const file = await rig.newFile(1_000)
    const { address, inbox } = await rig.plumbReceiver('--accept', `nobody@${DOMAIN}`)
    await using sender = rig.foreign(name, { task: { send: file.path, to: address } })
    expect(await sender.exited, sender.stdout).toBe(1)
    expect(await readdir(inbox)).toEqual([])
  })

  it.each(['socks5', 'ibb'] as const)('it stops receiving half way: %s', async method => {
    const rig = rigOf()
    const file = await rig.newFile(20_000_000)
    const { address } = await rig.foreignReceiver(name, { cancelAfter: 20_000 })
    await using plumb = rig.plumb('send', '--to', address, '--methods', method, file.path)
    expect(await plumb.exited, plumb.stdout).toBe(1)
    expect((await plumb.line('failed'))['code']).toMatch(/^(connection-lost|refused|cancelled-by-peer)$/)
  })

  it.each(['socks5', 'ibb'] as const)('it stops sending half way: %s', async method => {
    const rig = rigOf()
    const file = await rig.newFile(20_000_000)
    const { receiver, address, inbox } = await rig.plumbReceiver('--methods', method)
    await using sender = rig.foreign(name, {
      task: { send: file.path, to: address },
      cancelAfter: 20_000,
      proxy: { jid: PROXY, only: false },
    })
    expect(await sender.exited, sender.stdout).toBe(1)
    const failed = await receiver.line('failed', await transferOf(receiver, file.name))
    expect(failed['code']).toMatch(/^(connection-lost|incomplete|cancelled-by-peer)$/)
    expect(await tracesOf(file.name, inbox)).toEqual([])
  })

  it('it is gone before it answered', async () => {
    const rig = rigOf()
    const file = await rig.newFile(1_000)
    const { address } = await rig.foreignReceiver(name, { closeWithoutAnswer: true })
    await using plumb = rig.plumb('send', '--to', address, '--wait', '1', file.path)
    expect(await plumb.exited, plumb.stdout).toBe(1)
    expect(await plumb.line('failed')).toMatchObject({ code: 'peer-offline' })
  })

  // The offers of libpurple cannot be bent.
  if (name === 'libpurple') return

  it('it is gone before it connected', async () => {
    const rig = rigOf()
    const file = await rig.newFile(1_000)
    const { receiver, address, inbox } = await rig.plumbReceiver('--methods', 'socks5')
    const task = { send: file.path, to: address }
    await using sender = rig.foreign(name, { task, closeWithoutAnswer: true })
    expect(await sender.exited, sender.stdout).toBe(1)
    const failed = await receiver.line('failed', await transferOf(receiver, file.name))
    expect(failed['code']).toBe('peer-offline')
    expect(await tracesOf(file.name, inbox)).toEqual([])
  })

  // Without a size QXmpp never closes a SOCKS5 connection, and nobody can know that the file is over.
  const ways = name === 'QXmpp' ? (['ibb'] as const) : (['socks5', 'ibb'] as const)
  it.each(ways)('it does not say the size: %s', async method => {
    const rig = rigOf()
    const file = await rig.newFile(50_000)
    const { receiver, address, inbox } = await rig.plumbReceiver('--methods', method)
    await using sender = rig.foreign(name, {
      task: { send: file.path, to: address },
      noSize: true,
      proxy: { jid: PROXY, only: false },
    })
    expect(await sender.exited, sender.stdout).toBe(0)
    const ofFile = await transferOf(receiver, file.name)
    expect((await receiver.line('offer', ofFile))['size']).toBeUndefined()
    expect(await receiver.line('done', ofFile)).toMatchObject({ bytes: 50_000, sha256: file.sha256 })
    expect(await sha256Of(join(inbox, file.name))).toBe(file.sha256)
  })

  if (name !== 'slixmpp') return

  it('it would rather go in-band, and is followed', async () => {
    const rig = rigOf()
    const file = await rig.newFile(50_000)
    const { receiver, address } = await rig.foreignReceiver(name, { methods: ['ibb', 'socks5'] })
    await using plumb = rig.plumb('send', '--to', address, file.path)
    expect(await plumb.exited, plumb.stdout).toBe(0)
    expect(await receiver.line('done', isAt(file.name))).toMatchObject({ sha256: file.sha256 })
    expect(await plumb.line('connected')).toMatchObject({ method: 'ibb', relay: 'server' })
  })
}
