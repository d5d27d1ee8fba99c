import { parseArgs } from 'node:util'
import { Lab } from './lab.ts'
import { ALL_PAIRS, fileSize, type Pair, pairText, parsePair, TELLING_PAIRS, WEATHERS } from './plan.ts'
import { labMissing } from './possible.ts'
import { outcomeText, type Row, tableOf, weatherText } from './table.ts'
import { transfer, type Weather } from './transfer.ts'

const HELP = `npm run lab -- [--pairs SENDER/RECEIVER,…] [--rtt MS,…] [--loss PERCENT,…] [--quick] […]

Sends files from one headless client to another, each behind a router of its own in network namespaces (as root), and
prints how each went. Fails if a file did not arrive, or not directly though one side can be reached.

  --pairs LIST    which pairs (all 25, and one that has only IPv6 in common)
                  of: open, nat, nat+upnp, nat+pmp, firewall-in, nat+ipv6
  --rtt MS,…      round trips between the two (0, 80, and 80 with 2 % of the packets lost)
  --loss PERCENT,…  each of these with each round trip
  --quick         some telling pairs, without delay
  --at-once N     so many transfers at the same time (2)
  --methods LIST, --port-mapping on|off   for both clients
  --log           print all that the clients say
`

const { values } = parseArgs({
  options: {
    pairs: { type: 'string' },
    rtt: { type: 'string' },
    loss: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '2' },
    methods: { type: 'string' },
    'port-mapping': { type: 'string' },
    log: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const say = (text: string): void => void process.stdout.write(`${text}\n`)

if (values.help) say(HELP)
else {
  // Whoever interrupts gets everything removed on the way out.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(130))
  const missing = await labMissing()
  if (missing === undefined) process.exitCode = (await runLab()) ? 0 : 1
  else {
    process.stderr.write(`${missing.reason}\n`)
    process.exitCode = 2
  }
}

/** Resolves with whether everything was as it must be. */
async function runLab(): Promise<boolean> {
  const { methods, 'port-mapping': portMapping } = values
  const rows: Row[] = []
  await using lab = await Lab.make()
  const plan = pairs().flatMap(pair => weathers().map(weather => ({ pair, weather })))
  await inTurns(plan, Number(values['at-once']), async ({ pair, weather }) => {
    const sender = await lab.site('sender', pair.sender)
    const receiver = await lab.site('receiver', pair.receiver)
    const outcome = await transfer(lab, {
      sender,
      receiver,
      weather,
      bytes: fileSize(weather),
      methods,
      portMapping,
    })
    rows.push({ pair, weather, outcome })
    say(
      `${pairText(pair)}, ${weatherText(weather)}: ${[outcomeText(outcome), ...outcome.problems].join('; ')}`,
    )
    if (values.log || outcome.problems.length > 0) for (const line of outcome.log) say(`  ${line}`)
  })
  say(
    `\n${tableOf(plan.flatMap(each => rows.filter(row => row.pair === each.pair && row.weather === each.weather)))}`,
  )
  const wrong = rows.filter(({ outcome }) => outcome.problems.length > 0)
  for (const { pair, weather, outcome } of wrong) {
    say(`WRONG: ${pairText(pair)}, ${weatherText(weather)}: ${outcome.problems.join('; ')}`)
  }
  return wrong.length === 0
}

/** Runs all, `atOnce` at a time; a site takes part in one at a time. */
async function inTurns<T extends { readonly pair: Pair }>(
  plan: readonly T[],
  atOnce: number,
  run: (step: T) => Promise<void>,
): Promise<void> {
  const waiting = [...plan]
  const running = new Map<T, Promise<void>>()
  const isFree = ({ pair }: T): boolean =>
    ![...running.keys()].some(
      other => other.pair.sender === pair.sender || other.pair.receiver === pair.receiver,
    )
  while (waiting.length > 0 || running.size > 0) {
    const next = running.size < atOnce ? waiting.findIndex(isFree) : -1
    const [step] = next < 0 ? [] : waiting.splice(next, 1)
    if (step === undefined) await Promise.race(running.values())
    else
      running.set(
        step,
        run(step).finally(() => running.delete(step)),
      )
  }
}

function pairs(): readonly Pair[] {
  if (values.pairs === undefined) return values.quick ? TELLING_PAIRS : ALL_PAIRS
  return values.pairs.split(',').map(text => {
    const pair = parsePair(text)
    if (pair === undefined) throw new Error(`not two kinds with a slash between them: ${text}. See --help.`)
    return pair
  })
}

function weathers(): readonly Weather[] {
  if (values.rtt === undefined && values.loss === undefined)
    return values.quick ? WEATHERS.slice(0, 1) : WEATHERS
  const losses = numbers(values.loss ?? '0')
  return numbers(values.rtt ?? '0').flatMap(rttMs => losses.map(percent => ({ rttMs, loss: percent / 100 })))
}

function numbers(text: string): number[] {
  return text.split(',').map(part => {
    const value = Number(part)
    if (part.trim() === '' || !(value >= 0)) throw new Error(`not a number: ${part}. See --help.`)
    return value
  })
}
