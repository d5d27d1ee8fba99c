import { expect, it } from 'vitest'
import { MAX_TWICE } from './round.ts'
import { rounds } from './rounds.ts'

/* `npm run chaos` has more of the same. */

const ROUNDS = 12

it(`${ROUNDS} transfers survive kills, cuts, restarts, a full disk and changed files`, async () => {
  const results = await rounds({ seed: 1, rounds: ROUNDS, lanes: 2 })
  expect(results).toHaveLength(ROUNDS)
  for (const { twice } of results) expect(twice).toBeLessThanOrEqual(MAX_TWICE)
}, 600_000)
