import { describe, expect, test } from 'vitest'
import { Presences } from '../../main/xmpp/presence.ts'
import { parseXml } from './xml.ts'

const BOB = 'bob@plumb.test'

function create() {
  const presences = new Presences()
  const events: string[] = []
  presences.on('available', address => events.push(`+${address}`))
  presences.on('unavailable', address => events.push(`-${address}`))
  const receive = (from: string | undefined, type?: string, priority?: string): void => {
    const attributes = [
      from === undefined ? '' : `from='${from}'`,
      type === undefined ? '' : `type='${type}'`,
    ]
    const inside = priority === undefined ? '' : `<priority>${priority}</priority>`
    presences.receive(parseXml(`<presence ${attributes.join(' ')}>${inside}</presence>`))
  }
  const order = (): string[] =>
    presences.resourcesOf(BOB).map(({ address, priority }) => `${address.slice(BOB.length + 1)} ${priority}`)
  return { presences, events, receive, order }
}

describe('the devices of an account', () => {
  test('are ordered by priority, then the one that came last', () => {
    const { receive, order } = create()
    receive(`${BOB}/a`, undefined, '1')
    receive(`${BOB}/b`)
    receive(`${BOB}/c`, undefined, '-5')
    receive(`${BOB}/d`, undefined, '1')
    receive(`${BOB}/e`, undefined, '127')
    expect(order()).toEqual(['e 127', 'd 1', 'a 1', 'b 0', 'c -5'])
    // Whoever says something new came last, and has the new priority.
    receive(`${BOB}/a`, undefined, '1')
    receive(`${BOB}/e`, undefined, '-1')
    expect(order()).toEqual(['a 1', 'd 1', 'b 0', 'e -1', 'c -5'])
  })

  test.each([
    [undefined, 0],
    ['0', 0],
    ['5', 5],
    ['+5', 5],
    [' 7 ', 7],
    ['-128', -128],
    ['127', 127],
    ['128', 0],
    ['-129', 0],
    ['99999999999999999999', 0],
    [`1${'0'.repeat(400)}`, 0],
    ['1e1000', 0],
    ['Infinity', 0],
    ['NaN', 0],
    ['5abc', 0],
    ['1.5', 0],
    ['', 0],
    ['high', 0],
  ])('with priority %s count as %i', (text, expected) => {
    const { presences, receive } = create()
    receive(`${BOB}/a`, undefined, text)
    expect(presences.resourcesOf(BOB)).toMatchObject([{ address: `${BOB}/a`, priority: expected }])
  })

  test('are found whatever the case of the address, but not of the resource', () => {
    const { presences, receive } = create()
    receive('BOB@Plumb.TEST/Desk')
    expect(presences.isOnline(`${BOB}/Desk`)).toBe(true)
    expect(presences.isOnline(`${BOB}/desk`)).toBe(false)
    expect(presences.isOnline(BOB)).toBe(false)
    expect(presences.resourcesOf('carol@plumb.test')).toEqual([])
  })

  test.each(['unavailable', 'error'])('go one by one (%s)', type => {
    const { events, receive, order } = create()
    receive(`${BOB}/a`)
    receive(`${BOB}/b`)
    receive(`${BOB}/a`, type)
    expect(order()).toEqual(['b 0'])
    receive(`${BOB}/a`, type)
    receive(`${BOB}/never`, type)
    expect(events).toEqual([`+${BOB}/a`, `+${BOB}/b`, `-${BOB}/a`])
  })

  test('go all together when the account goes', () => {
    const { presences, events, receive, order } = create()
    receive(`${BOB}/a`)
    receive(`${BOB}/b`)
    receive('carol@plumb.test/x')
    receive(BOB, 'unavailable')
    expect(order()).toEqual([])
    expect(events.slice(3)).toEqual([`-${BOB}/a`, `-${BOB}/b`])
    expect(presences.isOnline('carol@plumb.test/x')).toBe(true)
  })

  test.each([
    ['subscribe', `${BOB}/a`],
    ['subscribed', `${BOB}/a`],
    ['unsubscribe', `${BOB}/a`],
    ['unsubscribed', `${BOB}/a`],
    ['probe', `${BOB}/a`],
    ['invented', `${BOB}/a`],
    [undefined, BOB],
    [undefined, undefined],
    [undefined, '@'],
    [undefined, ''],
    ['unavailable', undefined],
    ['unavailable', '@'],
  ])('are not changed by presence of type %s from %s', (type, from) => {
    const { events, receive, order } = create()
    receive(`${BOB}/b`)
    receive(from, type)
    expect(order()).toEqual(['b 0'])
    expect(events).toEqual([`+${BOB}/b`])
  })

  test('are a hundred at most; those that are known may still change and go', () => {
    const { presences, events, receive } = create()
    for (let number = 0; number < 150; number++) receive(`${BOB}/${number}`)
    expect(presences.resourcesOf(BOB)).toHaveLength(100)
    expect(events).toHaveLength(100)
    receive(`${BOB}/7`, undefined, '9')
    expect(presences.resourcesOf(BOB)[0]).toMatchObject({ address: `${BOB}/7`, priority: 9 })
    receive(`${BOB}/8`, 'unavailable')
    receive(`${BOB}/new`)
    expect(presences.isOnline(`${BOB}/new`)).toBe(true)
    // Others are not crowded out.
    receive('carol@plumb.test/x')
    expect(presences.isOnline('carol@plumb.test/x')).toBe(true)
  })

  test('are all forgotten with the session', () => {
    const { presences, events, receive, order } = create()
    receive(`${BOB}/a`)
    presences.clear()
    expect(order()).toEqual([])
    expect(events).toEqual([`+${BOB}/a`])
  })
})
