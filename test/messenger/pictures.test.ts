import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { PastedPictures } from '../../main/messenger/pasted-pictures.ts'
import { ShownPictures } from '../../main/messenger/shown-pictures.ts'
import type { KeptTransfer } from '../../main/store/transfer-list.ts'
import type { PASTED_TYPES } from '../../shared/model/limits.ts'
import { personId } from '../../shared/model/person-id.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import {
  animatedGif,
  animatedPng,
  animatedWebp,
  EXTENDED_WEBP,
  GIF,
  JPEG,
  PNG,
  pngOf,
  turnedJpeg,
  WEBP,
} from '../support/pictures.ts'
import { folder, type Someone, send, signIn, stateOf, twoPeople } from './rig.ts'

const isWindows = process.platform === 'win32'

/** A file that was transferred with these bytes, and lies there now. */
async function transferred(
  name: string,
  bytes: Uint8Array,
  more: Partial<ShownTransfer> = {},
): Promise<KeptTransfer & { path: string }> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  const shown: ShownTransfer = {
    id: 'p1',
    person: personId('alice@plumb.test', 'bob@plumb.test'),
    direction: 'in',
    name,
    size: bytes.length,
    files: null,
    at: 1,
    state: { kind: 'done', at: 2, seconds: 1, sha256: createHash('sha256').update(bytes).digest('hex') },
    receipt: null,
    attempts: [],
    resumedFrom: null,
    restarted: false,
    canPause: false,
    canRetry: false,
    listed: true,
    hasFile: true,
    picture: null,
    ...more,
  }
  return { shown, path }
}

function picturesWith(...all: readonly KeptTransfer[]): ShownPictures {
  return new ShownPictures({ find: async id => all.find(({ shown }) => shown.id === id) })
}

describe('a file that was transferred', () => {
  test.each([
    ['png', PNG, 'image/png'],
    ['jpeg', JPEG, 'image/jpeg'],
    ['gif', GIF, 'image/gif'],
    ['webp', WEBP, 'image/webp'],
    ['webp', EXTENDED_WEBP, 'image/webp'],
    ['gif', animatedGif(2_000, 2_000, 3), 'image/gif'],
    ['png', pngOf(8_000, 5_000), 'image/png'],
  ])('is shown as the picture that its bytes are: %s', async (_, bytes, type) => {
    const kept = await transferred('holiday.txt', bytes)
    const picture = await picturesWith(kept).read('p1')
    expect(picture?.type).toBe(type)
    expect(Buffer.from(picture?.bytes ?? []).equals(bytes)).toBe(true)
    const { width, height } = picture ?? {}
    expect(await picturesWith(kept).measure(kept)).toEqual({ width, height })
  })

  test('is measured as it is seen, where it was taken upright', async () => {
    const kept = await transferred('upright.jpg', turnedJpeg(6, 'big'))
    expect(await picturesWith(kept).measure(kept)).toEqual({ width: 5, height: 7 })
  })

  test.each([
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['a header of 65,535 by 65,535', pngOf(65_535, 65_535)],
    ['a pixel too many', pngOf(8_000, 5_001)],
    ['no pixels', pngOf(0, 5)],
    ['only its signature', PNG.subarray(0, 12)],
    ['nothing', Buffer.of()],
    ['a GIF that moves and is large', animatedGif(2_000, 2_001, 2)],
    ['a PNG that moves and is large', animatedPng(2_000, 2_001, 2)],
    ['a WebP that moves and is large', animatedWebp(2_000, 2_001, 2)],
    ['more frames than anybody looks at', animatedGif(7, 5, 2_001)],
  ])('is not shown where it is called a picture and is %s', async (_, bytes) => {
    const kept = await transferred('innocent.png', bytes)
    expect(await picturesWith(kept).read('p1')).toBeUndefined()
    expect(await picturesWith(kept).measure(kept)).toBeNull()
  })

  test('is not shown, nor read, where it is larger than 30 MB', async () => {
    const kept = await transferred('large.png', PNG, { size: 30 * 1024 * 1024 + 1 })
    await truncate(kept.path, 30 * 1024 * 1024 + 1)
    expect(await picturesWith(kept).read('p1')).toBeUndefined()
  })

  test.each([
    ['was a folder', { files: 1 }],
    ['is still on its way', { state: { kind: 'verifying' } }],
    ['is of a size that nobody said', { size: null }],
  ] satisfies readonly [string, Partial<ShownTransfer>][])('is not shown where it %s', async (_, more) => {
    const kept = await transferred('a.png', PNG, more)
    expect(await picturesWith(kept).read('p1')).toBeUndefined()
  })

  test.each([
    ['was deleted', (path: string) => rm(path)],
    ['grew', (path: string) => appendFile(path, 'x')],
    ['was cut off', (path: string) => truncate(path, PNG.length - 1)],
    ['is another picture of the same length', (path: string) => writeFile(path, pngOf(6, 5))],
    ['is a folder', (path: string) => rm(path).then(() => mkdir(path))],
  ])('is not shown where it %s since', async (_, change) => {
    const kept = await transferred('a.png', PNG)
    const pictures = picturesWith(kept)
    expect(await pictures.read('p1')).toBeDefined()
    await change(kept.path)
    expect(await pictures.read('p1')).toBeUndefined()
  })

  test.skipIf(isWindows)('is not read through a link that was put in its place', async () => {
    const kept = await transferred('a.png', PNG)
    await rename(kept.path, join(folder, 'elsewhere.png'))
    await symlink(join(folder, 'elsewhere.png'), kept.path)
    expect(await picturesWith(kept).read('p1')).toBeUndefined()
  })

  test.skipIf(isWindows)('is not waited for where a pipe was put in its place', async () => {
    const kept = await transferred('a.png', PNG)
    await rm(kept.path)
    execFileSync('mkfifo', [kept.path])
    expect(await picturesWith(kept).read('p1')).toBeUndefined()
  })

  test('is not found under what is no id of a transfer', async () => {
    const pictures = picturesWith(await transferred('a.png', PNG))
    for (const id of ['', 'p2', '../a.png', 'a.png']) expect(await pictures.read(id)).toBeUndefined()
  })
})

