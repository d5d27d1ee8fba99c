import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, MAX_LINE_BYTES, readLine } from '../../main/dtcp/line.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, character => character.charCodeAt(0))
const text = (from: Uint8Array): string => Buffer.from(from).toString('latin1')

describe('S1 commands are lines', () => {
  const cases: readonly [
    what: string,
    input: string,
    name: string,
    argument: string | undefined,
    rest: string,
  ][] = [
    ['a bare name', 'starttls\n', 'starttls', undefined, ''],
    ['a name and its argument', 'key:a1b2c3d4\n', 'key', 'a1b2c3d4', ''],
    ['only the first colon as the separator', 'key:a:b:c\n', 'key', 'a:b:c', ''],
    ['a colon with nothing behind it as an empty argument', 'ok:\n', 'ok', '', ''],
    ['an empty name', ':x\n', '', 'x', ''],
    ['an empty line', '\n', '', undefined, ''],
    ['CRLF of others', 'ok\r\n', 'ok', undefined, ''],
    ['CRLF behind an argument', 'ok:c7b5ea3f\r\n', 'ok', 'c7b5ea3f', ''],
    ['an empty line with CRLF', '\r\n', '', undefined, ''],
    ['only one CR as part of the line end', 'ok\r\r\n', 'ok\r', undefined, ''],
    ['a CR inside a line as content', 'o\rk\n', 'o\rk', undefined, ''],
    ['what stands behind the LF as rest', 'ok\nrest', 'ok', undefined, 'rest'],
    ['a second line as rest', 'ok\nerror\n', 'ok', undefined, 'error\n'],
    ['binary rest', 'ok\n\0\xff\r\n', 'ok', undefined, '\0\xff\r\n'],
    ['names in their own case', 'OK\n', 'OK', undefined, ''],
    ['spaces as content', ' key: x \n', ' key', ' x ', ''],
    ['bytes beyond ASCII as they are', 'key:\xe9\xff\n', 'key', '\xe9\xff', ''],
    ['a NUL', 'key:\0\n', 'key', '\0', ''],
  ]
  it.each(cases)('reads %s', (_, input, name, argument, rest) => {
    const read = readLine(bytes(input))
    expect(read).toEqual({ kind: 'line', line: { name, argument }, rest: bytes(rest) })
  })

  it.each(['', 'o', 'ok', 'ok\r', 'x'.repeat(MAX_LINE_BYTES)])('waits for the LF of %j', input => {
    expect(readLine(bytes(input))).toEqual({ kind: 'incomplete' })
  })

  it('reads a line of the greatest length, and no longer one', () => {
    const longest = 'x'.repeat(MAX_LINE_BYTES)
    expect(readLine(bytes(`${longest}\n`))).toMatchObject({ kind: 'line', line: { name: longest } })
    expect(readLine(bytes(`${longest}x\n`))).toEqual({ kind: 'too-long' })
    expect(readLine(bytes(`${longest}x`))).toEqual({ kind: 'too-long' })
  })

  it('finds a line too long however much is behind it', () => {
    expect(readLine(bytes(`${'x'.repeat(100_000)}\n`))).toEqual({ kind: 'too-long' })
  })

  it('has room for the longest key, its command and CRLF', () => {
    const key = 'k'.repeat(256)
    expect(readLine(bytes(`key:${key}\r\n`))).toMatchObject({ kind: 'line', line: { argument: key } })
  })

  it('loses and invents no byte, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), input => {
        const read = readLine(input)
        const lf = input.indexOf(0x0a)
        if (read.kind === 'incomplete') expect(lf === -1 && input.length <= MAX_LINE_BYTES).toBe(true)
        if (read.kind === 'too-long') expect(lf === -1 || lf > MAX_LINE_BYTES).toBe(true)
        if (read.kind !== 'line') return
        const { name, argument } = read.line
        const line = argument === undefined ? name : `${name}:${argument}`
        const end = text(input).slice(line.length, input.length - read.rest.length)
        expect(['\n', '\r\n']).toContain(end)
        expect(line + end + text(read.rest)).toBe(text(input))
      }),
    )
  })
})

describe('joining bytes', () => {
  it('keeps the order', () => {
    expect(text(concatBytes(bytes('ab'), bytes('cd')))).toBe('abcd')
  })

  it('copies nothing where one of the two is empty', () => {
    const some = bytes('some')
    const none = new Uint8Array()
    expect(concatBytes(some, none)).toBe(some)
    expect(concatBytes(none, some)).toBe(some)
  })
})
