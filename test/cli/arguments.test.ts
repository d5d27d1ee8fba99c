import { describe, expect, test } from 'vitest'
import { type Command, HELP, readArguments } from '../../main/cli/arguments.ts'
import { Failure } from '../../shared/model/failure.ts'

const SEND = ['send', '--jid', 'alice@plumb.test', '--to', 'bob@plumb.test', 'a.txt']
const RECEIVE = ['receive', '--jid', 'alice@plumb.test', '--into', 'files']
const CHECK = ['check', '--jid', 'alice@plumb.test']

/** What is meant where nothing is said. */
const DEFAULTS = {
  jid: 'alice@plumb.test',
  resource: undefined,
  passwordFile: undefined,
  server: undefined,
  tls: undefined,
  caFile: undefined,
  listen: 0,
  advertise: undefined,
  dial: true,
  allowLoopback: false,
  encryption: undefined,
  methods: ['dtcp', 'socks5', 'ibb'],
  portMapping: true,
  state: undefined,
  json: false,
}
const SENT = { ...DEFAULTS, kind: 'send', to: 'bob@plumb.test', files: ['a.txt'], waitMs: 30_000 }
const RECEIVED = {
  ...DEFAULTS,
  kind: 'receive',
  into: 'files',
  accept: 'contacts',
  count: Number.POSITIVE_INFINITY,
}
const CHECKED = { ...DEFAULTS, kind: 'check' }

/** The sentence with which the words are refused. */
function sentence(args: readonly string[]): string {
  let command: Command
  try {
    command = readArguments(args)
  } catch (error) {
    expect(error).toBeInstanceOf(Failure)
    const failure = error as Failure
    expect(failure.code).toBe('usage')
    expect(failure.message).toMatch(/^[^\n]+[.?]$/)
    return failure.message
  }
  throw new Error(`was taken: ${JSON.stringify(command)}`)
}

describe('the commands', () => {
  test.each([
    [['--help'], { kind: 'help' }],
    [['-h'], { kind: 'help' }],
    [['help'], { kind: 'help' }],
    [['send', '--help'], { kind: 'help' }],
    [['--help', '--version'], { kind: 'help' }],
    [['--version'], { kind: 'version' }],
    [['receive', '--version'], { kind: 'version' }],
    [SEND, SENT],
    [RECEIVE, RECEIVED],
    [CHECK, CHECKED],
  ])('%j', (args, expected) => expect(readArguments(args)).toEqual(expected))

  test.each([
    [[], 'Say what to do: send, receive or check. See plumb --help.'],
    [['--json'], 'Say what to do: send, receive or check. See plumb --help.'],
    [['sned'], 'There is no command “sned”: use send, receive or check.'],
    [[''], 'There is no command “”: use send, receive or check.'],
    [['send', '--jid', 'a@b', '--to', 'c@d'], 'Name at least one file to send.'],
    [['send', 'a.txt', '--to', 'c@d'], '--jid is missing. See plumb --help.'],
    [['send', 'a.txt', '--jid', '', '--to', 'c@d'], '--jid is missing. See plumb --help.'],
    [['send', 'a.txt', '--jid', 'a@b'], '--to is missing. See plumb --help.'],
    [['send', 'a.txt', '--jid', 'a@b', '--to', ''], '--to is missing. See plumb --help.'],
    [['receive', '--into', 'x'], '--jid is missing. See plumb --help.'],
    [['receive', '--jid', 'a@b'], '--into is missing. See plumb --help.'],
    [['receive', '--jid', 'a@b', '--into', ''], '--into is missing. See plumb --help.'],
    [[...RECEIVE, 'a.txt'], 'receive takes no files: what does “a.txt” mean?'],
    [['check'], '--jid is missing. See plumb --help.'],
    [[...CHECK, 'a.txt'], 'check takes no files: what does “a.txt” mean?'],
    [[...CHECK, '--to', 'c@d'], '--to has no meaning for check.'],
    [[...CHECK, '--wait', '1'], '--wait has no meaning for check.'],
    [[...CHECK, '--into', 'x'], '--into has no meaning for check.'],
    [[...CHECK, '--accept', 'anyone'], '--accept has no meaning for check.'],
    [[...CHECK, '--count', '1'], '--count has no meaning for check.'],
    [[...SEND, '--into', 'x'], '--into has no meaning for send.'],
    [[...SEND, '--accept', 'anyone'], '--accept has no meaning for send.'],
    [[...SEND, '--count', '1'], '--count has no meaning for send.'],
    [[...RECEIVE, '--to', 'c@d'], '--to has no meaning for receive.'],
    [[...RECEIVE, '--wait', '1'], '--wait has no meaning for receive.'],
    [[...SEND, '--unknown'], "Unknown option '--unknown'. See plumb --help."],
    [[...SEND, '--unknown=x'], "Unknown option '--unknown'. See plumb --help."],
    [[...SEND, '-x'], "Unknown option '-x'. See plumb --help."],
    [[...SEND, '--no-json'], "Unknown option '--no-json'. See plumb --help."],
    [[...SEND, '--json=yes'], "Option '--json' does not take an argument. See plumb --help."],
    [[...SEND, '--server'], "Option '--server <value>' argument missing. See plumb --help."],
    [['send', 'a.txt', '--jid', '--to', 'b@c'], "Option '--jid' argument is ambiguous. See plumb --help."],
  ])('%j is refused: %s', (args, expected) => expect(sentence(args)).toBe(expected))

  test('files come in their order, whatever stands between, and may begin with a dash behind --', () => {
    expect(readArguments(['send', 'b', '--jid', 'a@b', 'a', '--to=c@d', '--', '-c', 'b'])).toMatchObject({
      files: ['b', 'a', '-c', 'b'],
    })
  })

  test('of an option that is there twice the last counts', () => {
    expect(readArguments([...SEND, '--wait', '1', '--wait', '2'])).toMatchObject({ waitMs: 2_000 })
  })
})

