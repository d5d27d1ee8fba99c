import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { GuardedLookups } from '../../main/bytestreams/guarded-lookup.ts'

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

/** Lookups whose answers a test gives, and what sockets got. */
function create(limit = 10, mayDial = (address: string): boolean => !address.startsWith('127.')) {
  const asked: { readonly name: string; readonly answer: Answer }[] = []
  const lookups = new GuardedLookups(limit, (name, options, answer) => {
    expect(options.all).toBe(true)
    asked.push({ name, answer })
  })
  const ask = (name: string, all = true): Promise<unknown[]> =>
    new Promise(resolve => {
      lookups.where(mayDial)(name, { all }, (...result: unknown[]) => resolve(result))
    })
  return { asked, ask }
}

const v4 = (address: string): LookupAddress => ({ address, family: 4 })
const v6 = (address: string): LookupAddress => ({ address, family: 6 })

describe('a name', () => {
  it('leads to those of its addresses that may be dialed', async () => {
    const { asked, ask } = create()
    const result = ask('proxy.plumb.test')
    asked[0]?.answer(null, [v4('127.0.0.1'), v6('2001:db8::1'), v4('192.0.2.1')])
    expect(asked[0]?.name).toBe('proxy.plumb.test')
    expect(await result).toEqual([null, [v6('2001:db8::1'), v4('192.0.2.1')]])
  })

  it('leads to one address where one is asked for', async () => {
    const { asked, ask } = create()
    const result = ask('proxy.plumb.test', false)
    asked[0]?.answer(null, [v4('127.0.0.1'), v4('192.0.2.1'), v4('192.0.2.2')])
    expect(await result).toEqual([null, '192.0.2.1', 4])
  })

  it.each([
    ['only forbidden addresses', [v4('127.0.0.1')]],
    ['a forbidden address in disguise', [v6('::ffff:127.0.0.1')]],
    ['an address with a zone', [v6('fe80::1%eth0')]],
    ['nothing', []],
  ])('leads nowhere where it has %s', async (_, addresses) => {
    const { asked, ask } = create()
    const result = ask('evil.test')
    asked[0]?.answer(null, addresses)
    expect(await result).toEqual([expect.any(Error), []])
  })

  it('that is not known leads nowhere', async () => {
    const { asked, ask } = create()
    const result = ask('evil.test')
    const error = new Error('ENOTFOUND')
    asked[0]?.answer(error, [])
    expect(await result).toEqual([error, []])
  })

  it('is not looked up while as many others are as may be', async () => {
    const { asked, ask } = create(2)
    const first = [ask('a.test'), ask('b.test')]
    expect(await ask('c.test')).toEqual([expect.any(Error), []])
    expect(asked.map(({ name }) => name)).toEqual(['a.test', 'b.test'])
    asked[0]?.answer(null, [v4('192.0.2.1')])
    await first[0]
    const again = ask('c.test')
    asked[2]?.answer(null, [v4('192.0.2.3')])
    expect(await again).toEqual([null, [v4('192.0.2.3')]])
  })
})
