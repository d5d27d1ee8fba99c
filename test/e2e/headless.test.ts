import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atServer, Headless } from '../support/headless.ts'
import { startProsody } from '../support/prosody.ts'
import { prosodyMissing } from '../support/prosody-available.ts'
import { startXmppServer } from '../support/xmpp-server.ts'

/*
 * The headless client as people run it: processes, arguments, lines and exit statuses. Once through a real
 * Prosody, and where that can't be had through the server inside the process alone.
 */

const OPTIONS = {
  domain: 'plumb.test',
  accounts: { alice: 'secret', bob: 'secret', mallory: 'secret' },
  contacts: [['alice', 'bob']] as const,
}

const SERVERS = [
  { name: 'the server in the process', start: () => startXmppServer(OPTIONS), needsProsody: false },
  { name: 'Prosody', start: () => startProsody(OPTIONS), needsProsody: true },
]

const cannotRun = (needsProsody: boolean): boolean =>
  needsProsody && prosodyMissing() !== undefined && process.env['CI'] !== 'true'

for (const { name, start, needsProsody } of SERVERS) {
  describe.skipIf(cannotRun(needsProsody))(`plumb through ${name}`, () => {
    /** What no server has a part in is tried with one. */
    const alone = needsProsody ? undefined : it
    let server: Awaited<ReturnType<typeof start>>
    let folder: string
    let inbox: string
    let at: string[]

    beforeAll(async () => {
      server = await start()
      folder = await mkdtemp(join(tmpdir(), 'plumb-e2e-'))
      await writeFile(join(folder, 'ca.pem'), server.caPem)
      at = atServer({ ...server, host: server.host, port: server.port, caFile: join(folder, 'ca.pem') })
    })

    afterAll(async () => {
      await server?.close()
      await rm(folder, { recursive: true, force: true })
    })

    beforeEach(async () => {
      inbox = join(folder, `inbox-${randomBytes(4).toString('hex')}`)
      await mkdir(inbox)
    })

    const receive = (...more: string[]): Headless =>
      new Headless(['receive', '--jid', 'bob@plumb.test', '--into', inbox, ...at, ...more])
    const send = (files: readonly string[], ...more: string[]): Headless =>
      new Headless(['send', '--jid', 'alice@plumb.test', '--to', 'bob@plumb.test', ...at, ...more, ...files])

    async function make(fileName: string, bytes: number): Promise<{ path: string; sha256: string }> {
      const path = join(folder, fileName)
      const content = randomBytes(bytes)
      await writeFile(path, content)
      return { path, sha256: createHash('sha256').update(content).digest('hex') }
    }

    it('takes files straight from one account to the other, and tells each step', async () => {
      const film = await make('film with a space.mkv', 5_000_000)
      const empty = await make('empty.txt', 0)
      await using bob = receive('--count', '2')
      await bob.line('online')
      await using alice = send([film.path, empty.path])
      expect(await alice.exited).toBe(0)
      expect(await bob.exited).toBe(0)

      for (const side of [alice, bob]) {
        const offers = side.lines.filter(line => line.event === 'offer')
        expect(offers).toHaveLength(2)
        expect(offers).toContainEqual(expect.objectContaining({ name: 'empty.txt', size: 0 }))
        const offer = offers.find(({ name }) => name === 'film with a space.mkv')
        expect(offer?.['size']).toBe(5_000_000)
        const ofFilm = side.lines.filter(({ transfer }) => transfer === offer?.['transfer'])
        expect(offer?.['direction']).toBe(side === bob ? 'in' : 'out')
        expect(offer?.['peer']).toMatch(side === bob ? /^alice@plumb\.test\/./ : /^bob@plumb\.test\/./)
        expect(ofFilm.map(line => line.event)[1]).toBe('connected')
        expect(ofFilm[1]).toMatchObject({ method: 'dtcp', encrypted: true, verified: true })
        expect(ofFilm[1]?.['remote']).toMatch(/^127\.0\.0\.1:\d+$|^\[.*\]:\d+$|^192\.|^1[07]/)
        expect(ofFilm.at(-1)).toMatchObject({ event: 'done', bytes: 5_000_000, sha256: film.sha256 })
      }
      const roles = [alice, bob].map(side => side.lines.find(line => line.event === 'connected')?.['by'])
      expect(new Set(roles)).toEqual(new Set(['acceptor', 'dialer']))
      expect((await readdir(inbox)).toSorted()).toEqual(['empty.txt', 'film with a space.mkv'])
      const arrived = await readFile(join(inbox, 'film with a space.mkv'))
      expect(createHash('sha256').update(arrived).digest('hex')).toBe(film.sha256)
    })

    alone?.('never writes over a file that is there', async () => {
      const file = await make('same.txt', 1000)
      await writeFile(join(inbox, 'same.txt'), 'mine')
      await using bob = receive('--count', '1')
      await bob.line('online')
      await using alice = send([file.path])
      expect(await alice.exited).toBe(0)
      expect(await bob.exited).toBe(0)
      expect(await readFile(join(inbox, 'same.txt'), 'utf8')).toBe('mine')
      expect((await readdir(inbox)).toSorted()).toEqual(['same (2).txt', 'same.txt'])
    })

    alone?.('connects in whichever direction is left', async () => {
      const file = await make('one way.bin', 100_000)
      for (const [ofBob, ofAlice, by] of [
        [['--listen', 'off'], [], 'acceptor'],
        [[], ['--listen', 'off'], 'dialer'],
        [['--dial', 'off'], [], 'dialer'],
        [[], ['--dial', 'off'], 'acceptor'],
      ] as const) {
        await using bob = receive('--count', '1', ...ofBob)
        await bob.line('online')
        await using alice = send([file.path], ...ofAlice)
        expect(await alice.exited, alice.stderr).toBe(0)
        expect(await bob.exited).toBe(0)
        expect((await alice.line('connected'))['by']).toBe(by)
      }
    })

    alone?.('says why when neither side can reach the other', async () => {
      const file = await make('lost.bin', 1000)
      await using bob = receive('--count', '1', '--listen', 'off')
      await bob.line('online')
      await using alice = send([file.path], '--listen', 'off', '--methods', 'dtcp')
      expect(await alice.exited).toBe(1)
      expect(await alice.line('failed')).toMatchObject({ code: 'unreachable' })
      expect(await bob.exited).toBe(1)
      expect(await bob.line('failed')).toMatchObject({ code: 'unreachable' })
      expect(await readdir(inbox)).toEqual([])
    })

    it('takes nothing from strangers unless told to', async () => {
      const file = await make('spam.exe', 1000)
      await using bob = receive()
      const { jid } = await bob.line('online')
      const stranger = (): Headless =>
        new Headless(['send', '--jid', 'mallory@plumb.test', '--to', String(jid), ...at, file.path])
      await using mallory = stranger()
      expect(await mallory.exited).toBe(4)
      expect(await mallory.line('failed')).toMatchObject({ code: 'declined' })
      expect(bob.lines.map(line => line.event)).toEqual(['online'])
      expect(await readdir(inbox)).toEqual([])
      bob.interrupt()
      expect(await bob.exited).toBe(130)

      await using open = receive('--accept', 'anyone', '--count', '1')
      const online = await open.line('online')
      await using welcome = new Headless([
        'send',
        '--jid',
        'mallory@plumb.test',
        '--to',
        String(online['jid']),
        ...at,
        file.path,
      ])
      expect(await welcome.exited).toBe(0)
    })

    it('waits for the recipient to come online', async () => {
      const file = await make('patient.bin', 1000)
      await using alice = send([file.path], '--wait', '50')
      await alice.line('online')
      await using bob = receive('--count', '1')
      expect(await alice.exited).toBe(0)
      expect(await bob.exited).toBe(0)
      await using late = send([file.path], '--wait', '0')
      expect(await late.exited).toBe(1)
      expect(await late.line('failed')).toMatchObject({ code: 'peer-offline' })
    })

    alone?.('ends with 3 when it cannot sign in, with 2 for wrong words', async () => {
      const wrong = [
        { args: ['receive', '--jid', 'bob@plumb.test', '--into', inbox, ...at], password: 'no', status: 3 },
        {
          args: ['receive', '--jid', 'bob@plumb.test', '--into', join(inbox, 'none'), ...at],
          password: 'secret',
          status: 2,
        },
        { args: ['receive', '--jid', 'bob', '--into', inbox], password: 'secret', status: 2 },
        {
          args: ['send', '--jid', 'bob@plumb.test', '--password', 'x', '--to', 'a@b', 'f'],
          password: 'secret',
          status: 2,
        },
        { args: ['receive', '--jid', 'bob@plumb.test', '--into', inbox], password: '', status: 2 },
      ]
      for (const { args, password, status } of wrong) {
        await using plumb = new Headless(args, password)
        expect(await plumb.exited, args.join(' ')).toBe(status)
        expect(plumb.stderr.trim().split('\n')).toHaveLength(1)
      }
    })

    alone?.('is reached at a fixed port and at places that the person names', async () => {
      const file = await make('by hand.bin', 1000)
      const taken = createServer().listen(0)
      await once(taken, 'listening')
      const { port } = taken.address() as AddressInfo
      await using refused = receive('--listen', String(port))
      expect(await refused.exited).toBe(1)
      expect(await refused.line('failed')).toMatchObject({ code: 'port-in-use' })
      taken.close()
      await once(taken, 'close')

      await using bob = receive('--listen', String(port), '--advertise', `localhost:${port}`, '--count', '1')
      await bob.line('online')
      await using alice = send([file.path], '--listen', 'off')
      expect(await alice.exited, alice.stderr).toBe(0)
      expect((await alice.line('connected'))['remote']).toMatch(new RegExp(`:${port}$`))
      expect(await bob.exited).toBe(0)
    })

    alone?.('leaves nothing half done when either side is interrupted in the middle', async () => {
      const film = await make('long film.mkv', 400_000_000)
      for (const who of ['alice', 'bob'] as const) {
        await using bob = receive('--count', '1')
        await bob.line('online')
        await using alice = send([film.path])
        await bob.line('progress')
        await alice.line('progress')
        const [first, other] = who === 'alice' ? [alice, bob] : [bob, alice]
        first.interrupt()
        expect(await first.exited).toBe(130)
        expect(await other.exited).toBe(1)
        expect(await other.line('failed')).toMatchObject({ code: 'cancelled-by-peer' })
        expect(await readdir(inbox)).toEqual([])
      }
    })

    it.each(['alice', 'bob'] as const)('goes on from where it was after %s was killed', async who => {
      const film = await make('long film.mkv', 400_000_000)
      const states = { alice: join(folder, randomBytes(4).toString('hex')), bob: join(inbox, '..', 'state') }
      const startBob = () => receive('--count', '1', '--state', states.bob)
      const startAlice = () => send([film.path], '--state', states.alice)
      await using bob = startBob()
      await bob.line('online')
      await using alice = startAlice()
      const half = await bob.line('progress', ({ bytes }) => Number(bytes) > 10_000_000)
      ;(who === 'alice' ? alice : bob).kill()
      await (who === 'alice' ? alice : bob).exited
      // Nothing has its name that is not whole.
      for (const name of await readdir(inbox)) expect(name).toMatch(/^\..*\.plumb-part$/)
      await using again = who === 'alice' ? startAlice() : startBob()
      const [sender, receiver] = who === 'alice' ? [again, bob] : [alice, again]
      expect(await receiver.exited, receiver.stderr).toBe(0)
      expect(await sender.exited, sender.stderr).toBe(0)
      const done = await receiver.line('done')
      expect(done).toMatchObject({ sha256: film.sha256, bytes: 400_000_000 })
      // A MiB comes twice at most; what was killed before it told is not counted.
      expect(Number(done['resumedFrom'])).toBeGreaterThan(Number(half['bytes']) - 1024 * 1024)
      expect(await readdir(inbox)).toEqual(['long film.mkv'])
    })

    alone?.('goes on after a shutdown, which is no cancellation', async () => {
      const film = await make('long film.mkv', 400_000_000)
      const state = join(folder, randomBytes(4).toString('hex'))
      await using bob = receive('--count', '1')
      await bob.line('online')
      await using alice = send([film.path], '--state', state)
      await bob.line('progress')
      alice.terminate()
      expect(await alice.exited).toBe(130)
      expect(await alice.line('interrupted')).toMatchObject({ code: 'interrupted' })
      await using again = send([film.path], '--state', state)
      expect(await again.exited, again.stderr).toBe(0)
      expect(await bob.exited).toBe(0)
      expect(Number((await bob.line('done'))['resumedFrom'])).toBeGreaterThan(0)
    })

    it('sends a folder as what it is', async () => {
      const path = join(inbox, '..', `Holiday ${randomBytes(2).toString('hex')}`)
      await mkdir(join(path, 'deep', 'er'), { recursive: true })
      for (let index = 0; index < 30; index++) await writeFile(join(path, 'deep', `${index}.txt`), `${index}`)
      await writeFile(join(path, 'deep', 'er', 'empty'), '')
      await using bob = receive('--count', '1')
      await bob.line('online')
      await using alice = send([path])
      expect(await alice.exited, alice.stderr).toBe(0)
      expect(await bob.exited).toBe(0)
      expect(await bob.line('offer')).toMatchObject({ files: 31 })
      const [name = ''] = await readdir(inbox)
      expect(path.endsWith(name)).toBe(true)
      expect(await readFile(join(inbox, name, 'deep', '7.txt'), 'utf8')).toBe('7')
      expect(await readdir(join(inbox, name, 'deep', 'er'))).toEqual(['empty'])
    })

    it('goes by other ways where no direct one leads, and says which and why', async () => {
      const file = await make('by hand.bin', 300_000)
      await using bob = receive('--count', '1', '--listen', 'off', '--dial', 'off')
      await bob.line('online')
      await using alice = send([file.path], '--listen', 'off', '--dial', 'off')
      expect(await alice.exited, alice.stderr).toBe(0)
      expect(await bob.exited).toBe(0)
      expect(await alice.line('route', ({ method }) => method === 'dtcp')).toMatchObject({ ok: false })
      expect(await alice.line('route', ({ ok }) => ok === true)).toMatchObject({ method: 'ibb' })
      for (const side of [alice, bob]) {
        expect(await side.line('connected')).toMatchObject({ method: 'ibb', encrypted: true, verified: true })
        expect(await side.line('done')).toMatchObject({ method: 'ibb', sha256: file.sha256, resumedFrom: 0 })
      }
    })

    it('says how others reach this computer', async () => {
      await using check = new Headless(['check', '--jid', 'bob@plumb.test', ...at])
      expect(await check.exited, check.stderr).toBe(0)
      expect(await check.line('reach')).toMatchObject({
        addresses: expect.any(Array),
        mapping: { kind: 'off' },
        proxy: null,
        advice: expect.any(Array),
      })
    })
  })
}