describe('the password', () => {
  const refused =
    'A password in the arguments could be read by others: use PLUMB_PASSWORD or --password-file.'

  test.each([[['--password', 'secret']], [['--password=secret']], [['--password']], [['--password=']]])(
    'is not taken from the arguments: %j',
    words => {
      for (const args of [words, [...SEND, ...words], [...words, ...RECEIVE], [...words, '--help']]) {
        expect(sentence(args)).toBe(refused)
      }
    },
  )

  test('is never repeated', () => {
    for (const args of [
      [...SEND, '--password', 'hunter2'],
      [...SEND, '--password=hunter2'],
      [...SEND, '--passwd=hunter2'],
      [...SEND, '--Password=hunter2'],
    ]) {
      expect(sentence(args)).not.toContain('hunter2')
    }
  })

  test('may be in a file', () => {
    expect(readArguments([...SEND, '--password-file', 'secret.txt'])).toEqual({
      ...SENT,
      passwordFile: 'secret.txt',
    })
  })
})

describe('options of all commands', () => {
  test.each([
    [['--jid', 'Alice@PLUMB.test'], { jid: 'alice@plumb.test', resource: undefined }],
    [['--jid', 'alice@plumb.test/Sofa'], { jid: 'alice@plumb.test', resource: 'Sofa' }],
    [['--jid', 'alice@plumb.test/a/b@c'], { jid: 'alice@plumb.test', resource: 'a/b@c' }],
    [['--jid', 'alice@plumb.test/'], { jid: 'alice@plumb.test', resource: undefined }],
    [['--jid', "o'brien@plumb.test"], { jid: String.raw`o\27brien@plumb.test` }],
    [['--server', 'xmpp.plumb.test:5222'], { server: { host: 'xmpp.plumb.test', port: 5222 } }],
    [['--server', '127.0.0.1:1'], { server: { host: '127.0.0.1', port: 1 } }],
    [['--server', '[::1]:65535'], { server: { host: '::1', port: 65535 } }],
    [['--tls', 'required'], { tls: 'required' }],
    [['--tls', 'direct'], { tls: 'direct' }],
    [['--tls', 'off'], { tls: 'off' }],
    [['--ca', 'ca.pem'], { caFile: 'ca.pem' }],
    [['--listen', '0'], { listen: 0 }],
    [['--listen', '5000'], { listen: 5000 }],
    [['--listen', '65535'], { listen: 65535 }],
    [['--listen', 'off'], { listen: 'off' }],
    [['--advertise', '203.0.113.7:5000'], { advertise: [{ host: '203.0.113.7', port: 5000 }] }],
    [
      ['--advertise', '203.0.113.7:5000, [2001:db8::1]:5001 ,home.plumb.test:5002,'],
      {
        advertise: [
          { host: '203.0.113.7', port: 5000 },
          { host: '2001:db8::1', port: 5001 },
          { host: 'home.plumb.test', port: 5002 },
        ],
      },
    ],
    [['--dial', 'on'], { dial: true }],
    [['--dial', 'off'], { dial: false }],
    [['--encryption', 'required'], { encryption: 'required' }],
    [['--encryption', 'preferred'], { encryption: 'preferred' }],
    [['--encryption', 'off'], { encryption: 'off' }],
    [['--methods', 'dtcp'], { methods: ['dtcp'] }],
    [['--methods', ' ibb , dtcp,ibb'], { methods: ['ibb', 'dtcp'] }],
    [['--port-mapping', 'off'], { portMapping: false }],
    [['--allow-loopback'], { allowLoopback: true, portMapping: false }],
    [['--allow-loopback', '--port-mapping', 'on'], { allowLoopback: true, portMapping: true }],
    [['--state', 'somewhere'], { state: 'somewhere' }],
    [['--json'], { json: true }],
  ])('%j', (words, expected) => {
    expect(readArguments([...SEND, ...words])).toEqual({ ...SENT, ...expected })
    expect(readArguments([...RECEIVE, ...words])).toEqual({ ...RECEIVED, ...expected })
    expect(readArguments([...CHECK, ...words])).toEqual({ ...CHECKED, ...expected })
  })

  const noAddress = (text: string): string => `“${text}” is no XMPP address: it looks like name@server.`
  const listen = (text: string): string => `--listen takes a port between 0 and 65535, but not “${text}”.`
  const serverPort = (text: string): string => `--server takes a port between 1 and 65535, but not “${text}”.`
  const server = (text: string): string => `--server takes HOST:PORT, but not “${text}”.`
  const advertise = (text: string): string => `--advertise takes HOST:PORT, but not “${text}”.`

  test.each([
    [['--jid', 'alice'], noAddress('alice')],
    [['--jid', '@plumb.test'], noAddress('@plumb.test')],
    [['--jid', 'alice@'], noAddress('alice@')],
    [['--jid', 'plumb.test/a@b'], noAddress('plumb.test')],
    [['--jid', '/a@b'], noAddress('')],
    [['--server', 'plumb.test'], server('plumb.test')],
    [['--server', ''], server('')],
    [['--server', ':5222'], server(':5222')],
    [['--server', '::1:5222'], server('::1:5222')],
    [['--server', '[::1]'], server('[::1]')],
    [['--server', '[]:5222'], server('[]:5222')],
    [['--server', 'plumb.test:'], server('plumb.test:')],
    [['--server', 'plumb.test:xmpp'], server('plumb.test:xmpp')],
    [['--server', 'plumb.test:-1'], server('plumb.test:-1')],
    [['--server', 'plumb.test:0'], serverPort('0')],
    [['--server', 'plumb.test:65536'], serverPort('65536')],
    [['--server', 'plumb.test:123456'], serverPort('123456')],
    [['--tls', 'on'], '--tls knows required, direct, off, but not “on”.'],
    [['--tls', ''], '--tls knows required, direct, off, but not “”.'],
    [['--tls', 'Required'], '--tls knows required, direct, off, but not “Required”.'],
    [['--listen', 'on'], listen('on')],
    [['--listen', ''], listen('')],
    [['--listen=-1'], listen('-1')],
    [['--listen', '65536'], listen('65536')],
    [['--listen', '1e3'], listen('1e3')],
    [['--listen', '0x50'], listen('0x50')],
    [['--listen', ' 80'], listen(' 80')],
    [['--advertise', '203.0.113.7'], advertise('203.0.113.7')],
    [['--advertise', '2001:db8::1:5000'], advertise('2001:db8::1:5000')],
    [['--advertise', '203.0.113.7:5000,x'], advertise('x')],
    [['--advertise', '203.0.113.7:0'], '--advertise takes a port between 1 and 65535, but not “0”.'],
    [['--advertise', '203.0.113.7:70000'], '--advertise takes a port between 1 and 65535, but not “70000”.'],
    [['--advertise', 'a:1,b:2,c:3,d:4'], '--advertise takes at most 3 places: the protocol allows no more.'],
    [['--dial', 'yes'], '--dial knows on, off, but not “yes”.'],
    [['--encryption', 'none'], '--encryption knows required, preferred, off, but not “none”.'],
    [['--methods', 'jingle'], '--methods knows dtcp, socks5, ibb, but not “jingle”.'],
    [['--methods', 'dtcp,oob'], '--methods knows dtcp, socks5, ibb, but not “oob”.'],
    [['--port-mapping', 'upnp'], '--port-mapping knows on, off, but not “upnp”.'],
    [['--state', ''], '--state is missing. See plumb --help.'],
    [['--methods', ''], '--methods knows dtcp, socks5, ibb, but not “”.'],
    [['--methods', 'dtcp,'], '--methods knows dtcp, socks5, ibb, but not “”.'],
  ])('%j is refused: %s', (words, expected) => {
    expect(sentence([...SEND, ...words])).toBe(expected)
    expect(sentence([...RECEIVE, ...words])).toBe(expected)
    expect(sentence([...CHECK, ...words])).toBe(expected)
  })
})

