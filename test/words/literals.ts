import { type ESTree, parseSync, Visitor } from 'vite'

/** A text in the code. */
export interface Literal {
  /** A value in a template is a `$`. */
  readonly text: string
  /** Counted from 1. */
  readonly line: number
  /**
   * What it is given to, the nearest last: calls (`Error`, `say`, `stderr.write`), properties and attributes (`label`),
   * and `children` where it is drawn in an element.
   */
  readonly givenTo: readonly string[]
}

interface Span {
  readonly start: number
  readonly end: number
}

/** All texts of a TypeScript file but types, the names of modules, and what is only compared. */
export function literalsOf(source: string, path: string): readonly Literal[] {
  const found: (Literal & Span)[] = []
  const skipped: Span[] = []
  const givenTo: string[] = []
  const enter = ({ start, end }: Span): void => void givenTo.push(source.slice(start, end))
  const enterElement = (): void => void givenTo.push('children')
  const leave = (): void => void givenTo.pop()
  const skip = ({ start, end }: Span): void => void skipped.push({ start, end })
  /** What something is compared with. */
  const skipCompared = ({ operator, left, right }: ESTree.BinaryExpression): void => {
    if (!/^[!=]==?$/.test(operator)) return
    for (const side of [left, right]) if (side.type === 'Literal') skip(side)
  }
  const add = (text: string, { start, end }: Span): void => {
    const line = source.slice(0, start).split('\n').length
    found.push({ text, line, givenTo: [...givenTo], start, end })
  }
  new Visitor({
    ImportDeclaration: skip,
    ImportExpression: skip,
    ExportAllDeclaration: skip,
    ExportNamedDeclaration: node => (node.source === null ? undefined : skip(node.source)),
    TSLiteralType: skip,
    BinaryExpression: skipCompared,
    CallExpression: ({ callee }) => enter(callee),
    'CallExpression:exit': leave,
    NewExpression: ({ callee }) => enter(callee),
    'NewExpression:exit': leave,
    Property: ({ key }) => enter(key),
    'Property:exit': leave,
    JSXAttribute: ({ name }) => enter(name),
    'JSXAttribute:exit': leave,
    JSXElement: enterElement,
    'JSXElement:exit': leave,
    JSXFragment: enterElement,
    'JSXFragment:exit': leave,
    Literal: node => (typeof node.value === 'string' ? add(node.value, node) : undefined),
    TemplateLiteral: node => add(node.quasis.map(({ value }) => value.cooked ?? '').join('$'), node),
    JSXText: node => add(node.value.trim(), node),
  }).visit(parseSync(path, source).program)
  return found
    .filter(({ start, end }) => !skipped.some(span => span.start <= start && end <= span.end))
    .map(({ text, line, givenTo: to }) => ({ text, line, givenTo: to }))
}

/** Where one of these functions is called while the file is loaded: the lines, counted from 1. */
export function callsWhileLoading(
  source: string,
  path: string,
  functions: readonly string[],
): readonly number[] {
  const lines: number[] = []
  let depth = 0
  const enter = (): void => void depth++
  const leave = (): void => void depth--
  new Visitor({
    FunctionDeclaration: enter,
    'FunctionDeclaration:exit': leave,
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
    CallExpression({ callee, start }) {
      if (depth === 0 && callee.type === 'Identifier' && functions.includes(callee.name))
        lines.push(source.slice(0, start).split('\n').length)
    },
  }).visit(parseSync(path, source).program)
  return lines
}
