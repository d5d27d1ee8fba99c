import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { dropFiles } from '../../support/drop-files.ts'
import { pastePicture } from '../../support/paste-picture.ts'
import { paintedPng } from '../../support/pictures.ts'
import { startServer, twoPeople } from './two-people.ts'

/** Pixels that were decoded; 0 until they are, and where there are none. */
function decodedWidth(image: Locator): Promise<number> {
  return image.evaluate(element => (element instanceof HTMLImageElement ? element.naturalWidth : 0))
}

/** Whether the page can draw what is at an address. */
function canDraw(page: Page, address: string): Promise<boolean> {
  return page.evaluate(async src => {
    const image = new Image()
    image.src = src
    return image.decode().then(
      () => true,
      () => false,
    )
  }, address)
}

test('pictures stand in the conversation, and one that is pasted is sent once it was looked at', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-e2e-'))
  await using server = await startServer()
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  await pastePicture(alice.page.getByRole('textbox', { name: /^Message / }), paintedPng(800, 600))
  const question = alice.page.getByRole('dialog', { name: 'Send this picture to bob?' })
  await expect.poll(() => decodedWidth(question.getByRole('img'))).toBe(800)
  await question.getByRole('button', { name: 'Send' }).click()
  await expect(bob.prompt).toContainText(/Picture \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png/)
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  const received = bob.messages.getByRole('img', { name: /^Picture / })
  await expect.poll(() => decodedWidth(received)).toBe(800)
  expect(await received.boundingBox()).toMatchObject({ width: 320, height: 240 })
  // It was nowhere else, and is no longer needed here.
  await expect.poll(() => readdir(join(alice.home, 'profile', 'pasted'))).toEqual([])

  const file = join(folder, 'field.png')
  await writeFile(file, paintedPng(300, 200))
  await dropFiles(alice.conversation, [file])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  for (const someone of [alice, bob]) {
    await expect.poll(() => decodedWidth(someone.messages.getByRole('img', { name: 'field.png' }))).toBe(300)
  }
  const address = (await bob.messages.getByRole('img', { name: 'field.png' }).getAttribute('src')) ?? ''
  expect(await canDraw(bob.page, address)).toBe(true)
  // What the page names is a transfer of its own, and no file.
  expect(await canDraw(bob.page, './picture/..%2f..%2fDownloads%2ffield.png')).toBe(false)
  expect(await canDraw(alice.page, address)).toBe(false)
  await rm(folder, { recursive: true, force: true })
})
