import { describe, expect, test } from 'vitest'
import { publishAvatar, publishOwnName, removeAvatar } from '../../main/xmpp/own-profile.ts'
import type { Element } from '../../main/xmpp/stanza.ts'
import { hashOf, NS_AVATAR_DATA, NS_AVATAR_METADATA } from '../../main/xmpp/xep-0084.ts'
import { NS_NICK } from '../../main/xmpp/xep-0172.ts'
import { Failure } from '../../shared/model/failure.ts'
import { PNG } from '../support/pictures.ts'
import { answer, error } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'

const HASH = hashOf(PNG)
const BASE64 = PNG.toString('base64')
const CARD = "<vCard xmlns='vcard-temp'><FN>Alice</FN></vCard>"

/** What a request does, in a word. */
function named(request: Element): string {
  const card = request.getChild('vCard', 'vcard-temp')
  if (card !== undefined) return `${request.attrs['type']} vCard`
  const [action] = request.getChild('pubsub')?.getChildElements() ?? []
  return `${action?.getName()} ${action?.attrs['node']}`
}

/** Runs it against a server that answers each request of these in turn; the rest it accepts. */
async function run<T>(
  act: (iq: FakeTransport['iq']) => Promise<T>,
  ...answers: readonly (readonly [string, ('result' | 'error')?])[]
) {
  const transport = new FakeTransport()
  const acting = act(transport.iq)
  const settled = acting.then(
    () => {},
    () => {},
  )
  for (const [index, [content, type]] of answers.entries()) await answer(transport, index + 1, content, type)
  await settled
  return { acting, transport, asked: transport.sent.map(named) }
}

const OK = [''] as const
const REFUSED = [error('feature-not-implemented'), 'error'] as const

describe('our own picture', () => {
  test('is published before the word of it, and in the vCard for old programs', async () => {
    const { acting, asked, transport } = await run(
      iq => publishAvatar(iq, PNG, { converts: false }),
      OK,
      OK,
      [CARD],
      OK,
    )
    expect(await acting).toBe(HASH)
    expect(asked).toEqual([
      `publish ${NS_AVATAR_DATA}`,
      `publish ${NS_AVATAR_METADATA}`,
      'get vCard',
      'set vCard',
    ])
    const [data, metadata, , card] = transport.sent.map(String)
    expect(data).toContain(`<item id="${HASH}"><data xmlns="${NS_AVATAR_DATA}">${BASE64}</data></item>`)
    expect(metadata).toContain(
      `<item id="${HASH}"><metadata xmlns="${NS_AVATAR_METADATA}"><info id="${HASH}"`,
    )
    expect(card).toContain('<FN>Alice</FN><PHOTO><TYPE>image/png</TYPE>')
  })

  test('is left to a server that makes the vCard itself', async () => {
    const { acting, asked } = await run(iq => publishAvatar(iq, PNG, { converts: true }), OK, OK)
    expect(await acting).toBe(HASH)
    expect(asked).toEqual([`publish ${NS_AVATAR_DATA}`, `publish ${NS_AVATAR_METADATA}`])
  })

  test('is only in the vCard where the server keeps no nodes', async () => {
    const { acting, asked } = await run(
      iq => publishAvatar(iq, PNG, { converts: false }),
      REFUSED,
      [CARD],
      OK,
    )
    expect(await acting).toBe(HASH)
    expect(asked).toEqual([`publish ${NS_AVATAR_DATA}`, 'get vCard', 'set vCard'])
  })

  test('is only in the node where the card is too long, or the server refuses it', async () => {
    const long = `<vCard xmlns='vcard-temp'><NOTE>${'n'.repeat(250_000)}</NOTE></vCard>`
    for (const last of [[long], REFUSED] as const) {
      const { acting } = await run(iq => publishAvatar(iq, PNG, { converts: false }), OK, OK, last)
      expect(await acting).toBe(HASH)
    }
  })

  test.each([
    ['refuses', false, [REFUSED, REFUSED]],
    ['refuses, and would make the vCard', true, [REFUSED]],
  ])('is not there where the server %s', async (_, converts, answers) => {
    const { acting } = await run(iq => publishAvatar(iq, PNG, { converts }), ...answers)
    await expect(acting).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('is not said to be there when the connection is lost', async () => {
    const transport = new FakeTransport()
    const acting = publishAvatar(transport.iq, PNG, { converts: false })
    await transport.nth(1)
    const lost = new Failure('server-connection-lost', 'gone')
    transport.iq.rejectAll(lost)
    await expect(acting).rejects.toBe(lost)
  })

  test.each([
    ['no picture', Buffer.from('<svg/>')],
    ['too long for a stanza', Buffer.concat([PNG, Buffer.alloc(128 * 1024)])],
  ])('is not asked for where it is %s', async (_, bytes) => {
    const transport = new FakeTransport()
    await expect(publishAvatar(transport.iq, bytes, { converts: true })).rejects.toMatchObject({
      code: 'not-allowed',
    })
    expect(transport.sent).toEqual([])
  })

  test('is taken away, in all places', async () => {
    const card = `<vCard xmlns='vcard-temp'><FN>Alice</FN><PHOTO><BINVAL>${BASE64}</BINVAL></PHOTO></vCard>`
    const { acting, asked, transport } = await run(
      iq => removeAvatar(iq, HASH, { converts: false }),
      OK,
      OK,
      [card],
      OK,
    )
    await acting
    expect(asked).toEqual([
      `publish ${NS_AVATAR_METADATA}`,
      `retract ${NS_AVATAR_DATA}`,
      'get vCard',
      'set vCard',
    ])
    expect(String(transport.sent[0])).toContain(`<metadata xmlns="${NS_AVATAR_METADATA}"/>`)
    expect(String(transport.sent[1])).toContain(`<item id="${HASH}"/>`)
    expect(String(transport.sent[3])).toContain('<vCard xmlns="vcard-temp"><FN>Alice</FN></vCard>')
  })

  test('is taken away where nobody knows which one it was', async () => {
    const { acting, asked } = await run(iq => removeAvatar(iq, undefined, { converts: true }), OK)
    await acting
    expect(asked).toEqual([`publish ${NS_AVATAR_METADATA}`])
  })
})

describe('our own name', () => {
  test('is published, and in the vCard', async () => {
    const { acting, asked, transport } = await run(iq => publishOwnName(iq, 'Al'), OK, [CARD], OK)
    await acting
    expect(asked).toEqual([`publish ${NS_NICK}`, 'get vCard', 'set vCard'])
    expect(String(transport.sent[2])).toContain('<FN>Alice</FN><NICKNAME>Al</NICKNAME>')
  })

  test('is only where the server takes it, or nowhere', async () => {
    const inCard = await run(iq => publishOwnName(iq, 'Al'), REFUSED, [CARD], OK)
    await inCard.acting
    const inNode = await run(iq => publishOwnName(iq, 'Al'), OK, REFUSED)
    await inNode.acting
    const nowhere = await run(iq => publishOwnName(iq, 'Al'), REFUSED, REFUSED)
    await expect(nowhere.acting).rejects.toMatchObject({ code: 'not-allowed' })
  })
})
