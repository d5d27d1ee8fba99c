import { useEffect, useState } from 'react'

/** A person needs longer than this to see a question and answer it. */
const FIRST_MOMENT_MS = 600

/**
 * False in the first moment of a question: a key or a click that comes then was meant for what was there before. It is
 * another question for each component that is mounted.
 */
export function useFirstMoment(): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), FIRST_MOMENT_MS)
    return () => clearTimeout(timer)
  }, [])
  return isOver
}
