import { describe, expect, test } from 'vitest'
import { MemoryHistory } from '../../main/messenger/history.ts'
import { shownName } from '../../main/messenger/people.ts'
import { mayBeProgram } from '../../main/messenger/program-names.ts'
import { readXmppLink } from '../../main/messenger/xmpp-link.ts'
import { harmlessLine, harmlessText } from '../../shared/harmless-text.ts'
import { message, of } from '../renderer/factories.ts'

describe('a link', () => {
  test.each([
    ['xmpp:anna@example.org', { address: 'anna@example.org', draft: null }],
    ['XMPP:Anna@Example.org/phone?message', { address: 'anna@example.org', draft: null }],
    [
      'xmpp:anna@example.org?message;subject=x;body=Hi%20there%0A',
      { address: 'anna@example.org', draft: 'Hi there\n' },
    ],
    ['xmpp://me@b.c/anna@example.org?roster;name=Anna', { address: 'anna@example.org', draft: null }],
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
    expect(shownName('anna@example.org', 'Anna L.')).toBe('Anna L.')
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

describe('the history', () => {
  test('is read back page by page, oldest first', () => {
    const history = new MemoryHistory()
    for (let number = 1; number <= 25; number++)
      history.append(message({ id: `m${number}`, text: `${number}` }))
    const ids = (before: string | null): string[] =>
      history.page(of('anna@example.org'), before, 10).messages.map(({ id }) => id)
    expect(ids(null)).toEqual(Array.from({ length: 10 }, (_, index) => `m${index + 16}`))
    expect(ids('m16').at(0)).toBe('m6')
    expect(history.page(of('anna@example.org'), 'm6', 10)).toMatchObject({ more: false })
    expect(ids('m6')).toHaveLength(5)
    expect(ids('unknown')).toEqual([])
    expect(history.page('nobody@example.org', null, 10)).toEqual({ messages: [], more: false })
  })

  test('keeps a message in its place when it changes', () => {
    const history = new MemoryHistory()
    for (const id of ['a', 'b', 'c']) history.append(message({ id, text: id }))
    history.update(message({ id: 'b', text: 'B' }))
    history.update(message({ id: 'unknown', text: 'x' }))
    expect(history.page(of('anna@example.org'), null, 10).messages.map(({ text }) => text)).toEqual([
      'a',
      'B',
      'c',
    ])
  })

  test('forgets the oldest of whoever wrote most, once it is too much for all', () => {
    const history = new MemoryHistory(30)
    const texts = (person: string): string[] =>
      history.page(person, null, 10).messages.map(({ text }) => text)
    history.append(message({ id: 'a1', person: of('anna@example.org'), text: 'a'.repeat(5) }))
    for (const number of [1, 2, 3]) {
      history.append(
        message({ id: `e${number}`, person: of('eve@example.org'), text: `${number}`.repeat(10) }),
      )
    }
    expect(texts(of('anna@example.org'))).toEqual(['aaaaa'])
    expect(texts(of('eve@example.org'))).toEqual(['2222222222', '3333333333'])
    expect(history.find('e1')).toBeUndefined()
  })
})
