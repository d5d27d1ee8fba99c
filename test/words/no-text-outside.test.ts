import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { callsWhileLoading, type Literal, literalsOf } from './literals.ts'

/** The headless client speaks English, and so do its words. */
const OWN_WORDS = ['main/cli.ts', 'main/cli/**']

/** What Unicode calls its emoji, a list for each language. */
const EMOJI = ['renderer/words/emoji-list/**']

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
  // Selectors, and a type of what is dragged.
  'renderer/components/focus-heir.ts': ['[tabindex]:not(button, input, textarea)'],
  'renderer/screens/checked-form.tsx': ['input, select, textarea'],
  'renderer/screens/file-drop.ts': ['Files'],
}

/** What is given to these is read by makers. */
const MAKERS = /^(Error|RangeError|TypeError|nonsense|process\.stderr\.write|[A-Z]\w*Error|super)$/

/** What is given to these is shown, even if it is one word. */
const SHOWN = /^(label|title|message|detail|body|buttonLabel|buttons|text)$/

/** What is asked of the database. */
const SQL =
  /\b(SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|VALUES|ORDER BY|CREATE|ALTER|PRAGMA|REFERENCES|AS|IS NULL|IS NOT NULL)\b| = \?|^id, /

/** Keys as the browser calls them. */
const KEY = /^(Arrow(Up|Down|Left|Right)|Page(Up|Down)|Home|End|Enter|Escape)$/

/** What these are given is shown, whatever it looks like. */
const SHOWN_IN_WINDOW =
  /^(label|title|description|placeholder|alt|hint|error|'?aria-(label|description|valuetext)'?)$/

/** What these are given is names for the page. */
const PAGE_NAMES = /^(className|aria-(labelledby|describedby|controls))$/

/** Two words, or one with a capital, or one that is shown: nothing of the window is for makers. */
function isShown({ text, givenTo }: Literal): boolean {
  const last = givenTo.at(-1) ?? ''
  if (text === 'Plumb' || text.startsWith('bug: ') || KEY.test(text) || PAGE_NAMES.test(last)) return false
  if (givenTo.some(to => MAKERS.test(to))) return false
  return (
    /\p{L}{2,}[,’]? \p{Ll}{2,}|(?<!\p{L})\p{Lu}\p{Ll}/u.test(text) ||
    (SHOWN_IN_WINDOW.test(last) && /\p{L}/u.test(text))
  )
}

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

function textsOf(path: string, isText: (literal: Literal) => boolean): readonly string[] {
  const known = FOR_NOBODY[path] ?? []
  return literalsOf(readFileSync(path, 'utf8'), path)
    .filter(literal => isText(literal) && !known.includes(literal.text))
    .map(({ text, line }) => `${path}:${line}: ${text}`)
}

describe('what Plumb says', () => {
  test('is in the catalogue, and nowhere else in the main process', () => {
    const paths = globSync('main/**/*.ts', { exclude: OWN_WORDS })
    expect(paths.length).toBeGreaterThan(100)
    expect(paths.flatMap(path => textsOf(path, isForPeople))).toEqual([])
  })

  test('is in the catalogue, and nowhere else in the window', () => {
    const paths = globSync('renderer/**/*.{ts,tsx}', { exclude: EMOJI })
    expect(paths.length).toBeGreaterThan(30)
    expect(paths.flatMap(path => textsOf(path, isShown))).toEqual([])
  })

  test('is said once a language is chosen: not while the files are loaded', () => {
    const paths = globSync(['main/**/*.ts', 'shared/**/*.ts', 'renderer/**/*.{ts,tsx}'])
    const early = paths.flatMap(path =>
      callsWhileLoading(readFileSync(path, 'utf8'), path, ['say', 'draw']).map(line => `${path}:${line}`),
    )
    expect(early).toEqual([])
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

  test.each([
    ['<p>Gone.</p>', 'Gone.'],
    ['<p>{gone ? say("gone") : "Here"}</p>', 'Here'],
    ['<p>{`$' + '{count} files`}</p>', undefined],
    ['<p>{`$' + '{count} more files`}</p>', '$ more files'],
    ['<Field placeholder="optional" />', 'optional'],
    ['<Field aria-label={isOpen ? "open" : say("closed")} />', 'open'],
    ['<Field label={say("field.label")} className={style["someName"]} key="Enter" />', undefined],
    ['<p aria-labelledby="one two">Plumb</p>', undefined],
    ['<p>{say("person.online")} · {draw("person.at", { b: inner => <b>{inner}</b> })}</p>', undefined],
  ])('would be found in the window: %s', (source, text) => {
    const [found] = literalsOf(source, 'some.tsx').filter(isShown)
    expect(found?.text).toBe(text)
  })

  test('would be found where it is said too early', () => {
    const source = `const EARLY = { name: say('early') }
      const late = () => say('late')
      function Later({ text = say('default') }) { return <p>{draw('later')}{text}</p> }
      export class Latest { name() { return say('latest') } }`
    expect(callsWhileLoading(source, 'some.tsx', ['say', 'draw'])).toEqual([1])
  })
})
