import { harmlessLine, harmlessText } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import { FORM_LIMITS } from '../../shared/model/limits.ts'
import { say } from '../../shared/words/say.ts'
import type { Picture } from '../pictures/picture-header.ts'
import { attribute, type Element, xml, xmlText } from './stanza.ts'
import { NS_DATA_FORMS } from './submitted-form.ts'

/** Forms that a server wants filled in (XEP-0004), with pictures beside their questions (XEP-0221). */

const NS_MEDIA = 'urn:xmpp:media-element'

const FIELD_TYPES = [
  'boolean',
  'fixed',
  'hidden',
  'jid-multi',
  'jid-single',
  'list-multi',
  'list-single',
  'text-multi',
  'text-private',
  'text-single',
] as const
export type FieldType = (typeof FIELD_TYPES)[number]

export interface FormOption {
  readonly value: string
  /** As it is shown, harmless; never empty. */
  readonly label: string
}

export interface FormField {
  /** Its `var`; empty for a `fixed` one, which only says something. */
  readonly name: string
  /** What is unknown is `text-single`, as the XEP has it. */
  readonly type: FieldType
  /** As it is shown, harmless; empty where the server leaves it to us. */
  readonly label: string
  /** More words about it, harmless; may be empty. */
  readonly description: string
  readonly required: boolean
  /** What is there before anybody wrote anything. */
  readonly values: readonly string[]
  /** Of a list; empty for all else. */
  readonly options: readonly FormOption[]
  /** What the question is about, such as letters to be read. */
  readonly pictures: readonly Picture[]
}

export interface DataForm {
  /** Harmless; may be empty. */
  readonly title: string
  /** Harmless, with line breaks; may be empty. */
  readonly instructions: string
  readonly fields: readonly FormField[]
}

/** Values by the name of the field. */
export type FormAnswers = ReadonlyMap<string, readonly string[]>

/**
 * The form in an `<x/>`; undefined for what is none to fill in. `pictures` are those that came with it, by their
 * content id: nothing is ever fetched from an address that a form names.
 */
export function readForm(x: Element, pictures: ReadonlyMap<string, Picture>): DataForm | undefined {
  if (!x.is('x', NS_DATA_FORMS) || attribute(x, 'type') !== 'form') return undefined
  const names = new Set<string>()
  const fields: FormField[] = []
  for (const element of x.getChildren('field', NS_DATA_FORMS).slice(0, FORM_LIMITS.fields)) {
    const field = readField(element, pictures)
    // Of two with one name nobody could tell which one was answered.
    if (field === undefined || names.has(field.name)) continue
    if (field.name !== '') names.add(field.name)
    fields.push(field)
  }
  return {
    title: harmlessLine(x.getChildText('title') ?? '', FORM_LIMITS.line),
    instructions: readInstructions(x.getChildren('instructions', NS_DATA_FORMS)),
    fields,
  }
}

/** Paragraphs for the person, harmless. */
export function readInstructions(elements: readonly Element[]): string {
  const lines = elements.slice(0, FORM_LIMITS.values).map(element => element.text().trim())
  return harmlessText(lines.join('\n').slice(0, FORM_LIMITS.instructions))
}

/**
 * The form, filled in: what was answered, and for all else what was there before. Throws `invalid-argument` with a
 * sentence about the first answer that the form does not take.
 */
export function writeSubmission(form: DataForm, answers: FormAnswers): Element {
  const fields = form.fields
    .filter(({ type }) => type !== 'fixed')
    .map(field => writeField(field, checkAnswer(field, answers.get(field.name) ?? field.values)))
  return xml('x', { xmlns: NS_DATA_FORMS, type: 'submit' }, ...fields)
}

/** The values as they are submitted. Throws as `writeSubmission`. */
export function checkAnswer(field: FormField, values: readonly string[]): readonly string[] {
  const { type, name, options, required } = field
  const label = field.label || name
  const given = type === 'hidden' ? values : values.filter(value => value !== '')
  if (given.length > FORM_LIMITS.values || given.some(value => value.length > FORM_LIMITS.value)) {
    throw new Failure('invalid-argument', say('form.too-long', { label }))
  }
  const isMulti = type.endsWith('-multi') || type === 'hidden'
  if (given.length === 0 && required) {
    throw new Failure('invalid-argument', say('form.needed', { label }))
  }
  const isList = type === 'list-single' || type === 'list-multi'
  const isOffered = (value: string): boolean => options.some(option => option.value === value)
  const isBoolean = (value: string): boolean => ['0', '1', 'true', 'false'].includes(value)
  if (
    (!isMulti && given.length > 1) ||
    (isList && !given.every(isOffered)) ||
    (type === 'boolean' && !given.every(isBoolean))
  ) {
    throw new Failure('invalid-argument', say('form.no-choice', { label }))
  }
  return given
}

function writeField({ name }: FormField, values: readonly string[]): Element {
  return xml('field', { var: name }, ...values.map(value => xml('value', {}, xmlText(value))))
}

function readField(element: Element, pictures: ReadonlyMap<string, Picture>): FormField | undefined {
  const type = FIELD_TYPES.find(known => known === attribute(element, 'type')) ?? 'text-single'
  const name = type === 'fixed' ? '' : (attribute(element, 'var') ?? '')
  const values = element
    .getChildren('value', NS_DATA_FORMS)
    .slice(0, FORM_LIMITS.values)
    .map(value => value.text())
  if ((name === '' && type !== 'fixed') || name.length > FORM_LIMITS.name) return undefined
  // Cut, it would be another one than the server expects back.
  if (values.some(value => value.length > FORM_LIMITS.value)) return undefined
  const isList = type === 'list-single' || type === 'list-multi'
  return {
    name,
    type,
    label: harmlessLine(attribute(element, 'label') ?? '', FORM_LIMITS.line),
    description: harmlessLine(element.getChildText('desc') ?? '', FORM_LIMITS.line),
    required: element.getChild('required', NS_DATA_FORMS) !== undefined,
    values: type === 'fixed' ? values.map(value => harmlessLine(value, FORM_LIMITS.line)) : values,
    options: isList ? readOptions(element) : [],
    pictures: readMedia(element, pictures),
  }
}

function readOptions(field: Element): FormOption[] {
  const known = new Set<string>()
  return field
    .getChildren('option', NS_DATA_FORMS)
    .slice(0, FORM_LIMITS.options)
    .flatMap(option => {
      const value = option.getChildText('value')
      if (value === null || value.length > FORM_LIMITS.value || known.has(value)) return []
      known.add(value)
      const label = harmlessLine(attribute(option, 'label') ?? '', FORM_LIMITS.line)
      return [{ value, label: label || harmlessLine(value, FORM_LIMITS.line) || '–' }]
    })
}

/** XEP-0221: the same thing in several forms and places, of which only those are taken that came along. */
function readMedia(field: Element, pictures: ReadonlyMap<string, Picture>): Picture[] {
  const found = field
    .getChildren('media', NS_MEDIA)
    .flatMap(media => media.getChildren('uri', NS_MEDIA))
    .slice(0, FORM_LIMITS.values)
    .flatMap(uri => pictures.get(uri.text().trim().replace(/^cid:/i, '')) ?? [])
  return [...new Set(found)]
}