describe('sending', () => {
  test.each([
    ['bob@plumb.test', 'bob@plumb.test'],
    ['Bob@Plumb.TEST/Desk', 'bob@plumb.test/Desk'],
    ['bob@plumb.test/a b/c', 'bob@plumb.test/a b/c'],
  ])('goes to %s', (text, to) => {
    expect(readArguments([...SEND, '--to', text])).toEqual({ ...SENT, to })
  })

  test.each(['bob', '@plumb.test', 'bob@', 'plumb.test', 'plumb.test/bob@home', '/', '@'])(
    'does not go to “%s”',
    text => {
      expect(sentence([...SEND, '--to', text])).toBe(
        `“${text}” is no XMPP address: it looks like name@server.`,
      )
    },
  )

  test.each([
    ['0', 0],
    ['1', 1_000],
    ['2.5', 2_500],
    ['2000000', 2_000_000_000],
  ])('waits %s seconds', (text, waitMs) => {
    expect(readArguments([...SEND, '--wait', text])).toEqual({ ...SENT, waitMs })
  })

  test.each(['', 'long', '-1', '1e3', '.5', '1.', '2000001', 'Infinity', '١'])(
    'does not wait “%s” seconds',
    text => {
      expect(sentence([...SEND, `--wait=${text}`])).toBe(
        `--wait takes a number of seconds, but not “${text}”.`,
      )
    },
  )
})

