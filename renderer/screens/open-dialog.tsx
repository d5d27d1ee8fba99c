import { lazy, Suspense, useEffect } from 'react'
import { useView } from '../state/store.ts'

/** Apart: a window that opens has none of the dialogs to read. */
const load = async () => ({ default: (await import('./dialogs.tsx')).Dialogs })
const Dialogs = lazy(load)

/** The one dialog that is open. */
export function OpenDialog() {
  const isOpen = useView(state => state.dialog !== undefined)
  // As soon as the window is there, so that nobody waits for one.
  useEffect(() => void load(), [])
  return isOpen ? (
    <Suspense>
      <Dialogs />
    </Suspense>
  ) : null
}
