import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import * as z from 'zod'
import { Failure } from '../../shared/model/failure.ts'
import type { PasswordStore } from '../messenger/ports.ts'

type Keyring = Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> & {
  /** Only on Linux. */
  getSelectedStorageBackend?: SafeStorage['getSelectedStorageBackend']
}

const Stored = z.strictObject({ address: z.string(), encrypted: z.base64() })

/** Keeps one password in `folder`, encrypted with a key that only the system's keyring has. */
export function openPasswordStore(
  folder: string,
  keyring: Keyring,
  platform: NodeJS.Platform,
): PasswordStore {
  const path = join(folder, 'password.json')
  const available = isSafe(keyring, platform)
  return {
    available,
    load(address) {
      if (!available) return undefined
      try {
        const stored = Stored.parse(JSON.parse(readFileSync(path, 'utf8')))
        if (stored.address !== address) return undefined
        return keyring.decryptString(Buffer.from(stored.encrypted, 'base64'))
      } catch {
        // Not there, damaged, or of another keyring: it is typed once more.
        return undefined
      }
    },
    save(address, password) {
      if (!available) {
        throw new Failure('no-keyring', 'This system has no keyring that could keep it safe.')
      }
      const encrypted = keyring.encryptString(password).toString('base64')
      try {
        writeFileSync(path, JSON.stringify({ address, encrypted }), { mode: 0o600 })
      } catch (cause) {
        throw new Failure('cannot-write', 'The password could not be stored: make room on the disk.', {
          cause,
        })
      }
    },
    forget() {
      try {
        rmSync(path, { force: true })
      } catch (cause) {
        throw new Failure(
          'cannot-write',
          'The stored password could not be removed: delete password.json in Plumb’s own folder.',
          { cause },
        )
      }
    },
  }
}

/** Without a keyring Electron on Linux would encrypt with a key that everybody knows. */
function isSafe(keyring: Keyring, platform: NodeJS.Platform): boolean {
  if (!keyring.isEncryptionAvailable()) return false
  if (platform !== 'linux') return true
  const backend = keyring.getSelectedStorageBackend?.()
  return backend !== 'basic_text' && backend !== 'unknown'
}
