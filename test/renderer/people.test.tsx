// @vitest-environment jsdom
import { act, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import type { WindowState } from '../../shared/model/window-state.ts'
import { ME, of, person, SELF, windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'
import './in-jsdom.ts'

async function open(more: Partial<WindowState> = {}) {
  const main = new FakeMain(windowState(more))
  const { App } = await import('../../renderer/app.tsx')
  await main.connect()
  render(<App />)
  return { main, user: userEvent.setup() }
}

const ANNA = person({ address: 'anna@example.org', name: 'Anna' })
const BLOCKED = { ...ANNA, blocked: true, availability: 'offline' as const, devices: [] }
type User = ReturnType<typeof userEvent.setup>

/** The list itself draws nothing where nothing has a size. */
const openAnna = (main: FakeMain): void =>
  act(() => main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: null }))
const openDetails = async (main: FakeMain, user: User) => {
  openAnna(main)
  await user.click(screen.getByRole('button', { name: 'Contact details' }))
  await screen.findByRole('dialog')
}

describe('blocking', () => {
  test('is asked about first, with what it means', async () => {
    const { main, user } = await open({ people: [ANNA] })
    await openDetails(main, user)
    await user.click(screen.getByRole('button', { name: 'Block…' }))
    const dialog = await screen.findByRole('dialog', { name: 'Block Anna?' })
    expect(main.calls.blockPerson).not.toHaveBeenCalled()
    await user.click(within(dialog).getByRole('button', { name: 'Block' }))
    expect(main.calls.blockPerson).toHaveBeenCalledExactlyOnceWith(of('anna@example.org'))
  })

  test('is not offered where the server cannot', async () => {
    const { main, user } = await open({ people: [ANNA], selves: [{ ...SELF, blocked: null }] })
    await openDetails(main, user)
    expect(screen.queryByRole('button', { name: 'Block…' })).toBeNull()
  })

  test('takes the composer away, and puts the way back in its place', async () => {
    const { main, user } = await open({ people: [ANNA] })
    openAnna(main)
    act(() => main.tell('peopleChanged', { changed: [BLOCKED], removed: [] }))
    expect(screen.queryByRole('textbox', { name: 'Message Anna' })).toBeNull()
    expect(screen.queryByRole('button', { name: 'Send files' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Unblock' }))
    expect(main.calls.unblock).toHaveBeenCalledExactlyOnceWith(ME, 'anna@example.org')
  })

  test('is undone in a list, also for who is not shown any more', async () => {
    const blocked = ['anna@example.org', 'spam.example', 'eve@example.org/phone']
    const { main, user } = await open({ people: [BLOCKED], selves: [{ ...SELF, blocked }] })
    await user.click(screen.getByRole('button', { name: 'Menu' }))
    await user.click(screen.getByRole('menuitem', { name: 'Blocked…' }))
    const items = within(await screen.findByRole('list', { name: 'Blocked' })).getAllByRole('listitem')
    expect(items.map(item => item.textContent)).toEqual([
      'Annaanna@example.orgUnblock',
      'spam.exampleUnblock',
      'eve@example.org/phoneUnblock',
    ])
    await user.click(screen.getByRole('button', { name: 'Unblock spam.example' }))
    expect(main.calls.unblock).toHaveBeenCalledExactlyOnceWith(ME, 'spam.example')
    act(() => main.tell('selvesChanged', [SELF]))
    expect(screen.getByText('You have blocked nobody.')).toBeTruthy()
  })
})

describe('groups', () => {
  const BEN = person({ address: 'ben@example.org', name: 'Ben', groups: ['Work', 'Rowing'] })
  const FRIEND = { ...ANNA, groups: ['Friends'] }

  test('are shown where there are any, and narrow the list until the last one has left', async () => {
    const { main, user } = await open({ people: [FRIEND, BEN] })
    const field = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Group' })
    expect([...field.options].map(({ text }) => text)).toEqual(['Everybody', 'Friends', 'Rowing', 'Work'])
    await user.selectOptions(field, 'Rowing')
    // Enter in the search opens the first who is listed.
    await user.type(screen.getByRole('searchbox', { name: 'Search people, messages and files' }), '{Enter}')
    expect(screen.getByRole('heading', { level: 1, name: 'Ben' })).toBeTruthy()
    act(() => main.tell('peopleChanged', { changed: [{ ...BEN, groups: [] }], removed: [] }))
    expect(screen.getByRole<HTMLSelectElement>('combobox', { name: 'Group' }).value).toBe('')
    act(() => main.tell('peopleChanged', { changed: [ANNA], removed: [] }))
    expect(screen.queryByRole('combobox', { name: 'Group' })).toBeNull()
  })

  test('of a contact are added and removed in their dialog', async () => {
    const { main, user } = await open({ people: [FRIEND, BEN] })
    await openDetails(main, user)
    const section = within(screen.getByRole('region', { name: 'Groups' }))
    await user.type(section.getByLabelText('Add to a group'), ' Work {Enter}')
    expect(main.calls.regroupPerson).toHaveBeenLastCalledWith(ANNA.id, ['Friends', 'Work'])
    // What they are in already is none to be added.
    await user.type(section.getByLabelText('Add to a group'), 'Friends{Enter}')
    expect(main.calls.regroupPerson).toHaveBeenCalledTimes(1)
    await user.click(section.getByRole('button', { name: 'Remove from Friends' }))
    expect(main.calls.regroupPerson).toHaveBeenLastCalledWith(ANNA.id, [])
  })
})

describe('presence', () => {
  const openMenu = (user: User) => user.click(screen.getByRole('button', { name: 'Menu' }))

  test('is chosen in the menu, which says what holds', async () => {
    const { main, user } = await open({ selves: [{ ...SELF, status: { show: 'away', text: 'At lunch' } }] })
    expect(screen.getByText('At lunch')).toBeTruthy()
    await openMenu(user)
    const checked = screen.getAllByRole('menuitemradio').map(item => item.getAttribute('aria-checked'))
    expect(checked).toEqual(['false', 'true', 'false'])
    await user.click(screen.getByRole('menuitemradio', { name: 'Busy' }))
    expect(main.calls.changeStatus).toHaveBeenCalledExactlyOnceWith(ME, { show: 'busy', text: 'At lunch' })
  })

  test('has a message, which can be taken away again', async () => {
    const { main, user } = await open({ selves: [{ ...SELF, status: { show: 'busy', text: 'Old' } }] })
    const edit = async () => {
      await openMenu(user)
      await user.click(await screen.findByRole('menuitem', { name: 'Status message…' }))
    }
    await edit()
    const field = await screen.findByLabelText('Message')
    await user.clear(field)
    await user.type(field, ' On the roof {Enter}')
    expect(main.calls.changeStatus).toHaveBeenLastCalledWith(ME, { show: 'busy', text: 'On the roof' })
    expect(screen.queryByRole('dialog')).toBeNull()
    await edit()
    await user.click(screen.getByRole('button', { name: 'Remove' }))
    expect(main.calls.changeStatus).toHaveBeenLastCalledWith(ME, { show: 'busy', text: '' })
  })

  test('of others is said with their words, and since when nobody is there', async () => {
    const idleSince = new Date().setHours(0, 0, 0, 0)
    const { main } = await open({
      people: [{ ...ANNA, availability: 'away', status: 'Back at six', idleSince }],
    })
    openAnna(main)
    const head = within(screen.getByRole('region', { name: /^Conversation/ }))
    expect(head.getByText(/^Away on Laptop since /)).toBeTruthy()
    expect(head.getByText('Back at six')).toBeTruthy()
  })
})
