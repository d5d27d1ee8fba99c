import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileSync } from 'atomically'
import type { SafeStorage } from 'electron'
import * as z from 'zod'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import type { PasswordStore } from '../messenger/ports.ts'

type Keyring = Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> & {
  /** Only on Linux. */
  getSelectedStorageBackend?: SafeStorage['getSelectedStorageBackend']
}

/** By bare JID, in base64. */
const Stored = z.strictObject({ encrypted: z.record(z.string(), z.base64()) })
/** Of when there was one account. */
const StoredOne = z.strictObject({ address: z.string(), encrypted: z.base64() })

/** Keeps passwords in `folder`, encrypted with a key that only the system's keyring has. */
export function openPasswordStore(
  folder: string,
  keyring: Keyring,
  platform: NodeJS.Platform,
): PasswordStore {
  const path = join(folder, 'password.json')
  const available = isSafe(keyring, platform)
  const write = (encrypted: ReadonlyMap<string, string>): void => {
    writeFileSync(path, JSON.stringify({ encrypted: Object.fromEntries(encrypted) }), { mode: 0o600 })
  }
  return {
    available,
    load(address) {
      if (!available) return undefined
      const encrypted = read(path).get(address)
      try {
        return encrypted === undefined ? undefined : keyring.decryptString(Buffer.from(encrypted, 'base64'))
      } catch {
        // Of another keyring: it is typed once more.
        return undefined
      }
    },
    save(address, password) {
      if (!available) {
        throw new Failure('no-keyring', say('password.no-keyring'))
      }
      const encrypted = keyring.encryptString(password).toString('base64')
      try {
        write(new Map(read(path)).set(address, encrypted))
      } catch (cause) {
        throw new Failure('cannot-write', say('password.not-stored'), {
          cause,
        })
      }
    },
    forget(address) {
      const encrypted = new Map(read(path))
      if (!encrypted.delete(address)) return
      try {
        // The last one goes also where the disk is full.
        if (encrypted.size === 0) rmSync(path, { force: true })
        else write(encrypted)
      } catch (cause) {
        throw new Failure('cannot-write', say('password.not-removed'), { cause })
      }
    },
  }
}

/** What cannot be read is typed once more. */
function read(path: string): ReadonlyMap<string, string> {
  try {
    const stored: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const one = StoredOne.safeParse(stored)
    if (one.success) return new Map([[one.data.address, one.data.encrypted]])
    return new Map(Object.entries(Stored.parse(stored).encrypted))
  } catch {
    return new Map()
  }
}

/** Without a keyring Electron on Linux would encrypt with a key that everybody knows. */
function isSafe(keyring: Keyring, platform: NodeJS.Platform): boolean {
  if (!keyring.isEncryptionAvailable()) return false
  if (platform !== 'linux') return true
  const backend = keyring.getSelectedStorageBackend?.()
  return backend !== 'basic_text' && backend !== 'unknown'
}
