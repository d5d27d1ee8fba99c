import type { AccountForm, FormAnswers, FormField } from '../../shared/model/registration.ts'

/** What was filled in, by the names of the fields. */
export type Answers = ReadonlyMap<string, readonly string[]>

/**
 * A form as it is shown first: with what is known already, and what the server put in. What was answered before stays
 * where the same is asked again, but for what a picture shows.
 */
export function firstAnswers({ fields }: AccountForm, known: Answers = new Map()): Answers {
  return new Map(
    fields
      .filter(({ type }) => type !== 'fixed')
      .map(field => [field.name, firstAnswer(field, known.get(field.name))]),
  )
}

function firstAnswer({ type, values, pictures }: FormField, known: readonly string[] | undefined) {
  const answer = pictures.length === 0 && known !== undefined ? known : values
  return type === 'boolean' ? [isOn(answer) ? '1' : '0'] : answer
}

/** XEP-0004 section 3.3 knows four words. */
export function isOn(values: readonly string[] | undefined): boolean {
  return values?.[0] === '1' || values?.[0] === 'true'
}

/** The required fields without an answer. */
export function unanswered({ fields }: AccountForm, answers: Answers): readonly FormField[] {
  return fields.filter(
    ({ name, type, required }) =>
      required && type !== 'fixed' && !(answers.get(name) ?? []).some(value => value !== ''),
  )
}

/** As it crosses. */
export function toSend(answers: Answers): FormAnswers {
  return [...answers].map(([name, values]) => ({ name, values: [...values] }))
}
