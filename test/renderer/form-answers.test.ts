import { describe, expect, test } from 'vitest'
import { firstAnswers, isOn, toSend, unanswered } from '../../renderer/state/form-answers.ts'
import { labelOf, missingLine } from '../../renderer/words/account-form.ts'
import type { AccountForm, FormField } from '../../shared/model/registration.ts'

function field(more: Partial<FormField> & Pick<FormField, 'name'>): FormField {
  return {
    type: 'text-single',
    label: '',
    description: '',
    required: true,
    values: [],
    options: [],
    pictures: [],
    ...more,
  }
}

const form = (...fields: readonly FormField[]): AccountForm => ({
  title: '',
  instructions: '',
  fields: [...fields],
  pictures: [],
})

describe('what is in a form first', () => {
  test.each<[string, FormField, readonly string[] | undefined, readonly string[] | undefined]>([
    ['is what the server put in', field({ name: 'a', values: ['x'] }), undefined, ['x']],
    ['is rather what is known', field({ name: 'a', values: ['x'] }), ['y'], ['y']],
    ['is nothing of a picture before', field({ name: 'a', pictures: [0] }), ['y'], []],
    ['is no for a question of yes and no', field({ name: 'a', type: 'boolean' }), undefined, ['0']],
    ['is one word for yes', field({ name: 'a', type: 'boolean', values: ['true'] }), undefined, ['1']],
    ['is nothing for words in between', field({ name: '', type: 'fixed', values: ['x'] }), ['y'], undefined],
  ])('%s', (_, asked, known, answer) => {
    const before = new Map(known === undefined ? [] : [[asked.name, known]])
    expect(firstAnswers(form(asked), before).get(asked.name)).toEqual(answer)
  })
})

test.each([
  [undefined, false],
  [[], false],
  [['0'], false],
  [['false'], false],
  [['1'], true],
  [['true'], true],
])('%j is yes: %s', (values, on) => {
  expect(isOn(values)).toBe(on)
})

test('what has to be filled in, and is not, is found', () => {
  const asked = form(
    field({ name: 'empty' }),
    field({ name: 'blank' }),
    field({ name: 'filled' }),
    field({ name: 'optional', required: false }),
    field({ name: '', type: 'fixed' }),
  )
  const answers = new Map([
    ['blank', ['', '']],
    ['filled', ['', 'x']],
  ])
  expect(unanswered(asked, answers).map(({ name }) => name)).toEqual(['empty', 'blank'])
  expect(toSend(answers)).toEqual([
    { name: 'blank', values: ['', ''] },
    { name: 'filled', values: ['', 'x'] },
  ])
})

test.each([
  [{ name: 'username' }, 'Name'],
  [{ name: 'username', label: 'Nom' }, 'Nom'],
  [{ name: 'shoe-size' }, 'shoe-size'],
  // Not of every object.
  [{ name: 'constructor' }, 'constructor'],
])('%j is called %s', (more, label) => {
  expect(labelOf(field(more))).toBe(label)
})

test('what is missing is said by its kind', () => {
  expect(missingLine(field({ name: 'a', type: 'list-single' }))).toBe('Choose one of these.')
  expect(missingLine(field({ name: 'a' }))).toBe('This has to be filled in.')
})
