import { parseArgs } from 'node:util'
import { inUnits } from '../../shared/in-units.ts'
import { rounds } from './rounds.ts'

/*
 * `npm run chaos -- --rounds 2000 --seed 1 --lanes 2`: transfers during which programs are killed, connections cut,
 * servers restarted, disks filled and sources changed. A seed that failed, with `--rounds 1`, fails again.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    lanes: { type: 'string', default: '2' },
  },
})
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const seed = Number(values.seed)
const count = Number(values.rounds)
let ended = 0
const startedAt = performance.now()
say(`${count} rounds from seed ${seed} on.`)
const results = await rounds({
  seed,
  rounds: count,
  lanes: Number(values.lanes),
  done: result => {
    ended += 1
    say(
      `${String(ended).padStart(5)}  ${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  seed ${result.seed}  ${result.what}, ${result.starts} starts, ${inUnits(result.twice)} twice: ${result.faults.join('; ')}`,
    )
  },
})
const most = Math.max(0, ...results.map(({ twice }) => twice))
say(`${results.length} rounds: no wrong file, none lost, at most ${inUnits(most)} came twice.`)
