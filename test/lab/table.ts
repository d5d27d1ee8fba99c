import { type Pair, pairText } from './plan.ts'
import type { Outcome, Weather } from './transfer.ts'

export interface Row {
  readonly pair: Pair
  readonly weather: Weather
  readonly outcome: Outcome
}

const LEGEND = `Seconds from the acceptance to the connection / to the verified end;
+ from the failure of the attempt before it to the first bytes of this route.
`

/** A row for each pair, a column for each weather. */
export function tableOf(rows: readonly Row[]): string {
  const pairs = [...new Set(rows.map(({ pair }) => pairText(pair)))]
  const weathers = [...new Set(rows.map(({ weather }) => weatherText(weather)))]
  const cell = (pair: string, weather: string): string =>
    rows
      .filter(row => pairText(row.pair) === pair && weatherText(row.weather) === weather)
      .map(({ outcome }) => outcomeText(outcome))
      .join()
  const lines = [
    ['sender/receiver', ...weathers],
    ...pairs.map(pair => [pair, ...weathers.map(weather => cell(pair, weather))]),
  ]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0))) ?? []
  const text = lines.map(line =>
    line
      .map((word, column) => word.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  )
  return `${text.join('\n')}\n\n${LEGEND}`
}

export function weatherText({ rttMs, loss }: Weather): string {
  return loss > 0 ? `${rttMs} ms, ${loss * 100} % lost` : `${rttMs} ms`
}

export function outcomeText({ problems, route, connectedMs, totalMs, failoverMs }: Outcome): string {
  if (route === undefined) return 'FAILED'
  const name = route.relay === 'proxy' ? `${route.method} (proxy)` : route.method
  const failover = failoverMs === undefined ? '' : ` +${seconds(failoverMs)}`
  return `${problems.length > 0 ? 'WRONG ' : ''}${name} ${seconds(connectedMs)}/${seconds(totalMs)}${failover}`
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '?' : (ms / 1000).toFixed(2)
}
