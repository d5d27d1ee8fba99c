import { language } from '../../shared/words/language.ts'
import { say } from './say.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const STYLES = {
  /** “14:32” or “2:32 PM” */
  clock: { timeStyle: 'short' },
  /** “Fri” */
  weekday: { weekday: 'short' },
  /** “Friday” */
  wholeWeekday: { weekday: 'long' },
  /** “3 Mar” */
  day: { day: 'numeric', month: 'short' },
  /** “3 Mar 2024” */
  dayOfYear: { day: 'numeric', month: 'short', year: 'numeric' },
  /** “3 March” */
  wholeDay: { day: 'numeric', month: 'long' },
  /** “3 March 2024” */
  wholeDayOfYear: { day: 'numeric', month: 'long', year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

type Style = keyof typeof STYLES

// One takes longer to make than a thousand times to write.
const formats = new Map<string, Intl.DateTimeFormat>()

function written(at: number, style: Style): string {
  const { locale } = language()
  const key = `${locale} ${style}`
  let format = formats.get(key)
  if (format === undefined) {
    // English of nowhere would be that of the United States, where the month comes first.
    format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, STYLES[style])
    formats.set(key, format)
  }
  return format.format(at)
}

/** The time of a message, as it is written here. */
export function clockTime(at: number): string {
  return written(at, 'clock')
}

/** When it was, as short as it can be said: “14:32”, “Yesterday”, “Fri”, “3 Mar”, “3 Mar 2024”. */
export function shortTime(at: number, now = Date.now()): string {
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at)
  if (days === 1) return say('time.yesterday')
  if (days < 7) return written(at, 'weekday')
  return written(at, isSameYear(at, now) ? 'day' : 'dayOfYear')
}

/** The day as a heading: “Today”, “Yesterday”, “Friday”, “3 March”. */
export function dayName(at: number, now = Date.now()): string {
  const days = daysBetween(at, now)
  if (days <= 0) return say('time.today')
  if (days === 1) return say('time.yesterday')
  if (days < 7) return written(at, 'wholeWeekday')
  return written(at, isSameYear(at, now) ? 'wholeDay' : 'wholeDayOfYear')
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

function isSameYear(one: number, other: number): boolean {
  return new Date(one).getFullYear() === new Date(other).getFullYear()
}

/** “50 s”, “4 min”, “2 h 10 min”: how long something takes yet. */
export function duration(wanted: number): string {
  const seconds = Math.max(0, Math.round(wanted))
  if (seconds < 60) return say('time.seconds', { seconds })
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return say('time.minutes', { minutes })
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0
    ? say('time.hours', { hours })
    : say('time.hours-minutes', { hours, minutes: minutes % 60 })
}
