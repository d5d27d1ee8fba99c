import { describe, expect, test } from 'vitest'
import { answersTo, shownForm, shownOffer } from '../../main/messenger/shown-form.ts'
import type { Picture } from '../../main/pictures/picture-header.ts'
import type { FormField } from '../../main/xmpp/xep-0004.ts'
import type { RegistrationForm } from '../../main/xmpp/xep-0077.ts'
import { FORM_LIMITS } from '../../shared/model/limits.ts'
import { AccountForm, RegistrationOffer } from '../../shared/model/registration.ts'
import { PNG } from '../support/pictures.ts'

const PICTURE: Picture = { type: 'image/png', width: 7, height: 5, bytes: PNG }

function field(more: Partial<FormField> & Pick<FormField, 'name'>): FormField {
  return {
    type: 'text-single',
    label: '',
    description: '',
    required: false,
    values: [],
    options: [],
    pictures: [],
    ...more,
  }
}

const form = (fields: readonly FormField[]): RegistrationForm => ({
  title: '',
  instructions: '',
  encoding: 'form',
  fields,
})

describe('a form for the window', () => {
  test('has nothing of what is hidden', () => {
    const shown = shownForm(
      form([field({ name: 'secret', type: 'hidden', values: ['x'] }), field({ name: 'a' })]),
    )
    expect(shown.fields.map(({ name }) => name)).toEqual(['a'])
    expect(JSON.stringify(shown)).not.toContain('secret')
  })

  test('has each picture once, however many questions are about it', () => {
    const other: Picture = { ...PICTURE, bytes: PNG.subarray(0, 30) }
    const shown = shownForm(
      form([field({ name: 'a', pictures: [PICTURE] }), field({ name: 'b', pictures: [other, PICTURE] })]),
    )
    expect(shown.fields.map(({ pictures }) => pictures)).toEqual([[0], [1, 0]])
    expect(shown.pictures).toEqual([
      `data:image/png;base64,${PNG.toString('base64')}`,
      `data:image/png;base64,${PNG.subarray(0, 30).toString('base64')}`,
    ])
  })

  test('keeps the contract where a server goes to all limits', () => {
    const { fields, name, line, value, values, options, pictures, instructions } = FORM_LIMITS
    const largest: Picture = { ...PICTURE, type: 'image/jpeg', bytes: new Uint8Array(256 * 1024) }
    const all = Array.from({ length: fields }, (_, place) =>
      field({
        name: String(place).padEnd(name, '-'),
        type: 'list-multi',
        label: 'l'.repeat(line),
        description: 'd'.repeat(line),
        values: place === 0 ? Array.from({ length: values }, () => 'v') : ['v'.repeat(value)],
        options: Array.from({ length: place === 0 ? options : 1 }, (_, option) => ({
          value: String(option),
          label: 'o'.repeat(line),
        })),
        pictures: place < pictures ? [{ ...largest }] : [],
      }),
    )
    const read = { ...form(all), title: 't'.repeat(line), instructions: 'i'.repeat(instructions) }
    const shown = AccountForm.parse(shownForm(read))
    expect([shown.fields.length, shown.pictures.length]).toEqual([fields, pictures])
  })

  test.each([
    { kind: 'closed' },
    { kind: 'elsewhere', url: 'https://plumb.test/join', instructions: '' },
    { kind: 'form', form: form([field({ name: '', type: 'fixed', values: ['x'] }), field({ name: 'a' })]) },
  ] as const)('keeps it, too, as an offer that is $kind', offer => {
    expect(RegistrationOffer.parse(shownOffer(offer)).kind).toBe(offer.kind)
  })

  test.each([
    'https://example.org/tracker.png',
    'data:image/svg+xml;base64,PHN2Zy8+',
    'data:text/html;base64,PGI+',
    'data:image/png,<svg/>',
    'javascript:alert(1)',
  ])('shows no %s', picture => {
    const shown = shownForm(form([field({ name: 'a' })]))
    expect(AccountForm.safeParse(shown).success).toBe(true)
    expect(AccountForm.safeParse({ ...shown, pictures: [picture] }).success).toBe(false)
  })
})

test('answers are those to what was asked, and hidden ones go back as they came', () => {
  const asked = form([field({ name: 'FORM_TYPE', type: 'hidden' }), field({ name: 'a' })])
  const given = [
    { name: 'FORM_TYPE', values: ['forged'] },
    { name: 'a', values: ['x'] },
    { name: 'b', values: ['y'] },
  ]
  expect([...answersTo(asked, given)]).toEqual([['a', ['x']]])
})
