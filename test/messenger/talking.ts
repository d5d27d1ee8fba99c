import { expect } from 'vitest'
import type { Message } from '../../shared/model/message.ts'
import { eventually } from '../support/eventually.ts'
import { type Someone, signIn, type start } from './rig.ts'

/* What the tests of conversations on several devices share. */

export type StartOptions = NonNullable<Parameters<typeof start>[1]>

/** The same device once more, after it was away. */
export async function back(device: Someone, options: StartOptions = {}): Promise<Someone> {
  const name = device.address.split('@')[0] ?? ''
  return signIn(name, { home: device.home.split(/[\\/]/).at(-1) ?? name, ...options })
}

/** Resolves when a device has read the archive and sent what waited: only then does it send at once. */
export async function inStep(device: Someone): Promise<void> {
  const { id } = await say(device, device.address, 'in step?')
  await stateIs(device, device.address, id, ['sent', 'delivered', 'displayed'])
}

export const say = async (device: Someone, to: string, text: string): Promise<Message> =>
  device.messenger.calls.sendMessage(device.to(to), text)

export async function conversation(
  device: Someone,
  person: string,
  limit = 500,
): Promise<readonly Message[]> {
  const { messages } = await device.messenger.calls.readConversation(
    device.to(person),
    { kind: 'newest' },
    limit,
  )
  return messages
}

export const texts = async (device: Someone, person: string): Promise<string[]> =>
  (await conversation(device, person)).map(({ text }) => text)

export const has = (device: Someone, person: string, all: readonly string[]): Promise<void> =>
  eventually(async () => expect(await texts(device, person)).toEqual(all))

export const stateIs = (
  device: Someone,
  person: string,
  id: string,
  states: readonly Message['state'][],
): Promise<void> =>
  eventually(async () => {
    const message = (await conversation(device, person)).find(each => each.id === id)
    expect(states).toContain(message?.state)
  })

/** All of a conversation, read page by page as somebody scrolls to its beginning. */
export async function scrollThrough(
  device: Someone,
  person: string,
  limit = 100,
): Promise<readonly Message[]> {
  const { readConversation } = device.messenger.calls
  let page = await readConversation(device.to(person), { kind: 'newest' }, limit)
  const all = [...page.messages]
  while (page.older) {
    page = await readConversation(device.to(person), { kind: 'before', id: all[0]?.id ?? '' }, limit)
    if (page.messages.length === 0) break
    all.unshift(...page.messages)
  }
  expect(page.older).toBe(false)
  return all
}

export const unreadIs = (device: Someone, person: string, unread: number): Promise<unknown> =>
  device.until(() => (device.person(person)?.unread ?? 0) === unread || undefined)

export const numbered = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `message ${from + index}`)

export const isConnected = (device: Someone, connection: 'connected' | 'reconnecting'): Promise<unknown> =>
  device.until(() => {
    const state = device.messenger.calls.load()
    const account = 'accounts' in state ? state.accounts[0] : undefined
    return (account?.kind === 'signed-in' && account.connection === connection) || undefined
  })

export async function reconnect(device: Someone): Promise<void> {
  device.messenger.resume()
  await isConnected(device, 'connected')
}
