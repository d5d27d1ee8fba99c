export type Move = 'next' | 'previous' | 'above' | 'below' | 'first' | 'last'

/**
 * Where a key leads in groups of cells one below the other, each in rows of so many columns. Cells are counted through
 * all groups. Undefined above the first row; elsewhere what leads out of it stays.
 */
export function moveInGrid(
  groups: readonly number[],
  columns: number,
  at: number,
  move: Move,
): number | undefined {
  const rows = rowsOf(groups, columns)
  const last = groups.reduce((sum, length) => sum + length, 0) - 1
  const row = rows.findIndex(({ start, length }) => at < start + length)
  switch (move) {
    case 'next':
      return Math.min(at + 1, last)
    case 'previous':
      return Math.max(at - 1, 0)
    case 'first':
      return 0
    case 'last':
      return last
    case 'above':
    case 'below': {
      const there = rows[move === 'above' ? row - 1 : row + 1]
      if (there === undefined) return move === 'above' ? undefined : at
      // A row may be shorter.
      return there.start + Math.min(at - (rows[row]?.start ?? 0), there.length - 1)
    }
  }
}

interface Row {
  readonly start: number
  readonly length: number
}

function rowsOf(groups: readonly number[], columns: number): readonly Row[] {
  const rows: Row[] = []
  let start = 0
  for (const size of groups) {
    for (let left = size; left > 0; left -= columns) {
      const length = Math.min(left, columns)
      rows.push({ start, length })
      start += length
    }
  }
  return rows
}
