import { useEffect, useRef } from 'react'
import type { FocusTarget } from './state.ts'
import { useView } from './store.ts'

/** Acts when the focus is asked for, from now on: what was asked for before the component was there is over. */
export function useFocusCommand(on: FocusTarget, act: () => void): void {
  const focus = useView(state => state.focus)
  const seen = useRef(focus.count)
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  useEffect(() => {
    if (focus.count === seen.current) return
    seen.current = focus.count
    if (focus.on === on) latest.current()
  }, [focus, on])
}
