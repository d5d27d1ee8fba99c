import { cleanup, configure } from '@testing-library/react'
import { afterEach, beforeAll, vi } from 'vitest'

/* What the tests of the window's components need around them. */

// On a busy computer what is looked for may take a while.
configure({ asyncUtilTimeout: 30_000 })

beforeAll(() => {
  // What jsdom has not got.
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  )
})

afterEach(cleanup)
