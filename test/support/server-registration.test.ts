import { xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import {
  comeOnline,
  createClient,
  DOMAIN,
  featuresOf,
  PASSWORD,
  presenceFrom,
  RawClient,
  refusalOf,
  signIn,
  startServer,
} from './server-rig.ts'

const REGISTER = 'jabber:iq:register'
const FEATURE = '<register xmlns="http://jabber.org/features/iq-register"/>'

function iq(type: string, ...children: readonly Element[]): Element {
  return xml('iq', { type, id: type, to: DOMAIN }, xml('query', REGISTER, ...children))
}

function form(fields: Readonly<Record<string, string>>): Element {
  return xml(
    'x',
    { xmlns: 'jabber:x:data', type: 'submit' },
    ...Object.entries({ FORM_TYPE: REGISTER, ...fields }).map(([name, value]) =>
      xml('field', { var: name }, xml('value', {}, value)),
    ),
  )
}

async function openStranger(options: Parameters<typeof startServer>[0]) {
  const server = await startServer(options)
  const raw = await RawClient.connect(server)
  const features = await raw.openStream()
  const ask = async (request: Element) => {
    raw.write(request.toString())
    return raw.until('</iq>').catch(() => raw.until('/>'))
  }
  return { server, raw, features, ask }
}

const fields = (username: string, password: string) => [
  xml('username', {}, username),
  xml('password', {}, password),
]

describe('strangers', () => {
  test('are not offered an account unless there is one to have', async () => {
    const { raw, features } = await openStranger({ chat: true })
    expect(features).not.toContain('register')
    raw.write(iq('get').toString())
    expect(await raw.untilClosed()).toContain('<not-authorized')
  })

  test('are not heard before TLS', async () => {
    const { raw, features } = await openStranger({ registration: true, tls: 'required' })
    expect(features).not.toContain('register')
    raw.write(iq('set', ...fields('carol', 'secret')).toString())
    expect(await raw.untilClosed()).toContain('<not-authorized')
  })

  test('get an account, and sign in with it', async () => {
    const { server, raw, features, ask } = await openStranger({ registration: true })
    expect(features).toContain(FEATURE)
    const questions = await ask(iq('get'))
    expect(questions).toContain('<username/><password/></query>')
    expect(questions).not.toContain('jabber:x:data')
    raw.write(iq('set', ...fields('Carol', PASSWORD)).toString())
    expect(await raw.until('/>')).toContain('<iq type="result" id="set"')
    expect((await signIn(server, 'carol')).jid?.toString()).toBe('carol@plumb.test/one')
  })

  test.each([
    ['the name of somebody', [...fields('Alice', 'new')], 'conflict'],
    ['a name that is none', [...fields('a b', 'new')], 'not-acceptable'],
    ['no password', [...fields('carol', '')], 'not-acceptable'],
    ['nothing', [], 'not-acceptable'],
    ['the wish to go', [xml('remove')], 'registration-required'],
  ])('are refused with %s', async (_, children, expected) => {
    const { server, ask } = await openStranger({ registration: true })
    expect(await ask(iq('set', ...children))).toContain(`<${expected} `)
    // The account that is there is not touched.
    await signIn(server, 'alice')
  })

  test('fill in a form where they are asked to', async () => {
    const { server, raw, ask } = await openStranger({ registration: { form: true } })
    const questions = await ask(iq('get'))
    expect(questions).toContain(
      '<field var="password" type="text-private" label="Password"><required/></field>',
    )
    raw.write(iq('set', form({ username: 'carol', password: PASSWORD })).toString())
    expect(await raw.until('/>')).toContain('type="result"')
    await signIn(server, 'carol')
  })

  test('have to read a picture where they are asked to', async () => {
    const captcha = { png: Buffer.from('a picture'), answer: '7nHL3' }
    const { server, raw, ask } = await openStranger({ registration: { captcha } })
    const questions = await ask(iq('get'))
    const cid = /<uri type="image\/png">cid:([^<]+)<\/uri>/.exec(questions)?.[1]
    expect(questions).toContain(
      `<data xmlns="urn:xmpp:bob" cid="${cid}" type="image/png" max-age="0">${captcha.png.toString('base64')}</data>`,
    )
    for (const tried of [
      fields('carol', PASSWORD),
      [form({ username: 'carol', password: PASSWORD, ocr: '7nHL4' })],
    ]) {
      expect(await ask(iq('set', ...tried))).toContain('<not-acceptable ')
    }
    raw.write(iq('set', form({ username: 'carol', password: PASSWORD, ocr: captcha.answer })).toString())
    expect(await raw.until('/>')).toContain('type="result"')
    await signIn(server, 'carol')
  })

  test('are sent elsewhere where accounts are given away there', async () => {
    const { ask } = await openStranger({ registration: { url: 'https://plumb.test/join' } })
    expect(await ask(iq('get'))).toContain('<x xmlns="jabber:x:oob"><url>https://plumb.test/join</url></x>')
    expect(await ask(iq('set', ...fields('carol', 'secret')))).toContain('<not-allowed ')
  })
})

describe('who has an account', () => {
  test('changes its own password, and no other', async () => {
    const server = await startServer({ chat: true })
    const alice = await signIn(server, 'alice')
    expect(await featuresOf(alice, DOMAIN)).toContain(REGISTER)
    expect(String(await alice.iqCaller.get(xml('query', REGISTER)))).toContain('<registered/>')
    expect(await refusalOf(alice.iqCaller.set(xml('query', REGISTER, ...fields('bob', 'new'))))).toBe(
      'bad-request',
    )
    expect(await refusalOf(alice.iqCaller.set(xml('query', REGISTER, ...fields('alice', ''))))).toBe(
      'bad-request',
    )
    expect(await refusalOf(alice.iqCaller.set(xml('query', REGISTER), 'bob@plumb.test'))).toBe(
      'service-unavailable',
    )
    const other = await signIn(server, 'alice', 'other')
    const ended = new Promise(resolve => other.once('error', resolve))
    await alice.iqCaller.set(xml('query', REGISTER, ...fields('alice', 'new')), DOMAIN)
    expect(await ended).toMatchObject({ name: 'StreamError', condition: 'reset' })

    await expect(createClient(server, 'alice', 'two').start()).rejects.toMatchObject({
      condition: 'not-authorized',
    })
    await createClient(server, 'alice', 'two', 'new').start()
    await createClient(server, 'bob', 'one').start()
  })

  test('gives it up with all that belongs to it', async () => {
    const server = await startServer({ chat: true, contacts: [['alice', 'bob']] })
    const bob = await comeOnline(server, 'bob')
    const alice = await comeOnline(server, 'alice')
    const other = await comeOnline(server, 'alice', 'two')
    const gone = presenceFrom(bob, 'alice@plumb.test/two', 'unavailable')
    const ended = new Promise(resolve => other.once('error', resolve))
    await alice.iqCaller.set(xml('query', REGISTER, xml('remove')))
    expect(await ended).toMatchObject({ name: 'StreamError', condition: 'not-authorized' })
    await gone
    const roster = await bob.iqCaller.get(xml('query', 'jabber:iq:roster'))
    expect(roster?.children.join('')).toBe('<item jid="alice@plumb.test" subscription="none"/>')
    await expect(createClient(server, 'alice', 'one').start()).rejects.toMatchObject({
      condition: 'not-authorized',
    })
    expect(server.sessions().map(({ jid }) => jid)).toEqual(['bob@plumb.test/one'])
  })
})
