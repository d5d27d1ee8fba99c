import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { DiskPool } from '../../main/transfer/disk-pool.ts'
import { speak } from '../../shared/words/language.ts'

afterEach(() => speak({ tag: 'en', locale: 'en' }))

test('a disk thread says why a disk fails in the language that was spoken when it began', async () => {
  speak({ tag: 'de', locale: 'de' })
  const pool = new DiskPool()
  const job = pool.open()
  const path = join(import.meta.dirname, 'gone.mkv')
  await job.packed({ kind: 'pack-open', content: 'file', folders: [] })
  await job.packed({ kind: 'pack-files', files: [{ path, name: 'gone.mkv', size: 1, mtimeNs: 1n }] })
  await job.packed({ kind: 'pack-begin' })
  await job.packed({ kind: 'pack-claims', claims: [] })
  await job.packed({ kind: 'pack-check' })
  const buffer = new Uint8Array(new SharedArrayBuffer(1024))
  await expect(job.packed({ kind: 'pack-fill', buffer })).rejects.toMatchObject({
    code: 'file-not-found',
    message: 'gone.mkv gibt es dort nicht: Prüfe den Pfad, und ob es verschoben wurde.',
  })
  await job.close()
  await pool.close()
})
