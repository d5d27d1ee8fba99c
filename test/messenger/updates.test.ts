import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { serveCalls } from '../../main/ipc/serve-calls.ts'
import { openSettings } from '../../main/store/settings.ts'
import type { Answer, CallName } from '../../shared/ipc/calls.ts'
import { EVENTS } from '../../shared/ipc/events.ts'
import { Failure } from '../../shared/model/failure.ts'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import { WindowState } from '../../shared/model/window-state.ts'
import { folder, type Someone, start } from './rig.ts'

/** Asks as a window does. */
function askAsWindow({ messenger }: Someone, name: CallName, ...args: unknown[]): Promise<Answer<unknown>> {
  const handlers = new Map<string, (event: object, ...args: unknown[]) => Promise<Answer<unknown>>>()
  serveCalls(
    { handle: (channel, handler) => void handlers.set(channel, handler as never) },
    messenger.calls,
    () => true,
  )
  return handlers.get(name)?.({}, ...args) ?? Promise.reject(new Error(name))
}

const eventsOf = ({ events }: Someone, name: string): unknown[] =>
  events.filter(event => event.name === name).map(({ value }) => value)

const READY: UpdateState = { kind: 'ready', version: '1.2.0' }
const STATES: readonly UpdateState[] = [
  { kind: 'managed', by: 'package-manager' },
  { kind: 'off' },
  { kind: 'current', checkedAt: null },
  { kind: 'checking' },
  { kind: 'downloading', version: '1.2.0', fraction: 0.42 },
  READY,
  { kind: 'failed', failure: { code: 'update-unavailable', message: 'No server.' } },
]

describe('updates', () => {
  test.each(STATES)('are loaded and told as they are: %j', async state => {
    const alice = await start('alice')
    alice.updates.state = state
    const loaded = await askAsWindow(alice, 'load')
    expect(loaded).toMatchObject({ ok: true, value: { update: state } })
    alice.messenger.updateChanged()
    expect(eventsOf(alice, 'updateChanged')).toEqual([state])
    expect(EVENTS.updateChanged.parse(state)).toEqual(state)
  })

  test('are numbered with the other events, so that the window applies each once', async () => {
    const alice = await start('alice')
    const before = WindowState.parse(await alice.messenger.calls.load())
    alice.updates.state = READY
    alice.messenger.updateChanged()
    const after = WindowState.parse(await alice.messenger.calls.load())
    expect(after).toEqual({ ...before, update: READY, sequence: before.sequence + 1 })
  })

  test('are looked for when somebody asks, also before anybody signed in', async () => {
    const alice = await start('alice')
    const answer = await askAsWindow(alice, 'checkForUpdate')
    expect(answer).toMatchObject({ ok: true })
    expect(alice.updates.check).toHaveBeenCalledOnce()
    expect(alice.updates.restart).not.toHaveBeenCalled()
  })

  test('are installed by a restart when somebody asks', async () => {
    const alice = await start('alice')
    expect(await askAsWindow(alice, 'restartToUpdate')).toMatchObject({ ok: true })
    expect(alice.updates.restart).toHaveBeenCalledOnce()
    // The window chooses neither what is installed nor from where.
    expect(await askAsWindow(alice, 'restartToUpdate', '/tmp/evil')).toMatchObject({
      failure: { code: 'invalid-argument' },
    })
    expect(alice.updates.restart).toHaveBeenCalledOnce()
  })

  test('that may not be installed now say why, as a value', async () => {
    const alice = await start('alice')
    alice.updates.restart.mockImplementation(() => {
      throw new Failure('not-allowed', 'A transfer is running.', { cause: new Error('/home/anna') })
    })
    expect(await askAsWindow(alice, 'restartToUpdate')).toEqual({
      ok: false,
      failure: { code: 'not-allowed', message: 'A transfer is running.' },
    })
  })

  test('are chosen in the settings, which are stored and told', async () => {
    const alice = await start('alice')
    for (const patch of [{ automaticUpdates: false }, { betaUpdates: true }])
      expect(await askAsWindow(alice, 'changeSettings', patch)).toMatchObject({ ok: true })
    const settings = { ...DEFAULT_SETTINGS, automaticUpdates: false, betaUpdates: true }
    expect(eventsOf(alice, 'settingsChanged')).toEqual([
      { settings: { ...settings, betaUpdates: false }, downloadFolder: 'Downloads' },
      { settings, downloadFolder: 'Downloads' },
    ])
    expect(openSettings(join(folder, 'alice'), '/d').settings).toEqual(settings)
    expect(await alice.messenger.calls.load()).toMatchObject({ settings })
  })
})
