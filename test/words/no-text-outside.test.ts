import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Literal, literalsOf } from './literals.ts'

/** The headless client speaks English, and so do its words. */
const OWN_WORDS = ['main/cli.ts', 'main/cli/**']

/** Not for the person: for makers, for other programs, for the disk. */
const FOR_NOBODY: Readonly<Record<string, readonly string[]>> = {
  'main/desktop/app-protocol.ts': ['Not found', 'private, max-age=86400'],
  // Makers sign releases with it.
  'main/updates/release-signature.ts': [
    'No file of a release is called $.',
    'What is said of $ is no release.',
    'Plumb release 1\nfile: $\nversion: $\nsize: $\nsha512: $\n',
  ],
  'main/xmpp/scram.ts': ['Client Key', 'Server Key'],
  // To the other program, with the error.
  'main/xmpp/xep-0046.ts': ['Could not connect to any of the hosts.'],
  'main/sockets/verification-code.ts': ['plumb verification code 1'],
  // In the cause.
  'main/bytestreams/in-band.ts': [
    'out of order',
    'more than was waited for',
    'too large',
    'a block that was $',
  ],
  // What a router says is told as it says it, and the like of it.
  'main/sockets/router-worker.ts': [
    'it does not answer',
    'it mapped something else',
    'it has no service for mappings',
    'it answered with a fault',
  ],
}

/** What is given to these is read by makers. */
const MAKERS = /^(Error|RangeError|TypeError|nonsense|process\.stderr\.write|[A-Z]\w*Error|super)$/

/** What is given to these is shown, even if it is one word. */
const SHOWN = /^(label|title|message|detail|body|buttonLabel|buttons|text)$/

/** What is asked of the database. */
const SQL =
  /\b(SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|VALUES|ORDER BY|CREATE|PRAGMA|REFERENCES|AS)\b| = \?|^id, /

/** Two words, or one that is shown or fails. */
function isForPeople({ text, givenTo }: Literal): boolean {
  const last = givenTo.at(-1) ?? ''
  // A name is none of the words, and XML and lists of names are for programs.
  if (
    text === 'Plumb' ||
    text.startsWith('bug: ') ||
    text.startsWith('<') ||
    last.endsWith('.split') ||
    SQL.test(text) ||
    givenTo.some(to => MAKERS.test(to))
  )
    return false
  if (last === 'Failure') return /[A-Z ]/.test(text)
  return /\p{L}{2,}[,’]? \p{Ll}{2,}/u.test(text) || (SHOWN.test(last) && /^&?\p{Lu}\p{Ll}/u.test(text))
}

function textsOf(path: string): readonly string[] {
  const known = FOR_NOBODY[path] ?? []
  return literalsOf(readFileSync(path, 'utf8'), path)
    .filter(literal => isForPeople(literal) && !known.includes(literal.text))
    .map(({ text, line }) => `${path}:${line}: ${text}`)
}

describe('what Plumb says', () => {
  test('is in the catalogue, and nowhere else in the main process', () => {
    const paths = globSync('main/**/*.ts', { exclude: OWN_WORDS })
    expect(paths.length).toBeGreaterThan(100)
    expect(paths.flatMap(textsOf)).toEqual([])
  })

  test('would be found', () => {
    const found = (source: string): readonly string[] =>
      literalsOf(source, 'some.ts')
        .filter(isForPeople)
        .map(({ text }) => text)
    expect(found("throw new Failure('refused', 'Gone.')")).toEqual(['Gone.'])
    expect(found("throw new Failure('bug', `bug: ` + x)")).toEqual([])
    expect(found("const item = { label: 'Settings', id: 'settings' }")).toEqual(['Settings'])
    expect(found(`tell(\`\${name} went away.\`)`)).toEqual(['$ went away.'])
    expect(found("throw new Error('no such thing')")).toEqual([])
    expect(found("import 'a file of that name'; type A = 'some words here'")).toEqual([])
    expect(found("say('offer.declined')")).toEqual([])
    expect(found("const NAMES = ('exe msi ' + 'bat cmd').split(' ')")).toEqual([])
  })
})
