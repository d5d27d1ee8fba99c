import { sizeWords as ar } from './words/ar/sizes.ts'
import { sizeWords as de } from './words/de/sizes.ts'
import { sizeWords as en } from './words/en/sizes.ts'
import { language, numberFormat } from './words/language.ts'
import { makeSay } from './words/make-say.ts'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

const WORDS = { en, de, ar }
const say = makeSay<typeof en>(() => WORDS[language().tag])

/** Bytes for people, in powers of ten. */
export function inUnits(bytes: number): string {
  const power = powerOf(bytes)
  if (power === 0) return say('size.bytes', { bytes: Math.round(bytes) })
  const unit = { style: 'unit', unit: UNITS[power], unitDisplay: 'short' } as const
  return inPower(bytes, power, unit)
}

/** “7.4 of 12.8 GB”: the part in the unit of the whole, so that nothing jumps while it grows. */
export function partInUnits(part: number, whole: number): string {
  return say('size.part', { part: inPower(part, powerOf(whole)), whole: inUnits(whole) })
}

function powerOf(bytes: number): number {
  return bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
}

function inPower(bytes: number, power: number, unit: Intl.NumberFormatOptions = {}): string {
  const value = bytes / 1000 ** power
  const digits = power > 0 && value < 100 ? 1 : 0
  return numberFormat({
    ...unit,
    useGrouping: false,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)
}
