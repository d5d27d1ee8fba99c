const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** As it is written here: “14:32” or “2:32 PM”. */
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
/** Names of days and months stand in English sentences. */
const LANGUAGE = 'en-GB'

const NUMBER = new Intl.NumberFormat(LANGUAGE)

/** “4,212”: how many there are of something. */
export function counted(number: number): string {
  return NUMBER.format(number)
}

/** The time of a message. */
export function clockTime(at: number): string {
  return CLOCK.format(at)
}

/** When it was, as short as it can be said: “14:32”, “Yesterday”, “Fri”, “3 Mar”, “3 Mar 2024”. */
export function shortTime(at: number, now = Date.now()): string {
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at)
  if (days === 1) return 'Yesterday'
  if (days < 7) return new Intl.DateTimeFormat(LANGUAGE, { weekday: 'short' }).format(at)
  return new Intl.DateTimeFormat(LANGUAGE, dayFormat(at, now, 'short')).format(at)
}

/** When something began, behind “since”: “14:32”, “yesterday”, “Fri”, “3 Mar”. */
export function momentOf(at: number, now = Date.now()): string {
  return daysBetween(at, now) === 1 ? 'yesterday' : shortTime(at, now)
}

/** The day as a heading: “Today”, “Yesterday”, “Friday”, “3 March”. */
export function dayName(at: number, now = Date.now()): string {
  const days = daysBetween(at, now)
  if (days <= 0) return 'Today'
  if (days === 1) return 'Yesterday'
  if (days < 7) return new Intl.DateTimeFormat(LANGUAGE, { weekday: 'long' }).format(at)
  return new Intl.DateTimeFormat(LANGUAGE, dayFormat(at, now, 'long')).format(at)
}

/** Midnights in between, by the clock on the wall. */
export function daysBetween(from: number, to: number): number {
  const midnight = (at: number): number => new Date(at).setHours(0, 0, 0, 0)
  // Rounded: a day with a change of the clock has 23 or 25 hours.
  return Math.round((midnight(to) - midnight(from)) / DAY_MS)
}

/** The day that was asked about last: nearly always the next question is about the same one. */
let day = { from: 0, to: 0 }

export function isSameDay(one: number, other: number): boolean {
  if (one < day.from || one >= day.to) {
    const from = new Date(one).setHours(0, 0, 0, 0)
    day = { from, to: new Date(from).setDate(new Date(from).getDate() + 1) }
  }
  return other >= day.from && other < day.to
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
