// @vitest-environment jsdom
import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { pictureAddress, roomFor } from '../../renderer/words/picture.ts'
import { MAX_PASTED_BYTES } from '../../shared/model/limits.ts'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import { ME, of, person, transfer, windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'
import './in-jsdom.ts'

const ANNA = person({ address: 'anna@example.org', name: 'Anna' })
const EVE = person({ address: 'eve@far.example', name: 'Eve', inContacts: false })
const PICTURE = transfer({
  id: 'p1',
  name: 'field.png',
  state: { kind: 'done', at: 1, seconds: 1, sha256: '' },
  hasFile: true,
  picture: { width: 800, height: 600 },
})

describe('a picture in the conversation', () => {
  async function show(shown: ShownTransfer, more: Partial<WindowState> = {}) {
    const main = new FakeMain(windowState({ people: [ANNA, EVE], transfers: [shown], ...more }))
    const { TransferCard } = await import('../../renderer/screens/transfer-card.tsx')
    await main.connect()
    render(<TransferCard transfer={shown} />)
    return { main, user: userEvent.setup() }
  }
  const image = () => screen.queryByRole<HTMLImageElement>('img', { name: 'field.png' })

  test('has its room before it is there, and opens the file', async () => {
    const { main, user } = await show(PICTURE)
    expect(image()?.getAttribute('src')).toBe('./picture/p1')
    expect([image()?.width, image()?.height]).toEqual([320, 240])
    await user.click(screen.getByRole('button', { name: 'field.png' }))
    expect(main.calls.openTransfer).toHaveBeenCalledExactlyOnceWith('p1')
  })

  test.each([
    ['we sent to somebody who is no contact', { direction: 'out', person: EVE.id }],
    ['we sent from another device of ours', { person: of(ME) }],
  ] satisfies readonly [string, Partial<ShownTransfer>][])('that %s is shown', async (_, more) => {
    await show({ ...PICTURE, ...more })
    expect(image()).toBeTruthy()
  })

  test('of somebody who is no contact is not asked for before a click, and the focus stays', async () => {
    const { main, user } = await show({ ...PICTURE, person: EVE.id })
    expect(screen.queryByRole('img')).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Show picture' }))
    expect(image()).toBeTruthy()
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'field.png' }))
    expect(main.calls.openTransfer).not.toHaveBeenCalled()
  })

  test.each([
    ['is still on its way', { state: { kind: 'verifying' } }],
    ['is no longer on this computer', { hasFile: false }],
    ['is none', { picture: null }],
  ] satisfies readonly [string, Partial<ShownTransfer>][])('that %s is a card only', async (_, more) => {
    await show({ ...PICTURE, ...more })
    expect(screen.getByText('field')).toBeTruthy()
    expect(screen.queryByRole('img')).toBeNull()
  })

  test('is not shown where pictures are not wanted', async () => {
    const { main } = await show(PICTURE, { settings: { ...DEFAULT_SETTINGS, showPictures: false } })
    expect(screen.queryByRole('img')).toBeNull()
    main.tell('settingsChanged', { settings: DEFAULT_SETTINGS, downloadFolder: 'Downloads' })
    await waitFor(() => expect(image()).toBeTruthy())
  })

  test('that cannot be decoded, or is gone, is a card only', async () => {
    await show(PICTURE)
    fireEvent.error(image() as HTMLImageElement)
    expect(image()).toBeNull()
    expect(screen.getByText('field')).toBeTruthy()
  })

  test.each([
    [
      { width: 800, height: 600 },
      { width: 320, height: 240 },
    ],
    [
      { width: 4_000, height: 1_000 },
      { width: 320, height: 80 },
    ],
    [
      { width: 600, height: 3_000 },
      { width: 48, height: 240 },
    ],
    [
      { width: 12, height: 7 },
      { width: 12, height: 7 },
    ],
    [
      { width: 40_000_000, height: 1 },
      { width: 320, height: 1 },
    ],
    [
      { width: 1, height: 40_000_000 },
      { width: 1, height: 240 },
    ],
  ])('of %o takes %o', (size, room) => {
    expect(roomFor(size)).toEqual(room)
  })

  test('has an address that is its transfer and nothing more', () => {
    expect(pictureAddress('../../etc/passwd')).toBe('./picture/..%2F..%2Fetc%2Fpasswd')
  })
})

