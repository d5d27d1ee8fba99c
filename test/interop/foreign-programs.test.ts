import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEjabberd } from '../support/ejabberd.ts'
import { ejabberdMissing } from '../support/ejabberd-available.ts'
import { type ForeignName, foreignMissing } from '../support/foreign-available.ts'
import { ForeignPrograms } from '../support/foreign-program.ts'
import { startProsody } from '../support/prosody.ts'
import { prosodyMissing } from '../support/prosody-available.ts'
import { canUse, PROXY, Rig } from './rig.ts'

/*
 * The programs of others among themselves, without ours: what goes wrong here is wrong with the equipment.
 */

const PAIRS = [
  { from: 'slixmpp', to: 'libpurple', method: 'socks5' },
  { from: 'libpurple', to: 'slixmpp', method: 'ibb' },
  { from: 'QXmpp', to: 'slixmpp', method: 'socks5' },
  { from: 'slixmpp', to: 'QXmpp', method: 'ibb' },
] as const

const isHere = (name: ForeignName): boolean => canUse(foreignMissing(name))
const pairs = PAIRS.filter(({ from, to }) => isHere(from) && isHere(to))

const programs = new ForeignPrograms()
beforeAll(() => programs.build([...new Set(pairs.flatMap(({ from, to }) => [from, to]))]))
afterAll(() => programs[Symbol.dispose]())

describe.each([
  { server: 'Prosody', start: startProsody, missing: prosodyMissing() },
  { server: 'ejabberd', start: startEjabberd, missing: ejabberdMissing() },
])('through $server', ({ start, missing }) => {
  describe.skipIf(!canUse(missing))('programs of others', () => {
    let rig: Rig
    beforeAll(async () => {
      rig = await Rig.start(programs, start)
    })
    afterAll(() => rig?.[Symbol.asyncDispose]())

    it.each(pairs)('$from sends a file to $to: $method', async ({ from, to, method }) => {
      const file = await rig.newFile(50_000)
      // libpurple can be told nothing: the other side chooses.
      const choice = (name: ForeignName) => (name === 'libpurple' ? {} : { methods: [method] })
      const { receiver, address } = await rig.foreignReceiver(to, choice(to))
      await using sender = rig.foreign(from, {
        task: { send: file.path, to: address },
        proxy: { jid: PROXY, only: method === 'socks5' },
        ...choice(from),
      })
      expect(await sender.exited, sender.stderr).toBe(0)
      const done = await receiver.line('done', line => String(line['path']).endsWith(file.name))
      expect(done).toMatchObject({ bytes: 50_000, sha256: file.sha256 })
    })
  })
})
