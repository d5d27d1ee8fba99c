// @vitest-environment jsdom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { MessageText } from '../../renderer/components/message-text.tsx'
import { windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'
import './in-jsdom.ts'

function draw(text: string): HTMLElement {
  return render(<MessageText text={text} />).container
}

/** The element that has exactly this text. */
function elementWith(place: HTMLElement, selector: string, text: string): HTMLElement | undefined {
  return [...place.querySelectorAll<HTMLElement>(selector)].find(({ textContent }) => textContent === text)
}

describe('a message', () => {
  test.each([
    ['*a*', 'strong'],
    ['_a_', 'em'],
    ['~a~', 'del'],
    ['`a`', 'code'],
    ['> a', 'blockquote'],
  ])('%s is drawn as %s', (text, name) => {
    expect(elementWith(draw(text), name, text)).toBeDefined()
  })

  test('whose sender wants no styling has none, but its links', () => {
    const text = '> *a* `b`\nhttps://example.org/'
    const { container } = render(<MessageText text={text} isUnstyled />)
    expect(container.querySelector('strong, code, blockquote')).toBeNull()
    expect(container.textContent).toBe(text)
    expect(within(container).getByRole('link').textContent).toBe('https://example.org/')
  })

  test('is never markup', () => {
    const place = draw('<b>a</b> <img src=x onerror=alert(1)> &amp; *<i>b</i>*')
    expect(place.querySelector('b, i, img')).toBeNull()
    expect(place.textContent).toBe('<b>a</b> <img src=x onerror=alert(1)> &amp; *<i>b</i>*')
  })

  test('has preformatted text without its fences, below the name of its language', () => {
    const place = draw('```ts\nlet *a* = 1\n```\nb')
    const code = place.querySelector('pre')
    expect(code?.textContent).toBe('let *a* = 1\n')
    // It scrolls, and is reached by the keyboard.
    expect(code?.tabIndex).toBe(0)
    expect(screen.getByRole('group', { name: 'Code' })).toBe(code)
    expect(code?.parentElement?.dir).toBe('ltr')
    expect(code?.closest('div[dir=ltr]')?.textContent).toBe('```ts\nlet *a* = 1\n```\n')
  })

  test('has directives that nobody hears', () => {
    const place = draw('*a*')
    expect([...place.querySelectorAll('[aria-hidden]')].map(({ textContent }) => textContent)).toEqual([
      '*',
      '*',
    ])
  })

  test('reads each block its own way', () => {
    draw('مرحبا\n> שלום\nhello\n```\nمرحبا\n```')
    expect(screen.getByText(/hello/).dir).toBe('auto')
    // Whatever the first line is: what is around it has a direction from this one alone.
    const quote = screen.getByText(/שלום/).closest('blockquote')
    expect(quote?.dir).toBe('auto')
    expect(quote?.querySelector('[dir]')).toBeNull()
  })

  test.each([
    ['👍', 'emoji'],
    ['👍👍👍', 'emoji'],
    ['👍👍👍👍', 'someEmoji'],
    ['👍👍👍👍👍👍👍', undefined],
    ['👍!', undefined],
  ])('%s alone has its size', (text, size) => {
    const classes = draw(text).firstElementChild?.className ?? ''
    expect(/emoji/i.test(classes)).toBe(size !== undefined)
    expect(/someEmoji/.test(classes)).toBe(size === 'someEmoji')
  })

  test('stands in the page as it was typed', () => {
    const piece = fc.constantFrom(
      ...['*', '_', '`', '~', '>', '\n', '```', ' ', 'a', '> ', 'https://a.b', 'xmpp:a@b', '```ts\n', '*b* '],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        const { container, unmount } = render(<MessageText text={pieces.join('')} />)
        expect(container.textContent).toBe(pieces.join(''))
        unmount()
      }),
      { numRuns: 300 },
    )
  })
})

describe('a link', () => {
  test('is opened by the main process, and says where it leads', async () => {
    const main = new FakeMain(windowState())
    await main.connect()
    // The first letter is a Cyrillic one.
    draw('*https://аpple.com/a*')
    const link = screen.getByRole('link', { name: 'https://аpple.com/a' })
    expect(link.title).toBe('https://xn--pple-43d.com/a')
    expect(link.dir).toBe('ltr')
    await userEvent.click(link)
    expect(main.calls.openLink).toHaveBeenCalledExactlyOnceWith('https://xn--pple-43d.com/a')
  })

  test('to somebody is opened inside of Plumb', async () => {
    const main = new FakeMain(windowState())
    await main.connect()
    const onXmppLink = vi.fn()
    render(<MessageText text="Ask xmpp:anna@example.org?message." onXmppLink={onXmppLink} />)
    await userEvent.click(screen.getByRole('link'))
    expect(onXmppLink).toHaveBeenCalledExactlyOnceWith('xmpp:anna@example.org?message')
    expect(main.calls.openLink).not.toHaveBeenCalled()
  })

  test('to somebody is text where nothing opens it', () => {
    expect(within(draw('xmpp:anna@example.org')).queryByRole('link')).toBeNull()
  })
})

describe('a message that is too long', () => {
  const text = Array.from({ length: 60 }, (_, index) => `Line ${index + 1}.`).join('\n')

  test('is folded until somebody wants all of it', async () => {
    const place = draw(text)
    expect(place.textContent).not.toContain('Line 60.')
    const button = screen.getByRole('button', { name: 'Show all' })
    expect(button.getAttribute('aria-expanded')).toBe('false')
    await userEvent.click(button)
    expect(place.textContent).toContain('Line 60.')
    await userEvent.click(screen.getByRole('button', { name: 'Show less' }))
    expect(place.textContent).not.toContain('Line 60.')
  })

  test('is not one of forty lines', () => {
    draw(text.split('\n').slice(0, 40).join('\n'))
    expect(screen.queryByRole('button')).toBeNull()
  })
})

describe('colours', () => {
  const css = readFileSync(join(import.meta.dirname, '../../renderer/tokens.css'), 'utf8')
  const [light = '', dark = ''] = css.split('prefers-color-scheme: dark')
  const tokens = (sheet: string): ReadonlyMap<string, string> =>
    new Map(
      [...sheet.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
    )

  const luminance = (color: string): number => {
    const parts = [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    const [r = 0, g = 0, b = 0] = parts.map(part =>
      part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }

  // What is drawn, on what: a bubble of theirs, one of ours, a panel of code, what floats.
  test.each([
    ...['text', 'accent', 'faint', 'soft'].flatMap(text =>
      ['bubble', 'accent-soft', 'code'].map(ground => [text, ground] as const),
    ),
    ...(['text', 'soft', 'faint'] as const).map(text => [text, 'raise'] as const),
  ])('%s is legible on %s', (text, ground) => {
    for (const sheet of [light, dark].map(tokens)) {
      const [darker = 0, lighter = 0] = [text, ground]
        .map(name => luminance(sheet.get(name) ?? 'none'))
        .toSorted((a, b) => a - b)
      expect((lighter + 0.05) / (darker + 0.05)).toBeGreaterThanOrEqual(4.5)
    }
  })
})
