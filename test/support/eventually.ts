import { vi } from 'vitest'

/** Asks again and again until `check` throws no more: on a busy computer that may take a while. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000 })
}
