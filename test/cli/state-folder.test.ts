import { describe, expect, test } from 'vitest'
import { stateFolder } from '../../main/cli/state-folder.ts'

/** Written as on this computer: which separator a platform has is not what this is about. */
const at = (platform: NodeJS.Platform, environment: NodeJS.ProcessEnv, home: string): string =>
  stateFolder(platform, environment, home).replaceAll('\\', '/')

describe('the folder where what is under way is noted', () => {
  test.each<[NodeJS.Platform, NodeJS.ProcessEnv, string]>([
    ['linux', {}, '/home/anna/.local/state/plumb'],
    ['freebsd', {}, '/home/anna/.local/state/plumb'],
    ['linux', { XDG_STATE_HOME: '/data/state' }, '/data/state/plumb'],
    ['linux', { XDG_STATE_HOME: '' }, '/home/anna/.local/state/plumb'],
    // A path that is not absolute is to be ignored, as the XDG Base Directory Specification has it.
    ['linux', { XDG_STATE_HOME: 'state' }, '/home/anna/.local/state/plumb'],
    ['darwin', { XDG_STATE_HOME: '/data/state' }, '/home/anna/Library/Application Support/plumb/state'],
    ['win32', {}, '/home/anna/AppData/Local/plumb/state'],
    ['win32', { LOCALAPPDATA: 'D:/Data' }, 'D:/Data/plumb/state'],
    ['win32', { LOCALAPPDATA: '' }, '/home/anna/AppData/Local/plumb/state'],
  ])('on %s with %j is %s', (platform, environment, folder) => {
    expect(at(platform, environment, '/home/anna')).toBe(folder)
  })

  test('is that of this computer where nothing else is said', () => {
    expect(stateFolder()).toBe(stateFolder(process.platform, process.env))
  })
})
