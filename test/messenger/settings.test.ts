import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSettings } from '../../main/store/settings.ts'
import { DEFAULT_SETTINGS, Settings } from '../../shared/model/settings.ts'
import { folder, start } from './rig.ts'

test('the language that was chosen is stored and told, and kept for the next start', async () => {
  const alice = await start('alice')
  const told = () => alice.events.filter(({ name }) => name === 'settingsChanged').map(({ value }) => value)
  const stored = () => openSettings(join(folder, 'alice'), '/d').settings
  expect(await alice.messenger.calls.load()).toMatchObject({ settings: { language: 'system' } })
  for (const language of ['ar', 'system', 'de'] as const) {
    await alice.messenger.calls.changeSettings({ language })
    const settings = { ...DEFAULT_SETTINGS, language }
    expect(told().at(-1)).toEqual({ settings, downloadFolder: 'Downloads' })
    expect(stored()).toEqual(settings)
  }
  expect(told()).toHaveLength(3)
  await alice.quit()
  const again = await start('alice')
  expect(await again.messenger.calls.load()).toMatchObject({ settings: { language: 'de' } })
})

test.each(['fr', '', 'DE', null])('no other language can be chosen: %j', language => {
  expect(Settings.partial().safeParse({ language }).success).toBe(false)
})