describe('a picture that is no file', () => {
  beforeEach(() => {
    // What jsdom has not got.
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:1', revokeObjectURL: () => {} }))
  })

  async function open() {
    const main = new FakeMain(windowState({ people: [ANNA] }))
    const { App } = await import('../../renderer/app.tsx')
    main.calls.isOnDisk.mockReturnValue(false)
    await main.connect()
    render(<App />)
    const user = userEvent.setup()
    await user.click(screen.getByText('Anna'))
    return { main, user, field: await screen.findByRole('textbox', { name: 'Message Anna' }) }
  }
  const screenshot = (type = 'image/png', name = 'image.png') =>
    new File([Uint8Array.of(1, 2, 3)], name, { type })
  const paste = (field: HTMLElement, files: readonly File[], types: readonly string[] = ['Files']) =>
    fireEvent.paste(field, { clipboardData: { files, types } })
  /** Once it takes answers. */
  const press = async (name: string) => {
    const button = await screen.findByRole('button', { name })
    await waitFor(() => expect(button.getAttribute('aria-disabled')).not.toBe('true'))
    fireEvent.click(button)
  }

  test('is shown before it is sent, and then its bytes go to the main process', async () => {
    const { main, field } = await open()
    main.calls.sendPicture.mockResolvedValue({ ok: true, value: { kind: 'offered', transfers: ['t'] } })
    paste(field, [screenshot()])
    expect(await screen.findByRole('dialog', { name: 'Send this picture to Anna?' })).toBeTruthy()
    expect(screen.getByRole<HTMLImageElement>('img', { name: 'What is sent' }).src).toBe('blob:1')
    await press('Send')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(main.calls.sendPicture).toHaveBeenCalledExactlyOnceWith(
      ANNA.id,
      Uint8Array.of(1, 2, 3),
      'image/png',
    )
    expect(main.calls.sendDropped).not.toHaveBeenCalled()
  })

  test('is not sent where that was not meant', async () => {
    const { main, field } = await open()
    paste(field, [screenshot()])
    await press('Cancel')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(main.calls.sendPicture).not.toHaveBeenCalled()
  })

  test('can be sent once more where it could not be, and says why', async () => {
    const { main, field } = await open()
    const failure = { code: 'disk-full', message: 'There is no room.' } as const
    main.calls.sendPicture.mockResolvedValueOnce({ ok: false, failure })
    main.calls.sendPicture.mockResolvedValueOnce({ ok: true, value: { kind: 'offered', transfers: ['t'] } })
    paste(field, [screenshot()])
    await press('Send')
    expect((await screen.findByRole('alert')).textContent).toBe('There is no room.')
    await press('Send')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  test('is asked about one after the other where there are several', async () => {
    const { main, field } = await open()
    paste(field, [screenshot(), screenshot('image/webp')])
    await press('Cancel')
    main.calls.sendPicture.mockResolvedValue({ ok: true, value: { kind: 'offered', transfers: ['t'] } })
    await press('Send')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(main.calls.sendPicture.mock.calls.map(([, , type]: unknown[]) => type)).toEqual(['image/webp'])
  })

  test('is asked about also where it was dropped, beside files that are sent', async () => {
    const { main } = await open()
    const file = new File(['x'], 'a.txt', { type: 'text/plain' })
    main.calls.sendDropped.mockResolvedValue({ ok: true, value: { kind: 'offered', transfers: ['t'] } })
    fireEvent.drop(screen.getByRole('region', { name: 'Conversation with Anna' }), {
      dataTransfer: { files: [file, screenshot('image/jpeg')], types: ['Files'], items: [] },
    })
    expect(await screen.findByRole('dialog', { name: 'Send this picture to Anna?' })).toBeTruthy()
    expect(main.calls.sendDropped).toHaveBeenCalledExactlyOnceWith(ANNA.id, [file])
  })

  test('is not asked about where it is a file, or no picture that is shown', async () => {
    const { main, field } = await open()
    main.calls.sendDropped.mockResolvedValue({ ok: true, value: { kind: 'offered', transfers: ['t'] } })
    const large = screenshot()
    Object.defineProperty(large, 'size', { value: MAX_PASTED_BYTES + 1 })
    for (const file of [screenshot('image/svg+xml'), screenshot('text/html'), large]) paste(field, [file])
    main.calls.isOnDisk.mockReturnValue(true)
    paste(field, [screenshot()])
    expect(main.calls.sendDropped).toHaveBeenCalledTimes(4)
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  test('is left alone where it is what copied cells look like', async () => {
    const { main, field } = await open()
    paste(field, [screenshot()], ['text/plain', 'text/html', 'Files'])
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(main.calls.sendDropped).not.toHaveBeenCalled()
  })
})
