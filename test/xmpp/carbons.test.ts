import { expect, test } from 'vitest'
import { enableCarbons } from '../../main/xmpp/carbons.ts'
import { Discovery } from '../../main/xmpp/xep-0030.ts'
import { Failure } from '../../shared/model/failure.ts'
import { answer, error, features } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'

const CARBONS = 'urn:xmpp:carbons:2'

function create() {
  const transport = new FakeTransport()
  const enable = (signal?: AbortSignal): Promise<boolean> =>
    enableCarbons(transport.iq, new Discovery(transport.iq, []), 'plumb.test', signal)
  return { transport, enable }
}

test('copies are asked for where the server has them', async () => {
  const { transport, enable } = create()
  const enabled = enable()
  const question = await answer(transport, 1, features('urn:other', CARBONS))
  expect(question.attrs['to']).toBe('plumb.test')
  const request = await answer(transport, 2)
  expect(request.attrs['type']).toBe('set')
  expect(request.getChild('enable', CARBONS)).toBeDefined()
  expect(await enabled).toBe(true)
})

test('nothing is asked of a server that has none', async () => {
  const { transport, enable } = create()
  const enabled = enable()
  await answer(transport, 1, features('urn:xmpp:carbons:1'))
  expect(await enabled).toBe(false)
  expect(transport.sent).toHaveLength(1)
})

test.each([
  ['says nothing of itself', 1],
  ['forbids it', 2],
])('a server that %s sends none', async (_, failing) => {
  const { transport, enable } = create()
  const enabled = enable()
  if (failing === 2) await answer(transport, 1, features(CARBONS))
  await answer(transport, failing, error('forbidden'), 'error')
  expect(await enabled).toBe(false)
})

test('a connection that is lost has none', async () => {
  const { transport, enable } = create()
  const enabled = enable()
  await transport.nth(1)
  transport.iq.rejectAll(new Failure('server-connection-lost', 'lost'))
  expect(await enabled).toBe(false)
})

test('whoever gives up has none', async () => {
  const { transport, enable } = create()
  const controller = new AbortController()
  const enabled = enable(controller.signal)
  await transport.nth(1)
  controller.abort()
  expect(await enabled).toBe(false)
})
