const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** The time of a message: “14:32”, as it is written here. */
export function clockTime(at: number): string {
  return new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }).format(at)
}

/** When it was, as short as it can be said: “14:32”, “Yesterday”, “Fri”, “3 Mar”, “3 Mar 2024”. */
export function shortTime(at: number, now = Date.now()): string {
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at)
  if (days === 1) return 'Yesterday'
  if (days < 7) return new Intl.DateTimeFormat(undefined, { weekday: 'short' }).format(at)
  return new Intl.DateTimeFormat(undefined, dayFormat(at, now, 'short')).format(at)
}

/** The day as a heading: “Today”, “Yesterday”, “Friday”, “3 March”. */
export function dayName(at: number, now = Date.now()): string {
  const days = daysBetween(at, now)
  if (days <= 0) return 'Today'
  if (days === 1) return 'Yesterday'
  if (days < 7) return new Intl.DateTimeFormat(undefined, { weekday: 'long' }).format(at)
  return new Intl.DateTimeFormat(undefined, dayFormat(at, now, 'long')).format(at)
}

/** Midnights in between, by the clock on the wall. */
export function daysBetween(from: number, to: number): number {
  const midnight = (at: number): number => new Date(at).setHours(0, 0, 0, 0)
  // Rounded: a day with a change of the clock has 23 or 25 hours.
  return Math.round((midnight(to) - midnight(from)) / DAY_MS)
}

/** “50 s”, “4 min”, “2 h 10 min”: how long something takes yet. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${minutes} min`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function dayFormat(at: number, now: number, month: 'short' | 'long'): Intl.DateTimeFormatOptions {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return { day: 'numeric', month, ...(sameYear ? {} : { year: 'numeric' as const }) }
}
