import { inspect, parseArgs } from 'node:util'
import { runSchedule, Violation } from './simulator.ts'

const HELP = `node test/dtcp/simulate.ts [--schedules N] [--seed FIRST] [--trace]

Runs DTCP sessions over a fake network, each from one seed.
  --schedules N   how many, from the first seed on (10000; 1 with --trace)
  --seed FIRST    the first seed (1)
  --trace         tell what happens
`

class UsageError extends Error {}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function wholeNumber(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new UsageError(`not a whole number: ${text}`)
  return number
}

function main(): void {
  const { values } = parseArgs({
    options: {
      schedules: { type: 'string' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    print(HELP)
    return
  }
  const first = wholeNumber(values.seed, 1)
  const schedules = wholeNumber(values.schedules, values.trace ? 1 : 10_000)
  const counts = new Map<string, number>()
  const count = (what: string, by = 1): void => void counts.set(what, (counts.get(what) ?? 0) + by)
  let sessions = 0
  let events = 0
  const start = performance.now()
  for (let seed = first; seed < first + schedules; seed++) {
    const report = runSchedule(seed, { trace: values.trace })
    for (const line of report.trace) print(line)
    events += report.events
    for (const outcome of report.outcomes) {
      sessions += 1
      count(describe(outcome))
      if (values.trace) print(`${seed}: ${JSON.stringify(outcome)}`)
    }
    count('  early dialers held, then answered', report.early)
    count('  rival connections discarded', report.losers)
    count('  first data behind the last line', report.trailing)
    count('  give-ups said', report.gaveUp)
  }
  const seconds = (performance.now() - start) / 1000
  print(
    `${schedules} schedules (seeds ${first} to ${first + schedules - 1}), no rule broken: ` +
      `${Math.round(schedules / seconds)} schedules/s, ${Math.round(events / seconds)} events/s`,
  )
  print(`${sessions} sessions:`)
  const isPart = (what: string): number => Number(what.startsWith(' '))
  const byCount = [...counts].toSorted(([a, x], [b, y]) => isPart(a) - isPart(b) || y - x)
  for (const [what, number] of byCount) {
    const share = what.startsWith(' ') ? '' : ` (${((100 * number) / sessions).toFixed(1)} %)`
    print(`${String(number).padStart(10)}  ${what}${share}`)
  }
}

function describe(outcome: ReturnType<typeof runSchedule>['outcomes'][number]): string {
  switch (outcome.kind) {
    case 'connected':
      return `connected, ${outcome.verified ? 'verified' : outcome.encrypted ? 'encrypted' : 'plaintext'}, requestor was ${outcome.by}`
    case 'half':
      return 'committed, then the connection died'
    case 'lost':
      return `lost: ${outcome.reason}`
    default:
      return outcome satisfies never
  }
}

// Whoever reads may stop reading (`| head`).
process.stdout.on('error', () => {})

try {
  main()
} catch (error) {
  const told = error instanceof Violation || error instanceof UsageError
  process.stderr.write(`${told ? error.message : inspect(error)}\n`)
  process.exitCode = 1
}
