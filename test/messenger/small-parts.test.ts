import { describe, expect, test } from 'vitest'
import { shownName } from '../../main/messenger/people.ts'
import { mayBeProgram } from '../../main/messenger/program-names.ts'
import { readXmppLink } from '../../main/messenger/xmpp-link.ts'
import { harmlessLine, harmlessText } from '../../shared/harmless-text.ts'

describe('a link', () => {
  test.each([
    ['xmpp:anna@example.org', { address: 'anna@example.org', draft: null }],
    ['XMPP:Anna@Example.org/phone?message', { address: 'anna@example.org', draft: null }],
    [
      'xmpp:anna@example.org?message;subject=x;body=Hi%20there%0A',
      { address: 'anna@example.org', draft: 'Hi there\n' },
    ],
    ['xmpp://me@b.c/anna@example.org?roster;name=Anna', { address: 'anna@example.org', draft: null }],
    [
      'xmpp:anna@example.org?message;body=pay%E2%80%AE%00%0Dme',
      { address: 'anna@example.org', draft: 'pay\nme' },
    ],
    ['xmpp:anna@example.org?remove', { address: 'anna@example.org', draft: null }],
  ])('%s is read', (text, link) => {
    expect(readXmppLink(text)).toEqual(link)
  })

  test.each([
    '',
    'https://example.org',
    'xmpp:',
    'xmpp:example.org',
    'xmpp:%',
    'xmpp:a@b@c',
    'xmpp:anna%E2%80%AE@example.org',
    'xmpp:anna%00@example.org',
    `xmpp:a@b?message;body=${'x'.repeat(5000)}`,
  ])('%s is none', text => {
    expect(readXmppLink(text)).toBeUndefined()
  })
})

describe('text of others', () => {
  test('loses what turns it around or moves the cursor', () => {
    expect(harmlessLine('invoice\u202egpj.exe\u0007\u001b[2J', 100)).toBe('invoicegpj.exe[2J')
    expect(harmlessLine('two\nlines\tand   spaces ', 100)).toBe('two lines and spaces')
    expect(harmlessText('two\r\nlines\t\u0000\u2066!')).toBe('two\nlines\t!')
  })

  test('keeps what people write', () => {
    for (const text of ['مرحبا بالعالم', 'שלום', '日本語 👩‍👩‍👧', 'e\u0301', '<b>&amp;</b>'])
      expect(harmlessLine(text, 100)).toBe(text)
  })

  test('is cut between characters', () => {
    expect(harmlessLine('abcdef', 4)).toBe('abc…')
    expect(harmlessLine('ab😀cd', 4)).toBe('ab…')
  })

  test('as a name is never empty', () => {
    expect(shownName('anna@example.org', undefined)).toBe('anna')
    expect(shownName('anna@example.org', ' \u202e ')).toBe('anna')
    for (const unseen of ['\u200b', '\u2060\u00ad', '\u3164', '\u2800', '\u{e0041}', '\u0301']) {
      expect(shownName('anna@example.org', unseen)).toBe('anna')
    }
    expect(shownName('anna@example.org', 'Anna L.')).toBe('Anna L.')
    expect(shownName('anna@example.org', '❤️')).toBe('❤️')
  })
})

test.each([
  ['setup.exe', true],
  ['SETUP.EXE', true],
  ['photo.jpg.scr', true],
  ['start.desktop', true],
  ['report.docm', true],
  ['photo.jpg', false],
  ['exe', false],
  ['notes.exe.txt', false],
])('%s may be a program: %s', (name, expected) => {
  expect(mayBeProgram(name)).toBe(expected)
})