test('a window that asks for everything at once gets four at a time, and of thousands nothing', async () => {
  const kept = await transferred('a.png', PNG)
  let [running, most] = [0, 0]
  const gate = Promise.withResolvers<void>()
  const pictures = new ShownPictures({
    find: async () => {
      running += 1
      most = Math.max(most, running)
      await gate.promise
      running -= 1
      return kept
    },
  })
  const answers = Array.from({ length: 1_000 }, () => pictures.read('p1'))
  const refused = await Promise.all(answers.slice(204))
  expect(refused.every(picture => picture === undefined)).toBe(true)
  gate.resolve()
  const served = await Promise.all(answers.slice(0, 204))
  expect(served.every(picture => picture !== undefined)).toBe(true)
  expect(most).toBe(4)
})

describe('in a conversation', () => {
  test('a picture is shown to both, and only while its account is signed in and pictures are wanted', async () => {
    const [alice, bob] = await twoPeople()
    const path = join(folder, 'flower.png')
    await writeFile(path, pngOf(70, 50))
    await send(alice, 'bob@plumb.test', path)
    const offer = await bob.until(() => bob.offers()[0])
    await bob.messenger.calls.acceptOffer(offer.transfer)
    for (const someone of [alice, bob]) {
      const shown = await someone.until(() =>
        someone.transfer('flower.png')?.picture === null ? undefined : someone.transfer('flower.png'),
      )
      expect(shown.picture).toEqual({ width: 70, height: 50 })
      const picture = await someone.messenger.pictureOf(shown.id)
      expect(picture).toMatchObject({ type: 'image/png', width: 70, height: 50 })
    }
    const { id = '' } = bob.transfer('flower.png') ?? {}
    await bob.messenger.calls.changeSettings({ showPictures: false })
    expect(await bob.messenger.pictureOf(id)).toBeUndefined()
    await bob.messenger.calls.changeSettings({ showPictures: true })
    expect(await bob.messenger.pictureOf(id)).toBeDefined()
    await bob.messenger.calls.signOut(bob.address)
    expect(await bob.messenger.pictureOf(id)).toBeUndefined()
  })

  test('a picture is kept as one over a restart, and told of once', async () => {
    const [alice, bob] = await twoPeople({ inFront: false })
    const path = join(folder, 'flower.png')
    await writeFile(path, PNG)
    await send(alice, 'bob@plumb.test', path)
    const offer = await bob.until(() => bob.offers()[0])
    await bob.messenger.calls.acceptOffer(offer.transfer)
    await bob.until(() => bob.transfer('flower.png')?.picture ?? undefined)
    expect(bob.attentions.filter(({ about }) => about.kind === 'transfer')).toHaveLength(1)
    await stateOf(alice, 'flower.png', 'done')
    const { id } = await stateOf(bob, 'flower.png', 'done')
    await bob.messenger.stop()
    await vi.waitFor(async () =>
      expect((await bob.ports.history.transfer(id))?.shown.picture).toEqual({ width: 7, height: 5 }),
    )
  })
})

