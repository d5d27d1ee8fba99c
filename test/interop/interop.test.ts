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

/** Those whose offers can be bent: libpurple's cannot. */
const PLIANT = NAMES.filter(name => name !== 'libpurple')

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
        await using _ = receiver
        const ofPlumb = ['--methods', `dtcp,${method}`, ...(relay === 'proxy' ? ['--listen', 'off'] : [])]
        await using plumb = rig.plumb('send', '--to', address, ...ofPlumb, file.path)

        expect(await plumb.exited, plumb.stdout).toBe(0)
        expect(await receiver.line('done')).toMatchObject({ bytes, sha256: file.sha256 })
        expect(await plumb.line('connected')).toMatchObject({
          method,
          relay,
          encrypted: false,
          verified: false,
        })
        expect(await plumb.line('done')).toMatchObject({ method, bytes, sha256: file.sha256 })
      })
    })

    describe.each(NAMES)('from %s', name => {
      it.each(waysFrom(name).filter(way => canSend(name, way)))('receives a file: %s', async way => {
        const { method, relay, bytes } = WAYS[way]
        const file = await rig.newFile(bytes)
        const { receiver, address, inbox } = await rig.plumbReceiver('--methods', `dtcp,${method}`, '--count', '1')
        await using plumb = receiver
        await using sender = rig.foreign(name, {
          task: { send: file.path, to: address },
          ...proxyOptions(way),
        })

        expect(await plumb.exited, plumb.stdout).toBe(0)
        expect(await plumb.line('connected')).toMatchObject({ method, relay, encrypted: false })
        expect(await plumb.line('done')).toMatchObject({ method, bytes, sha256: file.sha256 })
        expect(await sha256Of(join(inbox, file.name))).toBe(file.sha256)
        expect(await readdir(inbox)).toEqual([file.name])
        await sender.line('done')
      })
    })
  })
}

describe.skipIf(!canUse(prosodyMissing()))('when things go wrong', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await Rig.start(programs, startProsody)
  })
  afterAll(() => rig?.[Symbol.asyncDispose]())

  describe.each(NAMES)('at %s', name => {
    it('hears that its person says no', async () => {
      const file = await rig.newFile(1_000)
      const { receiver, address } = await rig.foreignReceiver(name, { decline: true })
      await using _ = receiver
      await using plumb = rig.plumb('send', '--to', address, file.path)
      expect(await plumb.exited, plumb.stdout).toBe(4)
      expect(await plumb.line('failed')).toMatchObject({ code: 'declined' })
    })

    it('says no to it', async () => {
      const file = await rig.newFile(1_000)
      const { receiver, address, inbox } = await rig.plumbReceiver('--accept', `nobody@${DOMAIN}`)
      await using _ = receiver
      await using sender = rig.foreign(name, { task: { send: file.path, to: address } })
      expect(await sender.exited, sender.stdout).toBe(1)
      expect(await readdir(inbox)).toEqual([])
    })

    it.each(['socks5', 'ibb'] as const)('ends when it stops receiving half way: %s', async method => {
      const file = await rig.newFile(20_000_000)
      const { receiver, address } = await rig.foreignReceiver(name, { cancelAfter: 20_000 })
      await using _ = receiver
      await using plumb = rig.plumb('send', '--to', address, '--methods', `dtcp,${method}`, file.path)
      expect(await plumb.exited, plumb.stdout).toBe(1)
      expect((await plumb.line('failed'))['code']).toMatch(/^(connection-lost|refused|cancelled-by-peer)$/)
    })

    it.each(['socks5', 'ibb'] as const)('keeps nothing that it stops sending half way: %s', async method => {
      const file = await rig.newFile(20_000_000)
      const { receiver, address, inbox } = await rig.plumbReceiver('--methods', `dtcp,${method}`)
      await using _ = receiver
      await using sender = rig.foreign(name, {
        task: { send: file.path, to: address },
        cancelAfter: 20_000,
        proxy: { jid: PROXY, only: false },
      })
      await sender.exited
      const failed = await receiver.line('failed', await transferOf(receiver, file.name))
      expect(failed['code']).toMatch(/^(connection-lost|truncated|cancelled-by-peer)$/)
      expect(await readdir(inbox)).toEqual([])
    })

    it('ends when it is gone before it answered', async () => {
      const file = await rig.newFile(1_000)
      const { receiver, address } = await rig.foreignReceiver(name, { closeWithoutAnswer: true })
      await using _ = receiver
      await using plumb = rig.plumb('send', '--to', address, '--wait', '1', file.path)
      expect(await plumb.exited, plumb.stdout).toBe(1)
      expect(await plumb.line('failed')).toMatchObject({ code: 'peer-offline' })
    })
  })

  describe.each(PLIANT)('at %s', name => {
    it('ends when it is gone before it connected', async () => {
      const file = await rig.newFile(1_000)
      const { receiver, address, inbox } = await rig.plumbReceiver()
      await using _ = receiver
      await using sender = rig.foreign(name, {
        task: { send: file.path, to: address },
        closeWithoutAnswer: true,
      })
      await sender.exited
      await receiver.line('failed', await transferOf(receiver, file.name))
      expect(await readdir(inbox)).toEqual([])
    })

    it.each(['socks5', 'ibb'] as const)('takes a file of a size that nobody said: %s', async method => {
      const file = await rig.newFile(50_000)
      const { receiver, address, inbox } = await rig.plumbReceiver('--methods', `dtcp,${method}`, '--count', '1')
      await using plumb = receiver
      await using sender = rig.foreign(name, {
        task: { send: file.path, to: address },
        noSize: true,
        proxy: { jid: PROXY, only: false },
      })
      expect(await plumb.exited, plumb.stdout).toBe(0)
      expect((await plumb.line('offer'))['size']).toBeUndefined()
      expect(await plumb.line('done')).toMatchObject({ bytes: 50_000, sha256: file.sha256 })
      expect(await sha256Of(join(inbox, file.name))).toBe(file.sha256)
      await sender.line('done')
    })
  })

  it.skipIf(!NAMES.includes('slixmpp'))(
    'follows one that would rather go in-band, as slixmpp does',
    async () => {
      const file = await rig.newFile(50_000)
      const { receiver, address } = await rig.foreignReceiver('slixmpp', { methods: ['ibb', 'socks5'] })
      await using _ = receiver
      await using plumb = rig.plumb('send', '--to', address, file.path)
      expect(await plumb.exited, plumb.stdout).toBe(0)
      expect(await receiver.line('done')).toMatchObject({ sha256: file.sha256 })
      expect(await plumb.line('connected')).toMatchObject({ method: 'ibb', relay: 'server' })
    },
  )
})
