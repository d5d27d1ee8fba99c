import { useSyncExternalStore } from 'react'

/** Midnight of today, in milliseconds since 1970; whoever uses it is drawn anew when it is another day. */
export function useToday(): number {
  // Asked for at each drawing, too: a timer does not count what a computer slept through.
  return useSyncExternalStore(onMidnight, startOfToday)
}

function startOfToday(): number {
  return new Date().setHours(0, 0, 0, 0)
}

function onMidnight(act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const wait = (): void => {
    const tomorrow = new Date(startOfToday())
    tomorrow.setDate(tomorrow.getDate() + 1)
    timer = setTimeout(() => {
      act()
      wait()
    }, tomorrow.getTime() - Date.now())
  }
  wait()
  return () => clearTimeout(timer)
}
