import { useEffect } from 'react'
import { looksEverywhere } from './selectors.ts'
import { attempt, dispatch, useView } from './store.ts'

/** How long nothing more is typed before it is looked for. */
const PAUSE_MS = 150

/** Looks through everything for what is in the search field. */
export function useFinding(): void {
  const search = useView(state => state.search)
  useEffect(() => {
    if (!looksEverywhere(search)) return
    const timer = setTimeout(() => void find(search), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [search])
}

async function find(text: string): Promise<void> {
  const result = await attempt(window.plumb.search(text))
  if (result !== undefined) dispatch({ type: 'found', text, result })
}
