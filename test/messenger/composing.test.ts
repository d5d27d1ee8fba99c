import xml from '@xmpp/xml'
import { expect, test } from 'vitest'
import { replaceServer, type Someone, server, twoPeople } from './rig.ts'

const BOB = 'bob@plumb.test'
const ALICE = 'alice@plumb.test'

const typing = (someone: Someone, other: string, expected: boolean): Promise<unknown> =>
  someone.until(() => someone.person(other)?.typing === expected)

/** What somebody’s window has of a conversation. */
const texts = async (someone: Someone, other: string): Promise<readonly string[]> => {
  const where = { kind: 'newest' } as const
  const { messages } = await someone.messenger.calls.readConversation(someone.to(other), where, 10)
  return messages.map(({ text, edited }) => (edited ? `${text} (edited)` : text))
}

test('who corrects a message has stopped writing, and is seen to write again', async () => {
  await replaceServer({ chat: true })
  const [alice, bob] = await twoPeople()
  const { calls } = alice.messenger
  const { id } = await calls.sendMessage(alice.to(BOB), 'See you tomorow')
  await calls.viewConversation(alice.to(BOB))
  await bob.until(() => bob.person(ALICE)?.last?.text === 'See you tomorow')
  await alice.until(() =>
    alice.events.some(
      ({ name, value }) => name === 'messagesChanged' && JSON.stringify(value).includes('"delivered"'),
    ),
  )
  await calls.tellTyping(alice.to(BOB), 'composing')
  await typing(bob, ALICE, true)
  await calls.correctMessage(alice.to(BOB), id, 'See you tomorrow')
  await typing(bob, ALICE, false)
  expect(await texts(bob, ALICE)).toEqual(['See you tomorrow (edited)'])
  await calls.tellTyping(alice.to(BOB), 'composing')
  await typing(bob, ALICE, true)
})

test('whose program says nothing of it with a message has stopped writing', async () => {
  await replaceServer({ chat: true })
  const [alice] = await twoPeople()
  const from = `${BOB}/old`
  const to = server.sessions().find(({ jid }) => jid.startsWith(`${ALICE}/`))?.jid ?? ''
  const composing = xml('composing', 'http://jabber.org/protocol/chatstates')
  server.inject(to, xml('message', { from, type: 'chat' }, composing))
  await typing(alice, BOB, true)
  server.inject(to, xml('message', { from, type: 'chat', id: 'm1' }, xml('body', {}, 'Hello')))
  await typing(alice, BOB, false)
})

test('what was said around a time is read by it', async () => {
  await replaceServer({ chat: true })
  const [alice] = await twoPeople()
  const { calls } = alice.messenger
  const first = await calls.sendMessage(alice.to(BOB), 'One')
  await calls.sendMessage(alice.to(BOB), 'Two')
  const page = await calls.readConversation(alice.to(BOB), { kind: 'at', at: first.at }, 10)
  expect(page.messages.map(({ text }) => text)).toEqual(['One', 'Two'])
})

test('a message whose sender wants no styling says so to the window', async () => {
  const [alice] = await twoPeople()
  const { calls } = alice.messenger
  const addressOf = (name: string): string =>
    server.sessions().find(({ jid }) => jid.startsWith(`${name}@`))?.jid ?? ''
  const [from, to] = [addressOf('bob'), addressOf('alice')]
  const unstyled = xml('unstyled', { xmlns: 'urn:xmpp:styling:0' })
  server.inject(to, xml('message', { from, to, type: 'chat' }, xml('body', {}, '*as it is*'), unstyled))
  await alice.until(() => alice.person(BOB)?.last?.text === '*as it is*')
  const { messages } = await calls.readConversation(alice.to(BOB), { kind: 'newest' }, 10)
  expect(messages).toMatchObject([{ text: '*as it is*', unstyled: true }])
})
