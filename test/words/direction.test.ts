import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/* The window runs in both directions: where one reads to is an end, and never the right. */

interface Declaration {
  /** Of the innermost rule. */
  readonly selector: string
  readonly property: string
  readonly value: string
}

function declarationsOf(css: string): readonly Declaration[] {
  const found: Declaration[] = []
  const around: string[] = []
  for (const [, text = '', end] of css.replace(/\/\*.*?\*\//gs, '').matchAll(/([^{};]*)([{};])/g)) {
    const [, property, value] = /^\s*([\w-]+)\s*:\s*(.+?)\s*$/s.exec(text) ?? []
    if (end === '{') around.push(text.trim())
    else if (property !== undefined && value !== undefined)
      found.push({ selector: around.at(-1) ?? '', property, value })
    if (end === '}') around.pop()
  }
  return found
}

/** `0 calc(1px + 2px) 3px` has three parts. */
function partsOf(value: string): readonly string[] {
  return value.match(/(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+/g) ?? []
}

/** Whether its two sides are the same: of top, right, bottom, left. */
function hasEvenSides(value: string): boolean {
  const [, right, , left = right] = partsOf(value)
  return right === left
}

/** Of the corners, from the one at the top left on with the clock. */
function hasEvenCorners(value: string): boolean {
  const [first, second = first, third = first, fourth = second] = partsOf(value)
  return first === second && third === fourth
}

const isNothing = (length: string | undefined): boolean => /^-?0[a-z%]*$/.test(length ?? '')

/** Whether it names a side, or is uneven, where it could name a start or an end. */
function isOneSided({ selector, property, value }: Declaration): boolean {
  // It says what holds in one direction, and beside it stands what holds in the other.
  if (/:dir\((ltr|rtl)\)/.test(selector)) return false
  if (/(^|-)(left|right)(-|$)/.test(property)) return true
  if (/(^|[\s,(])(left|right)($|[\s,)])/.test(value)) return true
  if (/^(padding|margin|inset|scroll-padding|scroll-margin|border-(width|style|color))$/.test(property))
    return !hasEvenSides(value)
  if (property === 'border-radius') return !hasEvenCorners(value)
  if (property.endsWith('shadow')) {
    return partsOf(value.replace(/\binset\b/g, '').replace(/^var\(.*\)$/, '0'))
      .join(' ')
      .split(', ')
      .some(shadow => !isNothing(partsOf(shadow)[0]))
  }
  if (property === 'translate') return !isNothing(partsOf(value)[0])
  return property === 'transform' && /translate(X|3d)?\(|skew|rotate|matrix/.test(value)
}

describe('the window', () => {
  test('runs in both directions: no style names a side', () => {
    const paths = globSync('renderer/**/*.css')
    const found = paths.flatMap(path =>
      declarationsOf(readFileSync(path, 'utf8'))
        .filter(isOneSided)
        .map(({ selector, property, value }) => `${path}: ${selector} { ${property}: ${value} }`),
    )
    expect(paths.length).toBeGreaterThan(25)
    expect(found).toEqual([])
  })

  test('has no style of one side in its code either', () => {
    const found = globSync('renderer/**/*.tsx').filter(path =>
      /\b(margin|padding|border\w*|inset)(Left|Right)\b|textAlign: '(left|right)'/.test(
        readFileSync(path, 'utf8'),
      ),
    )
    expect(found).toEqual([])
  })

  test('turns the icons that point to where one reads, and no other', () => {
    const used = globSync('renderer/**/*.tsx').flatMap(path =>
      [...readFileSync(path, 'utf8').matchAll(/import \{([^}]*)\} from 'lucide-react'/g)].flatMap(
        ([, names = '']) => names.split(',').map(name => name.trim().replace(/ as .*/, '')),
      ),
    )
    const pointing = new Set(
      used.filter(name => /Left|Right|Send|Log(In|Out)|Reply|Forward|External|Undo|Redo/.test(name)),
    )
    const turned = declarationsOf(readFileSync('renderer/base.css', 'utf8'))
      .filter(({ property }) => property === 'scale')
      .flatMap(({ selector }) => [...selector.matchAll(/\.lucide-([\w-]+)/g)].map(([, name = '']) => name))
    const kebab = (name: string): string => name.replace(/\B[A-Z]/g, '-$&').toLowerCase()
    expect(turned).toEqual([...pointing].map(kebab).toSorted())
  })

  test.each([
    ['padding-left: 1px', true],
    ['left: 0', true],
    ['border-top-right-radius: 1px', true],
    ['text-align: right', true],
    ['transform-origin: left', true],
    ['background: linear-gradient(to right, red, blue)', true],
    ['background: var(--left-over)', false],
    ['padding: 1px 2px 1px 3px', true],
    ['padding: 1px 2px 1px 2px', false],
    ['padding: 1px 2px 1px', false],
    ['inset: calc(-1 * var(--a) - 1px) 0 auto', false],
    ['inset: 0 0 0 auto', true],
    ['border-radius: 0 3px 3px 0', true],
    ['border-radius: 3px 3px 0 0', false],
    ['border-radius: 3px 0', true],
    ['box-shadow: 0 1px 2px #000, 1px 8px 28px #000', true],
    ['box-shadow: inset 0 0 0 2px red', false],
    ['box-shadow: var(--shadow)', false],
    ['translate: -50% 0', true],
    ['translate: 0 4px', false],
    ['transform: translateX(4px)', true],
    ['margin-inline-start: 4px', false],
  ])('%s: is of one side: %s', (declaration, isFound) => {
    expect(declarationsOf(`@media x { .a { ${declaration}; } }`).some(isOneSided)).toBe(isFound)
    expect(declarationsOf(`.a:dir(rtl) { ${declaration} }`).some(isOneSided)).toBe(false)
  })
})
