import { type RefObject, useLayoutEffect } from 'react'

/** Where a control goes that has the focus, the list or panel around it takes it over: else it would be nowhere. */
export function useFocusHeir(control: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const own = control.current
    return () => {
      // Before it is taken off the page, the focus is still known.
      if (own === null || document.activeElement !== own) return
      const heir = own.parentElement?.closest<HTMLElement>('[tabindex]:not(button, input, textarea)')
      queueMicrotask(() => {
        if (document.activeElement === document.body && heir?.isConnected === true) heir.focus()
      })
    }
  }, [control])
}
