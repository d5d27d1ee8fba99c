import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from './client.ts'
import { Lab } from './lab.ts'
import { CALM, fileSize, pairText, TELLING_PAIRS } from './plan.ts'
import { labMissing } from './possible.ts'
import { PROXY } from './server.ts'
import { type Row, tableOf } from './table.ts'
import { transfer } from './transfer.ts'

/*
 * The lab in short: real clients behind real routers, one pair for each way to get through. All pairs, with delay and
 * loss, are `npm run lab`.
 */

const missing = await labMissing()
// Where nothing can be done about it there is no lab on CI either.
const isSkipped = missing !== undefined && !(missing.canBeMended && process.env['CI'] === 'true')
if (isSkipped) process.stdout.write(`${missing.reason}\n`)

describe.skipIf(isSkipped)('a file between two computers, each behind its router', () => {
  let lab: Lab
  const rows: Row[] = []

  beforeAll(async () => {
    if (missing !== undefined) throw new Error(missing.reason)
    lab = await Lab.make()
  })

  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]()
    if (rows.length > 0) process.stdout.write(`\n${tableOf(rows)}`)
  })

  it.each([
    { kind: 'nat', mapping: { kind: 'none' } },
    { kind: 'nat+upnp', mapping: { kind: 'mapped', protocol: 'upnp' } },
    { kind: 'nat+pmp', mapping: { kind: 'mapped', protocol: 'nat-pmp' } },
  ] as const)('plumb check finds what there is: $kind', async ({ kind, mapping }) => {
    const site = await lab.site('receiver', kind)
    const client = new Client(site, lab.server, ['check', '--state', join(lab.folder, 'state')])
    expect(await client.exited, client.stderr).toBe(0)
    expect(client.last('reach')).toMatchObject({ mapping, proxy: PROXY })
    expect(await site.mappings()).toBe(0)
  })

  it.each(TELLING_PAIRS.map(pair => ({ pair, name: pairText(pair) })))(
    'arrives by the best way there is: $name',
    async ({ pair }) => {
      const sender = await lab.site('sender', pair.sender)
      const receiver = await lab.site('receiver', pair.receiver)
      const outcome = await transfer(lab, {
        sender,
        receiver,
        weather: CALM,
        bytes: fileSize(CALM),
      })
      rows.push({ pair, weather: CALM, outcome })
      expect(outcome.problems, outcome.log.join('\n')).toEqual([])
    },
    240_000,
  )
})
