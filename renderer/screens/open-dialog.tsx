import { useEffect } from 'react'
import { later } from '../components/later.tsx'
import { useView } from '../state/store.ts'

/** Apart: a window that opens has none of the dialogs to read. */
const { Later: Dialogs, load } = later(async () => (await import('./dialogs.tsx')).Dialogs)

/** The one dialog that is open. */
export function OpenDialog() {
  const isOpen = useView(state => state.dialog !== undefined)
  // As soon as the window is there, so that nobody waits for one.
  useEffect(() => void load(), [])
  return isOpen ? <Dialogs /> : null
}
