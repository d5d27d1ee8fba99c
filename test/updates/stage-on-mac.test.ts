import { EventEmitter } from 'node:events'
import type { AppUpdater } from 'electron-updater'
import { expect, it } from 'vitest'
import { stageOnMac } from '../../main/updates/stage-on-mac.ts'

/** MacUpdater, as far as it goes where there is no Squirrel: it is through once Squirrel has read the file. */
function macUpdater(squirrel: EventEmitter): AppUpdater {
  return {
    nativeUpdater: squirrel,
    autoInstallOnAppQuit: false,
    downloadUpdate: async () => [],
  } as unknown as AppUpdater
}

it('is not through before Squirrel has verified it', async () => {
  const squirrel = new EventEmitter()
  let isStaged = false
  const staging = stageOnMac(macUpdater(squirrel)).then(() => {
    isStaged = true
  })
  await new Promise(setImmediate)
  expect(isStaged).toBe(false)
  squirrel.emit('update-downloaded')
  await staging
  expect(squirrel.eventNames()).toEqual([])
})

it('says what Squirrel refuses', async () => {
  const squirrel = new EventEmitter()
  const staging = stageOnMac(macUpdater(squirrel))
  queueMicrotask(() => squirrel.emit('error', new Error('code signature did not pass validation')))
  await expect(staging).rejects.toMatchObject({ code: 'cannot-write' })
})

it('waits for Squirrel, but not for ever', async () => {
  await expect(stageOnMac(macUpdater(new EventEmitter()), 20)).rejects.toMatchObject({ code: 'cannot-write' })
})
