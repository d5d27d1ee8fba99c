import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findOwner, type Installation } from '../../main/updates/find-owner.ts'

let folder: string
/** Where this copy of Plumb is, and another program's place beside it. */
let home: string
let elsewhere: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'plumb-owner-')))
  home = join(folder, 'Plumb')
  elsewhere = join(folder, 'Other')
  await mkdir(join(home, 'resources'), { recursive: true })
  await mkdir(elsewhere)
  await mkdir(home.slice(0, -1))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const ownerOf = (more: Partial<Installation> = {}) =>
  findOwner({
    platform: 'linux',
    isPackaged: true,
    resourcesPath: join(home, 'resources'),
    execPath: join(home, 'plumb'),
    env: {},
    ...more,
  })
const packageType = (text: string): Promise<void> => writeFile(join(home, 'resources', 'package-type'), text)
const appImage = (place: string) => ({ APPIMAGE: join(folder, 'some.AppImage'), APPDIR: place })

describe('Plumb replaces itself', () => {
  it.each(['win32', 'darwin'] as const)('on %s, whatever the environment says', platform => {
    const env = { ...appImage(elsewhere), SNAP: home, FLATPAK_ID: 'org.example.Other' }
    expect(ownerOf({ platform, env })).toBeUndefined()
  })

  it('as an AppImage', () => {
    expect(ownerOf({ env: appImage(home) })).toBeUndefined()
    expect(ownerOf({ env: appImage(join(home, '/')) })).toBeUndefined()
  })

  it('as an AppImage that was packed out of the same folder as a deb', async () => {
    await packageType('deb')
    expect(ownerOf({ env: appImage(home) })).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32')('as an AppImage that is mounted behind a link', async () => {
    await symlink(home, join(folder, 'link'))
    expect(ownerOf({ env: appImage(join(folder, 'link')) })).toBeUndefined()
  })
})

describe('somebody else replaces', () => {
  it('what was not packaged, and what was only unpacked: nobody', () => {
    expect(ownerOf({ isPackaged: false, env: appImage(home) })).toBe('nobody')
    expect(ownerOf({ isPackaged: false, platform: 'win32' })).toBe('nobody')
    expect(ownerOf()).toBe('nobody')
  })

  it.each(['deb', 'rpm', 'pacman', 'deb\n'])('a package of the kind %j', async text => {
    await packageType(text)
    expect(ownerOf()).toBe('package-manager')
  })

  it('a package whose starter was an AppImage', async () => {
    await packageType('deb')
    expect(ownerOf({ env: appImage(elsewhere) })).toBe('package-manager')
  })

  it('a flatpak, and a snap', () => {
    expect(ownerOf({ env: { FLATPAK_ID: 'org.example.Plumb' } })).toBe('flatpak')
    expect(ownerOf({ env: { SNAP: home } })).toBe('snap')
  })
})

describe('the environment of another program is not taken for ours', () => {
  it.each<[string, () => Installation['env']]>([
    ['an AppImage elsewhere', () => appImage(elsewhere)],
    // The beginning of the path alone does not make it a folder around ours.
    ['an AppImage whose folder begins like ours', () => appImage(home.slice(0, -1))],
    ['an AppImage that says no folder', () => ({ APPIMAGE: join(folder, 'some.AppImage') })],
    ['an AppImage whose folder is empty', () => appImage('')],
    ['a folder without an AppImage', () => ({ APPDIR: home })],
    ['an AppImage whose folder is gone', () => appImage(join(folder, 'gone'))],
    ['a snap elsewhere', () => ({ SNAP: elsewhere })],
    ['a snap whose folder begins like ours', () => ({ SNAP: home.slice(0, -1) })],
    ['a snap without a folder', () => ({ SNAP: '' })],
  ])('%s', (_, env) => {
    expect(ownerOf({ env: env() })).toBe('nobody')
  })
})