describe('a picture that is pasted', () => {
  const paste = (someone: Someone, bytes: Uint8Array, type: (typeof PASTED_TYPES)[number] = 'image/png') =>
    someone.messenger.calls.sendPicture(someone.to('bob@plumb.test'), bytes, type)
  const pasted = (someone: Someone): Promise<string[]> => readdir(someone.ports.pastedFolder)
  const onlyOne = async (someone: Someone): Promise<string> => {
    const [name = '', ...others] = await pasted(someone)
    expect(others).toEqual([])
    return name
  }

  test('arrives as a file with its time for a name, and is nowhere else once it has', async () => {
    const [alice, bob] = await twoPeople()
    expect(await paste(alice, PNG)).toMatchObject({ kind: 'offered' })
    const offer = await bob.until(() => bob.offers()[0])
    expect(offer.name).toMatch(/^Picture \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/)
    const name = await onlyOne(alice)
    expect(name).toBe(offer.name)
    if (!isWindows) {
      expect((await stat(alice.ports.pastedFolder)).mode & 0o777).toBe(0o700)
      expect((await stat(join(alice.ports.pastedFolder, name))).mode & 0o777).toBe(0o600)
    }
    await bob.messenger.calls.acceptOffer(offer.transfer)
    expect(await readFile(join(bob.downloads, (await stateOf(bob, name, 'done')).name))).toEqual(PNG)
    await alice.until(() => alice.transfer(name)?.hasFile === false)
    expect(alice.transfer(name)).toMatchObject({ state: { kind: 'done' }, canRetry: false })
    expect(await pasted(alice)).toEqual([])
  })

  test('stays while it may be sent again, and goes when it is taken off the list', async () => {
    const [alice, bob] = await twoPeople()
    await paste(alice, GIF, 'image/gif')
    const offer = await bob.until(() => bob.offers()[0])
    await bob.messenger.calls.declineOffer(offer.transfer)
    const { id, canRetry } = await stateOf(alice, offer.name, 'failed')
    expect(canRetry).toBe(true)
    expect(await pasted(alice)).toEqual([offer.name])
    await alice.messenger.calls.retryTransfer(id)
    const again = await bob.until(() => bob.offers()[0])
    expect(again.name).toBe(offer.name)
    await alice.messenger.calls.cancelTransfer(id)
    await stateOf(alice, offer.name, 'failed')
    await alice.messenger.calls.forgetTransfer(id)
    expect(await pasted(alice)).toEqual([])
    expect(alice.transfer(offer.name)).toMatchObject({ canRetry: false, hasFile: false, listed: false })
  })

  test('goes with its conversation', async () => {
    const [alice, bob] = await twoPeople()
    await paste(alice, PNG)
    const offer = await bob.until(() => bob.offers()[0])
    await bob.messenger.calls.declineOffer(offer.transfer)
    await stateOf(alice, offer.name, 'failed')
    await alice.messenger.calls.deleteConversation(alice.to('bob@plumb.test'))
    expect(await pasted(alice)).toEqual([])
  })

  test('is there after a restart where it is still to be sent, and what nothing needs is not', async () => {
    const alice = await signIn('alice')
    await alice.until(() => alice.person('bob@plumb.test'))
    await paste(alice, PNG)
    const name = await onlyOne(alice)
    await stateOf(alice, name, 'waiting')
    await writeFile(join(alice.ports.pastedFolder, 'left.png'), PNG)
    await alice.quit()
    const again = await signIn('alice')
    expect(await pasted(again)).toEqual([name])
    const bob = await signIn('bob')
    const offer = await bob.until(() => bob.offers()[0])
    await bob.messenger.calls.acceptOffer(offer.transfer)
    await stateOf(bob, name, 'done')
    await again.until(() => again.transfer(name)?.hasFile === false)
    expect(await pasted(again)).toEqual([])
  })

  test.each([
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), 'image/png'],
    ['of another kind than it is said to be', GIF, 'image/png'],
    ['cut off within its header', PNG.subarray(0, 20), 'image/png'],
    ['empty', Buffer.of(), 'image/png'],
  ] as const)('is not written anywhere where it is %s', async (_, bytes, type) => {
    const alice = await signIn('alice')
    await expect(paste(alice, bytes, type)).rejects.toMatchObject({ code: 'file-unreadable' })
    await expect(pasted(alice)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('is not written for somebody who may not have it', async () => {
    const alice = await signIn('alice')
    const sending = alice.messenger.calls.sendPicture(alice.to('eve@plumb.test'), PNG, 'image/png')
    await expect(sending).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(pasted(alice)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('is not left behind where it could not be offered', async () => {
    const alice = await signIn('alice')
    await alice.messenger.calls.signOut(alice.address)
    await expect(paste(alice, PNG)).rejects.toThrow()
    expect(await pasted(alice).catch(() => [])).toEqual([])
  })
})

describe('the folder of what was pasted', () => {
  const now = new Date(2026, 10, 28, 6, 2, 3)
  const picture = { type: 'image/png', width: 7, height: 5, bytes: PNG } as const

  test('tells those of the same second apart', async () => {
    const pictures = new PastedPictures(join(folder, 'pasted'))
    const [first, second] = [await pictures.keep(picture, now), await pictures.keep(picture, now)]
    expect(first).toBe(join(folder, 'pasted', 'Picture 2026-11-28 06.02.03.png'))
    expect(second).toBe(join(folder, 'pasted', 'Picture 2026-11-28 06.02.03 (2).png'))
  })

  test('keeps what was just written, whether or not it is known already that it is needed', async () => {
    const pictures = new PastedPictures(join(folder, 'pasted'))
    const path = await pictures.keep(picture, now)
    expect(await pictures.sweep(() => false)).toEqual([])
    pictures.decided(path)
    expect(await pictures.sweep(() => true)).toEqual([])
    expect(await pictures.sweep(() => false)).toEqual([path])
    expect(await readdir(join(folder, 'pasted'))).toEqual([])
  })

  test('holds a hundred, and says what makes room', async () => {
    const pictures = new PastedPictures(join(folder, 'pasted'))
    for (let count = 0; count < 100; count++)
      await pictures.keep(picture, new Date(now.getTime() + 1_000 * count))
    await expect(pictures.keep(picture, new Date(0))).rejects.toMatchObject({
      code: 'not-allowed',
      message: expect.stringContaining('clear the finished transfers'),
    })
  })

  test('that cannot be made fails with a sentence', async () => {
    await writeFile(join(folder, 'pasted'), '')
    await expect(new PastedPictures(join(folder, 'pasted')).keep(picture, now)).rejects.toMatchObject({
      code: 'cannot-write',
    })
  })

  test('holds nothing that lies elsewhere', () => {
    const pictures = new PastedPictures(join(folder, 'pasted'))
    expect(pictures.holds(join(folder, 'pasted', 'a.png'))).toBe(true)
    expect(pictures.holds(join(folder, 'a.png'))).toBe(false)
    expect(pictures.holds(join(folder, 'pasted', 'deeper', 'a.png'))).toBe(false)
  })
})