describe('receiving', () => {
  test.each([
    ['contacts', 'contacts'],
    ['anyone', 'anyone'],
    ['bob@plumb.test', new Set(['bob@plumb.test'])],
    [
      'Bob@plumb.test, carol@plumb.test/desk ,,bob@plumb.test',
      new Set(['bob@plumb.test', 'carol@plumb.test']),
    ],
  ])('accepts %s', (text, accept) => {
    expect(readArguments([...RECEIVE, '--accept', text])).toEqual({ ...RECEIVED, accept })
  })

  test.each([
    ['', '--accept takes contacts, anyone, or addresses.'],
    [' , ', '--accept takes contacts, anyone, or addresses.'],
    ['everybody', '“everybody” is no XMPP address: it looks like name@server.'],
    ['contacts,bob@plumb.test', '“contacts” is no XMPP address: it looks like name@server.'],
    ['bob@plumb.test,anyone', '“anyone” is no XMPP address: it looks like name@server.'],
    ['plumb.test/bob@home', '“plumb.test/bob@home” is no XMPP address: it looks like name@server.'],
  ])('does not accept “%s”', (text, expected) => {
    expect(sentence([...RECEIVE, '--accept', text])).toBe(expected)
  })

  test.each([
    ['1', 1],
    ['007', 7],
    ['999999999', 999_999_999],
  ])('ends after %s files', (text, count) => {
    expect(readArguments([...RECEIVE, '--count', text])).toEqual({ ...RECEIVED, count })
  })

  test.each(['0', '', '-1', '1.5', 'all', '1e3', '9999999999', 'Infinity'])(
    'does not end after “%s” files',
    text => {
      expect(sentence([...RECEIVE, `--count=${text}`])).toBe('--count takes a number of files, 1 or more.')
    },
  )
})

test('the help names each option that there is, and no other', () => {
  const named = new Set([...HELP.matchAll(/--([a-z-]+)/g)].map(([, name]) => name))
  expect([...named].toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
    'accept',
    'advertise',
    'allow-loopback',
    'ca',
    'count',
    'dial',
    'encryption',
    'help',
    'into',
    'jid',
    'json',
    'listen',
    'methods',
    'password-file',
    'port-mapping',
    'server',
    'state',
    'tls',
    'to',
    'version',
    'wait',
  ])
  for (const line of HELP.split('\n')) expect(line.length).toBeLessThanOrEqual(110)
})
