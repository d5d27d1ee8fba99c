import { useEffect, useState } from 'react'

/** Midnight of today, in milliseconds since 1970; another value once it is another day. */
export function useToday(): number {
  const [today, setToday] = useState(startOfToday)
  useEffect(() => {
    const tomorrow = new Date(today).setDate(new Date(today).getDate() + 1)
    const timer = setTimeout(() => setToday(startOfToday()), tomorrow - Date.now() + 1)
    return () => clearTimeout(timer)
  }, [today])
  return today
}

function startOfToday(): number {
  return new Date().setHours(0, 0, 0, 0)
}
