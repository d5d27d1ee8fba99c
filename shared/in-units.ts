const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes for people, in powers of ten. */
export function inUnits(bytes: number): string {
  const power = powerOf(bytes)
  return `${inPower(bytes, power)} ${UNITS[power]}`
}

/** “7.4 of 12.8 GB”: the part in the unit of the whole, so that nothing jumps while it grows. */
export function partInUnits(part: number, whole: number): string {
  return `${inPower(part, powerOf(whole))} of ${inUnits(whole)}`
}

function powerOf(bytes: number): number {
  return bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
}

function inPower(bytes: number, power: number): string {
  const value = bytes / 1000 ** power
  return power === 0 ? String(Math.round(value)) : value.toFixed(value < 100 ? 1 : 0)
}
