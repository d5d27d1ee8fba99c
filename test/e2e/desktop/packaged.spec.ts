import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from '@playwright/test'
import { extractApp } from '../../release/packaged-app.ts'
import { dropFiles } from '../../support/drop-files.ts'
import { makeFile, sha256Of } from '../../support/files.ts'
import { canRunPackaged, test } from './packaged.ts'
import { startServer, twoPeople } from './two-people.ts'

if (canRunPackaged)
  test('what is packaged is all that it takes: two of it exchange a file', async ({ packed }) => {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-e2e-'))
    const appFolder = await extractApp(packed, join(folder, 'Plumb'))
    for (const above of foldersAbove(appFolder)) expect(existsSync(join(above, 'node_modules'))).toBe(false)
    await using server = await startServer()
    const { alice, bob } = await twoPeople(server, { appFolder, onTestHost: true })
    await using _alice = alice
    await using _bob = bob
    expect(
      await alice.app.evaluate(({ app }) => ({ isPackaged: app.isPackaged, folder: app.getAppPath() })),
    ).toEqual({ isPackaged: true, folder: appFolder })
    const file = await makeFile(join(folder, 'notes.bin'), 20_000_000)
    await dropFiles(alice.conversation, [file])
    await bob.prompt.getByRole('button', { name: 'Accept' }).click()
    await expect(bob.transfer('notes.bin')).toContainText('Encrypted and verified')
    await expect(alice.transfer('notes.bin').getByRole('button', { name: /^Open/ })).toBeVisible()
    expect(await sha256Of(join(bob.downloads, 'notes.bin'))).toBe(await sha256Of(file))
    await rm(folder, { recursive: true })
  })

function foldersAbove(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersAbove(above)]
}
